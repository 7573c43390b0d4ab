"""The outermost layer: counts, logs and traces requests, adds the security headers to every answer, and answers if the
code failed."""

from __future__ import annotations

import re
import time
import uuid
from contextlib import nullcontext

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services import tracing
from services.api.admission import paced
from services.api.problems import Problem, answer
from services.settings import Settings

log = structlog.get_logger()

REQUESTS = Counter("copydesk_http_requests_total", "Answers given.", ["method", "route", "status"])
SECONDS = Histogram("copydesk_http_request_seconds", "Time to answer.", ["method", "route"])

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
# FastAPI's page loads Swagger UI from a CDN and starts it with an inline script; it shows nothing that users sent
_DOCUMENT = re.compile(r"/v1/documents/([0-9a-f]{24})(?:/|$)")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,100}")
REQUEST_ID = "X-Request-ID"
_QUIET = {"/healthz", "/readyz", "/metrics"}


class Edge:
    """An ASGI middleware, to be added last."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID, "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        of = {"document": found[1]} if (found := _DOCUMENT.match(scope["path"])) else {}
        parent = headers.get(tracing.TRACEPARENT)
        with (
            structlog.contextvars.bound_contextvars(request=request_id, **of),
            tracing.span("request", "server", parent=parent, http__request__method=scope["method"])
            if scope["path"] not in _QUIET
            else nullcontext() as span,
        ):
            status = await self._answer(scope, receive, send, request_id)
            if span is not None:
                span.update_name(f"{scope['method']} {_route(scope)}")
                span.set_attributes({"http.route": _route(scope), "http.response.status_code": status})

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> int:
        started = time.perf_counter()
        status = 0

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                if rate := scope.get("state", {}).get("rate"):
                    headers.update(rate.headers())
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, paced(receive, scope, self._settings), with_headers)
        except ClientDisconnect:
            status = status or 499  # the status that nginx logs for clients who disconnect
        except Exception:
            if status:
                raise
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            problem = Problem(
                500, "internal", "Something went wrong here", "the API's log has the details; try again later"
            )
            await answer(problem)(scope, receive, with_headers)
        finally:
            seconds = time.perf_counter() - started
            REQUESTS.labels(scope["method"], _route(scope), status).inc()
            SECONDS.labels(scope["method"], _route(scope)).observe(seconds)
            say = log.debug if scope["path"] in _QUIET else log.info
            say("request", method=scope["method"], route=_route(scope), status=status, seconds=round(seconds, 4))
        return status


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "unmatched")
