"""Requests and their retries: what is tried again, after which pause, and the final error."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from copydesk_client.conversation import TRIES, Call, CopydeskError, Settling, add, add_batch, talk
from services.inputs import SourceIn

CALL = Call("GET", "/v1/stats")
DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


def talked(answers: list[httpx.Response | httpx.TransportError], call: Call = CALL) -> tuple[Any, list[float]]:
    """Return the result of a call with these answers and the pauses before each retry. The last answer is repeated."""
    conversation, pauses, calls = talk("http://desk", call), [], 0
    step: Any = next(conversation)
    try:
        while True:
            if isinstance(step, Call):
                step = conversation.send(answers[min(calls, len(answers) - 1)])
                calls += 1
            else:
                pauses.append(step)
                step = next(conversation)
    except StopIteration as done:
        return done.value, pauses


def answer(status: int, retry: str | None = None, **more: Any) -> httpx.Response:
    return httpx.Response(status, headers={"Retry-After": retry} if retry else {}, **more)


@pytest.mark.parametrize(
    ("answers", "pauses"),
    [
        ([], []),
        ([answer(503, "5")], [5.0]),
        ([answer(429, "2"), answer(429, "2")], [2.0, 2.0]),
        ([answer(503, "86400")], [30.0]),
        ([answer(502, text="<h1>Bad Gateway</h1>"), answer(504)], [0.5, 1.0]),
        ([answer(503, DATE)], [0.5]),
        ([answer(503, "-1"), answer(503, "nan")], [0.5, 1.0]),
        ([httpx.ConnectError("refused"), httpx.ReadTimeout("late")], [0.2, 0.4]),
    ],
    ids=["at once", "MongoDB away", "too many", "a day", "a proxy", "a date", "no number", "no answer"],
)
def test_what_passes_is_waited_for(answers: list[Any], pauses: list[float]) -> None:
    assert talked([*answers, answer(200, json={"total": 3})]) == ({"total": 3}, pauses)


def test_too_many_requests_are_no_failed_tries() -> None:
    found, pauses = talked([*[answer(429, "1")] * 3 * TRIES, answer(204)])
    assert found is None and len(pauses) == 3 * TRIES


@pytest.mark.parametrize(
    ("last", "call", "tries", "told", "status"),
    [
        (
            answer(503, json={"title": "MongoDB does not answer", "detail": "send it again later"}),
            CALL,
            TRIES,
            "MongoDB does not answer: send it again later",
            503,
        ),
        (answer(422, json={"title": "No", "detail": "give q"}), CALL, 1, "No: give q", 422),
        (answer(404, text="<h1>nginx</h1>"), CALL, 1, "http://desk answered 404; is it a Copydesk API?", 404),
        (
            answer(200, text="<h1>Log in</h1>"),
            CALL,
            1,
            "http://desk did not answer with JSON; is it a Copydesk API?",
            200,
        ),
        (
            answer(429, json={"title": "Too many", "detail": "go on later"}),
            Call("GET", "/", patient=False),
            1,
            "Too many: go on later",
            429,
        ),
        (httpx.ConnectError("refused"), CALL, TRIES, "start it with `copydesk up`", None),
    ],
    ids=["away for long", "refused", "no API", "a login page", "impatient", "nobody there"],
)
def test_in_the_end_somebody_is_told_what_to_do(
    last: Any, call: Call, tries: int, told: str, status: int | None
) -> None:
    with pytest.raises(CopydeskError) as error:
        talked([answer(503)] * (tries - 1) + [last], call)
    assert told in str(error.value) and "\n" not in str(error.value)
    assert error.value.status == status


def test_many_documents_are_asked_for_in_turns() -> None:
    ids = [f"{number:024}" for number in range(150)]
    settling = Settling(ids)
    first = settling.chunk()
    assert first == ids[:100]
    final = settling.settle(first, [{"id": id, "status": "queued"} for id in first[1:]])
    assert final == [{"id": ids[0], "status": "deleted"}]
    assert settling.chunk()[:50] == ids[100:], "those that were not asked for yet come first"
    while chunk := settling.chunk():
        assert len(settling.settle(chunk, [{"id": id, "status": "done"} for id in chunk])) == len(chunk)


def test_what_is_said_of_a_document_is_read_as_it_was_meant() -> None:
    """The query that is sent, read as the API reads it."""
    said = {
        "metadata": {"desk": "Süd", "n": [1]},
        "published_at": datetime(2024, 5, 6, 7, tzinfo=UTC),
        "tags": ["a", "b"],
        "title": None,
    }
    for call in (
        add("A.", "text/plain", None, said),
        add("A.", "text/plain", "a.txt", said),
        add_batch(b"", "application/zip", said),
    ):
        query = httpx.Request(call.method, "http://desk", params=call.more["params"]).url.params
        found = {name: query[name] for name in query if name != "tags"}
        read = SourceIn.model_validate(
            {**found, "metadata": json.loads(found["metadata"]), "tags": query.get_list("tags")}
        )
        assert read.metadata == said["metadata"] and read.published_at == said["published_at"]
        assert read.tags == ["a", "b"] and read.title is None
