"""People for the tests: invited over the API, and with a browser's cookies and headers."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx

from tests.integration.conftest import Deployment

PASSWORD = "seven grey herons wading"


class Person(httpx.Client):
    """Somebody with a browser. ``logged_in`` is the answer to the last login."""

    def __init__(self, base: str, email: str, address: str = "") -> None:
        self.email = email
        headers = {"Sec-Fetch-Site": "same-origin", "User-Agent": f"Browser of {email}"}
        super().__init__(base_url=base, timeout=30, headers=headers)

    def log_in(self, password: str = PASSWORD, **form: str) -> httpx.Response:
        return self.post("/login", data={"email": self.email, "password": password, **form})


def invite(
    deployment: Deployment, *roles: dict[str, Any], name: str = "Ada Moor", email: str | None = None
) -> tuple[dict[str, Any], str]:
    """Invite a person; return the answer and the link."""
    email = email or f"{uuid.uuid4().hex[:10]}@desk.example"
    asked = {"email": email, "name": name, "roles": list(roles) or [{"role": "reader"}]}
    answer = deployment.http.post("/v1/users", json=asked)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return made, made["invitation"]["link"]


def token_of(link: str) -> str:
    found = re.search(r"/invitation\?token=(ci_\w+)$", link)
    assert found, link
    return found[1]


def join(deployment: Deployment, *roles: dict[str, Any], name: str = "Ada Moor", log_in: bool = True) -> Person:
    """Return a person who chose a password and has logged in."""
    made, link = invite(deployment, *roles, name=name)
    person = Person(str(deployment.http.base_url), made["email"])
    person.id = made["id"]  # type: ignore[attr-defined]
    answer = person.post("/invitation", data={"token": token_of(link), "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    if log_in:
        answer = person.log_in()
        assert answer.status_code == 303, answer.text
    return person
