"""Serve the desk: a form that sends documents, their states as they change, recent failures, and the state of each
part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from bson import ObjectId
from bson.errors import InvalidId
from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.api.auth import Caller, Reader, Writer
from services.api.common import Config, Database
from services.api.health import parts
from services.api.problems import Problem
from services.api.reprocess import Selection, reprocess_many
from services.api.search import prepare
from services.api.stats import stats
from services.console import words
from services.console.page import Page, page, seen
from services.console.session import OwnPage
from services.records import Priority, Status
from services.search.find import Finder
from services.search.params import Search
from services.stages import MODEL, PARSE, STORE, in_order
from services.store import current, shown
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
SHOWN = dict.fromkeys(
    ("status", "error", "code", "title", "published_at", "published_zone", "language", "word_count", "source", "raw",
     "item", "wire.pub_status", "wire.embargoed_until", "processing.finished_at", "processing.timings_ms", "processing.lease.stage", "processing.attempts"), 1
)  # fmt: skip
WATCHED = 100
MINUTES = 60
STATS_DAYS = 14  # as in /v1/stats, so that both use the same cached answer
MEASURED = 200  # documents whose times are shown
STALE = 10_000
FAILED_PAGE = 200
FAILED_VALUES = 50
FAILED_BY = {"code": "error.code", "stage": "error.stage", "collection": "source.collection", "key": "source.key"}
"""The fields that failed documents are grouped by."""

router = APIRouter(route_class=Page, include_in_schema=False)


async def _pulse(request: Request, caller: Caller) -> Doc:
    """Return the counts on the desk. ``minutes`` has how many documents were finished in each of the last sixty minutes,
    current minute last."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    first = now - timedelta(minutes=MINUTES - 1)
    finished = await request.app.state.db[DOCUMENTS].aggregate(
        [
            {"$match": {"processing.finished_at": {"$gte": first}}},
            *([{"$match": caller.reach}] if caller.reach else []),
            {
                "$group": {
                    "_id": {"$dateTrunc": {"date": "$processing.finished_at", "unit": "minute"}},
                    "count": {"$sum": 1},
                }
            },
        ]
    )
    by_minute = {found["_id"]: found["count"] for found in await finished.to_list()}
    minutes = [by_minute.get(first + timedelta(minutes=n), 0) for n in range(MINUTES)]
    return {"stats": await stats(request, caller, STATS_DAYS), "minutes": minutes, "hour": sum(minutes)}


async def _recent(request: Request, caller: Caller, limit: int = 12) -> list[Doc]:
    finder: Finder = request.app.state.finder
    search = Search(withdrawn=caller.sees_withdrawn)
    return await finder.newest(await prepare(finder, search, caller, None), None, limit, SHOWN)


async def stages_of(db: Database) -> list[str]:
    """Return the stages of a document, as reported by the workers."""
    told = await db[current.CURRENT].find_one({"_id": current.PIPELINE}, {"stages": 1})
    names = told["stages"] if told else [name for name in words.STAGES if name not in (PARSE, MODEL, STORE)]
    return in_order(names)


@router.get("/")
async def desk(request: Request, reader: Reader, db: Database, settings: Config) -> Response:
    collections = await request.app.state.finder.collections(reader.reach, reader.may_use)
    return page(
        request,
        "desk.html",
        reader,
        collections=collections,
        most=settings.max_body_bytes,
        pulse=await _pulse(request, reader),
        recent=await _recent(request, reader),
    )


@router.get("/desk/pulse")
async def pulse(request: Request, reader: Reader) -> Response:
    """Return the part of the desk that is refreshed every few seconds."""
    return page(
        request, "_pulse.html", reader, pulse=await _pulse(request, reader), recent=await _recent(request, reader)
    )


@router.get("/desk/watch")
async def watch(
    request: Request, reader: Reader, db: Database, id: Annotated[list[str], Query(max_length=WATCHED)]
) -> Response:
    """Show the state of these documents, one row for each, in the requested order."""
    ids = object_ids(id)
    found = {one["_id"]: one async for one in db[DOCUMENTS].find({"_id": {"$in": ids}, **reader.reach}, SHOWN)}
    await follow(db, list(found.values()))
    rows = [_untitled(found[id], reader) for id in ids if id in found]
    return page(request, "_watch.html", reader, rows=rows, stages=await stages_of(db))


def _untitled(record: Doc, caller: Caller) -> Doc:
    """Return the row of a document, without its title if the caller may not see it."""
    return {**record, "title": f"Document {record['_id']}"} if shown.withheld(record, caller.scopes) else record


async def follow(db: Database, records: list[Doc]) -> None:
    """Have the workers record the stages of the documents that still wait."""
    waiting = [one["_id"] for one in records if one["status"] == Status.QUEUED and not one["processing"].get("watched")]
    if waiting:
        await db[DOCUMENTS].update_many({"_id": {"$in": waiting}}, {"$set": {"processing.watched": True}})


def object_ids(given: list[str]) -> list[ObjectId]:
    """Read the ids. Raises Problem 422."""
    try:
        return [ObjectId(id) for id in dict.fromkeys(given)]
    except InvalidId as error:
        raise Problem(422, "id", "This is not the id of a document", str(error)) from None


@router.get("/failed")
async def failed(
    request: Request,
    reader: Reader,
    db: Database,
    code: str | None = None,
    stage: str | None = None,
    collection: str | None = None,
    key: str | None = None,
) -> Response:
    """Show failed documents that match the form, and their number by code, stage, collection and key."""
    given = {"code": code, "stage": stage, "collection": collection, "key": key}
    chosen = {name: value for name, value in given.items() if value}
    query: list[Doc] = [
        {"$match": {"status": Status.FAILED}},
        {"$match": {"$and": [reader.access(withdrawn=reader.sees_withdrawn), _narrowed(chosen)]}},
    ]
    by = {name: [{"$match": {path: {"$ne": None}}}, {"$sortByCount": f"${path}"}, {"$limit": FAILED_VALUES}]
          for name, path in FAILED_BY.items()}  # fmt: skip
    counted = dict.fromkeys(FAILED_BY.values(), 1)
    counting = await db[DOCUMENTS].aggregate([*query, {"$project": counted}, {"$facet": by}])
    (counts,) = await counting.to_list()
    total = await db[DOCUMENTS].count_documents({"status": Status.FAILED, **reader.reach})
    page_of = [*query, {"$sort": {"_id": -1}}, {"$limit": FAILED_PAGE}, {"$project": SHOWN}]
    found = await (await db[DOCUMENTS].aggregate(page_of)).to_list()
    return page(request, "failed.html", reader, total=total, counts=counts, rows=found, chosen=chosen, most=FAILED_PAGE)


def _narrowed(chosen: dict[str, str]) -> Doc:
    return {FAILED_BY[name]: {"$eq": value} for name, value in chosen.items()}


@router.post("/failed/retry", dependencies=[OwnPage])
async def retry(
    writer: Writer,
    db: Database,
    settings: Config,
    id: Annotated[str | None, Form()] = None,
    code: Annotated[str | None, Form()] = None,
    stage: Annotated[str | None, Form()] = None,
    collection: Annotated[str | None, Form()] = None,
    key: Annotated[str | None, Form()] = None,
) -> Response:
    """Queue one failed or canceled document again, or all that failed with this code, stage, collection and key; then
    redirect to the page that shows their progress."""
    given = {"code": code, "stage": stage, "collection": collection, "key": key}
    chosen = {name: value for name, value in given.items() if value}
    where: Doc = {"status": {"$in": ["failed", "canceled"]} if id else "failed"}
    if id:
        where["_id"] = {"$oid": str(object_ids([id])[0])}
    elif chosen:
        where |= _narrowed(chosen)
    else:
        raise Problem(422, "filter", "No documents were chosen", "press the button beside a document or a reason")
    priority = Priority.INTERACTIVE if id else Priority.BULK
    after: str | None = None
    while True:
        queued = await reprocess_many(writer, Selection(where=where, after=after, priority=priority), db, settings)
        after = queued.next
        if after is None:
            return seen(RedirectResponse(f"/documents/{id}" if id else "/failed", 303))


@router.get("/status")
async def status(request: Request, reader: Reader, db: Database) -> Response:
    told = await db[current.CURRENT].find_one({"_id": current.PIPELINE})
    finder: Finder = request.app.state.finder
    stale = await _stale(finder, reader, db, current.of(told)) if told else None
    finished = await prepare(finder, Search(status=[Status.DONE], withdrawn=reader.sees_withdrawn), reader, None)
    slow = await finder.newest(finished, None, MEASURED, {"processing.timings_ms": 1})
    spent: Doc = {}
    for one in slow:
        for stage, milliseconds in one["processing"]["timings_ms"].items():
            spent.setdefault(stage, []).append(milliseconds)
    means = {stage: sum(values) / len(values) for stage, values in spent.items()}
    pulse = await _pulse(request, reader)
    if writing := pulse["stats"].stages.get(STORE):
        means[STORE] = writing.mean_ms
    return page(
        request,
        "status.html",
        reader,
        parts=await parts(request),
        pulse=pulse,
        told=told,
        stale=stale,
        means={stage: means[stage] for stage in await stages_of(db) if stage in means},
        measured=len(slow),
    )


async def _stale(finder: Finder, reader: Reader, db: Database, now: current.Current) -> int:
    """Return how many documents were processed by older code: at most `STALE`. If the server reads every document that
    it counts, only the newest `FEW` are looked at."""
    newest = await finder.few(await prepare(finder, Search(), reader, None), {"_id": 1})
    query = {**current.behind(now), **reader.reach}
    if newest is None:
        return await db[DOCUMENTS].count_documents(query, limit=STALE)
    within = [{"$match": {"_id": {"$gte": newest[-1]["_id"]}}}] if newest else []
    counted = await (await db[DOCUMENTS].aggregate([*within, {"$match": query}, {"$count": "documents"}])).to_list()
    return sum(one["documents"] for one in counted)
