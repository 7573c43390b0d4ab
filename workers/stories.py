"""Add a document to its story, and find what it adds to the version before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from bson import ObjectId
from pymongo import UpdateMany
from pymongo.database import Database

from services.records import Article, Record, Story
from services.settings import Settings
from services.stages import STORY
from services.store import stories
from services.store.setup import DOCUMENTS
from workers.enrich.whole import story as reading
from workers.enrich.whole import versions


def stands(earlier: Record | None, article: Article) -> bool:
    """Return whether the record's story is still valid for ``article``: made from the same text and title, by this
    version. Later documents may have joined stories since; the record has this, but ``earlier`` does not, so a valid
    story must not be written again.
    """
    if earlier is None or earlier.processing.stages.get(STORY) != reading.VERSION:
        return False
    return (earlier.text, earlier.title) == (article.text, article.title)


@dataclass(frozen=True, slots=True)
class Told:
    """A document that will be added to its story."""

    article: Article
    collection: str
    received_at: datetime


def assign(
    db: Database[dict[str, Any]], documents: Mapping[ObjectId, Told], settings: Settings
) -> dict[ObjectId, Story | None]:
    """Return the documents' stories; None for a text without words. Repeating it changes nothing."""
    articles = {id: told.article for id, told in documents.items()}
    prints = {id: _fingerprint(told) for id, told in documents.items()}
    sought = {id: print_ for id, print_ in prints.items() if print_}

    def same(id: ObjectId, one: stories.Fingerprint, other: stories.Fingerprint) -> float:
        return versions.same(one, other, window(documents[id].collection, settings))

    found = stories.assign(db, sought, same)
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


def window(collection: str, settings: Settings) -> float | None:
    """Return how many seconds may lie between two versions of a story; None if there is no limit."""
    hours = next((hours for glob, hours in settings.story_hours.items() if fnmatchcase(collection, glob)), None)
    return None if hours is None else hours * 3600


def _fingerprint(told: Told) -> stories.Fingerprint | None:
    article = told.article
    numbers = reading.numbers(article.text, article.title)
    when = article.published_at or told.received_at
    at = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    return stories.Fingerprint(**numbers, at=at) if numbers["bands"] else None


def _story(found: stories.Assigned, article: Article, earlier: str) -> Story:
    if found.nearest is None:
        return Story(id=found.story, similarity=0.0)
    return Story(
        id=found.story,
        similarity=found.similarity,
        nearest=str(found.nearest),
        new_paragraphs=reading.new_paragraphs(article, earlier),
    )
