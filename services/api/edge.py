"""The outermost layer: counts requests, puts the security headers on every answer, answers where the code failed."""

from __future__ import annotations

import time

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
# FastAPI's page loads Swagger UI from elsewhere and starts it by an inline script; nothing that was sent is on it
_DOCS_POLICY = (
    "default-src 'none'; script-src https: 'unsafe-inline'; style-src https: 'unsafe-inline'; img-src https: data:; "
    "connect-src 'self'; frame-ancestors 'none'"
)


class Edge:
    """An ASGI middleware, to be added last."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                if scope["path"] == "/docs":
                    headers["Content-Security-Policy"] = _DOCS_POLICY
                if rate := scope.get("state", {}).get("rate"):
                    headers.update(rate.headers())
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, paced(receive, scope, self._settings), with_headers)
        except ClientDisconnect:
            status = status or 499  # as nginx counts senders who leave
        except Exception:
            if status:
                raise
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            problem = Problem(500, "internal", "Something went wrong here", "the API's log says what; try again later")
            await answer(problem)(scope, receive, with_headers)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            REQUESTS.labels(scope["method"], route, status).inc()
            SECONDS.labels(scope["method"], route).observe(time.perf_counter() - started)
