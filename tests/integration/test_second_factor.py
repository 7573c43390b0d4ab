"""The second factor: how it is set up, that no code works twice, and that nobody guesses one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import httpx
import pyotp
import pytest

from tests.integration.conftest import Api, Deployment
from tests.integration.people import PASSWORD, Person, join


def codes_of(answer: httpx.Response) -> list[str]:
    return re.findall(r"<li><code>([a-z2-7-]{19})</code>", answer.text)


def set_up(person: Person) -> tuple[pyotp.TOTP, list[str]]:
    """Set a second factor up as a browser does; return the app and the recovery codes."""
    offered = person.post("/account/second-factor").text
    typed = re.search(r"type <code>([A-Z2-7 ]+)</code>", offered)
    assert typed, offered
    assert "<svg" in offered
    app = pyotp.TOTP(typed[1].replace(" ", ""))
    assert person.post("/account/second-factor/confirm", data={"code": wrong(app)}).status_code == 422
    answer = person.post("/account/second-factor/confirm", data={"code": app.now()})
    assert answer.status_code == 200
    return app, codes_of(answer)


def wrong(app: pyotp.TOTP) -> str:
    near = {app.at(time.time() + 30 * step) for step in range(-3, 4)}
    return next(
        code
        for code in ("000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777")
        if code not in near
    )


@pytest.fixture(scope="module")
def strict(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Another API process, which allows three tries and asks administrators for a second factor."""
    own = {"COPYDESK_LOGIN_TRIES": "3", "COPYDESK_ADMIN_SECOND_FACTOR": "true"}
    api = Api({**deployment.environment, **own}, tmp_path_factory.mktemp("strict") / "log")
    api.wait(200)
    yield api
    api.stop()


def test_a_code_works_once(deployment: Deployment) -> None:
    person = join(deployment)
    app, recovery = set_up(person)
    guest = Person(str(deployment.http.base_url), person.email)
    assert guest.log_in().status_code == 401
    assert guest.log_in(code=wrong(app)).status_code == 401
    code = app.at(time.time() + 30)
    assert guest.log_in(code=code).status_code == 303
    again = guest.log_in(code=code)
    assert again.status_code == 401
    assert again.text == guest.log_in("not the password", code=code).text
    assert guest.log_in(code=app.at(time.time())).status_code == 401  # older than one that was used
    assert len(recovery) == len(set(recovery)) == 10
    assert guest.log_in(code=recovery[0].upper()).status_code == 303
    assert guest.log_in(code=recovery[0]).status_code == 401
    assert "9 recovery codes are left" in guest.get("/account").text
    assert guest.post("/account/second-factor").status_code == 422  # not over the one that is there
    assert guest.post("/account/second-factor/remove", data={"code": recovery[0]}).status_code == 422
    assert guest.post("/account/second-factor/remove", data={"code": recovery[1]}).status_code == 200
    assert guest.log_in().status_code == 303


def test_setting_it_up_ends_other_sessions_and_shows_no_secret(deployment: Deployment) -> None:
    person = join(deployment)
    other = Person(str(deployment.http.base_url), person.email)
    assert other.log_in().status_code == 303
    app, recovery = set_up(person)
    assert other.get("/v1/documents").status_code == 401
    assert person.get("/v1/documents").status_code == 200
    main = [*deployment.db.users.find(), *deployment.db.audit.find()]
    shown = [person.get("/account").text, deployment.http.get("/v1/users").text, str(main)]
    for text in shown:
        assert app.secret not in text
        assert recovery[0] not in text
    stored = deployment.db.client[f"{deployment.db.name}_secrets"].credentials.find_one({"_id": person.id})
    assert recovery[0] not in str(stored)
    assert {one["id"]: one["second_factor"] for one in deployment.http.get("/v1/users").json()["users"]}[person.id]


def test_nobody_guesses_a_code(deployment: Deployment, strict: Api) -> None:
    """Somebody who has the password has as many tries as somebody who guesses passwords, at the login and in a session."""
    person = join(deployment)
    app, _ = set_up(person)
    guesser = Person(str(strict.http.base_url), person.email)
    assert [guesser.log_in(code=wrong(app)).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert guesser.log_in(code=app.at(time.time() + 30)).status_code == 429
    thief = Person(str(strict.http.base_url), person.email)
    thief.cookies = person.cookies
    assert thief.post("/account/second-factor/remove", data={"code": app.at(time.time() + 30)}).status_code == 429
    assert {one["id"]: one["second_factor"] for one in deployment.http.get("/v1/users").json()["users"]}[person.id]


def test_administrators_need_one_where_the_setting_says_so(deployment: Deployment, strict: Api) -> None:
    person = join(deployment, {"role": "admin"}, log_in=False)
    guest = Person(str(strict.http.base_url), person.email)
    assert guest.log_in().status_code == 303
    for path in ("/v1/users", "/v1/documents", "/v1/keys"):
        answer = guest.get(path)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:copydesk:problem:second-factor"), path
    assert guest.get("/").headers["location"] == "/account"
    assert "Administrators need a second factor" in guest.get("/account").text
    set_up(guest)
    assert guest.get("/v1/users").status_code == 200
    assert guest.get("/").status_code == 200
    reader = join(deployment, log_in=False)
    other = Person(str(strict.http.base_url), reader.email)
    assert other.log_in(PASSWORD).status_code == 303
    assert other.get("/v1/documents").status_code == 200


def test_an_administrator_helps_who_has_lost_it(deployment: Deployment) -> None:
    person = join(deployment)
    set_up(person)
    assert person.delete(f"/v1/users/{person.id}/second-factor").status_code == 403
    assert deployment.http.delete(f"/v1/users/{person.id}/second-factor").status_code == 204
    assert person.get("/v1/documents").status_code == 401
    assert person.log_in().status_code == 303
    actions = [
        one["details"] for one in deployment.db.audit.find({"action": "user.second_factor", "target": person.id})
    ]
    assert [one["removed"] for one in actions] == [False, False, True]
