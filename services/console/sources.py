"""Show the sources that Copydesk fetches by itself, with buttons to fetch, pause and resume each."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.api import sources
from services.api.auth import Admin
from services.api.common import Config, Database
from services.console.page import Page, page, seen
from services.console.session import OwnPage

ACTS = {"run": sources.run_source, "pause": sources.pause_source, "resume": sources.resume_source}

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/sources")
async def shown(request: Request, admin: Admin, db: Database) -> Response:
    """Show each source that the key may manage, with its state."""
    found = await sources.list_sources(admin, db)
    return page(request, "sources.html", admin, rows=found.sources)


@router.post("/sources/{id}", dependencies=[OwnPage])
async def act(
    admin: Admin,
    entry: sources.Entry,
    db: Database,
    settings: Config,
    what: Annotated[Literal["run", "pause", "resume"], Form()],
) -> Response:
    """Do what the button says, then show all sources again."""
    await ACTS[what](admin, entry, db, settings)
    return seen(RedirectResponse("/sources", 303))
