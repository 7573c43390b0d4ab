"""Log in with the OpenID Connect provider of the settings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.api import oidc
from services.api.common import Config, Database
from services.api.login import address_of
from services.api.problems import Problem
from services.console.page import Page, seen
from services.console.session import local, logged_in, secure

STATE = "copydesk-login"
router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/login/oidc")
async def begin(request: Request, db: Database, next: str = "/") -> Response:
    """Send the browser to the provider, with a state that it keeps in a cookie meanwhile."""
    flow = await oidc.provider(request).begin(db, local(next))
    answer = RedirectResponse(flow.address, 303)
    # lax, since the provider's page sends the browser back
    answer.set_cookie(STATE, flow.state, max_age=oidc.FLOW_SECONDS, path="/login", httponly=True, samesite="lax", secure=secure(request))  # fmt: skip
    return seen(answer)


@router.get(oidc.CALLBACK)
async def finish(
    request: Request,
    db: Database,
    settings: Config,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Start the session of the person whom the provider sends back."""
    provider = oidc.provider(request)
    if error:
        raise Problem(403, "login", "The provider refused the login", f"it says {error!r}; begin again, or ask an administrator")  # fmt: skip
    claims, next = await provider.finish(db, state, request.cookies.get(STATE, ""), code)
    user = await oidc.person(db, settings, claims, address_of(request))
    answer = await logged_in(request, user, next, "oidc")
    answer.delete_cookie(STATE, path="/login", httponly=True, samesite="lax")
    return answer
