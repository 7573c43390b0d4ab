"""Show each collection: how many documents it holds, in which states, which sources feed it and who may see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from services.api.auth import Caller, Reader
from services.api.common import Config, Database
from services.console.page import Page, page
from services.search.find import Finder
from services.search.holdings import Counter, Holding
from services.store import keys
from services.store.keys import KEYS, ApiKey
from services.store.setup import SOURCES

Doc = dict[str, Any]
STATES = {"": "any", "failed": "with failures", "waiting": "with waiting documents"}
_WAITING = ("queued", "processing")

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/collections")
async def shown(
    request: Request, reader: Reader, db: Database, settings: Config, name: str = "", state: str = ""
) -> Response:
    """Show the collections that the key may read and whose name has the given letters. Sources and keys are for
    administrators."""
    finder: Finder = request.app.state.finder
    counter: Counter = request.app.state.holdings
    known = await counter.look()
    held = {one.collection: one for one in known.collections} if known else {}
    names = sorted({*held, *await finder.collections(reader.reach, reader.may_use)})
    rows = [held.get(one, Holding(collection=one)) for one in names if reader.may_use(one)]
    chosen = [one for one in rows if name.strip().lower() in one.collection.lower() and _is(one, state)]
    return page(
        request, "collections.html", reader, rows=chosen, counted=known, form={"name": name, "state": state},
        states=STATES, some=len(rows), auth=settings.auth, **await _around(reader, db),
    )  # fmt: skip


def _is(one: Holding, state: str) -> bool:
    if state == "waiting":
        return any(one.by_status.get(status) for status in _WAITING)
    return state not in STATES or not state or bool(one.by_status.get(state))


async def _around(reader: Caller, db: Database) -> Doc:
    """Return ``fed`` and ``seen``, functions that name the sources of a collection and the keys that may read it; None
    for keys that may not know."""
    if "admin" not in reader.scopes:
        return {"fed": None, "seen": None}
    sources = await db[SOURCES].find({}, {"name": 1, "collection": 1}).sort("_id", 1).to_list()
    found = [keys.shown(one) for one in await db[KEYS].find().sort("created_at", 1).to_list()]
    now = datetime.now(UTC)
    readers = [one for one in found if one.valid(now) and "read" in one.scopes]
    return {
        "fed": lambda collection: [one["name"] for one in sources if one["collection"] == collection],
        "seen": lambda collection: _readers(readers, collection) if reader.everywhere else None,
    }


def _readers(readers: Iterable[ApiKey], collection: str) -> list[str]:
    return [one.name for one in readers if keys.pattern(one.collections).match(collection)]
