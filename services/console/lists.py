"""Quotes, sums, events, stories and names of all documents: the lists of the API as pages, each with an export and a
feed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, get_origin
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from services.api import entities, lists
from services.api.auth import Caller, Reader
from services.api.common import Database
from services.api.problems import Problem, invalid
from services.console.page import Page, page
from services.search.names import country

Doc = dict[str, Any]
WRONG = 422
ROWS = 40  # rows of a page
COMMON = ("q", "place", "topic", "collection", "published_from", "published_to")
"""The filters of every list."""

router = APIRouter(route_class=Page, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class List:
    """A list of the API: its ``model`` of parameters, the function that answers, and its additional filters."""

    title: str
    model: type[BaseModel]
    answer: Callable[[Request, Caller, Database, Any], Awaitable[JSONResponse]]
    own: tuple[str, ...] = ()
    rows: bool = False


LISTS = {
    "quotes": List("Quotes", lists.Quotes, lambda request, reader, _, asked: lists.list_quotes(request, reader, asked),
                   ("speaker", "about"), rows=True),
    "sums": List("Sums", lists.Listing, lambda request, reader, _, asked: lists.list_sums(request, reader, asked),
                 ("amount_min", "amount_max", "currency"), rows=True),
    "events": List("Events", lists.Events, lambda request, reader, _, asked: lists.list_events(request, reader, asked),
                   ("event", "actor", "event_status"), rows=True),
    "stories": List("Stories", lists.Stories, lambda request, reader, _, asked: lists.list_stories(request, reader, asked),
                    ("versions_min",)),
    "entities": List("People and organizations", entities.Listing, entities.list_entities, ("type",)),
}  # fmt: skip
DEFAULTS = {"stories": {"versions_min": "2"}, "entities": {"type": "PERSON"}}
"""The filters of a list until its form is sent."""


@router.get("/quotes")
@router.get("/sums")
@router.get("/events")
@router.get("/stories")
@router.get("/entities")
async def shown(request: Request, reader: Reader, db: Database, cursor: str | None = None) -> Response:
    """Show the list for the form, or say what is wrong in the form."""
    name = request.url.path.strip("/")
    of = LISTS[name]
    given = request.query_params or DEFAULTS.get(name, {})
    form = {field: (given.get(field) or "").strip() for field in (*COMMON, *of.own)}
    context: Doc = {"name": name, "of": of, "form": form, "first": cursor is None}
    context["collections"] = await request.app.state.finder.collections(reader.reach, reader.may_use)
    try:
        asked = _read(of.model, {**form, "limit": str(ROWS), "cursor": cursor or ""})
        found = json.loads(bytes((await of.answer(request, reader, db, asked)).body))
    except (Problem, ValidationError) as error:
        problem = error if isinstance(error, Problem) else invalid(list(error.errors()))
        if problem.status != WRONG:
            raise
        return page(request, "list.html", reader, WRONG, **context, wrong=problem, rows=[], following=None, query="")
    kept = {field: value for field, value in form.items() if value}
    following = f"?{urlencode({**kept, 'cursor': found['next']})}" if found["next"] else None
    query = urlencode({**_search(form), **({"rows": name} if of.rows else {})})
    return page(request, "list.html", reader, **context, wrong=None, rows=found[name], following=following, query=query)


def _search(form: dict[str, str]) -> dict[str, str]:
    """Return the API's parameters for a form. If the place is a country, all places in that country match."""
    fields = {field: value for field, value in form.items() if value}
    if "place" in fields:
        with suppress(ValueError):  # it is a town, a region or another place
            fields["country"] = country(fields["place"])
            del fields["place"]
    return fields


def _read(model: type[BaseModel], form: dict[str, str]) -> BaseModel:
    """Return the parameters of the form. Raises ValidationError."""
    fields: Doc = dict(_search(form))
    for field, known in model.model_fields.items():
        if field in fields and get_origin(known.annotation) is list:
            fields[field] = [fields[field]]
    return model.model_validate(fields)
