"""``/v1/sources``: what Copydesk fetches by itself."""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from bson import ObjectId
from bson.errors import InvalidId
from fastapi import APIRouter, Depends, Path, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase

from services import queue
from services.api.auth import REFUSALS, Admin
from services.api.common import Config, Database
from services.api.problems import RESPONSE, Problem
from services.settings import Settings
from services.sources.kinds import Wrong
from services.sources.model import CLEARED, TIED, Change, Look, Plan, Source, misfit, shown
from services.sources.runs import check
from services.store.audit import Action
from services.store.current import CURRENT, PIPELINE
from services.store.current import of as current
from services.store.setup import SOURCES
from services.store.sources import STATE, set_password

Doc = dict[str, Any]
_LOOK_PAUSE_SECONDS = 0.2

router = APIRouter(prefix="/v1/sources", tags=["sources"], responses=REFUSALS)
_MISSING: dict[int | str, dict[str, Any]] = {404: {**RESPONSE, "description": "No such source."}}
_CLASH: dict[int | str, dict[str, Any]] = {409: {**RESPONSE, "description": "The source is paused."}}


class SourceList(BaseModel):
    sources: list[Source]


async def _found(
    admin: Admin, db: Database, id: Annotated[str, Path(max_length=100, description="the source's id")]
) -> Doc:
    """Return the source. Raises Problem 404."""
    try:
        entry = await db[SOURCES].find_one({"_id": ObjectId(id)})
    except InvalidId:
        entry = None
    if entry is None or not admin.may_use(entry["collection"]):
        raise Problem(404, "not-found", "No such source", f"there is no source {id!r}; look at GET /v1/sources")
    return entry


Entry = Annotated[Doc, Depends(_found)]


@router.post("", status_code=201)
async def create_source(admin: Admin, asked: Plan, db: Database, settings: Config) -> Source:
    """Create a source. It is fetched at once, and then on its schedule, as long as the key that created it is valid."""
    admin.write(asked.collection)
    plan = asked.model_dump(exclude={"password"})
    plan["address"] = await _checked(plan, settings)
    await _known(db, plan["dialect"])
    now = datetime.now(UTC)
    made = {"key": admin.key, "created_at": now, "next_at": now, "has_password": asked.password is not None}
    entry = {"_id": ObjectId(), **plan, **made, **STATE}
    await admin.audit(db, settings, Action.SOURCE_CREATE, str(entry["_id"]), **_named(entry))
    if asked.password is not None:
        await set_password(db, entry["_id"], asked.password.get_secret_value())
    await db[SOURCES].insert_one(entry)
    return shown(entry)


@router.get("")
async def list_sources(admin: Admin, db: Database) -> SourceList:
    """Return the sources for collections that the key has access to, with their state, oldest first."""
    found = await db[SOURCES].find({}, {"cursor": 0, "test": 0}).sort("_id", 1).to_list()
    return SourceList(sources=[shown(one) for one in found if admin.may_use(one["collection"])])


@router.get("/{id}", responses=_MISSING)
async def get_source(entry: Entry) -> Source:
    """Return a source and its state."""
    return shown(entry)


@router.patch("/{id}", responses=_MISSING)
async def change_source(admin: Admin, entry: Entry, asked: Change, db: Database, settings: Config) -> Source:
    """Change the given fields. With another address, the source starts from scratch. Give the password again if you
    change the address or the user."""
    given = asked.model_dump(exclude_unset=True)
    if wrong := _unfit(entry, given):
        raise Problem(422, "invalid", "The request is not valid", wrong)
    secret = given.pop("password", None)
    if "collection" in given:
        admin.write(given["collection"])
    await _known(db, given.get("dialect"))
    if "address" in given:
        given["address"] = await _checked({**entry, **given}, settings)
        if given["address"] != entry["address"]:
            given |= {
                "cursor": {},
                "lease": None,
                "failures": 0,
                "error": None,
            }  # a worker that is fetching it notices that it lost the lease
    if {"address", "every_seconds"} & given.keys():
        given["next_at"] = datetime.now(UTC)
    await admin.audit(db, settings, Action.SOURCE_CHANGE, str(entry["_id"]), **_named({**entry, **given}))
    if "password" in asked.model_fields_set:
        given["has_password"] = secret is not None
        await set_password(db, entry["_id"], secret.get_secret_value() if secret else None)
    return await _updated(db, entry, given)


@router.delete("/{id}", status_code=204, responses=_MISSING)
async def delete_source(admin: Admin, entry: Entry, db: Database, settings: Config) -> Response:
    """Remove the source. Its documents are kept."""
    await admin.audit(db, settings, Action.SOURCE_DELETE, str(entry["_id"]), **_named(entry))
    await db[SOURCES].delete_one({"_id": entry["_id"]})
    await set_password(db, entry["_id"], None)
    return Response(status_code=204)


@router.post("/{id}/run", status_code=202, responses={**_MISSING, **_CLASH})
async def run_source(admin: Admin, entry: Entry, db: Database, settings: Config) -> Source:
    """Request a fetch now. `counts.runs` rises by one when the fetch has ended."""
    if entry["paused"]:
        raise Problem(409, "paused", "The source is paused", "resume it first: POST /v1/sources/{id}/resume")
    await admin.audit(db, settings, Action.SOURCE_RUN, str(entry["_id"]), **_named(entry))
    now = datetime.now(UTC)
    found = await _updated(db, entry, {"next_at": now, "published_at": now})
    await run_in_threadpool(queue.fetch, [str(entry["_id"])])
    return found


@router.post("/{id}/pause", responses=_MISSING)
async def pause_source(admin: Admin, entry: Entry, db: Database, settings: Config) -> Source:
    """Pause the source until somebody resumes it. A fetch in progress is completed. The request can be repeated."""
    await admin.audit(db, settings, Action.SOURCE_PAUSE, str(entry["_id"]), **_named(entry))
    return await _updated(db, entry, {"paused": True})


@router.post("/{id}/resume", responses=_MISSING)
async def resume_source(admin: Admin, entry: Entry, db: Database, settings: Config) -> Source:
    """Resume the source: it is fetched at once and then on its schedule, on behalf of the key that resumes it. The
    request can be repeated."""
    await admin.audit(db, settings, Action.SOURCE_RESUME, str(entry["_id"]), **_named(entry))
    now = datetime.now(UTC)
    changed = {"paused": False, "failures": 0, "next_at": now, "key": admin.key}
    if entry.get("drift"):
        changed |= {"drift": [], "compared_from": now}
    return await _updated(db, entry, changed)


@router.post("/{id}/test", responses=_MISSING)
async def test_source(entry: Entry, db: Database, settings: Config) -> Look:
    """Have a worker fetch the source, and return the documents that a run would store. Nothing is stored, moved or
    remembered."""
    token = uuid.uuid4().hex
    await db[SOURCES].update_one({"_id": entry["_id"]}, {"$set": {"test": {"token": token, "found": None}}})
    await run_in_threadpool(queue.fetch, [str(entry["_id"])], token)
    asked = {"_id": entry["_id"], "test.token": token, "test.found": {"$ne": None}}
    end = time.monotonic() + settings.source_test_seconds
    while time.monotonic() < end:
        if found := await db[SOURCES].find_one(asked, {"test": 1}):
            return Look.model_validate(found["test"]["found"])
        await asyncio.sleep(_LOOK_PAUSE_SECONDS)
    late = f"no worker answered within {settings.source_test_seconds:g} s; `copydesk status` shows which workers are running"
    return Look(documents=[], more=False, problems=[], error=late)


def _unfit(entry: Doc, given: Doc) -> str | None:
    """Return why the source cannot be changed in this way, or None if it can."""
    if empty := [name for name, value in given.items() if value is None and name not in CLEARED]:
        return f"{', '.join(empty)}: give a value, or leave it out"
    moved = [name for name in TIED if name in given and given[name] != entry.get(name)]
    if moved and entry.get("has_password") and "password" not in given:
        return f"with another {' and '.join(moved)}, give the `password` again"
    return misfit({**entry, **given}, given)


async def _known(db: AsyncDatabase[Doc], dialect: str | None) -> None:
    """Check that the workers have the dialect. Raises Problem 422."""
    if dialect is None or (found := await db[CURRENT].find_one({"_id": PIPELINE})) is None:
        return
    if (names := current(found).dialects) and dialect not in names:
        said = f"there is no dialect {dialect!r}; the dialects are {', '.join(names)}"
        raise Problem(422, "source-dialect", "The source cannot be fetched", said)


async def _checked(plan: Doc, settings: Settings) -> str:
    """Return the address in the form that is stored. Raises Problem 422."""
    try:
        return await run_in_threadpool(check, plan, settings)
    except Wrong as error:
        raise Problem(422, "source-address", "The source cannot be fetched", str(error)) from None


async def _updated(db: AsyncDatabase[Doc], entry: Doc, changed: Doc) -> Source:
    """Return the source after the change. Raises Problem 404 if it was deleted in the meantime."""
    found = await db[SOURCES].find_one_and_update(
        {"_id": entry["_id"]}, {"$set": changed}, return_document=ReturnDocument.AFTER
    )
    if found is None:
        raise Problem(404, "not-found", "No such source", "it was deleted in the meantime; look at GET /v1/sources")
    return shown(found)


def _named(entry: Doc) -> Doc:
    return {"source": entry["name"], "where": entry["address"], "collection": entry["collection"]}
