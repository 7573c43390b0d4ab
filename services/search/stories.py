"""List stories: one row for each, at the position of its newest document that a search finds."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from services.search.cursor import Cursor
from services.search.find import Finder
from services.search.prepared import Prepared

Doc = dict[str, Any]

BATCH = 100
MOST_READ = 1000
"""How many documents one page reads; `next` continues."""
FEW_READ = 200
"""The same limit on a server that reads whole documents in order to group them."""


async def stories(
    finder: Finder, prepared: Prepared, cursor: Cursor | None, top: ObjectId | None, least: int, limit: int
) -> tuple[list[Doc], Cursor | None, ObjectId | None]:
    """Return stories with at least ``least`` versions that the reader may see, latest received first; where the list
    continues; and ``top``. ``top`` is the newest document when the first page was made, so that later arrivals move no
    story to another page. Raises PyMongoError.
    """
    found: list[Doc] = []
    read, most = 0, FEW_READ if await finder.windowed() else MOST_READ
    shown = dict.fromkeys(("title", "publisher", "published_at", "source", "story"), 1)
    while True:
        documents, ended = await finder.page(prepared, "received", "desc", cursor, BATCH, shown)
        if top is None and documents:
            top = documents[0]["_id"]
        read += BATCH
        groups = await finder.story_groups(prepared, [one["_id"] for one in documents], top) if documents else {}
        for document in documents:
            cursor = Cursor(document["_id"], None, prepared.languages, prepared.idf)
            group = groups.get(document["_id"])
            if group is None or group["versions"] < least:
                continue
            found.append(_row(document, group))
            if len(found) == limit:
                last = ended is None and document is documents[-1]
                return found, None if last else cursor, top
        cursor = ended
        if cursor is None or read >= most:
            return found, cursor, top


def _row(document: Doc, group: Doc) -> Doc:
    return {
        "id": document["story"]["id"],
        "versions": group["versions"],
        "first_received_at": group["first"].generation_time,
        "last_received_at": group["last"].generation_time,
        "publishers": sorted(one for one in group["publishers"] if one),
        "document": document["_id"],
        **{name: document.get(name) for name in ("title", "publisher", "published_at")},
        "collection": document["source"]["collection"],
        "similarity": document["story"]["similarity"],
    }
