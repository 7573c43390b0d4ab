"""Puts a document into its story, and says what it adds to the version before it."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from services.records import Article, Record, Story
from services.store import stories
from services.store.setup import DOCUMENTS
from workers.enrich import story as reading
from workers.enrich.registry import STORY


def stands(earlier: Record | None, article: Article) -> bool:
    """Whether the record's story holds for ``article``: it was made of this very text, by this version.

    Documents that came later may have joined stories since, and that shows in the record, not in ``earlier``: a story
    that stands is not to be written again.
    """
    if earlier is None or earlier.processing.stages.get(STORY) != reading.VERSION:
        return False
    return earlier.text == article.text


def assign(db: Database[dict[str, Any]], id: ObjectId, article: Article) -> Story | None:
    """The document's story; None for a text without words. Repeating it changes nothing."""
    signature = reading.signature(article.text)
    if not signature:
        return None
    fingerprint = stories.Fingerprint(
        bands=reading.bands(signature),
        signature=signature,
        size=len(reading.shingles(article.text)),
        facts=reading.facts(article.text),
    )
    found = stories.assign(db, id, fingerprint, same_text=reading.SAME_TEXT, same_facts=reading.SAME_FACTS)
    if found.merged:
        of_merged = {"story.id": {"$in": list(found.merged)}}
        db[DOCUMENTS].update_many(of_merged, {"$set": {"story.id": found.story}})
    if found.nearest is None:
        return Story(id=found.story, similarity=0.0)
    earlier = db[DOCUMENTS].find_one({"_id": found.nearest}, {"text": 1}) or {"text": ""}
    return Story(
        id=found.story,
        similarity=found.similarity,
        nearest=str(found.nearest),
        new_paragraphs=reading.new_paragraphs(article, earlier["text"]),
    )
