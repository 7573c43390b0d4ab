"""People and organizations in all documents: one id under every name."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from services import identity
from tests.conftest import ROOT
from tests.integration.conftest import COPYDESK, Deployment, eventually
from tests.unit.test_followthemoney import checked

FIRST = """Ferryman Found Safe On Vestre Skerry

VESTRE, Norway (North Wire) - Ferryman Hélène Brandvold, 51, was found on a skerry near Vestre on Friday.
“The fog was thicker than milk,” Hélène Brandvold told reporters at the quay. Brandvold had drifted for nine hours.
"""
SECOND = """Skipper Of The Lost Ferry Is Honoured

BERGEN, Norway (North Wire) - The council of Bergen gave its medal to HELENE BRANDVOLD on Thursday.
Helene Brandvold thanked the rescuers. “I only held on to the rope,” Helene Brandvold said after the ceremony.
"""
BRANDVOLD = identity.of_name("PERSON", "Helene Brandvold")


@pytest.fixture(scope="module")
def found(deployment: Deployment) -> list[dict[str, Any]]:
    """Return the records of two documents about one person."""
    ids = [deployment.post(text, collection="skerries")["id"] for text in (FIRST, SECOND)]
    return [deployment.final(id) for id in ids]


def test_a_person_has_one_id_in_all_documents(deployment: Deployment, found: list[dict[str, Any]]) -> None:
    for record in found:
        assert BRANDVOLD in [entity["id"] for entity in record["entities"]]
    ids = sorted(record["id"] for record in found)
    answer = deployment.http.get("/v1/documents", params={"entity_id": BRANDVOLD}).json()
    assert sorted(one["id"] for one in answer["documents"]) == ids
    assert sorted(str(one["_id"]) for one in deployment.db.documents.find({"entities.id": BRANDVOLD})) == ids
    assert deployment.http.get("/v1/documents", params={"entity_id": "Brandvold"}).status_code == 422


def test_the_quotes_of_a_person_are_found_by_id(deployment: Deployment, found: list[dict[str, Any]]) -> None:
    answer = deployment.http.get("/v1/quotes", params={"entity_id": BRANDVOLD}).json()
    assert {one["text"] for one in answer["quotes"]} == {
        "The fog was thicker than milk,",
        "I only held on to the rope,",
    }
    nobody = identity.of_name("PERSON", "Nobody Brandvold")
    assert deployment.http.get("/v1/quotes", params={"entity_id": nobody}).json()["quotes"] == []


JUDGE = """Appeal In The Lindqvist Case Is Refused

AVERHALM, Sweden (North Wire) - Judge Torbjorn Asplund refused the appeal on Monday after two hours.
“The record is plain,” Torbjorn Asplund, 61, said from the bench. Lawyers of the shipping line had asked for more time.
"""
STRIKER = """Late Goal Sends Kvarnby Into The Final

KVARNBY, Sweden (North Wire) - Striker Torbjorn Asplund scored in the last minute as Kvarnby beat Ostra 2-1 on Sunday.
“I just closed my eyes and hit it,” Torbjorn Asplund, 22, said after the match. The final is played in June.
"""
ASPLUND = identity.of_name("PERSON", "Torbjorn Asplund") or ""


@pytest.fixture(scope="module")
def namesakes(deployment: Deployment, found: list[dict[str, Any]]) -> list[str]:
    """Return the documents about a judge and a striker with the same name, after the register has told them apart."""
    ids = [deployment.post(text, collection="asplunds")["id"] for text in (JUDGE, STRIKER)]
    for id in ids:
        assert deployment.final(id)["status"] == "done"
    eventually(lambda: len(_asplunds(deployment)) == 2, "two entries", state=lambda: _asplunds(deployment))
    return ids


def _asplunds(deployment: Deployment) -> list[dict[str, Any]]:
    entries = list(deployment.db.entities.find({"base": ASPLUND}))
    return [one for one in entries if deployment.db.documents.find_one({"entities.id": one["_id"]})]


def _id_in(deployment: Deployment, document: str) -> str:
    record = deployment.http.get(f"/v1/documents/{document}").json()
    return next(one["id"] for one in record["entities"] if one["name"] == "Torbjorn Asplund")


def test_the_register_counts_what_the_records_say(deployment: Deployment, namesakes: list[str]) -> None:
    entry = deployment.db.entities.find_one({"_id": BRANDVOLD})
    assert entry is not None
    assert (entry["type"], entry["documents"]) == ("PERSON", 2)
    assert sum(one["count"] for one in entry["names"]) == 2
    assert entry["born"] is not None


def test_namesakes_with_clashing_callings_are_two_people(deployment: Deployment, namesakes: list[str]) -> None:
    judge, striker = (_id_in(deployment, id) for id in namesakes)
    assert {judge, striker} == {one["_id"] for one in _asplunds(deployment)}
    assert identity.base(judge) == identity.base(striker) == ASPLUND
    for id, document in ((judge, namesakes[0]), (striker, namesakes[1])):
        answer = deployment.http.get("/v1/documents", params={"entity_id": id}).json()
        assert [one["id"] for one in answer["documents"]] == [document]


def test_a_new_document_goes_to_the_namesake_that_it_describes(deployment: Deployment, namesakes: list[str]) -> None:
    text = STRIKER.replace("last minute", "first half").replace("Late Goal", "Early Goal").replace("Ostra", "Vastra")
    id = deployment.post(text, collection="asplunds")["id"]
    assert deployment.final(id)["status"] == "done"
    assert _id_in(deployment, id) == _id_in(deployment, namesakes[1])


def test_a_key_of_one_collection_is_not_told_that_a_name_has_several_bearers(
    deployment: Deployment, namesakes: list[str]
) -> None:
    body = {"name": "cups", "scopes": ["read", "write"], "collections": ["cups"]}
    key = deployment.http.post("/v1/keys", json=body).json()["key"]
    text = STRIKER.replace("June", "May").replace("last minute", "second half")
    id = deployment.post(text, collection="cups")["id"]
    assert deployment.final(id)["status"] == "done"
    assert _id_in(deployment, id) == _id_in(deployment, namesakes[1])
    with httpx.Client(base_url=deployment.http.base_url, headers={"Authorization": f"Bearer {key}"}) as client:
        records = [
            client.get(f"/v1/documents/{id}").json(),
            client.get("/v1/documents", params={"fields": "entities"}).json()["documents"][0],
            client.get("/v1/export").json(),
        ]
        for record in records:
            assert [one["id"] for one in record["entities"] if one["name"] == "Torbjorn Asplund"] == [ASPLUND]
        answer = client.get("/v1/documents", params={"entity_id": ASPLUND}).json()
        assert [one["id"] for one in answer["documents"]] == [id]
        asked = {"where": {"entities.id": ASPLUND}}
        assert client.post("/v1/documents/reprocess", json=asked).status_code == 422


def test_the_profile_of_an_id_is_of_one_person_under_every_name(
    deployment: Deployment, found: list[dict[str, Any]], namesakes: list[str]
) -> None:
    profile = deployment.http.get(f"/v1/entities/{BRANDVOLD}").json()
    assert (profile["id"], profile["total"], len(profile["names"])) == (BRANDVOLD, 2, 2)
    assert {one["text"] for one in profile["quotes"]} == {
        "The fog was thicker than milk,",
        "I only held on to the rope,",
    }
    judge, striker = (_id_in(deployment, id) for id in namesakes)
    profile = deployment.http.get(f"/v1/entities/{judge}").json()
    assert [one["id"] for one in profile["documents"]] == [namesakes[0]]
    assert profile["namesakes"] == [striker]
    assert deployment.http.get(f"/v1/entities/{'0' * 16}").status_code == 404


def test_an_editor_joins_names_and_parts_them_again(deployment: Deployment, found: list[dict[str, Any]]) -> None:
    text = "Quiet Day For Pilots\n\nVESTRE, Norway (North Wire) - Lena Brandvold-Moe rowed alone to Vestre, harbour staff said."
    id = deployment.post(text, collection="skerries")["id"]
    record = deployment.final(id)
    other = next(one["id"] for one in record["entities"] if one["type"] == "PERSON")
    answer = deployment.http.post(f"/v1/entities/{other}/join", json={"into": BRANDVOLD})
    assert answer.json()["into"] == BRANDVOLD, answer.text

    def documents() -> set[str]:
        listed = deployment.http.get("/v1/documents", params={"entity_id": BRANDVOLD}).json()["documents"]
        return {one["id"] for one in listed}

    assert id in documents(), "at once"
    eventually(lambda: _ids(deployment, id) & {BRANDVOLD}, "the record follows")
    assert deployment.http.post(f"/v1/entities/{BRANDVOLD}/join", json={"into": other}).status_code == 409
    name = deployment.http.put(f"/v1/entities/{BRANDVOLD}/name", json={"name": "Hélène Brandvold"})
    assert name.json().get("given_name") == "Hélène Brandvold", name.text
    assert deployment.http.get(f"/v1/entities/{other}").json()["name"] == "Hélène Brandvold"
    assert deployment.http.delete(f"/v1/entities/{other}/join").status_code == 204
    eventually(lambda: _ids(deployment, id) & {other}, "the record follows back")
    assert id not in documents()
    actions = [one["action"] for one in deployment.db.audit.find({"target": {"$in": [other, BRANDVOLD]}})]
    assert sorted(actions) == ["entity.join", "entity.part", "entity.rename"]


def _ids(deployment: Deployment, document: str) -> set[str]:
    record = deployment.http.get(f"/v1/documents/{document}").json()
    return {one["id"] for one in record["entities"] if one["id"]}


def test_what_is_unsure_is_a_suggestion_until_an_editor_pins_it(deployment: Deployment, namesakes: list[str]) -> None:
    text = "Raffle At The Harbour\n\nOSTERVIK (North Wire) - Torbjorn Asplund won the ham in the raffle on Saturday, the organisers said."
    id = deployment.post(text, collection="raffles")["id"]
    assert deployment.final(id)["status"] == "done"
    unsure = identity.unsure(ASPLUND)
    assert _id_in(deployment, id) == unsure

    def suggested() -> Any:
        listed = deployment.http.get("/v1/entities/suggestions").json()["suggestions"]
        return next((one for one in listed if one["id"] == unsure), None)

    found = eventually(suggested, "a suggestion")
    assert found["documents"] == [id]
    judge = _id_in(deployment, namesakes[0])
    assert judge in [one["id"] for one in found["people"]]
    pin = {"kind": "pin", "target": {"field": "entities", "name": "Torbjorn Asplund"}, "now": {"id": judge}}
    assert deployment.http.post(f"/v1/documents/{id}/corrections", json=pin).status_code == 201
    assert _id_in(deployment, id) == judge
    eventually(lambda: suggested() is None, "the suggestion is answered")
    assert _id_in(deployment, id) == judge
    assert deployment.http.delete(f"/v1/documents/{id}").status_code in (200, 204)


SENATOR = """Senate Debates The Bridge

FROSTAVIK (North Wire) - Canadian Senator Peder Haugland spoke against the bridge on Monday, and nobody answered him.
"""
SENATOR_AGAIN = """Tolls Will Rise

FROSTAVIK (North Wire) - Canadian Senator Peder M. Haugland wants lower tolls on the bridge, his office said on Tuesday.
"""


def _join_of(deployment: Deployment, name: str) -> Any:
    listed = deployment.http.get("/v1/entities/suggestions").json()["suggestions"]
    return next((one for one in listed if one["kind"] == "join" and one["name"].startswith(name)), None)


def test_similar_names_with_a_fact_in_common_are_suggested_until_an_editor_answers(deployment: Deployment) -> None:
    for text in (SENATOR, SENATOR_AGAIN):
        assert deployment.final(deployment.post(text, collection="tolls")["id"])["status"] == "done"
    found = eventually(lambda: _join_of(deployment, "Peder"), "a suggestion")
    one, other = (each["id"] for each in found["people"])
    assert {one, other} == {identity.of_name("PERSON", name) for name in ("Peder Haugland", "Peder M. Haugland")}
    assert deployment.http.post(f"/v1/entities/{one}/apart", json={"other": one}).status_code == 409
    assert deployment.http.post(f"/v1/entities/{one}/apart", json={"other": other}).status_code == 200
    assert _join_of(deployment, "Peder") is None
    assert deployment.http.delete(f"/v1/entities/{one}/apart/{other}").status_code == 204
    eventually(lambda: _join_of(deployment, "Peder"), "suggested again")
    assert deployment.http.post(f"/v1/entities/{one}/join", json={"into": other}).status_code == 200
    assert _join_of(deployment, "Peder") is None
    actions = [each["action"] for each in deployment.db.audit.find({"target": one})]
    assert actions == ["entity.apart", "entity.apart", "entity.join"]


def test_a_split_is_one_call(deployment: Deployment) -> None:
    texts = [f"Notes From {town}\n\n{town.upper()} (North Wire) - Sunniva Gjerde opened the fair in {town} {day}, she said."
             for town, day in (("Lomvik", "on Monday"), ("Stavnes", "on Friday"))]  # fmt: skip
    first, second = (deployment.post(text, collection="fairs")["id"] for text in texts)
    gjerde = identity.of_name("PERSON", "Sunniva Gjerde") or ""
    for id in (first, second):
        deployment.final(id)
        assert gjerde in _ids(deployment, id)
    nobody = {"documents": ["0" * 24]}
    assert deployment.http.post(f"/v1/entities/{gjerde}/split", json=nobody).status_code == 409
    answers = [deployment.http.post(f"/v1/entities/{gjerde}/split", json={"documents": [second]}) for _ in range(2)]
    made = answers[0].json()["id"]
    assert answers[1].json() == answers[0].json() == {"id": made, "documents": [second]}
    assert identity.base(made) == gjerde != made
    assert (_ids(deployment, first) & {gjerde, made}, _ids(deployment, second) & {gjerde, made}) == ({gjerde}, {made})
    eventually(lambda: deployment.db.entities.find_one({"_id": made, "documents": 1}), "an entry of its own",
               state=lambda: list(deployment.db.entities.find({"base": gjerde})))  # fmt: skip
    assert deployment.db.audit.count_documents({"action": "entity.split", "target": gjerde}) == 2


MAYOR = """Mayor Praises The Harbour Pilot

HUSVIKA, Norway (North Wire) - Mayor Ragnhild Tveitane praised the pilot Sverre Bakkelund on Tuesday.
“Sverre Bakkelund saved the harbour,” Ragnhild Tveitane told the council. Police arrested Sverre Bakkelund on Friday.
"""
CLOSED = """Pilot Is Named In A Sealed File

HUSVIKA, Norway (North Wire) - Prosecutor Gudrun Eikeland filed the papers on Monday.
“The pilot Sverre Bakkelund hid the log,” Gudrun Eikeland said. Lawyers of Sverre Bakkelund declined to comment.
"""
BAKKELUND = identity.of_name("PERSON", "Sverre Bakkelund") or ""


@pytest.fixture(scope="module")
def pilot(deployment: Deployment) -> list[str]:
    """An open and a closed document about one person."""
    ids = [
        deployment.post(text, collection=of)["id"] for text, of in ((MAYOR, "harbour-open"), (CLOSED, "harbour-closed"))
    ]
    for id in ids:
        assert deployment.final(id)["status"] == "done"
    return ids


def test_a_network_tells_who_spoke_of_whom_and_where(deployment: Deployment, pilot: list[str]) -> None:
    found = deployment.http.get(f"/v1/entities/{BAKKELUND}/network").json()
    assert (found["id"], found["name"], found["total"], found["complete"]) == (BAKKELUND, "Sverre Bakkelund", 2, True)
    names = {one["id"]: one["name"] for one in found["nodes"]}
    said = {names[one["source"]]: one for one in found["edges"] if one["relation"] == "said_of"}
    assert set(said) == {"Ragnhild Tveitane", "Gudrun Eikeland"}
    [example] = said["Ragnhild Tveitane"]["examples"]
    text = deployment.http.get(f"/v1/documents/{pilot[0]}").json()["text"]
    assert (example["document"], text[example["start"] : example["end"]]) == (pilot[0], example["text"])
    assert "Sverre Bakkelund" in example["text"]
    only = deployment.http.get(f"/v1/entities/{BAKKELUND}/network", params={"relation": "in_story", "limit": 1}).json()
    assert [one["relation"] for one in only["edges"]] == ["in_story"]
    assert deployment.http.get(f"/v1/entities/{'0' * 16}/network").status_code == 404
    assert deployment.http.get(f"/v1/entities/{BAKKELUND}/network", params={"entity_id": BAKKELUND}).status_code == 422


def test_a_network_shows_nothing_of_closed_collections(deployment: Deployment, pilot: list[str]) -> None:
    body = {"name": "harbour", "scopes": ["read"], "collections": ["harbour-open"]}
    key = deployment.http.post("/v1/keys", json=body).json()["key"]
    answer = httpx.get(f"{str(deployment.http.base_url).rstrip("/")}/v1/entities/{BAKKELUND}/network",
                       headers={"Authorization": f"Bearer {key}"})  # fmt: skip
    assert answer.json()["total"] == 1
    assert "Ragnhild Tveitane" in answer.text
    assert "Eikeland" not in answer.text
    assert pilot[1] not in answer.text


def test_the_network_on_the_command_line(deployment: Deployment, pilot: list[str]) -> None:
    environment = {**os.environ, "COPYDESK_API_KEY": deployment.key}

    def said(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [COPYDESK, "entities", *arguments, "--api", str(deployment.http.base_url)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    rows = [json.loads(line) for line in said(BAKKELUND, "--network").stdout.splitlines()]
    assert ("said_of", "Ragnhild Tveitane") in [(one["relation"], one["source_name"]) for one in rows]
    assert json.loads(said(BAKKELUND).stdout)["id"] == BAKKELUND
    wrong = said("pilot", "--network")
    assert (wrong.returncode, "needs an id" in wrong.stderr) == (1, True)


def test_the_export_as_followthemoney_passes_the_library(deployment: Deployment, pilot: list[str]) -> None:
    command = [COPYDESK, "export", "--rows", "followthemoney", "--where", "collection=harbour-open", "--api",
               str(deployment.http.base_url)]  # fmt: skip
    environment = {**os.environ, "COPYDESK_API_KEY": deployment.key}
    lines = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    found = [json.loads(line) for line in lines.splitlines()]
    assert BAKKELUND in [one["id"] for one in found if one["schema"] == "Person"]
    assert ["said of"] in [one["properties"]["role"] for one in found if one["schema"] == "UnknownLink"]
    asked = {"rows": "followthemoney", "format": "csv"}
    assert deployment.http.get("/v1/export", params=asked).status_code == 422
    assert checked(lines)["Article"] == 1


def test_the_commands_of_the_docs(deployment: Deployment, pilot: list[str], tmp_path: Path) -> None:
    identity_page, export_page = ((ROOT / "docs" / name).read_text("utf-8") for name in ("identity.md", "export.md"))
    blocks = re.findall(
        r"^```sh\n(.*?)^```", identity_page + export_page.partition("## FollowTheMoney")[2], re.M | re.S
    )
    at = str(deployment.http.base_url).rstrip("/")
    (tmp_path / ".curlrc").write_text(f'header = "Authorization: Bearer {deployment.key}"\nfail\nsilent\n')
    environment = {**os.environ, "COPYDESK_API_URL": at, "COPYDESK_API_KEY": deployment.key, "CURL_HOME": str(tmp_path),
                   "PATH": f"{Path(COPYDESK).parent}:{os.environ['PATH']}"}  # fmt: skip
    said = []
    for block in [one for one in blocks if "a8ad05cb4a057453" in one or "followthemoney" in one]:
        asked = block.replace("http://127.0.0.1:8000", at).replace("a8ad05cb4a057453", BAKKELUND)
        asked = asked.replace("q=ferry", "q=Bakkelund")
        command = ["bash", "-euo", "pipefail", "-c", asked]
        ended = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        said.append(ended.stdout)
    documents, network, _ = said
    assert {one["id"] for one in json.loads(documents)["documents"]} == set(pilot)
    answered, *lines = network.replace("}\n{", "}\0{").replace("}{", "}\0{").split("\0")
    assert {one["relation"] for one in json.loads(answered)["edges"]} == {"said_of"}
    assert {json.loads(one)["relation"] for one in lines} >= {"said_of", "in_story"}
    written = (tmp_path / "people.ftm.json").read_text("utf-8").splitlines()
    assert BAKKELUND in {json.loads(line)["id"] for line in written}


def test_an_erased_document_is_not_counted(deployment: Deployment, namesakes: list[str]) -> None:
    judge = _id_in(deployment, namesakes[0])
    assert deployment.http.delete(f"/v1/documents/{namesakes[0]}").status_code in (200, 204)
    eventually(lambda: deployment.db.entities.find_one({"_id": judge}) is None, "the judge's entry is gone")
