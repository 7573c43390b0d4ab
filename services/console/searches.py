"""Show the searches that a key saved and what each reported, with buttons to mute and remove it."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.alerts.model import Mail, SavedSearch, SearchChange, SearchIn
from services.api import searches
from services.api.auth import Reader
from services.api.common import Config, Database
from services.api.search import SUMMARY
from services.console.page import Page, page, seen
from services.console.session import OwnPage

TOLD = 50
Every = Literal["at_once", "hourly", "daily"]
OFTEN = {"at_once": "at once", "hourly": "once an hour", "daily": "once a day"}

router = APIRouter(route_class=Page, include_in_schema=False)


def address(search: SavedSearch) -> str:
    """Return the address of the page that runs the search."""
    return f"/search?{urlencode(search.query, doseq=True)}"


@router.get("/searches")
async def shown(request: Request, reader: Reader, db: Database) -> Response:
    """Show the saved searches of the key."""
    found = await searches.list_searches(reader, db)
    return page(request, "searches.html", reader, rows=found.searches, address=address, often=OFTEN)


@router.post("/searches", dependencies=[OwnPage])
async def save(
    request: Request,
    reader: Reader,
    db: Database,
    settings: Config,
    name: Annotated[str, Form(max_length=100)],
    query: Annotated[str, Form(max_length=20_000)] = "",
    mail: Annotated[str, Form(max_length=2000)] = "",
    every: Annotated[Every, Form()] = "at_once",
) -> Response:
    """Save the search of the page that the form was on."""
    to = mail.replace(",", " ").split()
    told = Mail(to=to, every=every) if to else None
    asked = SearchIn.model_validate({"name": name, "query": query, "mail": told})
    await searches.create_search(request, reader, asked, db, settings)
    return seen(RedirectResponse("/searches", 303))


@router.get("/searches/{id}")
async def told(
    request: Request, reader: Reader, entry: searches.Entry, db: Database, cursor: str | None = None
) -> Response:
    """Show the documents that a saved search reported."""
    fields = dict.fromkeys(SUMMARY, 1)
    found, following = await searches.matches(db, reader, entry, TOLD, cursor, fields)
    [search] = await searches.shown(db, [entry])
    return page(
        request, "searched.html", reader, search=search, address=address(search), found=[record for record, _ in found],
        following=f"?{urlencode({'cursor': following})}" if following else None,
    )  # fmt: skip


@router.post("/searches/{id}", dependencies=[OwnPage])
async def act(
    request: Request,
    reader: Reader,
    entry: searches.Entry,
    db: Database,
    settings: Config,
    what: Annotated[Literal["mute", "unmute", "remove"], Form()],
) -> Response:
    """Do what the button says, then show all saved searches again."""
    if what == "remove":
        await searches.delete_search(reader, entry, db, settings)
    else:
        await searches.change_search(request, reader, entry, SearchChange(muted=what == "mute"), db, settings)
    return seen(RedirectResponse("/searches", 303))
