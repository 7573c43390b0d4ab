"""Problems: whatever goes wrong, the answer is one document that says what to do."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Query
from pymongo.errors import AutoReconnect, ExecutionTimeout, OperationFailure, PyMongoError, WriteConcernError
from starlette.exceptions import HTTPException

from services.api.problems import Problem, answer, describe, install, known_parameters, of_mongo
from services.store import raw

app = FastAPI(dependencies=[Depends(known_parameters)])
install(app)
describe(app)


@app.get("/papers/{name}")
async def read_paper(name: str, page: Annotated[int, Query(ge=1)] = 1, edition: str | None = None) -> dict[str, Any]:
    return {"name": name, "page": page, "edition": edition}


@app.delete("/papers/old")
async def remove_old() -> None:
    raise AutoReconnect("mongo.internal:27017: timed out")


@app.post("/papers")
async def add_paper() -> None:
    raise raw.Unavailable("bucket.internal refuses")


@app.get("/strange")
async def strange() -> None:
    raise HTTPException(418, headers={"X-Pot": "tea"})


def ask(method: str, path: str) -> httpx.Response:
    async def run() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
            return await client.request(method, path)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/papers/a?colour=red", 422, "'colour' is not one of the known parameters: edition, page"),
        ("POST", "/papers?a=1", 422, "known parameters: none"),
        ("GET", "/papers/a?page=0", 422, "query.page: Input should be greater than or equal to 1"),
        ("GET", "/nothing", 404, "is not an address of the API"),
        ("DELETE", "/papers/old", 503, "send it again later"),
        ("POST", "/papers", 503, "send it again later"),
    ],
)
def test_the_answer_says_what_to_do_and_nothing_of_the_house(method: str, path: str, status: int, detail: str) -> None:
    found = ask(method, path)
    assert found.status_code == status
    assert found.headers["content-type"] == "application/problem+json"
    body = found.json()
    assert set(body) >= {"type", "title", "status", "detail"} and body["status"] == status
    assert detail in body["detail"]
    assert "internal" not in found.text
    assert ("retry-after" in found.headers) is (status == 503)


def test_an_unknown_parameter_of_any_length_is_answered_in_short() -> None:
    assert len(ask("GET", f"/papers/a?{'x' * 5000}=1").json()["detail"]) < 300


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/papers/a", "GET"),
        ("PUT", "/papers/old", "DELETE"),
        ("PUT", "/papers", "POST"),
        ("GET", "/papers", "POST"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(method: str, path: str, allowed: str) -> None:
    found = ask(method, path)
    assert (found.status_code, found.headers["allow"]) == (405, allowed)


def test_headers_of_an_error_are_kept() -> None:
    found = ask("GET", "/strange")
    assert (found.status_code, found.headers["x-pot"]) == (418, "tea")


def test_a_problem_may_carry_more() -> None:
    problem = Problem(409, "taken", "Taken", "use another name", names=["a"])
    problem.headers = {"Retry-After": "1"}
    found = answer(problem)
    assert found.headers["retry-after"] == "1" and b'"names":["a"]' in bytes(found.body)
    assert b'"type":"urn:copydesk:problem:taken"' in bytes(found.body)


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (AutoReconnect("mongo.internal: closed"), 503, "MongoDB does not answer"),
        (ExecutionTimeout("too slow", 50), 503, "MongoDB does not answer"),
        (WriteConcernError("no majority", 64), 503, "MongoDB does not answer"),
        (OperationFailure("the disk is full", 14031), 503, "MongoDB does not answer"),
        (OperationFailure("retry", 6, {"errorLabels": ["RetryableWriteError"]}), 503, "MongoDB does not answer"),
        (OperationFailure("Regular expression is invalid", 51091), 422, "MongoDB refuses the request"),
        (OperationFailure("bad", 2, {"codeName": "BadValue"}), 422, "MongoDB refuses the request"),
        (OperationFailure("no", 121, {"codeName": "DocumentValidationFailure"}), 500, "MongoDB refuses the operation"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_what_mongodb_refuses_is_not_told_as_its_silence(error: PyMongoError, status: int, title: str) -> None:
    problem = of_mongo(error)
    assert (problem.status, problem.title, "Retry-After" in problem.headers) == (status, title, status == 503)
    assert "internal" not in problem.detail
