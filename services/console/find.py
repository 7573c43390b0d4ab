"""The pages for finding: search with facets, one entity in all documents, a timeline, a map."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, get_origin
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from services import identity
from services.api.auth import Caller, Reader
from services.api.common import Database, not_found
from services.api.problems import Problem, invalid
from services.api.search import SUMMARY, Paging, prepare, read_cursor
from services.console.page import Page, page
from services.console.words import TITLES
from services.search import tally
from services.search.facets import Interval
from services.search.find import Finder, add_snippets, named
from services.search.params import Search
from services.search.prepared import Prepared
from services.search.ranking import MOST_RANKED
from services.store.alerts import SEARCHES
from services.store.setup import DOCUMENTS
from services.text.paragraphs import around

Doc = dict[str, Any]
SHOWN = (*SUMMARY, "summary", "story")
PAGE = 20
SAVED = 30  # saved searches in the menu
ENTITY_DOCUMENTS = 30
CONTEXT = 110  # characters on each side of a mention
MENTIONS = 3  # of one document
PLACES = 500
EVENTS = 200
SLOTS = 500  # of the timeline
EVENT_DOCUMENTS = 20_000  # the newest, whose events are counted

FORM = ("q", "published_from", "published_to", "sort", "withdrawn")
WRONG = 422

router = APIRouter(route_class=Page, include_in_schema=False)


def _given(request: Request) -> list[tuple[str, str]]:
    """Return the search parameters without empty ones, because a form sends all its fields."""
    return [(name, value) for name, value in request.query_params.multi_items() if value and name != "cursor"]


def _asked(given: list[tuple[str, str]], cursor: str | None = None) -> Paging:
    """Return the search of the form. Raises pydantic.ValidationError."""
    lists = {name for name, field in Search.model_fields.items() if get_origin(field.annotation) is list}
    fields: Doc = {}
    for name, value in given:
        if name in lists:
            fields.setdefault(name, []).append(value)
        else:
            fields[name] = value
    return Paging.model_validate({**fields, "limit": PAGE, "cursor": cursor})


def _search(asked: Paging) -> Search:
    return Search.model_validate(asked.model_dump(include=set(Search.model_fields), exclude_unset=True))


def _toggle(given: list[tuple[str, str]], name: str, value: str) -> str:
    """Return the search with this filter added, or removed if it is set."""
    pair = (name, value)
    return f"?{urlencode([one for one in given if one != pair] if pair in given else [*given, pair])}"


async def _saved(reader: Caller, db: Database) -> list[tuple[str, str]]:
    """Return name and address of each search that the key saved, the latest first."""
    found = await db[SEARCHES].find({"key": reader.key}, {"name": 1, "query": 1}).sort("_id", -1).to_list(SAVED)
    return [(one["name"], f"/search?{urlencode(one['query'], doseq=True)}") for one in found]


@router.get("/search")
async def search(request: Request, reader: Reader, db: Database, cursor: str | None = None) -> Response:
    finder: Finder = request.app.state.finder
    given = _given(request)
    saved = await _saved(reader, db)
    form = {**dict.fromkeys(FORM, ""), **{name: value for name, value in given if name in FORM}}
    try:
        asked = _asked(given, cursor)
        wanted, sort = _search(asked), asked.sorted_by
        at = read_cursor(cursor, wanted, sort, asked.order)
        prepared = await prepare(finder, wanted, reader, at)
    except (Problem, ValidationError) as error:
        problem = error if isinstance(error, Problem) else invalid(list(error.errors()))
        if problem.status != WRONG:
            raise
        return page(
            request, "search.html", reader, WRONG, form=form, given=given, filters=_filters(given), wrong=problem, saved=saved,
            toggle=lambda name, value: _toggle(given, name, value),
        )  # fmt: skip
    fields = dict.fromkeys((*SHOWN, *(("text",) if asked.q else ())), 1)
    documents, ended, counted = await finder.page_and_count(
        prepared, sort, asked.order, at, PAGE, fields, list(TITLES), 8, "month"
    )
    if asked.q:
        add_snippets(prepared, documents)
    following = ended.write(named(wanted, sort, asked.order)) if ended else None
    return page(
        request,
        "search.html",
        reader,
        form=form,
        given=given,
        filters=_filters(given),
        saved=saved,
        wrong=None,
        toggle=lambda name, value: _toggle(given, name, value),
        documents=documents,
        passages=[_marked(one.get("snippet")) for one in documents],
        counted=counted,
        query=urlencode([(name, value) for name, value in given if name in Search.model_fields]),
        mails=request.app.state.settings.smtp_url is not None,
        following=f"?{urlencode([*given, ('cursor', following)])}" if following else None,
        first=cursor is None,
        ranked=MOST_RANKED if any(one and one.top for one in (at, ended)) else None,
    )


def _filters(given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the filters that are not fields of the form."""
    return [(name, value) for name, value in given if name not in (*FORM, "order")]


def _marked(snippet: Doc | None) -> list[tuple[str, bool]]:
    """Return a passage as runs of text, each with whether it matches the query."""
    if not snippet:
        return []
    runs, at = [], 0
    for mark in snippet["marks"]:
        start, end = mark["start"] - snippet["start"], mark["end"] - snippet["start"]
        if start >= at:
            runs += [(snippet["text"][at:start], False), (snippet["text"][start:end], True)]
            at = end
    return [*runs, (snippet["text"][at:], False)]


@router.get("/entities/{name:path}")
async def entity(request: Request, reader: Reader, name: str) -> Response:
    """Show all documents that name the entity: the sentences, its quotes, and the entities that appear with it."""
    finder: Finder = request.app.state.finder
    prepared = await prepare(finder, Search(entity=[name]), reader, None)
    fields = dict.fromkeys((*SUMMARY, "text", "entities", "quotes", "events"), 1)
    counting = ["entity", "place", "event", "date"]
    documents, more, counted = await finder.page_and_count(
        prepared, "published", "desc", None, ENTITY_DOCUMENTS, fields, counting, 12, "month"
    )
    if not documents:
        raise not_found(name)
    found = [(one, _entry(one, name)) for one in documents]
    entries = [entry for _, entry in found if entry]
    known = {entry["name"] for entry in entries} | {name}
    return page(
        request,
        "entity.html",
        reader,
        name=name,
        types=_distinct(entry["type"] for entry in entries),
        ids=_distinct(entry["id"] for entry in entries if entry.get("id") and not identity.is_unsure(entry["id"]))[:6],
        roles=_distinct(entry["role"] for entry in entries if entry.get("role")),
        aliases=_distinct(alias for entry in entries for alias in [entry["name"], *entry["aliases"]] if alias != name),
        found=[(one, _contexts(one["text"], entry["mentions"]) if entry else []) for one, entry in found],
        quotes=[(one, quote) for one in documents for quote in one["quotes"] if quote.get("speaker") in known],
        deeds=[
            (one, event)
            for one in documents
            for event in one["events"]
            if {event.get("actor"), event.get("target")} & known
        ],
        beside=[one for one in counted["facets"]["entity"] if one["value"] not in known],
        counted=counted,
        more=more is not None,
    )


def _entry(record: Doc, name: str) -> Doc | None:
    entities: list[Doc] = record["entities"]
    exact = [one for one in entities if one["name"] == name]
    return next(iter([*exact, *(one for one in entities if name in one["aliases"])]), None)


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _contexts(text: str, mentions: list[Doc]) -> list[tuple[str, str, str]]:
    """Return mentions with the words before and after, within their paragraphs."""
    found = []
    for mention in mentions[:MENTIONS]:
        first, last = around(text, mention["start"], mention["end"])
        before = text[max(first, mention["start"] - CONTEXT) : mention["start"]]
        after = text[mention["end"] : min(last, mention["end"] + CONTEXT)]
        if len(before) == CONTEXT:
            before = f"…{before.partition(' ')[2]}"
        if len(after) == CONTEXT:
            after = f"{after.rpartition(' ')[0]} …"
        found.append((before, mention["text"], after))
    return found


@router.get("/map")
async def places(request: Request, reader: Reader, q: str | None = None) -> Response:
    finder: Finder = request.app.state.finder
    prepared = await prepare(finder, Search(q=q or None), reader, None)
    counted = await finder.count(prepared, ["place", "country"], PLACES, "month", briefly=True)
    return page(
        request,
        "map.html",
        reader,
        q=q or "",
        places=counted["facets"]["place"],
        countries=counted["facets"]["country"],
        most=PLACES,
    )


@router.get("/timeline")
async def timeline(
    request: Request,
    reader: Reader,
    db: Database,
    q: str | None = None,
    by: Interval | None = None,
    event: Annotated[str | None, Query(pattern="^[A-Z]{1,40}$")] = None,
) -> Response:
    """Show documents and events by date; a search limits both."""
    finder: Finder = request.app.state.finder
    prepared = await prepare(finder, Search(q=q or None), reader, None)
    newest = await finder.few(prepared, {"published_at": 1})
    told = await _events(db, newest, prepared, event, request.app.state.settings.event_confidence)

    async def dated(by: Interval) -> list[Doc]:
        if newest is not None:
            return list(tally.count(newest, ["date"], SLOTS, by)["date"])
        return list((await finder.count(prepared, ["date"], SLOTS, by))["facets"]["date"])

    interval = by or _fitting(await dated("year"))
    dates = await dated(interval)
    slots: dict[str, list[int]] = {}
    for one in dates:
        slots.setdefault(_slot(one["value"], interval), [0, 0])[0] += one["count"]
    for one in told["dates"]:
        if (when := _when(one["_id"])) is not None:
            slots.setdefault(_slot(when, interval), [0, 0])[1] += one["count"]
    return page(
        request, "timeline.html", reader, q=q or "", by=interval, event=event, slots=sorted(slots.items()),
        kinds={one["_id"]: one["count"] for one in told["kinds"]}, events=told["latest"],
    )  # fmt: skip


async def _events(db: Database, newest: list[Doc] | None, prepared: Prepared, kind: str | None, least: float) -> Doc:
    """Return events of at least this confidence by date and by ``kinds``, and the ``latest`` of this kind or of all
    kinds; if ``newest`` documents are given, of these alone."""
    chosen = {"event.action": kind} if kind else {}
    found = await db[DOCUMENTS].aggregate(
        [
            *([{"$match": {"_id": {"$gte": newest[-1]["_id"]}}}] if newest else []),
            *prepared.plan.stages,
            {"$sort": {"_id": -1}},
            {"$limit": EVENT_DOCUMENTS},
            {"$match": {"events.0": {"$exists": True}}},
            {"$project": {"title": 1, "language": 1, "event": "$events"}},
            {"$unwind": "$event"},
            {"$match": {"event.confidence": {"$not": {"$lt": least}}}},
            {
                "$facet": {
                    "dates": [{"$match": chosen}, {"$sortByCount": "$event.date"}],
                    "kinds": [{"$sortByCount": "$event.action"}],
                    "latest": [{"$match": chosen}, {"$sort": {"event.date": -1, "_id": -1}}, {"$limit": EVENTS}],
                }
            },
        ]
    )
    [told] = await found.to_list()
    return dict(told)


def _fitting(dates: list[Doc]) -> Interval:
    """Return the finest interval that can show all the years."""
    years = [one["value"].year for one in dates]
    span = max(years) - min(years) if years else 0
    return "day" if span == 0 else "month" if span <= 15 else "year"


def _when(date: str | None) -> datetime | None:
    """Return the first day of an ISO 8601 date of any grain: ``2015-05-11``, ``2015-05``, ``2012-W10``, ``2015``."""
    if date is None:
        return None
    try:
        if week := re.match(r"(\d{4})-W(\d{2})$", date):
            return datetime.fromisocalendar(int(week[1]), int(week[2]), 1).replace(tzinfo=UTC)
        year, month, day = [*date[:10].split("-"), "1", "1"][:3]
        return datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:  # a decade, a century, a quarter, a season
        return datetime(int(date[:4]), 1, 1, tzinfo=UTC) if date[:4].isdigit() and int(date[:4]) else None


def _slot(when: datetime, interval: Interval) -> str:
    """Return the first day of its interval, as ``2015-05-01``."""
    if interval == "week":
        year, week, _ = when.isocalendar()
        return datetime.fromisocalendar(year, week, 1).date().isoformat()
    return (
        {"day": when, "month": when.replace(day=1), "year": when.replace(month=1, day=1)}[interval].date().isoformat()
    )
