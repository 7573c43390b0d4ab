"""Where a page ended, so that the next one begins there whatever has arrived since: keyset paging."""

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
    """It is not one, or is of another search; the message is one line."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """``key`` is the last document's place in the order (None in order of receipt) and ``id`` its id.

    ``languages`` and ``idf`` are those that the first page was found and ranked by.
    """

    id: ObjectId
    key: float | datetime | None = None
    languages: list[str | None] = field(default_factory=list)
    idf: list[float] = field(default_factory=list)

    def write(self, search: str) -> str:
        """Opaque text; ``search`` is what `digest` made of all that the pages have in common."""
        key = self.key.isoformat() if isinstance(self.key, datetime) else self.key
        packed = json.dumps([search, str(self.id), key, self.languages, self.idf], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, search: str, sort: Sort) -> Cursor:
        """Read what `write` wrote. Raises WrongCursor, also for values that MongoDB cannot hold: anybody can write one."""
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            of, id, key, languages, idf = json.loads(packed)
            if sort == "published" and key is not None:
                key = datetime.fromisoformat(key)
            elif sort == "relevance":
                key = float(key)
            cursor = cls(
                ObjectId(id), key, [None if one is None else str(one) for one in languages], [*map(float, idf)]
            )
            bson.encode({"key": cursor.key, "languages": cursor.languages})
        except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError, BSONError):
            raise WrongCursor("give `next` of an earlier page as it was") from None
        if of != search:
            raise WrongCursor("it is of another search; ask for the next page with the parameters of the first")
        return cursor

    def after(self, sort: Sort, order: Order) -> Doc:
        """The filter for what comes after it."""
        further = {"_id": {"$lt" if order == "desc" else "$gt": self.id}}
        if sort == "received":
            return further
        path = "score" if sort == "relevance" else "published_at"
        same = {path: self.key, **further}
        if self.key is None:  # null is less than every date
            return same if order == "desc" else {"$or": [same, {path: {"$ne": None}}]}
        beyond: Doc = {path: {"$lt" if order == "desc" else "$gt": self.key}}
        undated = [{path: None}] if order == "desc" and sort == "published" else []
        return {"$or": [beyond, same, *undated]}


def digest(*parts: str) -> str:
    """A short name of what a search asks."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()


def ordering(sort: Sort, order: Order) -> dict[str, int]:
    """The ``$sort`` of which `Cursor.after` is the continuation."""
    way = -1 if order == "desc" else 1
    first = {"relevance": {"score": way}, "published": {"published_at": way}, "received": {}}[sort]
    return {**first, "_id": way}
