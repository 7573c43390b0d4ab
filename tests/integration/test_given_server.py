"""The tests run on the MongoDB that COPYDESK_TEST_MONGODB_URL names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from services.embedded import free_port
from services.store import setup
from services.store.client import connect
from tests.conftest import GIVEN, Servers, make_settings, on_given


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Yield a server that represents the contributor's own."""
    port = free_port()
    server = subprocess.Popen(
        [Path(sys.executable).parent / "secantusd-py", "--host", "127.0.0.1", "--port", str(port),
         "--storage-path", tmp_path / "data", "--standalone"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield f"mongodb://127.0.0.1:{port}/?directConnection=true"
    server.kill()  # SecantusDB may not end when it is asked to; the data is thrown away
    server.wait(timeout=30)


def test_the_tests_run_on_the_server_that_is_named(servers: Servers, address: str) -> None:
    found = on_given(servers, address)
    assert GIVEN in found.kind, "the closing lines say so"
    settings = make_settings({**found.environment, "COPYDESK_MONGO_DATABASE": "copydesk_given"})
    assert str(settings.mongo_url) == address
    assert settings.redis_url == make_settings(servers.environment).redis_url
    db = connect(settings)
    setup.set_up(db, settings)
    db.client.close()
    with MongoClient[Any](address) as client:
        assert "documents" in client.copydesk_given.list_collection_names()


def test_a_server_with_somebodys_documents_is_refused(servers: Servers, address: str) -> None:
    with MongoClient[Any](address) as client:
        client.copydesk.documents.insert_one({"title": "Tide Table"})
    with pytest.raises(pytest.fail.Exception, match="for tests alone"):
        on_given(servers, address)
