"""Show the watch lists, load and delete them, and ask which names the documents have."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.api import watchlists
from services.api.auth import Admin, Reader
from services.api.common import Config, Database
from services.console.page import Page, page, seen
from services.console.session import OwnPage
from services.lists.model import Question

SHOWN = 50
MOST_NAMES = 200
MOST_CHARACTERS = 60_000

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/lists")
async def shown(request: Request, reader: Reader, db: Database) -> Response:
    """Show the lists, and a field for names."""
    found = await watchlists.get_lists(reader, db)
    return page(request, "watchlists.html", reader, rows=found.lists, asked="", answer=None)


@router.post("/lists/ask", dependencies=[OwnPage])
async def ask(
    request: Request,
    reader: Reader,
    db: Database,
    settings: Config,
    names: Annotated[str, Form(max_length=MOST_CHARACTERS)] = "",
) -> Response:
    """Show which of the names, one on each line, the newest documents have."""
    given = [line.strip()[:300] for line in names.splitlines() if line.strip()][:MOST_NAMES]
    answer = await watchlists.ask_lists(reader, Question(names=given), db, settings) if given else None
    found = await watchlists.get_lists(reader, db)
    return page(request, "watchlists.html", reader, rows=found.lists, asked="\n".join(given), answer=answer)


@router.get("/lists/{id}")
async def told(
    request: Request, reader: Reader, entry: watchlists.Found, db: Database, cursor: str | None = None
) -> Response:
    """Show the documents that name an entry of a list."""
    [found] = await watchlists.told(db, reader, [entry])
    after = cursor if cursor and len(cursor) == 24 and cursor.isalnum() else None
    matches, following = await watchlists.matches(db, reader, found.id, SHOWN, after)
    return page(request, "watchlist.html", reader, list=found, found=matches, following=following)


@router.post("/lists/{id}", dependencies=[OwnPage])
async def delete(admin: Admin, entry: watchlists.Found, db: Database, settings: Config) -> Response:
    """Delete a list, then show the others."""
    await watchlists.delete_list(admin, entry, db, settings)
    return seen(RedirectResponse("/lists", 303))
