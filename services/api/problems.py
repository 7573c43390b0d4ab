"""Errors as RFC 9457 problem details: ``application/problem+json`` with type, title, status, detail."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from pymongo.errors import OperationFailure, PyMongoError, WriteConcernError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.inputs import explain, in_a_line
from services.store import raw

log = structlog.get_logger()


_NOT_VALID = (2, 9, 14, 51091)
"""BadValue, FailedToParse, TypeMismatch, and a regular expression that is not valid (MongoDB's error_codes.yml; 51091
is in matcher/expression_leaf.cpp)."""
_PASSING = (13, 18, 14031)
"""Unauthorized, AuthenticationFailed and OutOfDiskSpace: an operator must fix the cause; then the request can be sent
again."""


class ProblemBody(BaseModel):
    """RFC 9457. ``detail`` says what to do."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str


RESPONSE: dict[str, Any] = {"model": ProblemBody, "content": {"application/problem+json": {}}}
EVERYWHERE: dict[int | str, dict[str, Any]] = {
    400: {**RESPONSE, "description": "No HTTP/1.1, or a body that cannot be read."},
    408: {**RESPONSE, "description": "The body arrives too slowly."},
    413: {**RESPONSE, "description": "The body is too large."},
    422: {**RESPONSE, "description": "Something in the request is not valid; `detail` says what."},
    431: {**RESPONSE, "description": "Target and headers are too large."},
    503: {**RESPONSE, "description": "A part of the service does not answer; `Retry-After` says when to try again."},
}
"""Responses that every operation may give, for OpenAPI."""


class Problem(Exception):
    """An error response. ``code`` names the kind of problem, ``detail`` says what to do about it."""

    def __init__(self, status: int, code: str, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.code, self.title, self.detail, self.more = status, code, title, detail, more
        self.headers: dict[str, str] = {}


def answer(problem: Problem) -> JSONResponse:
    body = {"type": f"urn:copydesk:problem:{problem.code}", "title": problem.title, "status": problem.status}
    return JSONResponse(
        {**body, "detail": problem.detail, **problem.more},
        problem.status,
        media_type="application/problem+json",
        headers=problem.headers,
    )


def invalid(errors: list[Any]) -> Problem:
    """Return Problem 422 for pydantic's errors, each with its location and message."""
    found = explain(errors)
    return Problem(
        422, "invalid", "The request is not valid", in_a_line(found) or "the request is not valid", errors=found
    )


def install(app: FastAPI) -> None:
    """Turn every error of ``app`` into a problem document."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, error: Problem) -> JSONResponse:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return answer(invalid(list(error.errors())))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        problem = Problem(error.status_code, f"http-{error.status_code}", str(error.detail), str(error.detail))
        problem.headers = dict(error.headers or {})
        if error.status_code == 400:  # FastAPI raises it if reading JSON fails with anything but a syntax error
            problem.detail = "the body cannot be read: it is nested too deeply, or is not text"
        if error.status_code == 404:
            problem.title = "This address does not exist"
            problem.detail = (
                f"{request.url.path[:100]} is not an address of the API; /docs lists them, / is the console"
            )
        if error.status_code == 405 and (methods := _methods(app, request.url.path)):
            problem.headers["Allow"] = ", ".join(sorted(methods))
        return answer(problem)

    @app.exception_handler(ClientDisconnect)
    async def _gone(_: Request, __: ClientDisconnect) -> JSONResponse:  # only for the metrics: the client has gone
        return answer(Problem(400, "cut-off", "The body is cut off", "nothing was accepted; send the whole body again"))

    @app.exception_handler(PyMongoError)
    async def _mongo(_: Request, error: PyMongoError) -> JSONResponse:
        return answer(of_mongo(error))

    @app.exception_handler(raw.Unavailable)
    async def _raw(_: Request, error: raw.Unavailable) -> JSONResponse:
        log.error("raw_store_unavailable", error=str(error))
        problem = Problem(503, "unavailable", "The store of the raw bytes does not answer", "send it again later")
        problem.headers = {"Retry-After": "5"}
        return answer(problem)


def of_mongo(error: PyMongoError) -> Problem:
    """Return the problem for an error of MongoDB: 422 if it refuses a value in the request, 500 if it refuses one of
    Copydesk's own operations, otherwise 503, because it does not answer and the request should be sent again."""
    if isinstance(error, OperationFailure) and not _passes(error):
        name = (error.details or {}).get("codeName") or f"code {error.code}"
        log.error("mongo_refused", code=error.code, error=str(error))
        if error.code in _NOT_VALID:
            return Problem(422, "refused", "MongoDB refuses the request",
                           f"MongoDB does not accept a value in it ({name}); ask for less, or in other words")  # fmt: skip
        return Problem(500, "refused", "MongoDB refuses the operation",
                       f"it answers {name}; show an operator the API's log")  # fmt: skip
    log.error("mongo_unavailable", error=str(error))
    problem = Problem(503, "unavailable", "MongoDB does not answer", "nothing was accepted; send it again later")
    problem.headers = {"Retry-After": "5"}
    return problem


def _passes(error: OperationFailure) -> bool:
    """Return whether the same operation may succeed later."""
    return (
        error.timeout
        or error.code in _PASSING
        or isinstance(error, WriteConcernError)
        or bool((error.details or {}).get("writeConcernErrors"))
        or error.has_error_label("RetryableWriteError")
        or error.has_error_label("TransientTransactionError")
    )


def _methods(app: FastAPI, path: str) -> set[str]:
    """Return the methods of ``path``: those of the operations with exactly this path, otherwise of those whose template
    it matches."""
    described = app.openapi()["paths"]
    fitting = [template for template in described if re.fullmatch(re.sub(r"{[^{}]*}", "[^/]+", template), path)]
    return {method.upper() for template in ([path] if path in described else fitting) for method in described[template]}


def known_parameters(request: Request) -> None:
    """Refuse unknown query parameters; a dependency of every operation. Raises Problem 422. The console's pages are not
    operations of the API: they ignore parameters that they do not know.
    """
    operation = request.app.openapi()["paths"].get(request.scope["route"].path, {}).get(request.method.lower())
    if operation is None:
        return
    known = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
    if unknown := next((name for name in request.query_params if name not in known), None):
        raise Problem(422, "parameter", "The request has an unknown parameter",
                      f"{unknown[:100]!r} is not one of the known parameters: {', '.join(sorted(known)) or 'none'}")  # fmt: skip


def describe(app: FastAPI) -> None:
    """Declare ``application/problem+json`` as the only media type of problems in the OpenAPI document."""
    generate = app.openapi

    @cache
    def openapi() -> dict[str, Any]:
        schema = generate()
        for operations in schema["paths"].values():
            for operation in operations.values():
                for response in operation["responses"].values():
                    content = response.get("content", {})
                    if "application/problem+json" in content and "application/json" in content:
                        content["application/problem+json"] = content.pop("application/json")
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
