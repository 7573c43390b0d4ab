"""Puts a document into its story, and says what it adds to the version before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo import UpdateMany
from pymongo.database import Database

from services.records import Article, Record, Story
from services.stages import STORY
from services.store import stories
from services.store.setup import DOCUMENTS
from workers.enrich.whole import story as reading


def stands(earlier: Record | None, article: Article) -> bool:
    """Whether the record's story holds for ``article``: it was made of this very text, by this version.

    Documents that came later may have joined stories since, and that shows in the record, not in ``earlier``: a story
    that stands is not to be written again.
    """
    if earlier is None or earlier.processing.stages.get(STORY) != reading.VERSION:
        return False
    return earlier.text == article.text


def assign(db: Database[dict[str, Any]], articles: Mapping[ObjectId, Article]) -> dict[ObjectId, Story | None]:
    """The documents' stories; None for a text without words. Repeating it changes nothing."""
    prints = {id: _fingerprint(article.text) for id, article in articles.items()}
    sought = {id: print_ for id, print_ in prints.items() if print_}
    found = stories.assign(db, sought, same_text=reading.SAME_TEXT, same_facts=reading.SAME_FACTS)
    merged = {one.merged: one.story for one in found.values() if one.merged}
    if merged:
        renamed = [
            UpdateMany({"story.id": {"$in": list(old)}}, {"$set": {"story.id": new}}) for old, new in merged.items()
        ]
        db[DOCUMENTS].bulk_write(renamed, ordered=False)
    texts = {id: article.text for id, article in articles.items()}
    if missing := {one.nearest for one in found.values() if one.nearest} - set(texts):
        texts |= {one["_id"]: one["text"] for one in db[DOCUMENTS].find({"_id": {"$in": list(missing)}}, {"text": 1})}
    return {
        id: _story(found[id], article, texts.get(found[id].nearest or id, "")) if id in found else None
        for id, article in articles.items()
    }


def _fingerprint(text: str) -> stories.Fingerprint | None:
    signature = reading.signature(text)
    if not signature:
        return None
    return stories.Fingerprint(
        bands=reading.bands(signature),
        signature=signature,
        size=len(reading.shingles(text)),
        facts=reading.facts(text),
    )


def _story(found: stories.Assigned, article: Article, earlier: str) -> Story:
    if found.nearest is None:
        return Story(id=found.story, similarity=0.0)
    return Story(
        id=found.story,
        similarity=found.similarity,
        nearest=str(found.nearest),
        new_paragraphs=reading.new_paragraphs(article, earlier),
    )
