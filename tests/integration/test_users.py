"""People who log in: what they may do, how they come in and how they are put out again."""

from __future__ import annotations

import os
import re
import subprocess
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.integration.conftest import COPYDESK, Api, Deployment, eventually
from tests.integration.people import PASSWORD, Person, invite, join, token_of
from tests.integration.test_alert_mails import listening

TEXT = {"Content-Type": "text/plain"}


def body() -> bytes:
    return f"Pilot Boat Rammed\n\nESBJERG - The pilot boat was rammed at the mole. {uuid.uuid4().hex}".encode()


@pytest.fixture(scope="module")
def editor(deployment: Deployment) -> Iterator[Person]:
    """An editor of collections whose name begins with `pilot-`, who reads everything."""
    person = join(deployment, {"role": "editor", "collections": ["pilot-*"]}, {"role": "reader"}, name="Edith Tor")
    yield person
    person.close()


@pytest.fixture(scope="module")
def strict(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Another API process on the same MongoDB, behind a proxy, which allows few tries."""
    few = {"COPYDESK_LOGIN_TRIES": "3", "COPYDESK_TRUSTED_PROXIES": "127.0.0.1"}
    api = Api({**deployment.environment, **few}, tmp_path_factory.mktemp("strict") / "log")
    api.wait(200)
    yield api
    api.stop()


def test_a_role_holds_in_its_collections(deployment: Deployment, editor: Person) -> None:
    inside = editor.post("/v1/documents", params={"collection": "pilot-north"}, content=body(), headers=TEXT)
    assert inside.status_code == 202, inside.text
    outside = editor.post("/v1/documents", params={"collection": "mole"}, content=body(), headers=TEXT)
    assert outside.status_code == 403
    other = deployment.post(body(), collection="mole")["id"]
    assert editor.get(f"/v1/documents/{other}").status_code == 200
    assert editor.post(f"/v1/documents/{other}/reprocess").status_code == 404
    assert editor.post(f"/v1/documents/{inside.json()['id']}/reprocess").is_success
    for method, path in (
        ("DELETE", f"/v1/documents/{other}"),
        ("GET", "/v1/keys"),
        ("GET", "/v1/users"),
        ("GET", "/metrics"),
    ):
        assert editor.request(method, path).status_code == 403, path


def test_a_person_cannot_raise_a_right(deployment: Deployment) -> None:
    """An administrator of some collections makes neither keys nor people; nobody changes their own roles."""
    some = join(deployment, {"role": "admin", "collections": ["pilot-*"]})
    grant = {"name": "more", "scopes": ["admin"], "collections": ["*"]}
    assert some.post("/v1/keys", json=grant).status_code == 403
    asked = {"email": "mole@desk.example", "name": "Mole", "roles": [{"role": "admin"}]}
    assert some.post("/v1/users", json=asked).status_code == 403
    assert some.patch(f"/v1/users/{some.id}", json={"roles": [{"role": "admin"}]}).status_code == 403
    for grant in ({"scopes": ["admin"], "collections": ["pilot-*"]}, {"scopes": ["read", "write", "correct"]}):
        key = deployment.http.post("/v1/keys", json={"name": "climber", **grant}).json()
        headers = {"Authorization": f"Bearer {key['key']}"}
        assert httpx.post(f"{deployment.http.base_url}/v1/users", json=asked, headers=headers).status_code == 403
        change = {"roles": [{"role": "admin"}]}
        answer = httpx.patch(f"{deployment.http.base_url}/v1/users/{some.id}", json=change, headers=headers)
        assert answer.status_code == 403
    every = join(deployment, {"role": "admin"})
    assert every.patch(f"/v1/users/{every.id}", json={"active": False}).status_code == 409
    assert every.delete(f"/v1/users/{every.id}").status_code == 409
    assert every.patch(f"/v1/users/{some.id}", json={"roles": [{"role": "reader"}]}).status_code == 200
    assert some.get("/v1/sources").status_code == 403
    assert some.get("/v1/documents").status_code == 200


def test_the_record_and_the_audit_log_name_the_person(deployment: Deployment, editor: Person) -> None:
    id = editor.post("/v1/documents", params={"collection": "pilot-south"}, content=body(), headers=TEXT).json()["id"]
    deployment.final(id)
    answer = editor.post(f"/v1/documents/{id}/corrections", json={"kind": "star"})
    assert answer.is_success, answer.text
    [made] = deployment.db.documents.find_one({"corrections.0": {"$exists": True}, "source.collection": "pilot-south"})["corrections"]  # fmt: skip
    assert made["by"] == {"name": "Edith Tor", "key": f"user:{editor.id}"}
    actions = {one["action"]: one for one in deployment.db.audit.find({"actor.key": f"user:{editor.id}"})}
    assert {"user.login", "user.password", "document.correct"} <= actions.keys()
    assert actions["user.login"]["actor"]["name"] == "Edith Tor"
    assert actions["user.login"]["address"] == "127.0.0.1"


def test_a_person_is_called_otherwise(deployment: Deployment) -> None:
    id = invite(deployment)[0]["id"]
    changed = deployment.http.patch(f"/v1/users/{id}", json={"name": "Ann Fjeld", "active": None})
    assert changed.status_code == 200, changed.text
    assert changed.json()["name"] == "Ann Fjeld"
    assert deployment.db.audit.find_one({"target": id, "action": "user.change"})["details"]["person"] == "Ann Fjeld"


def test_an_invitation_works_once(deployment: Deployment) -> None:
    made, link = invite(deployment)
    person = Person(str(deployment.http.base_url), made["email"])
    assert person.log_in().status_code == 401
    token = token_of(link)
    assert made["email"] in person.get("/invitation", params={"token": token}).text
    for weak in ("short", "aaaaaaaaaaaaaaaa", made["email"]):
        assert person.post("/invitation", data={"token": token, "password": weak}).status_code == 422
    assert person.post("/invitation", data={"token": token, "password": PASSWORD}).status_code == 303
    assert person.post("/invitation", data={"token": token, "password": "another one of mine"}).status_code == 404
    assert person.get("/invitation", params={"token": token}).status_code == 404
    assert person.log_in().status_code == 303
    # another invitation makes the one before it void, and its use ends the sessions
    first = deployment.http.post(f"/v1/users/{made['id']}/invitation").json()["link"]
    second = deployment.http.post(f"/v1/users/{made['id']}/invitation").json()["link"]
    assert person.post("/invitation", data={"token": token_of(first), "password": PASSWORD}).status_code == 404
    assert person.get("/v1/documents").status_code == 200
    assert person.post("/invitation", data={"token": token_of(second), "password": PASSWORD}).status_code == 303
    assert person.get("/v1/documents").status_code == 401
    third = deployment.http.post(f"/v1/users/{made['id']}/invitation").json()["link"]
    secrets = deployment.db.client[f"{deployment.db.name}_secrets"]
    secrets.invitations.update_one({"user": made["id"]}, [{"$set": {"expires_at": "$$NOW"}}])
    assert person.post("/invitation", data={"token": token_of(third), "password": PASSWORD}).status_code == 404


def test_an_invitation_is_mailed(deployment: Deployment) -> None:
    """To the person alone, under the public address, whatever host the request names; without a server it says so."""
    headers = {"Authorization": f"Bearer {deployment.key}", "Host": "elsewhere.example"}
    asked = {"email": f"{uuid.uuid4().hex[:10]}@post.example", "name": "Ada Moor", "roles": [{"role": "reader"}]}
    with listening(deployment) as box:
        made = httpx.post(f"{deployment.http.base_url}/v1/users", json=asked, headers=headers).json()
        assert made["invitation"]["mailed"] is True
        [mail] = box.got
        assert mail["to"] == asked["email"]
        assert made["invitation"]["link"].startswith("https://news.example/invitation?token=")
        assert made["invitation"]["link"] in mail.get_content()
    again = deployment.http.post(f"/v1/users/{made['id']}/invitation").json()
    assert again["mailed"] is False


def test_nothing_says_whether_an_account_exists(deployment: Deployment) -> None:
    """The words are the same, and so is the work: a hash is checked for an account that does not exist, too."""
    known, disabled = join(deployment, log_in=False), join(deployment, log_in=False)
    deployment.http.patch(f"/v1/users/{disabled.id}", json={"active": False})
    pending = Person(str(deployment.http.base_url), invite(deployment)[0]["email"])
    unknown = Person(str(deployment.http.base_url), f"{uuid.uuid4().hex}@desk.example")
    answers = [known.log_in("not the password"), disabled.log_in(), pending.log_in(), unknown.log_in()]
    assert {one.status_code for one in answers} == {401}
    assert len({one.text for one in answers}) == 1
    assert not any("set-cookie" in one.headers for one in answers)


def test_no_secret_is_stored_as_it_is_or_shown(deployment: Deployment, editor: Person) -> None:
    token = editor.cookies["copydesk_session"]
    secrets = deployment.db.client[f"{deployment.db.name}_secrets"]
    kept = [
        *secrets.credentials.find(),
        *secrets.sessions.find(),
        *deployment.db.users.find(),
        *deployment.db.audit.find(),
    ]
    assert token not in str(kept)
    assert PASSWORD not in str(kept)
    assert all(one["password"].startswith("$argon2id$") for one in secrets.credentials.find())
    assert "argon2" not in str(list(deployment.db.users.find()))
    for path in ("/v1/users", f"/v1/users/{editor.id}/sessions"):
        assert not re.search("hash|argon2|c[si]_", deployment.http.get(path).text)


def test_disabling_ends_sessions_and_event_streams_at_once(deployment: Deployment, strict: Api) -> None:
    person = join(deployment, {"role": "editor"})
    deployment.http.post("/v1/queues/pause").raise_for_status()
    try:
        sent = person.post("/v1/documents", params={"collection": "stream"}, content=body(), headers=TEXT)
        id = sent.json()["id"]
        with person.stream("GET", f"/v1/documents/{id}/events") as stream:
            lines = stream.iter_lines()
            assert next(lines)
            deployment.http.patch(f"/v1/users/{person.id}", json={"active": False})
            deployment.http.post("/v1/queues/resume").raise_for_status()
            deployment.final(id)
            assert "end" not in "".join(lines)
    finally:
        deployment.http.post("/v1/queues/resume")
    for base in (deployment.http.base_url, strict.http.base_url):
        answer = httpx.get(f"{base}/v1/documents", cookies=dict(person.cookies))
        assert answer.status_code == 401
    assert person.log_in().status_code == 401
    deployment.http.patch(f"/v1/users/{person.id}", json={"active": True})
    assert person.get("/v1/documents").status_code == 401  # the session does not come back
    assert person.log_in().status_code == 303


def test_sessions_are_listed_and_ended(deployment: Deployment) -> None:
    person = join(deployment)
    second = Person(str(deployment.http.base_url), person.email)
    assert second.log_in().status_code == 303
    listed = deployment.http.get(f"/v1/users/{person.id}/sessions").json()["sessions"]
    assert len(listed) == 2
    page = person.get("/account").text
    [other] = re.findall(r'name="id" value="(\w+)"', page)
    assert other in {one["id"] for one in listed}
    stranger = join(deployment)
    stranger.post("/account/sessions/end", data={"id": other})
    assert second.get("/v1/documents").status_code == 200
    assert person.post("/account/sessions/end", data={"id": other}).status_code == 303
    assert second.get("/v1/documents").status_code == 401
    assert second.log_in().status_code == 303
    assert (
        person.post("/account/password", data={"current": "wrong", "password": "nine white storks nesting"}).status_code
        == 422
    )
    changed = person.post("/account/password", data={"current": PASSWORD, "password": "nine white storks nesting"})
    assert changed.status_code == 200
    assert second.get("/v1/documents").status_code == 401
    assert person.get("/v1/documents").status_code == 200
    assert second.log_in().status_code == 401
    assert deployment.http.delete(f"/v1/users/{person.id}/sessions").status_code == 204
    assert person.get("/v1/documents").status_code == 401


def test_logging_in_and_out_changes_the_session(deployment: Deployment) -> None:
    """A token that somebody planted in the browser beforehand is worth nothing afterwards, and neither is one after
    logging out."""
    person = join(deployment, log_in=False)
    planted = f"cs_{'0' * 12}_{'0' * 64}"
    person.cookies.set("copydesk_session", planted)
    answer = person.log_in()
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("copydesk_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    first = cookie.partition("=")[2].partition(";")[0]
    assert first != planted
    assert (
        httpx.get(f"{deployment.http.base_url}/v1/documents", cookies={"copydesk_session": planted}).status_code == 401
    )
    again = httpx.post(f"{deployment.http.base_url}/login", data={"email": person.email, "password": PASSWORD},
                       headers={"Sec-Fetch-Site": "same-origin"}, cookies={"copydesk_session": first})  # fmt: skip
    second = again.cookies["copydesk_session"]
    assert second != first
    assert httpx.get(f"{deployment.http.base_url}/v1/documents", cookies={"copydesk_session": first}).status_code == 401
    out = httpx.post(f"{deployment.http.base_url}/logout", headers={"Sec-Fetch-Site": "same-origin"}, cookies={"copydesk_session": second})  # fmt: skip
    assert out.status_code == 303
    assert (
        httpx.get(f"{deployment.http.base_url}/v1/documents", cookies={"copydesk_session": second}).status_code == 401
    )


@pytest.mark.parametrize("next", ["//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)", "/\t/x"])  # fmt: skip
def test_a_login_leads_to_this_site_only(deployment: Deployment, editor: Person, next: str) -> None:
    guest = Person(str(deployment.http.base_url), editor.email)
    assert guest.log_in(next=next).headers["location"] == "/"
    assert "elsewhere" not in guest.get("/login", params={"next": next}).text


def test_other_sites_cannot_use_a_session(deployment: Deployment, editor: Person) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    acts: list[tuple[str, dict[str, Any]]] = [
        ("/login", {"data": {"email": editor.email, "password": PASSWORD}}),
        ("/logout", {}),
        ("/account/password", {"data": {"current": PASSWORD, "password": "nine white storks nesting"}}),
        ("/account/sessions/end", {}),
        ("/invitation", {"data": {"token": "x", "password": PASSWORD}}),
        ("/v1/documents", {"content": body()}),
    ]
    for path, sent in acts:
        assert editor.post(path, headers=foreign, **sent).status_code == 403, path
    assert editor.get("/v1/documents").status_code == 200
    assert editor.log_in().status_code == 303


def test_guessing_passwords_stops(deployment: Deployment, strict: Api) -> None:
    """Whether or not the account exists; the right password is refused then, too, and others still log in."""
    victim, other = join(deployment, log_in=False), join(deployment, log_in=False)
    for email in (victim.email, f"{uuid.uuid4().hex}@desk.example"):
        guesser = Person(str(strict.http.base_url), email)
        guesser.headers["X-Forwarded-For"] = "198.51.100.7"
        answers = [guesser.log_in(f"guess number {n}").status_code for n in range(4)]
        assert answers == [401, 401, 401, 429]
        refused = guesser.log_in()
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 900
    guest = Person(str(strict.http.base_url), other.email)
    guest.headers["X-Forwarded-For"] = "198.51.100.7"
    assert [guest.log_in().status_code for _ in range(5)] == [303] * 5  # what succeeds uses no try up
    elsewhere = Person(str(strict.http.base_url), victim.email)
    elsewhere.headers["X-Forwarded-For"] = "203.0.113.9"
    assert elsewhere.log_in().status_code == 303  # a guesser does not lock the person out
    answers = []
    for n in range(40):
        elsewhere.headers["X-Forwarded-For"] = f"198.51.{n}.1"
        answers.append(elsewhere.log_in("a guess of many").status_code)
    assert 429 in answers  # but guessing from everywhere stops, too


@pytest.mark.parametrize("late", ["seen_at", "expires_at"])
def test_sessions_end_by_themselves(deployment: Deployment, late: str) -> None:
    person = join(deployment)
    sessions = deployment.db.client[f"{deployment.db.name}_secrets"].sessions
    sessions.update_one({"user": person.id}, [{"$set": {late: {"$subtract": [f"${late}", 200 * 3_600_000]}}}])
    assert person.get("/v1/documents").status_code == 401
    assert person.get("/account").headers["location"].startswith("/login")


def test_a_persons_webhooks_and_sources_end_with_their_role(deployment: Deployment) -> None:
    person = join(deployment, {"role": "admin", "collections": ["pilot-*"]})
    made = person.post("/v1/sources", json={"name": f"Mole {person.id}", "kind": "folder", "address": "nowhere",
                                             "collection": "pilot-east", "every_seconds": 2})  # fmt: skip
    assert made.status_code == 201, made.text
    deployment.http.patch(f"/v1/users/{person.id}", json={"roles": [{"role": "reader"}]})
    id = made.json()["id"]

    def refused() -> bool:
        deployment.http.post(f"/v1/sources/{id}/run")
        source = deployment.http.get(f"/v1/sources/{id}").json()
        return "may no longer do this" in str(source["error"])

    eventually(refused, "the source is refused", state=lambda: deployment.http.get(f"/v1/sources/{id}").text)
    deployment.http.delete(f"/v1/sources/{id}")


@pytest.fixture
def run(deployment: Deployment) -> Callable[..., subprocess.CompletedProcess[str]]:
    environment = {
        **os.environ,
        **deployment.environment,
        "COPYDESK_API_KEY": deployment.key,
        "COPYDESK_API_URL": str(deployment.http.base_url),
        "COLUMNS": "200",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COPYDESK, *arguments], check=False, env=environment, capture_output=True, text=True, timeout=60
        )

    return run


def test_the_command_line(deployment: Deployment, run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    email = f"{uuid.uuid4().hex[:10]}@desk.example"
    added = run("users", "add", email, "--name", "Jo Lund", "--role", "reader", "--role", "editor=pilot-*,wire")
    assert added.returncode == 0, added.stderr
    person = Person(str(deployment.http.base_url), email)
    assert (
        person.post("/invitation", data={"token": token_of(added.stdout.strip()), "password": PASSWORD}).status_code
        == 303
    )
    assert person.log_in().status_code == 303
    listed = run("users", "list").stdout
    assert email in listed
    assert "editor: pilot-*, wire" in listed
    assert run("users", "role", email, "editor").returncode == 0
    assert person.post("/v1/documents", content=body(), headers=TEXT).status_code == 202
    assert run("users", "logout", email).returncode == 0
    assert person.get("/v1/documents").status_code == 401
    assert run("users", "password", email).stdout.startswith("https://news.example/invitation?token=ci_")
    assert run("users", "disable", email).returncode == 0
    assert person.log_in().status_code == 401
    assert run("users", "enable", email).returncode == 0
    assert run("users", "delete", email).returncode == 0
    missing = run("users", "disable", email)
    assert missing.returncode == 1
    assert "nobody has the address" in missing.stderr
