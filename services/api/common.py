"""Helpers that the routes share: the database and settings of a request, document ids, the 404, records as JSON."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated, Any

from bson import ObjectId
from bson.errors import InvalidId
from fastapi import Depends, Path, Request
from pymongo.asynchronous.database import AsyncDatabase

from services.api.auth import Caller
from services.api.problems import RESPONSE, Problem
from services.settings import Settings
from services.store.audit import Action
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
MISSING: dict[int | str, dict[str, Any]] = {404: {**RESPONSE, "description": "No such document."}}


def _database(request: Request) -> AsyncDatabase[Doc]:
    return request.app.state.db  # type: ignore[no-any-return]


def _settings(request: Request) -> Settings:
    return request.app.state.settings  # type: ignore[no-any-return]


def not_found(id: Any) -> Problem:
    """Return Problem 404 for an id that no document has."""
    return Problem(
        404,
        "not-found",
        "No such document",
        f"there is no document {str(id)[:100]!r} that you may read; GET /v1/documents finds documents and their ids",
    )


def _object_id(
    id: Annotated[str, Path(description="the document's id", examples=["665f1f77bcf86cd799439011"])],
) -> ObjectId:
    try:
        return ObjectId(id)
    except InvalidId:
        raise not_found(id) from None


Database = Annotated[AsyncDatabase[Doc], Depends(_database)]
Config = Annotated[Settings, Depends(_settings)]
Id = Annotated[ObjectId, Depends(_object_id)]


def plain(value: Any, *, ids: bool = True) -> Any:
    """Return a record with values that JSON can hold: ids, decimals and instants as strings, NaN and infinity as null.
    ``_id`` becomes ``id``, except in ``metadata``, whose names are the sender's, and if ``ids`` is false.
    """
    if isinstance(value, dict):
        return {
            ("id" if ids and key == "_id" else key): plain(item, ids=ids and key != "metadata")
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [plain(item, ids=ids) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)


async def audited(
    db: AsyncDatabase[Doc], settings: Settings, caller: Caller, action: Action, id: ObjectId, **details: Any
) -> None:
    """Record in the audit log what the caller is about to do with a document. Raises Problem 404 if it does not exist
    or the caller may not see it."""
    found = await db[DOCUMENTS].find_one({"_id": id, **caller.reach}, {"source.collection": 1})
    if found is None:
        raise not_found(id)
    await caller.audit(db, settings, action, str(id), collection=found["source"]["collection"], **details)
