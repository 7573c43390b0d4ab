"""Shared parts of the console's pages: templates, headers, readable errors, and the redirect to the login."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import ValidationError
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException

from services.api.auth import COOKIE, ENROL, SESSION, Caller
from services.api.problems import Problem, invalid, of_mongo
from services.console import words

STATIC = Path(__file__).parent / "static"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    # without any referrer, the browser would not send our own origin with a form
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAGES = {
    "/": "Desk",
    "/search": "Search",
    "/quotes": "Quotes",
    "/sums": "Sums",
    "/entities": "Names",
    "/stories": "Stories",
    "/events": "Events",
    "/timeline": "Timeline",
    "/map": "Places",
    "/searches": "Saved",
    "/lists": "Lists",
    "/collections": "Collections",
    "/jobs": "Jobs",
    "/failed": "Failed",
    "/sources": "Sources",
    "/people": "People",
    "/status": "Status",
}
ADMINS = ("/sources", "/people")
"""Pages for keys with the scope `admin` alone."""


@cache
def version() -> str:
    """Return a value that changes with any static file, so that browsers may cache the files for ever."""
    found = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()[:12]


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("services.console"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(words.FILTERS)
    made.globals.update(pages=PAGES, admins=ADMINS, static=f"/static/{version()}", **words.GLOBALS)
    return made


def page(request: Request, template: str, caller: Caller | None, status: int = 200, **context: Any) -> HTMLResponse:
    """Return the template as a page; ``caller`` is None if nobody has logged in."""
    html = (
        _environment()
        .get_template(template)
        .render(
            caller=caller,
            path=request.url.path,
            may=lambda scope: caller is not None and scope in caller.elsewhere,
            **context,
        )
    )
    return HTMLResponse(html, status, _HEADERS)


def seen(answer: Response) -> Response:
    """Add the headers of a page to an answer that is not a page."""
    answer.headers.update(_HEADERS)
    return answer


class Page(APIRoute):
    """A route whose errors are pages; callers who are not logged in are redirected to the login."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except Problem as error:
                problem = error
            except (RequestValidationError, ValidationError) as error:
                problem = invalid(list(error.errors()))
            except HTTPException as error:
                problem = Problem(error.status_code, "http", str(error.detail), "go back and try again")
            except PyMongoError as error:
                problem = of_mongo(error)
            if problem.status == 401 and request.headers.get("x-fragment") is None:
                return _to_login(request)
            if problem.code == ENROL and request.headers.get("x-fragment") is None:
                return seen(RedirectResponse("/account", 303))
            answer = page(request, "problem.html", None, problem.status, problem=problem)
            answer.headers.update(problem.headers)
            return answer

        return handle


def _to_login(request: Request) -> Response:
    if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        # after a link on another site the browser does not send the cookie; a reload from our own page does
        return seen(Response(headers={"Refresh": "0"}))
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = f"?next={quote(wanted, safe='')}" if request.method == "GET" and wanted != "/" else ""
    answer = RedirectResponse(f"/login{back}", 303)
    for cookie in (COOKIE, SESSION):
        if cookie in request.cookies:
            answer.delete_cookie(cookie)
    return seen(answer)
