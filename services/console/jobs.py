"""Show jobs: batches, bulk loads and exports; how far each is, what failed, and where its documents are."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any, Literal
from urllib.parse import urlencode

from bson import ObjectId
from fastapi import APIRouter, Request, Response

from services.api import batches
from services.api.auth import Caller, Reader
from services.api.common import Database
from services.console.page import Page, page
from services.store.exports import EXPORTS
from services.store.setup import BATCHES, BULK

Doc = dict[str, Any]
State = Literal["running", "finished", "canceled", "stopped"]
MOST = 30
"""How many jobs of each kind are shown: the newest."""
QUIET = timedelta(minutes=15)
"""A load or an export without progress for this long is shown as stopped; a load waits ten minutes for MongoDB."""
AGAIN_SECONDS = 1.0
AGAIN_SHARE = 20
"""The documents of a batch are counted again after this many times as long as the last count took."""
KINDS = {"": "all", "batch": "batches", "load": "bulk loads", "export": "exports"}
STATES = {"": "any", "running": "running", "failed": "with failures", "finished": "finished"}

router = APIRouter(route_class=Page, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Job:
    """A job. ``share`` is how much of it is done, from 0 to 1, None if unknown. ``counts`` are numbers in words,
    ``failures`` reasons with the number of documents. ``search`` finds its documents, None if they are not known."""

    kind: Literal["batch", "load", "export"]
    id: str
    name: str
    state: State
    started_at: datetime
    updated_at: datetime | None
    share: float | None
    counts: dict[str, int]
    failures: dict[str, int] = field(default_factory=dict)
    collection: str | None = None
    by: str | None = None
    rows: str | None = None
    seconds_left: float | None = None
    search: list[tuple[str, Any]] | None = None

    @property
    def query(self) -> str:
        return urlencode(self.search or [], doseq=True)


@router.get("/jobs")
async def shown(request: Request, reader: Reader, db: Database, kind: str = "", state: str = "") -> Response:
    """Show the newest jobs of a kind and state; those that run come first."""
    found = await asyncio.gather(
        _batches(request, reader, db) if kind in ("", "batch") else _none(),
        _loads(reader, db) if kind in ("", "load") else _none(),
        _exports(reader, db) if kind in ("", "export") else _none(),
    )
    jobs = [one for some in found for one in some if _is(one, state)]
    jobs.sort(key=lambda one: (one.state == "running", one.started_at), reverse=True)
    fragment = request.headers.get("x-fragment") is not None
    template = "_jobs.html" if fragment else "jobs.html"
    return page(
        request, template, reader, jobs=jobs, form={"kind": kind, "state": state}, kinds=KINDS, states=STATES, most=MOST
    )


async def _none() -> list[Job]:
    return []


def _is(job: Job, state: str) -> bool:
    if state == "failed":
        return bool(job.failures) or job.state == "stopped"
    return not state or job.state == state


async def _batches(request: Request, reader: Caller, db: Database) -> list[Job]:
    within = {"collection": where} if (where := reader.reach.get("source.collection")) else {}
    found = await db[BATCHES].find(within).sort("created_at", -1).limit(MOST).to_list()
    states = await _states(request, db, [one["_id"] for one in found])
    return [_batch(one, states[one["_id"]]) for one in found if one["_id"] in states]


async def _states(request: Request, db: Database, ids: list[ObjectId]) -> dict[ObjectId, Doc]:
    """Return the state of each batch; none is counted more often than `AGAIN_SHARE` allows."""
    known: dict[ObjectId, tuple[float, Doc]] = request.app.state.batches
    for old in [id for id, (until, _) in known.items() if until < time.monotonic()]:
        del known[old]
    lacking = [id for id in ids if id not in known]
    began = time.monotonic()
    counted = await batches.states(db, lacking) if lacking else {}
    spent = (time.monotonic() - began) / max(1, len(counted))
    until = time.monotonic() + max(AGAIN_SECONDS, AGAIN_SHARE * len(counted) * spent)
    known |= {id: (until, state) for id, state in counted.items()}
    return {id: known[id][1] for id in ids if id in known}


def _batch(entry: Doc, state: Doc) -> Job:
    counts: dict[str, int] = {str(status): count for status, count in state["by_status"].items() if count}
    finished = state["total"] - counts.get("queued", 0) - counts.get("processing", 0)
    running = not state.get("final")
    id = str(entry["_id"])
    return Job(
        "batch", id, f"Batch of {entry['created_at']:%d %b %Y, %H:%M} UTC",
        "running" if running else "canceled" if entry.get("canceled") else "finished",
        entry["created_at"], None, finished / state["total"] if state["total"] else None,
        {**counts, **({"duplicates": entry["duplicates"]} if entry["duplicates"] else {})}, state["failures"],
        entry["collection"], seconds_left=state["eta_seconds"] if running else None, search=[("batch", id)],
    )  # fmt: skip


async def _loads(reader: Caller, db: Database) -> list[Job]:
    found = await db[BULK].find({}, {"run": 0}).sort("updated_at", -1).limit(MOST).to_list()
    return [_load(one) for one in found if _may_see(reader, one.get("collection"))]


def _may_see(reader: Caller, collection: str | None) -> bool:
    return reader.may_use(collection) if collection else reader.everywhere


def _load(entry: Doc) -> Job:
    part = "" if entry["part"] == "1/1" else f", part {entry['part']}"
    share = min(1.0, (entry["position"] - entry["start"]) / max(1, entry["end"] - entry["start"]))
    names = {"stored": "stored", "already_there": "there before", "rejected": "rejected"}
    collection = entry.get("collection")
    return Job(
        "load", entry["_id"], f"{PurePath(entry['manifest']).name}{part}", _state(entry, entry["finished_at"] is not None),
        entry["started_at"], entry["updated_at"], share,
        {word: entry[name] for name, word in names.items() if entry[name]},
        {"lines that could not be loaded": entry["rejected"]} if entry["rejected"] else {}, collection,
        search=[("collection", collection)] if collection else None,
    )  # fmt: skip


async def _exports(reader: Caller, db: Database) -> list[Job]:
    """Return the exports of the key, or of all keys for administrators of every collection."""
    own = {} if "admin" in reader.scopes and reader.everywhere else {"key": reader.key}
    found = await db[EXPORTS].find(own).sort("started_at", -1).limit(MOST).to_list()
    return [_export(one) for one in found]


def _export(entry: Doc) -> Job:
    name = f"{entry['format'].upper()} of {entry['rows']}"
    ended = entry["ended"]
    state: State = "stopped" if ended == "broken off" else _state(entry, ended is not None)
    return Job(
        "export", str(entry["_id"]), name, state, entry["started_at"], entry["updated_at"],
        1.0 if ended == "finished" else None, {entry["rows"]: entry["written"]}, by=entry["name"], rows=entry["rows"],
        search=[*entry["query"].items()],
    )  # fmt: skip


def _state(entry: Doc, finished: bool) -> State:
    if finished:
        return "finished"
    return "stopped" if datetime.now(UTC) - entry["updated_at"] > QUIET else "running"
