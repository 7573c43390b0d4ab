"""Editors' corrections over HTTP, with keys of several kinds, while workers continue to read."""

from __future__ import annotations

import io
import os
import subprocess
import uuid
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from bson import ObjectId

from services.store import work
from tests.conftest import make_settings
from tests.integration.conftest import COPYDESK, Deployment, eventually
from tests.quality.enrich.gold import load

BODY = (
    "Piers of Oslo to be sold\n\n"
    "OSLO (Reuters) - The harbour master Isla Munro said on Monday that the piers of Oslo will be sold for $40 million.\n\n"
    '"We opened them for the winter," Munro said. "They are yours," said Erik Dahl, the chairman of Fjord Holding.\n\n'
    "Fjord Holding will pay in March 2024. {unique}"
)


@pytest.fixture
def record(deployment: Deployment) -> dict[str, Any]:
    return deployment.final(send(deployment))


@pytest.fixture(scope="module")
def others(deployment: Deployment) -> Iterator[Any]:
    """Yield clients with a key of these rights."""
    made: list[httpx.Client] = []

    def client(**grant: Any) -> httpx.Client:
        key = deployment.http.post("/v1/keys", json={"name": "other", "rate_per_minute": 0, **grant}).json()["key"]
        made.append(httpx.Client(base_url=deployment.http.base_url, headers={"Authorization": f"Bearer {key}"}))
        return made[-1]

    yield client
    for one in made:
        one.close()


def send(deployment: Deployment) -> str:
    unique = uuid.uuid4().hex
    return str(deployment.post(BODY.format(unique=unique), collection=f"desk-{unique}")["id"])


def correct(deployment: Deployment, id: str, kind: str, target: Any = None, **now: Any) -> dict[str, Any]:
    body = {"kind": kind, "now": now, **({"target": target} if target else {})}
    answer = deployment.http.post(f"/v1/documents/{id}/corrections", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def undo(deployment: Deployment, id: str, *corrections: dict[str, Any]) -> None:
    for one in corrections:
        assert deployment.http.delete(f"/v1/documents/{id}/corrections/{one['id']}").status_code == 204


def get(deployment: Deployment, id: str) -> dict[str, Any]:
    return dict(deployment.http.get(f"/v1/documents/{id}").json())


def at(found: dict[str, Any], field: str, text: str) -> dict[str, Any]:
    """Return the target for the annotation of ``field`` that begins with this text."""
    item = next(one for one in found[field] if one["text"].startswith(text))
    return {"field": field, "start": item["start"], "end": item["end"]}


def named(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["entities"] if one["name"] == name)


def again(deployment: Deployment, id: str, *, force: bool) -> dict[str, Any]:
    assert (
        deployment.http.post(f"/v1/documents/{id}/reprocess", params={"force": str(force).lower()}).status_code == 202
    )
    return deployment.final(id)


def content(found: dict[str, Any]) -> dict[str, Any]:
    left = ("processing", "revision", "corrections", "story")
    return {name: value for name, value in found.items() if name not in left}


def every(deployment: Deployment, record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one correction of each kind."""
    id = record["id"]
    return [
        correct(deployment, id, "rename", {"field": "entities", "name": "Isla Munro"}, name="Isla Monroe"),
        correct(deployment, id, "retype", {"field": "entities", "name": "Fjord Holding"}, type="PRODUCT"),
        correct(deployment, id, "speaker", at(record, "quotes", "They are"), speaker="Isla Monroe"),
        correct(deployment, id, "sum", at(record, "money", "$40"), amount="45000000", currency="NOK"),
        correct(deployment, id, "date", at(record, "dates", "March"), value="2025-03"),
        correct(deployment, id, "place", {"field": "places", "name": "Oslo"}, country="US",
                location={"type": "Point", "coordinates": [-96.5, 48.2]}),
        correct(deployment, id, "hide", at(record, "cites", "Reuters")) if record["cites"] else
        correct(deployment, id, "hide", {"field": "entities", "name": "Reuters"}),
        correct(deployment, id, "join", {"field": "entities", "name": "Erik Dahl"}, into="Isla Monroe"),
        correct(deployment, id, "tag", tag="checked"),
        correct(deployment, id, "comment", text="Called the harbour: it is Monroe."),
        correct(deployment, id, "star"),
    ]  # fmt: skip


def test_every_kind_shows_at_once_and_after_each_reading_and_can_be_undone(
    deployment: Deployment, record: dict[str, Any]
) -> None:
    id = record["id"]
    made = every(deployment, record)
    assert all(one["applied"] and one["by"]["name"] == "bootstrap" for one in made)
    assert made[0]["was"] == {"name": "Isla Munro"}
    now = get(deployment, id)
    assert {span["text"] for span in named(now, "Isla Monroe")["mentions"]} >= {"Isla Munro", "Munro", "Erik Dahl"}
    assert not {"Erik Dahl", "Isla Munro"} & {one["name"] for one in now["entities"]}
    assert named(now, "Fjord Holding")["type"] == "PRODUCT"
    assert {one["speaker"] for one in now["quotes"]} == {"Isla Monroe"}
    assert [(one["amount"], one["currency"]) for one in now["money"]] == [("45000000", "NOK")]
    march = next(one for one in now["dates"] if one["text"].startswith("March"))
    assert (march["value"], march["from"], march["to"]) == ("2025-03", "2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z")
    assert now["places"][0]["country"] == "US"
    assert now["source"]["tags"] == ["checked"]
    assert len(now["corrections"]) == len(made)
    for force in (False, True):
        later = again(deployment, id, force=force)
        assert content(later) == content(now), force
    undo(deployment, id, *made)
    assert content(get(deployment, id)) == content(record)
    assert content(again(deployment, id, force=True)) == content(record)


def test_search_facets_lists_exports_and_views_have_the_corrected_values(
    deployment: Deployment, record: dict[str, Any]
) -> None:
    id, where = record["id"], {"collection": record["source"]["collection"]}
    made = every(deployment, record)

    def found(**search: str) -> bool:
        documents = deployment.http.get("/v1/documents", params={**where, **search}).json()["documents"]
        return [one["id"] for one in documents] == [id]

    asked: list[dict[str, str]] = [
        {"entity": "Isla Monroe"}, {"speaker": "Isla Monroe"}, {"country": "US"}, {"tag": "checked"}, {"money": "NOK:45e6..45e6"},
        {"starred": "true"}, {"corrected": "true"}, {"bbox": "-97,48,-96,49"}, {"q": "tag:checked"},
    ]  # fmt: skip
    assert [one for one in asked if not found(**one)] == []
    assert not found(country="NO")
    assert not found(starred="false")
    facets = deployment.http.get("/v1/documents/facets", params={**where, "facets": "entity,tag"}).json()["facets"]
    assert "Isla Monroe" in [one["value"] for one in facets["entity"]]
    assert [one["value"] for one in facets["tag"]] == ["checked"]
    quotes = deployment.http.get("/v1/quotes", params=where).json()
    assert {one["speaker"] for one in quotes["rows" if "rows" in quotes else "quotes"]} == {"Isla Monroe"}
    exported = deployment.http.get("/v1/export", params={**where, "format": "csv", "rows": "sums"}).text
    assert "45000000,,NOK" in exported
    assert deployment.db.quotes_by_speaker.count_documents({"document": ObjectId(id), "speaker": "Isla Monroe"}) == 2
    undo(deployment, id, *made)
    assert [one for one in asked if found(**one)] == []


def test_an_entity_is_split_by_its_mentions_and_stays_so(deployment: Deployment, record: dict[str, Any]) -> None:
    id = record["id"]
    spans = named(record, "Isla Munro")["mentions"]
    surname = [span for span in spans if span["text"] == "Munro"]
    assert surname and len(surname) < len(spans)
    parts = [{"start": span["start"], "end": span["end"]} for span in surname]
    target = {"field": "entities", "name": "Isla Munro"}
    made = correct(deployment, id, "split", target, name="Kari Munro", mentions=parts, type="PERSON")
    assert made["was"]["mentions"] == surname
    now = get(deployment, id)
    assert named(now, "Kari Munro")["mentions"] == surname
    assert named(now, "Isla Munro")["mentions"] == [span for span in spans if span not in surname]
    assert "Munro" not in named(now, "Isla Munro")["aliases"] and named(now, "Kari Munro")["aliases"] == ["Munro"]
    assert content(again(deployment, id, force=True)) == content(now)
    every = [{"start": span["start"], "end": span["end"]} for span in spans]
    body = {"kind": "split", "target": target, "now": {"name": "Nobody Left", "mentions": every}}
    refused = deployment.http.post(f"/v1/documents/{id}/corrections", json=body)
    assert refused.status_code == 422 and "not all of them" in refused.json()["detail"]
    undo(deployment, id, made)
    assert content(get(deployment, id)) == content(record)


def test_corrected_documents_are_exported_as_articles_that_the_scorer_reads(
    deployment: Deployment, record: dict[str, Any], tmp_path: Path
) -> None:
    id, where = record["id"], {"collection": record["source"]["collection"]}
    every(deployment, record)
    answer = deployment.http.get("/v1/export", params={**where, "format": "marked", "corrected": "true"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == [f"{id}.txt", f"{id}.ann"]
        archive.extractall(tmp_path)
    gold = load(tmp_path / f"{id}.txt")
    assert gold.article.text == record["text"]
    assert {"Isla Monroe": frozenset({"PERSON"}), "Fjord Holding": frozenset({"PRODUCT"})}.items() <= {
        one.name: one.types for one in gold.entities
    }.items()
    assert [one.values for one in gold.marks["QUOTE"]] == [["Isla Monroe"], ["Isla Monroe"]]
    assert [one.values for one in gold.marks["MONEY"]] == [["45000000 NOK"]]
    assert ["2025-03"] in [one.values for one in gold.marks["DATE"]]


def test_the_command_line_corrects_and_undoes(deployment: Deployment, record: dict[str, Any]) -> None:
    id = record["id"]

    def run(*arguments: str, code: int = 0) -> str:
        known = {**os.environ, "COPYDESK_API_KEY": deployment.key, "COPYDESK_API_URL": str(deployment.http.base_url)}
        done = subprocess.run([COPYDESK, "correct", *arguments], capture_output=True, text=True, env=known, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    run("sum", id, "$40 million", "--currency", "cad")
    run("speaker", id, "They are yours", "Isla Munro")
    made = run("split", id, "Isla Munro", "Kari Munro", "--mention", "Munro").strip()
    run("tag", id, "checked")
    now = get(deployment, id)
    assert [one["currency"] for one in now["money"]] == ["CAD"] and now["source"]["tags"] == ["checked"]
    assert {one["speaker"] for one in now["quotes"]} == {"Isla Munro"} and named(now, "Kari Munro")["count"]
    listed = run("list", id).splitlines()
    assert len(listed) == 4 and made in listed[2] and "split  Isla Munro  → Kari Munro" in listed[2]
    run("undo", id, made)
    assert "Kari Munro" not in [one["name"] for one in get(deployment, id)["entities"]]
    assert "0 annotations in money begin with '€'" in run("sum", id, "€", "--currency", "EUR", code=1)


def test_a_correction_sent_while_a_worker_reads_is_in_its_result(deployment: Deployment, idle: Deployment) -> None:
    """The worker took the document earlier, and has its result ready when the correction arrives."""
    settings = make_settings(deployment.environment)
    first, second = (ObjectId(send(deployment)) for _ in range(2))
    claims = work.claim_together(deployment.db, [first, second], settings)
    assert {claim.id for claim in claims} == {first, second}
    early = correct(deployment, str(first), "tag", tag="early")
    target = {"field": "money", "start": 7, "end": 10}
    sum_ = correct(deployment, str(first), "sum", target, currency="NOK")
    assert not sum_["applied"], "there is nothing yet"
    from services.records import Article, Money

    article = Article(text="It is $40", money=[Money(text="$40", start=7, end=10, amount=40, currency="USD")])  # type: ignore[arg-type]
    read = [(one, work.Outcome(article, "text/plain", [], None, "1", "text 1", {}, {}, {})) for one in claims]
    assert work.finish(deployment.db, read) == {first, second}
    corrected, plain = get(deployment, str(first)), get(deployment, str(second))
    assert [one["currency"] for one in (*corrected["money"], *plain["money"])] == ["NOK", "USD"]
    assert [one["applied"] for one in corrected["corrections"]] == [True, True]
    assert corrected["source"]["tags"] == ["early"]
    undo(deployment, str(first), early, sum_)
    assert content(get(deployment, str(first)))["money"] == plain["money"]


def test_corrections_of_many_editors_beside_workers_that_are_killed_are_all_there(
    deployment: Deployment, record: dict[str, Any]
) -> None:
    id = record["id"]

    def tag(number: int) -> int:
        body = {"kind": "tag", "now": {"tag": f"tag-{number}"}}
        if number % 4 == 0:
            deployment.http.post(f"/v1/documents/{id}/reprocess", params={"force": "true"})
        return eventually(
            lambda: (code := deployment.http.post(f"/v1/documents/{id}/corrections", json=body).status_code) != 409
            and code, "the correction is taken"
        )  # fmt: skip

    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(tag, range(24))
        deployment.kill("worker")
        deployment.start_worker()
        assert set(answers) <= {200, 201}
    last = again(deployment, id, force=True)
    wanted = {f"tag-{number}" for number in range(24)}
    assert set(last["source"]["tags"]) == wanted
    assert {one["now"]["tag"] for one in last["corrections"]} == wanted
    assert len(last["corrections"]) == len(wanted)


def test_a_correction_whose_target_is_gone_stays_and_says_so(deployment: Deployment, record: dict[str, Any]) -> None:
    id = record["id"]
    made = correct(deployment, id, "retype", {"field": "entities", "name": "Fjord Holding"}, type="PRODUCT")
    hidden = correct(deployment, id, "rename", {"field": "entities", "name": "Fjord Holding"}, name="Fjord ASA")
    undo(deployment, id, made)
    assert named(get(deployment, id), "Fjord ASA")["type"] == "ORG"
    deployment.db.documents.update_one(
        {"_id": ObjectId(id)}, {"$set": {"corrections.0.target": {"field": "entities", "name": "Fjord AB"}}}
    )
    later = again(deployment, id, force=True)
    assert [(one["id"], one["applied"]) for one in later["corrections"]] == [(hidden["id"], False)]
    assert named(later, "Fjord Holding")


def test_the_same_correction_twice_is_one(deployment: Deployment, record: dict[str, Any]) -> None:
    url = f"/v1/documents/{record['id']}/corrections"
    body = {"kind": "place", "target": {"field": "places", "name": "Oslo"},
            "now": {"location": {"type": "Point", "coordinates": [10.5, 59.5]}}}  # fmt: skip
    first, second = (deployment.http.post(url, json=body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.headers["Location"] == f"{url}/{first.json()['id']}"
    assert deployment.http.get(url).json()["corrections"] == [first.json()]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"kind": "retype", "target": {"field": "quotes", "start": 1, "end": 2}, "now": {"type": "ORG"}}, "is for entities"),
        ({"kind": "retype", "target": {"field": "entities", "name": "Nobody"}, "now": {"type": "ORG"}}, "'Nobody'"),
        ({"kind": "join", "target": {"field": "entities", "name": "Erik Dahl"}, "now": {"into": "Nobody"}}, "no other entity"),
        ({"kind": "date", "target": {"field": "dates", "start": 1, "end": 2}, "now": {"value": "2024-02-30"}}, "date"),
        ({"kind": "sum", "target": {"field": "money", "start": 1, "end": 2}, "now": {}}, "at least one of"),
        ({"kind": "hide", "target": {"field": "money"}}, "either `start` and `end`, or `name`"),
        ({"kind": "mend", "now": {}}, "kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_corrected_is_refused_with_the_reason(
    deployment: Deployment, record: dict[str, Any], body: dict[str, Any], says: str
) -> None:
    answer = deployment.http.post(f"/v1/documents/{record['id']}/corrections", json=body)
    assert answer.status_code == 422, answer.text
    assert says in answer.text
    assert get(deployment, record["id"])["corrections"] == []


def test_a_key_needs_the_scope_and_the_collection_and_the_log_has_what_was_done(
    deployment: Deployment, record: dict[str, Any], others: Any
) -> None:
    id, body = record["id"], {"kind": "comment", "now": {"text": "Not for the audit log."}}
    url = f"/v1/documents/{id}/corrections"
    assert others(scopes=["read", "write"]).post(url, json=body).status_code == 403
    assert others(scopes=["correct"]).post(url, json=body).status_code == 403
    elsewhere = others(scopes=["read", "correct"], collections=["elsewhere"])
    assert elsewhere.post(url, json=body).status_code == 404
    assert elsewhere.get(url).status_code == 404
    editor = others(scopes=["read", "correct"])
    made = editor.post(url, json=body)
    assert made.status_code == 201, made.text
    assert made.json()["by"]["name"] == "other"
    assert editor.delete(f"{url}/none").status_code == 404
    assert editor.delete(f"{url}/{made.json()['id']}").status_code == 204
    logged = list(deployment.db.audit.find({"target": id, "action": {"$regex": "correct$"}}))
    assert [one["action"] for one in logged] == ["document.correct", "document.uncorrect", "document.uncorrect"]
    assert logged[0]["actor"]["name"] == "other"
    assert "Not for" not in str(logged)


def test_a_renamed_entity_is_found_by_a_part_of_its_new_name(deployment: Deployment, record: dict[str, Any]) -> None:
    given = f"Isla Quennell{uuid.uuid4().hex[:6]}"  # no word of it is in the text
    correct(deployment, record["id"], "rename", {"field": "entities", "name": "Isla Munro"}, name=given)
    part = given.split()[1]
    for params in ({"entity": part}, {"entity": part.upper()}, {"q": f"entity:{part}"}, {"speaker": part}):
        found = deployment.http.get("/v1/documents", params=params).json()["documents"]
        assert [one["id"] for one in found] == [record["id"]], params
    quotes = deployment.http.get("/v1/quotes", params={"speaker": part}).json()["quotes"]
    assert {one["speaker"] for one in quotes} == {given}
