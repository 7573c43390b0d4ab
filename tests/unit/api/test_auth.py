"""Requests that another site made a browser send are recognised by their headers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from services.api.auth import Caller, _only_this_machine, from_own_page
from services.api.problems import Problem
from services.settings import Settings


def request(server: str = "127.0.0.1", **headers: str) -> Request:
    app = SimpleNamespace(state=SimpleNamespace(settings=Settings(cors_origins=["https://desk.example"])))
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw}
    return Request({**scope, "server": (server, 8000), "app": app})


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost:8000"},
        {"host": "LOCALHOST"},
        {"host": "127.0.0.1:8000"},
        {"host": "[::1]:8000"},
        {"host": "localhost:8000", "origin": "http://localhost:8000"},
        {"host": "localhost:8000", "origin": "https://desk.example"},
    ],
)
def test_programs_and_pages_of_this_machine_are_answered(headers: dict[str, str]) -> None:
    _only_this_machine(request(**headers))


@pytest.mark.parametrize(
    ("server", "headers"),
    [
        ("10.0.0.1", {"host": "localhost:8000"}),
        ("127.0.0.1", {}),
        ("127.0.0.1", {"host": ""}),
        ("127.0.0.1", {"host": "localhost.evil.example"}),
        ("127.0.0.1", {"host": "127.0.0.1.evil.example"}),
        ("127.0.0.1", {"host": "user@localhost"}),
        ("127.0.0.1", {"host": "localhost#.evil.example"}),
        ("127.0.0.1", {"host": "[::1"}),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "https://evil.example"}),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "http://localhost:9000"}),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "null"}),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "http://[::1"}),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "https://desk.example.evil.example"}),
    ],
)  # fmt: skip
def test_others_are_told_how_to_be(server: str, headers: dict[str, str]) -> None:
    with pytest.raises(Problem, match="set COPYDESK_AUTH=true to require keys") as refused:
        _only_this_machine(request(server, **headers))
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"host": "news.example", "origin": "https://news.example"},
        {"host": "news.example:8443", "origin": "https://news.example:8443"},
    ],
)
def test_a_page_of_ours_may_use_the_cookie(headers: dict[str, str]) -> None:
    from_own_page(request(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "news.example"},
        {"host": "", "origin": ""},
        {"origin": "null", "host": "null"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "host": "news.example", "origin": "https://news.example"},
        {"host": "news.example", "origin": "https://evil.example"},
        {"host": "news.example", "origin": "https://news.example.evil.example"},
        {"host": "[::1", "origin": "http://[::1"},
    ],
)
def test_another_may_not(headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        from_own_page(request(**headers))
    assert refused.value.status == 403


def test_a_caller_writes_where_they_may_and_is_told_where_that_is() -> None:
    caller = Caller("desk", "k1", None, ("wire-*", "a"))
    for open_to_them in ("wire-ap", "a"):
        caller.write(open_to_them)
    with pytest.raises(Problem, match=r"collection 'wire' is not one of wire-\*, a"):
        caller.write("wire")
    assert not caller.everywhere and Caller("anybody", None, None).everywhere
