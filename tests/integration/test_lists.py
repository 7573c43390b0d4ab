"""Lists of quotes, sums, events, stories and entities, and searches by names and operators as people type them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import subprocess
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from copydesk_client import Copydesk
from tests.conftest import ROOT
from tests.integration.conftest import COPYDESK, Deployment

ATOM = "{http://www.w3.org/2005/Atom}"
STORIES = [
    "Ferries cost more in São Paulo\n\nSAO PAULO, Brazil (North Wire) - The port of São Paulo will buy ferries for $2 billion, "
    "the governor said on Monday. “The ferries of Tim Cook are late,” said Ingrid Solheim, who heads the port. "
    "“Nobody waits for a ferry,” Solheim said. It paid $300,000 for the quay.\n",
    "Tugs come to Oslo\n\nOSLO, Norway (North Wire) - Tugs arrived in Oslo on Tuesday at a price of 5 million euros. "
    "“The tugs are strong,” said Tim Cook, the chief executive of the yard. “We wait for the barge,” Cook said.\n",
]


@pytest.fixture(scope="module")
def shelf(deployment: Deployment) -> tuple[str, list[str]]:
    """Return a collection with two stories, the first in two versions, and the ids in order of receipt."""
    name = f"lists-{uuid.uuid4().hex[:8]}"
    again = STORIES[0].replace("on Monday", "late on Monday")
    with Copydesk(str(deployment.http.base_url), deployment.key) as desk:
        ids = []
        for at, text in enumerate([STORIES[0], again, STORIES[1]]):
            ids.append(
                desk.add(text, collection=name, publisher="North Wire", published_at=f"2024-07-0{at + 1}T00:00:00Z")[
                    "id"
                ]
            )
            desk.wait(ids)
    return name, ids


CANAL = (
    "Canal would cost billions\n\nLISBON, Portugal (North Wire) - The canal will cost $1-3 billion, said Marta Quintela, "
    "the minister. “We have the money,” she said. The so-called “bathtub” got a loan of 40 million euros in May; "
    "a second look found that the 40 million euros were never paid. Portugal plans to sue the bank.\n"
)


@pytest.fixture(scope="module")
def canal(deployment: Deployment) -> str:
    """Return a collection with one story: a range, a sum named twice, a speaker named only in full, an expression in
    scare quotes."""
    name = f"canal-{uuid.uuid4().hex[:8]}"
    deployment.final(deployment.post(CANAL, collection=name)["id"])
    return name


def listed(deployment: Deployment, kind: str, **params: Any) -> list[dict[str, Any]]:
    answer = deployment.http.get(f"/v1/{kind}", params=params)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()[kind]
    return rows


def paged(deployment: Deployment, kind: str, **params: Any) -> list[dict[str, Any]]:
    """Return all rows, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        answer = deployment.http.get(f"/v1/{kind}", params=params).json()
        found += answer[kind]
        if answer["next"] is None:
            return found
        params["cursor"] = answer["next"]


def test_a_row_for_each_quote(deployment: Deployment, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    rows = listed(deployment, "quotes", collection=name, order="asc")
    assert [row["document"] for row in rows] == [id for id in ids for _ in range(2)]
    assert rows[0]["about"] == ["Tim Cook"] and rows[0]["speaker"] == "Ingrid Solheim"
    for row in rows:
        assert (
            deployment.http.get(f"/v1/documents/{row['document']}").json()["text"][row["start"] : row["end"]]
            == (row["text"])
        )
    for order in ("asc", "desc"):
        for sort in ("received", "published"):
            whole = listed(deployment, "quotes", collection=name, order=order, sort=sort)
            for limit in (1, 3, 4):
                assert paged(deployment, "quotes", collection=name, order=order, sort=sort, limit=limit) == whole
    assert paged(deployment, "quotes", collection=name, q="tugs", limit=1) == [
        row for row in rows if row["document"] == ids[2]
    ]
    about = listed(deployment, "quotes", collection=name, about="tim cook")
    assert {row["text"] for row in about} == {rows[0]["text"]}


def test_names_in_any_letters_and_by_any_alias(deployment: Deployment, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    for given in ("Tim Cook", "Cook", "tim cook", "COOK"):
        rows = listed(deployment, "quotes", collection=name, speaker=given)
        assert [row["document"] for row in rows] == [ids[2]] * 2, given
        assert {row["speaker"] for row in rows} == {"Tim Cook"}
    for search in ({"place": "sao paulo"}, {"country": "Brazil"}, {"country": "br"}, {"q": "place:OSLO -country:brazil"},
                   {"q": 'speaker:"ingrid solheim"'}, {"language": "en"}):  # fmt: skip
        found = deployment.http.get("/v1/documents", params={"collection": name, "order": "asc", **search}).json()
        expected = {"place:OSLO -country:brazil": ids[2:], None: ids if "language" in search else ids[:2]}
        assert [one["id"] for one in found["documents"]] == expected.get(search.get("q"), ids[:2]), search
    refused = deployment.http.get("/v1/documents", params={"country": "Atlantis"})
    assert refused.status_code == 422 and "Atlantis" in refused.json()["detail"]


def test_sums_between_amounts(deployment: Deployment, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    assert len(listed(deployment, "sums", collection=name)) == 5
    for search in ({"money": "USD:1e9.."}, {"q": "currency:usd amount:>1bn"}, {"q": "amount:1bn..3bn"}):
        rows = listed(deployment, "sums", collection=name, order="asc", sort="received", **search)
        assert [(row["document"], row["currency"]) for row in rows] == [(ids[0], "USD"), (ids[1], "USD")], search
        assert "ferries" in rows[0]["context"] and float(rows[0]["amount"]) == 2e9
    assert not listed(deployment, "sums", collection=name, q="amount:>2bn")
    for q, part in {"amount:lots": "amount:lots", "ferry colour:red": "colour:red", 'ferry "quay': '"quay',
                    "-amount:1bn": "-amount:1bn", "country:Atlantis": "country:Atlantis"}.items():  # fmt: skip
        refused = deployment.http.get("/v1/sums", params={"q": q})
        assert refused.status_code == 422 and refused.json()["part"] == part


def test_a_range_is_found_where_it_overlaps(deployment: Deployment, canal: str) -> None:
    for span, found in {"2e9..": 1, "..1e9": 1, "1.5e9..2e9": 1, "4e9..": 0, "..9e8": 0}.items():
        for where in (f"USD:{span}", None):
            low, high = span.split("..")
            ends = {name: end for name, end in (("amount_min", low), ("amount_max", high)) if end}
            search = {"money": where} if where else {**ends, "currency": "USD"} if span != "..9e8" else ends
            rows = [one for one in listed(deployment, "sums", collection=canal, **search) if one["currency"] == "USD"]
            assert len(rows) == found, search
            documents = deployment.http.get("/v1/documents", params={"collection": canal, "currency": "USD", **ends})
            assert len(documents.json()["documents"]) == found


def test_a_sum_named_again_is_one_row(deployment: Deployment, canal: str) -> None:
    [row] = listed(deployment, "sums", collection=canal, currency="EUR")
    assert row["count"] == 2 and [row["start"], row["text"]] == [row["mentions"][0]["start"], "40 million euros"]
    text = deployment.http.get(f"/v1/documents/{row['document']}").json()["text"]
    assert all(text[one["start"] : one["end"]] == one["text"] for one in row["mentions"])


def test_rows_are_narrowed_by_what_they_are(deployment: Deployment, canal: str) -> None:
    for speaker in ("quintela", "Quintela", "Marta Quintela"):
        assert [row["text"] for row in listed(deployment, "quotes", collection=canal, speaker=speaker)] == [
            "We have the money,"
        ]
    scare = {"collection": canal, "quote_kind": "scare"}
    assert [row["text"] for row in listed(deployment, "quotes", **scare)] == ["bathtub"]
    every = listed(deployment, "events", collection=canal, confidence=0)
    for status in ("happened", "planned"):
        rows = listed(deployment, "events", collection=canal, confidence=0, event_status=status)
        assert rows == [row for row in every if row["status"] == status]
    for rows, search, wrong in (
        ("quotes", scare, "confidence"),
        ("events", {"collection": canal, "confidence": 0}, "about"),
    ):
        lines = deployment.http.get("/v1/export", params={"rows": rows, **search}).text.splitlines()
        assert [json.loads(line) for line in lines] == listed(deployment, rows, **search, sort="received", order="asc")
        feed = ET.fromstring(deployment.http.get("/v1/feed", params={"rows": rows, **search}).content)
        assert len(feed.findall(f"{ATOM}entry")) == len(lines)
        for path in ("export", "feed"):
            refused = deployment.http.get(f"/v1/{path}", params={"rows": rows, **search, wrong: "1"})
            assert refused.status_code == 422 and wrong in refused.json()["detail"] + refused.json()["title"]


def test_events_stories_and_entities(deployment: Deployment, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    every = listed(deployment, "events", collection=name, confidence=0)
    for row in listed(deployment, "events", collection=name):
        assert row in every and row["action"].isupper()
    stories = listed(deployment, "stories", collection=name)
    assert [(row["document"], row["versions"]) for row in stories] == [(ids[2], 1), (ids[1], 2)]
    assert paged(deployment, "stories", collection=name, limit=1) == stories
    assert [row["document"] for row in listed(deployment, "stories", collection=name, versions_min=2)] == [ids[1]]
    entities = listed(deployment, "entities", collection=name, limit=100)
    assert {(one["name"], one["count"]) for one in entities} >= {("Tim Cook", 3), ("Ingrid Solheim", 2)}
    assert paged(deployment, "entities", collection=name, limit=3) == entities
    assert all(one["type"] == "PERSON" for one in listed(deployment, "entities", collection=name, type="PERSON"))


def test_what_a_key_does_not_reach_is_in_no_row_and_no_count(
    deployment: Deployment, shelf: tuple[str, list[str]]
) -> None:
    name, _ = shelf
    grant = {"name": "elsewhere", "scopes": ["read"], "collections": ["elsewhere"]}
    headers = {"Authorization": f"Bearer {deployment.http.post('/v1/keys', json=grant).json()['key']}"}
    for kind in ("quotes", "sums", "events", "stories", "entities"):
        for params in ({}, {"collection": name}):
            answer = deployment.http.get(f"/v1/{kind}", params=params, headers=headers).json()
            assert answer[kind] == [] and answer["next"] is None
        taken = deployment.http.get(f"/v1/{kind}", params={"collection": name, "limit": 1}).json()["next"]
        if taken:  # a page of another key
            answer = deployment.http.get(
                f"/v1/{kind}", params={"collection": name, "limit": 1, "cursor": taken}, headers=headers
            )
            assert answer.json()[kind] == []
        for wrong in ({"cursor": "0.x"}, {"cursor": "é"}, {"colour": "red"}, {"limit": 0}, {"near": "1"}):
            assert deployment.http.get(f"/v1/{kind}", params=wrong).status_code == 422, (kind, wrong)


def test_lists_on_the_command_line(deployment: Deployment, shelf: tuple[str, list[str]], tmp_path: Path) -> None:
    name, ids = shelf
    url, environment = str(deployment.http.base_url), {**os.environ, "COPYDESK_API_KEY": deployment.key}

    def run(*arguments: str) -> str:
        command = [COPYDESK, *arguments, "--api", url, "--where", f"collection={name}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=environment)
        return done.stdout

    rows = [json.loads(line) for line in run("quotes", "tugs", "--where", "speaker=cook").splitlines()]
    assert [row["document"] for row in rows] == [ids[2]] * 2
    table = list(csv.DictReader(io.StringIO(run("sums", "amount:>1bn", "--csv"))))
    assert [row["document"] for row in table] == [ids[1], ids[0]]
    run("export", target := str(tmp_path / "quotes.ndjson"), "--rows", "quotes")
    whole = Path(target).read_bytes()
    lines = whole.splitlines(keepends=True)
    assert len(lines) == 6
    Path(target).write_bytes(b"".join(lines[:3]) + lines[3][:30])  # broken off within the second document
    run("export", target, "--rows", "quotes", "--resume")
    assert Path(target).read_bytes() == whole
    with Copydesk(url, deployment.key) as desk:
        assert list(desk.rows("stories", collection=name, limit=1)) == [
            json.loads(line) for line in run("stories").splitlines()
        ]


def test_the_lists_that_the_docs_name(deployment: Deployment, shelf: tuple[str, list[str]]) -> None:
    _, _, section = (ROOT / "docs/querying.md").read_text().partition("## Without MongoDB")
    commands = section.partition("```sh\n")[2].partition("```")[0].splitlines()
    paths = re.findall(r"^\| `GET (/v1/\w+\?[^`{]+)` \|", (ROOT / "README.md").read_text(), re.M)
    kinds = ["quotes", "sums", "events", "stories", "entities"]
    assert [command.split()[1] for command in commands] == [path[4:].partition("?")[0] for path in paths] == kinds
    environment = {**os.environ, "COPYDESK_API_KEY": deployment.key, "COPYDESK_API_URL": str(deployment.http.base_url)}
    for kind, command, path in zip(kinds, commands, paths, strict=True):
        words = [COPYDESK, *shlex.split(command)[1:], "--where", f"collection={shelf[0]}"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True, env=environment)
        answer = deployment.http.get(f"{path}&collection={shelf[0]}")
        assert answer.status_code == 200, answer.text
        if kind != "events":  # of which a model may find none
            assert done.stdout and answer.json()[kind], command


def test_rows_of_a_spreadsheet(deployment: Deployment, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    for kind in ("quotes", "sums", "events"):
        table = deployment.http.get("/v1/export", params={"rows": kind, "format": "csv", "collection": name}).content
        rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
        assert [(row["document"], row["start"]) for row in rows] == [
            (row["document"], str(row["start"]))
            for row in listed(deployment, kind, collection=name, sort="received", order="asc")
        ]
    lines = deployment.http.get("/v1/export", params={"rows": "quotes", "collection": name, "speaker": "Cook"}).text
    assert lines.count("\n") == 2 and ids[2] in lines
    table = deployment.http.get("/v1/export", params={"rows": "sums", "format": "parquet", "collection": name})
    assert table.content[:4] == b"PAR1"


def test_a_feed_of_quotes(deployment: Deployment, shelf: tuple[str, list[str]]) -> None:
    name, ids = shelf
    feed = ET.fromstring(deployment.http.get("/v1/feed", params={"rows": "quotes", "collection": name}).content)
    entries = feed.findall(f"{ATOM}entry")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 6
    assert (entries[0].findtext(f"{ATOM}title") or "").startswith("Tim Cook: ")
    assert ids[2] in (entries[0].findtext(f"{ATOM}id") or "")
