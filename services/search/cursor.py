"""Keyset paging: a cursor holds the position where a page ended, so that the next page starts there even if documents
have arrived since."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import bson
from bson import ObjectId
from bson.errors import BSONError

Doc = dict[str, Any]
Sort = Literal["relevance", "published", "received"]
Order = Literal["desc", "asc"]


class WrongCursor(ValueError):
    """The text is not a cursor, or belongs to another search; the message is one line."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The end of a page. ``key`` is the last document's position in the order (None in order of receipt) and ``id`` its
    id. ``languages`` and ``idf`` are those used for the first page. ``top`` is the newest document that was ranked, if
    not all were.
    """

    id: ObjectId
    key: float | datetime | None = None
    languages: list[str | None] = field(default_factory=list)
    idf: list[float] = field(default_factory=list)
    top: ObjectId | None = None

    def write(self, search: str) -> str:
        """Return the cursor as opaque text; ``search`` is the `digest` of everything that the pages have in common."""
        key = self.key.isoformat() if isinstance(self.key, datetime) else self.key
        top = [str(self.top)] if self.top else []
        packed = json.dumps([search, str(self.id), key, self.languages, self.idf, *top], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, search: str, sort: Sort) -> Cursor:
        """Read a cursor from text. Raises WrongCursor, also for values that MongoDB cannot store, because anybody can
        write a cursor."""
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            of, id, key, languages, idf, *top = json.loads(packed)
            if sort == "published" and key is not None:
                key = datetime.fromisoformat(key)
            elif sort == "relevance":
                key = float(key)
            cursor = cls(
                ObjectId(id), key, [None if one is None else str(one) for one in languages], [*map(float, idf)],
                ObjectId(top[0]) if top else None,
            )  # fmt: skip
            bson.encode({"key": cursor.key, "languages": cursor.languages})
        except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError, BSONError):
            raise WrongCursor("give the `next` of an earlier page unchanged") from None
        if of != search:
            raise WrongCursor("it belongs to another search; use the same parameters as for the first page")
        return cursor

    def after(self, sort: Sort, order: Order) -> Doc:
        """Return the filter for documents after this position."""
        further = {"_id": {"$lt" if order == "desc" else "$gt": self.id}}
        if sort == "received":
            return further
        path = "score" if sort == "relevance" else "published_at"
        same = {path: self.key, **further}
        if self.key is None:  # null sorts before every date
            return same if order == "desc" else {"$or": [same, {path: {"$ne": None}}]}
        beyond: Doc = {path: {"$lt" if order == "desc" else "$gt": self.key}}
        undated = [{path: None}] if order == "desc" and sort == "published" else []
        return {"$or": [beyond, same, *undated]}


def digest(*parts: str) -> str:
    """Return a short hash of a search."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()


def ordering(sort: Sort, order: Order) -> dict[str, int]:
    """Return the ``$sort`` that matches `Cursor.after`."""
    way = -1 if order == "desc" else 1
    first = {"relevance": {"score": way}, "published": {"published_at": way}, "received": {}}[sort]
    return {**first, "_id": way}
