"""docs/scaling-mongodb.md: which shards a command goes to, derived from the commands, because there is no mongos
here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from services.store import setup
from services.store.client import connect
from services.store.sharding import KEYS, NoCluster, shard
from tests.conftest import ROOT, make_settings
from tests.integration.conftest import COPYDESK
from tests.querying.questions import CHAPTERS
from tests.querying.render import Question
from tests.routing import Route, route

PAGE = ROOT / "docs/scaling-mongodb.md"
WRITE = bool(os.environ.get("WRITE"))
"""`make querying` writes the tables instead of testing them."""

WHY = {
    ("GET /v1/documents/{id}", "find", "documents"): "the request has only the id",
    ("GET /v1/documents/{id}/raw", "find", "documents"): "the same",
    (
        "POST",
        "aggregate",
        "documents",
    ): "counts how many documents wait, in all and from this sender; the count is cached",
    ("worker", "update", "documents"): "the claim: a message has only an id",
    ("worker", "find", "documents"): "reads what it claimed",
    ("worker", "aggregate", "story_index"): "looks for documents with the same band on any shard",
    ("worker, several", "update", "documents"): "claims all of them; joins stories that are the same",
    ("worker, several", "find", "documents"): "reads what it claimed",
    ("worker, several", "aggregate", "story_index"): "the same, for each of them",
    ("worker, several", "update", "story_index"): "joins stories that are the same",
}
"""Commands that ask all shards, and why."""


def table(name: str, lines: list[str]) -> None:
    """Check that this is the table between the page's markers."""
    whole = "\n".join(lines)
    pattern = re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.S)
    text = PAGE.read_text("utf-8")
    if WRITE:
        PAGE.write_text(pattern.sub(lambda _: f"\n{whole}\n\n", text), "utf-8")
        return
    there = pattern.search(text)
    assert there is not None
    assert there[0].strip() == whole, "make querying"


def test_the_hot_path_names_the_shard_key_or_an_id(environment: dict[str, str]) -> None:
    own = {**environment, "COPYDESK_MONGO_DATABASE": "copydesk_routing", "COPYDESK_AUTH": "false",
           "COPYDESK_ENRICH_LANGUAGES": "en"}  # fmt: skip
    settings = make_settings(own)
    db = connect(settings)
    db.client.drop_database(db.name)
    setup.set_up(db, settings)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.routing"],
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert db.documents.count_documents({"status": "done"}) == 4
    finally:
        db.client.drop_database(db.name)
        db.client.close()
    seen = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    lines = ["| at | command | collection | asks | why not one |", "| --- | --- | --- | --- | --- |"]
    for at, command, collection, asked in seen:
        why = WHY.get((at, command, collection), "")
        if asked in (Route.ALL, Route.ID):
            assert why, f"{at}: {command} of {collection} asks {asked}"
        lines.append(
            f"| {at} | {command} | `{collection}` | {asked} | {why if asked in (Route.ALL, Route.ID) else ''} |"
        )
    table("commands", lines)


def test_where_the_questions_go() -> None:
    questions: list[Question] = [question for chapter in CHAPTERS.values() for question in chapter]
    lines = ["| question | asks by | as written | for one collection |", "| --- | --- | --- | --- |"]
    for question in questions:
        by = ", ".join(f"`{field}`" for field in fields(first_filter(question))) or "nothing: all documents"
        if question.on == "documents":
            written = route("documents", first_filter(question))
            narrowed = route("documents", {"source.collection": "archive", **first_filter(question)})
            assert narrowed == Route.COLLECTION
        else:
            written, narrowed = Route.ALL, Route.ALL
        lines.append(
            f"| {question.asks} | {by} | {written} | {narrowed if question.on == 'documents' else f'view `{question.on}`: {narrowed}'} |"
        )
    table("questions", lines)


def first_filter(question: Question) -> dict[str, Any]:
    if question.pipeline is None:
        return question.filter or {}
    return question.pipeline[0].get("$match", {}) if question.pipeline else {}


def fields(query: dict[str, Any]) -> list[str]:
    found = []
    for name, value in query.items():
        found += [inner for part in value for inner in fields(part)] if name in ("$and", "$or") else [name]
    return list(dict.fromkeys(found))


def test_the_page_has_the_commands_that_init_sends() -> None:
    shown = re.findall(r'^sh\.shardCollection\("copydesk\.([\w.]+)", (\{.*\})\)$', PAGE.read_text("utf-8"), re.M)
    assert {name: json.loads(key) for name, key in shown} == KEYS


def test_every_unique_index_begins_with_the_shard_key(environment: dict[str, str]) -> None:
    """Otherwise MongoDB would refuse to shard the collection. The index on ``_id`` is not checked."""
    settings = make_settings({**environment, "COPYDESK_MONGO_DATABASE": "copydesk_keys"})
    db = connect(settings)
    setup.set_up(db, settings)
    try:
        unique = [
            (name, [field for field, _ in index["key"]])
            for name in KEYS
            for index in db[name].index_information().values()
            if index.get("unique") and index["key"] != [("_id", 1)]
        ]
        assert ("documents", ["source.collection", "raw.sha256"]) in unique
        for name, index in unique:
            assert index[: len(KEYS[name])] == list(KEYS[name]), name
        with pytest.raises(NoCluster, match="not a mongos"):
            shard(db)
    finally:
        db.client.drop_database(db.name)
        db.client.close()


def test_init_refuses_to_shard_where_there_is_no_mongos(environment: dict[str, str]) -> None:
    own = {**os.environ, **environment, "COPYDESK_MONGO_DATABASE": "copydesk_keys"}
    done = subprocess.run(
        [COPYDESK, "init", "--shard"], env=own, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "mongos" in done.stderr
