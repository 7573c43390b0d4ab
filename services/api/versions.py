"""``GET /v1/documents/{id}/versions``: the versions of one wire item, newest first, and what each corrected."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.api.auth import REFUSALS, Reader
from services.api.common import MISSING, Database, Id, not_found, plain
from services.api.stories import Change, Withdrawn
from services.records import PubStatus
from services.records.item import Withdrawn as WithdrawnBy
from services.search.versions import changes
from services.store import items
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=REFUSALS)

COMPARED = ("title", "deck", "byline", "dateline", "published_at", "text", "captions", "wire.pub_status", "wire.urgency",
            "wire.slugline", "wire.embargoed_until", "wire.ednote", "wire.rights", "wire.subjects", "wire.places",
            "wire.keywords", "wire.associations")  # fmt: skip
"""Fields that a version may correct."""
_SHOWN = dict.fromkeys(
    (*COMPARED, "updated_at", "publisher", "item", "source.collection", "source.received_at", "wire.version"), 1
)


class ItemVersion(BaseModel):
    """A version. ``corrected`` names the fields that differ from ``compared_with``, the version before it; ``changes``
    are the differences between the texts, word by word."""

    id: str
    version: str | None
    pub_status: PubStatus | None
    title: str | None
    published_at: datetime | None
    received_at: datetime
    superseded_by: str | None
    withdrawn: WithdrawnBy | None
    compared_with: str | None
    corrected: list[str]
    changes: list[Change]


class ItemVersions(BaseModel):
    """An item. ``provider`` and ``guid`` identify it; they are null for a document without a guid, which is its only
    version."""

    provider: str | None
    guid: str | None
    total: int
    versions: list[ItemVersion]


@router.get("/{id}/versions", response_model=ItemVersions, responses=MISSING)
async def get_versions(
    reader: Reader,
    id: Id,
    db: Database,
    limit: Annotated[int, Query(ge=1, le=200, description="how many versions to return, counted from the newest")] = 20,
    withdrawn: Withdrawn = False,
) -> JSONResponse:
    """Return all versions of the item that a document belongs to, newest first, and what each corrected."""
    named = {"source.collection": 1, "wire.provider": 1, "wire.guid": 1}
    document = await db[DOCUMENTS].find_one({"_id": id, **reader.reach}, named)
    if document is None:
        raise not_found(id)
    key = items.key_of(document)
    matching = items.matching(key) if key else [{"$match": {"_id": id}}]
    visible = {"$match": reader.access(withdrawn=withdrawn)}
    found = await (await db[DOCUMENTS].aggregate([*matching, visible, {"$project": _SHOWN}])).to_list()
    ordered = [one.record for one in items.in_order(found)]
    shown = await run_in_threadpool(_compared, ordered[-limit - 1 :])
    item = {"provider": key.provider if key else None, "guid": key.guid if key else None}
    return JSONResponse(plain({**item, "total": len(found), "versions": shown[::-1][:limit]}))


def _compared(ordered: list[Doc]) -> list[Doc]:
    """Return each version with the fields that it corrected; the oldest corrected nothing."""
    first = [_version(ordered[0], None)] if ordered else []
    return first + [_version(one, before) for before, one in pairwise(ordered)]


def _version(record: Doc, before: Doc | None) -> Doc:
    item, wire = record.get("item") or {}, record.get("wire") or {}
    return {
        "id": record["_id"],
        **{name: wire.get(name) for name in ("version", "pub_status")},
        **{name: record.get(name) for name in ("title", "published_at")},
        "received_at": record["source"]["received_at"],
        **{name: item.get(name) for name in ("superseded_by", "withdrawn")},
        "compared_with": before["_id"] if before else None,
        "corrected": [name for name in COMPARED if _at(record, name) != _at(before, name)] if before else [],
        "changes": changes(before.get("text") or "", record.get("text") or "") if before else [],
    }


def _at(record: Doc, path: str) -> Any:
    """Return the value without offsets, which move when text before them is corrected; empty values become None."""
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if name not in ("start", "end")}
    if isinstance(value, list):
        return [
            {name: inner for name, inner in one.items() if name != "position"} if isinstance(one, dict) else one
            for one in value
        ]
    return value or None
