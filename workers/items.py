"""Place a document among the versions of its item: before it is written, so that it is correct from the start, and
after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pymongo.database import Database

from services.records import Article, Item
from services.store import items
from services.store.work import Claim

Doc = dict[str, Any]


def foresee(db: Database[Doc], claim: Claim, article: Article) -> Item | None:
    """Return the document's position. Takes one look-up if it has a ``wire.guid``, otherwise none."""
    if article.wire is None:
        return None
    standing = items.foresee(db, _record(claim, article))
    return Item.model_validate(standing) if standing else None


def unsettled(claim: Claim, article: Article) -> bool:
    """Return whether other documents must be updated after it is written."""
    return any(True for _ in _keys(claim, article))


def settle(db: Database[Doc], written: Iterable[tuple[Claim, Article]]) -> None:
    """Settle the items that these documents are versions of, and those that they were versions of before."""
    items.settle(db, [key for claim, article in written for key in _keys(claim, article)])


def _keys(claim: Claim, article: Article) -> Iterator[items.Key]:
    for record in (_record(claim, article), claim.before):
        if key := items.key_of(record):
            yield key


def _record(claim: Claim, article: Article) -> Doc:
    return {
        "_id": claim.id,
        "source": {"collection": claim.source.collection},
        "wire": article.wire.model_dump() if article.wire else None,
        "format": article.format,
        "published_at": article.published_at,
        "updated_at": article.updated_at,
        "item": claim.before.get("item"),
    }
