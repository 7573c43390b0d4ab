"""Show the sources that Copydesk fetches by itself, with buttons to fetch, pause and resume each, and one form to add a
source of any kind."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from services.api import sources
from services.api.auth import Admin
from services.api.common import Config, Database
from services.api.problems import Problem, invalid
from services.console.page import Page, page, seen
from services.console.session import OwnPage
from services.sources.model import Plan

WRONG = 422
KINDS = {
    "feed": "feed: https://news.example/rss",
    "folder": "watched folder: incoming/wire",
    "mailbox": "mailbox: imaps://mail.example/INBOX",
    "ftp": "FTP: ftps://files.example/outgoing",
    "sftp": "SFTP: sftp://files.example/outgoing",
    "bucket": "bucket: s3://bucket/prefix",
    "ndjson": "NDJSON: https://api.agency.example/news",
}
"""Each kind of source with an example of its address."""
THENS = {"keep": "keep it", "mark": "mark it as read", "move": "move it", "delete": "delete it"}
LISTS = ("tags", "senders", "subjects")
"""Fields with several values, separated by commas."""
ACTS = {"run": sources.run_source, "pause": sources.pause_source, "resume": sources.resume_source}

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/sources")
async def shown(request: Request, admin: Admin, db: Database) -> Response:
    """Show each source that the key may manage, with its state."""
    return await _page(request, admin, db)


async def _page(request: Request, admin: Admin, db: Database, wrong: Problem | None = None, **given: str) -> Response:
    found = await sources.list_sources(admin, db)
    context = {"rows": found.sources, "kinds": KINDS, "thens": THENS, "form": given, "wrong": wrong}
    return page(request, "sources.html", admin, WRONG if wrong else 200, **context)


@router.post("/sources", dependencies=[OwnPage])
async def add(request: Request, admin: Admin, db: Database, settings: Config) -> Response:
    """Add the source of the form; if something in it is wrong, show it again, without the password."""
    async with request.form(max_files=0) as sent:
        given = {name: value.strip() for name, value in sent.items() if isinstance(value, str) and value.strip()}
    asked: dict[str, object] = {**given}
    for name in LISTS:
        asked[name] = [one.strip() for one in given.get(name, "").split(",") if one.strip()]
    if minutes := given.get("minutes"):
        asked["every_seconds"] = float(minutes) * 60 if minutes.replace(".", "", 1).isdecimal() else minutes
    asked.pop("minutes", None)
    try:
        await sources.create_source(admin, Plan.model_validate(asked), db, settings)
    except (Problem, ValidationError) as error:
        problem = error if isinstance(error, Problem) else invalid(list(error.errors(include_input=False)))
        if problem.status != WRONG:
            raise
        given.pop("password", None)
        return await _page(request, admin, db, problem, **given)
    return seen(RedirectResponse("/sources", 303))


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
