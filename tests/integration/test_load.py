"""Too many requests, too slow, too large, or with a part down: the API refuses early, stays small and loses nothing."""

from __future__ import annotations

import os
import re
import signal
import socket
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
from bson import ObjectId
from pymongo.database import Database

from services.embedded import free_port
from services.store import setup
from services.store.client import connect
from tests.conftest import make_settings
from tests.drill.proxy import Proxy
from tests.integration.conftest import Api, eventually

MIB = 1024 * 1024
TEXT = {"Content-Type": "text/plain"}


class Own:
    """An API with its own settings, on a database without workers, so that queued documents stay queued."""

    def __init__(self, environment: dict[str, str], folder: Path, *, ready: int = 200, **changes: object) -> None:
        own = {**environment, "COPYDESK_MONGO_DATABASE": f"load_{uuid.uuid4().hex[:8]}", "COPYDESK_AUTH": "false"}
        settings = make_settings(own)
        self.db: Database[dict[str, Any]] = connect(settings)
        setup.set_up(self.db, settings)
        self.log = folder / "api.log"
        self.api = Api({**own, **{f"COPYDESK_{key.upper()}": str(value) for key, value in changes.items()}}, self.log)
        self.api.wait(ready)

    def post(self, data: str | bytes, **params: str) -> httpx.Response:
        return self.api.http.post("/v1/documents", content=data, headers=TEXT, params=params)

    def close(self) -> None:
        self.api.stop()
        self.db.client.drop_database(self.db.name)
        self.db.client.close()


Start = Callable[..., Own]


@pytest.fixture
def started(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    running: list[Own] = []

    def start(**changes: Any) -> Own:
        running.append(Own(environment, tmp_path, **changes))
        return running[-1]

    yield start
    for own in running:
        own.close()


@pytest.fixture(scope="module")
def tight(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """Yield an API with memory for one large upload, and short time limits."""
    own = Own(environment, tmp_path_factory.mktemp("tight"), upload_memory_bytes=4 * MIB, upload_wait_seconds=0.2,
              head_seconds=2, upload_grace_seconds=2)  # fmt: skip
    yield own
    own.close()


def connected(api: Api) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", api.http.base_url.port or 0), timeout=60)
    connection.settimeout(60)
    return connection


def head(length: int, *more: str) -> bytes:
    lines = ["POST /v1/documents HTTP/1.1", "Host: 127.0.0.1", "Content-Type: text/plain", f"Content-Length: {length}"]
    return "\r\n".join([*lines, *more, "", ""]).encode()


def answer(connection: socket.socket) -> str:
    """Return everything received until the answer's body is complete or the connection ends."""
    got = b""
    while not (found := re.search(rb"(?s)content-length: (\d+).*?\r\n\r\n(.*)", got)) or len(found[2]) < int(found[1]):
        piece = connection.recv(65536)
        if not piece:
            break
        got += piece
    return got.decode()


def test_two_hundred_uploads_at_a_time_take_no_more_memory_than_is_set_aside(started: Start) -> None:
    own = started(upload_memory_bytes=32 * MIB, upload_wait_seconds=300, max_body_bytes=20 * MIB)
    before = _peak(own.api)

    def upload(_: int) -> int:
        data = uuid.uuid4().bytes * (2 * MIB // 16)
        return httpx.post(f"{own.api.http.base_url}/v1/documents", content=data, headers=TEXT, timeout=300).status_code

    with ThreadPoolExecutor(200) as pool:
        assert set(pool.map(upload, range(200))) == {202}
    grown = _peak(own.api) - before
    assert grown < 100 * MIB, f"{grown / MIB:.0f} MiB for 400 MiB of bodies, of which 32 MiB may be held"
    assert own.db.documents.count_documents({}) == 200


def _peak(api: Api) -> int:
    """Return the peak memory of the process, in bytes."""
    status = Path(f"/proc/{api.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]


def test_uploads_past_the_memory_set_aside_are_refused_unread(tight: Own) -> None:
    with connected(tight.api) as first, connected(tight.api) as second:
        first.sendall(head(2 * MIB, "Expect: 100-continue"))
        assert first.recv(100).startswith(b"HTTP/1.1 100 ")
        second.sendall(head(2 * MIB, "Expect: 100-continue"))
        refused = answer(second)
        assert refused.startswith("HTTP/1.1 429 ")
        assert "problem:busy" in refused
        assert "retry-after: " in refused.lower()
        first.sendall(b"a" * 2 * MIB)
        assert answer(first).startswith("HTTP/1.1 202 ")


def test_a_full_queue_refuses_before_the_body_is_sent_and_opens_again(started: Start) -> None:
    own = started(max_queued_documents=2, max_queued_bytes=MIB)

    def full() -> None:
        with connected(own.api) as connection:
            connection.sendall(head(10 * MIB, "Expect: 100-continue"))
            refused = answer(connection)
        assert refused.startswith("HTTP/1.1 429 ")
        assert "problem:queue-full" in refused
        assert "retry-after: " in refused.lower()

    assert [own.post("one").status_code, own.post("two").status_code] == [202, 202]
    full()
    own.db.documents.update_many({}, {"$set": {"status": "done"}})
    eventually(lambda: own.post(b"a" * MIB).status_code == 202, "the queue has room again")
    full()


def test_bulk_documents_leave_room_for_those_that_somebody_waits_for(started: Start) -> None:
    own = started(max_queued_documents=10)
    assert {own.post(f"bulk {n}", priority="bulk").status_code for n in range(9)} == {202}
    assert own.post("one more", priority="bulk").status_code == 429
    assert own.api.http.post("/v1/batches", content="a batch", headers=TEXT).status_code == 429
    assert own.post("one that somebody waits for").status_code == 202
    assert own.post("and another").status_code == 429


def test_without_mongodb_nothing_is_read(started: Start) -> None:
    nobody = f"mongodb://127.0.0.1:{free_port()}/?directConnection=true"
    own = started(ready=503, mongo_url=nobody, mongo_timeout_seconds=0.5)
    first = own.post("The body of a document.")
    assert first.status_code == 503
    assert first.headers["retry-after"]

    def refused_unread() -> bool:
        with connected(own.api) as connection:
            connection.sendall(head(10 * MIB, "Expect: 100-continue"))
            said = connection.recv(65536)
            return b" 503 " in said and b"retry-after" in said.lower()

    eventually(refused_unread, "503 without 100 Continue")


def test_a_mongodb_that_stalls_gives_503_and_is_used_again_when_it_moves(
    started: Start, environment: dict[str, str]
) -> None:
    url = urlsplit(environment["COPYDESK_MONGO_URL"])
    proxy = Proxy(url.port or 27017, url.hostname or "127.0.0.1")
    who, at, _ = url.netloc.rpartition("@")
    stalled = urlunsplit(url._replace(netloc=f"{who}{at}127.0.0.1:{proxy.port}"))
    own = started(mongo_url=stalled, mongo_timeout_seconds=2)
    assert own.post("before").status_code == 202
    proxy.stall()
    try:
        refused = own.post("meanwhile")
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert "MongoDB does not answer" in refused.text
    finally:
        proxy.mend()
    eventually(lambda: own.post("meanwhile").status_code in (200, 202), "it is taken")
    proxy.close()
    assert own.db.documents.count_documents({}) == 2


def test_senders_who_dawdle_are_cut_off(tight: Own) -> None:
    before = tight.db.documents.count_documents({})
    with connected(tight.api) as silent, connected(tight.api) as in_head, connected(tight.api) as in_body:
        in_head.sendall(b"POST /v1/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        in_body.sendall(head(10_000) + b"a" * 5000)
        assert answer(silent) == ""
        assert answer(in_head) == ""
        assert answer(in_body).startswith("HTTP/1.1 408 ")
        assert in_body.recv(1) == b"", "the connection ends with the answer"
    assert tight.db.documents.count_documents({}) == before


def test_a_connection_that_is_kept_takes_any_number_of_small_documents(tight: Own) -> None:
    body = b"A short report. " * 600
    with connected(tight.api) as connection:
        for number in range(20):
            whole = body + b"%02d" % number
            connection.sendall(head(len(whole)) + whole)  # at once, as a fast client's arrives
            assert answer(connection).startswith("HTTP/1.1 202 ")


def test_a_head_past_its_limit_is_refused(tight: Own) -> None:
    for headers in ({"X-Long": "a" * 70_000}, {f"X-{number}": "a" * 1000 for number in range(70)}):
        assert tight.api.http.get("/healthz", headers=headers).status_code == 431


def test_a_sender_who_leaves_leaves_nothing(tight: Own) -> None:
    files, chunks = tight.db.raw_large.files, tight.db.raw_large.chunks
    before = files.count_documents({}), chunks.count_documents({})
    with connected(tight.api) as connection:
        connection.sendall(head(3 * MIB) + b"a" * 2 * MIB)
        eventually(lambda: chunks.count_documents({}) > before[1], "a part of the body is stored")
    eventually(lambda: (files.count_documents({}), chunks.count_documents({})) == before, "and removed")


def test_an_api_without_redis_takes_documents_and_loses_none_when_it_is_stopped(started: Start) -> None:
    own = started(ready=503, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    accepted: list[str] = []

    def keep_posting(_: int) -> None:
        while True:
            try:
                found = httpx.post(f"{own.api.http.base_url}/v1/documents", content=uuid.uuid4().hex, headers=TEXT)
            except httpx.TransportError:
                return
            if found.status_code == 202:
                accepted.append(found.json()["id"])

    with connected(own.api) as half_sent, ThreadPoolExecutor(8) as pool:
        half_sent.sendall(head(2 * MIB, "Expect: 100-continue"))
        assert half_sent.recv(100).startswith(b"HTTP/1.1 100 ")
        half_sent.sendall(b"a" * MIB)
        posting = [pool.submit(keep_posting, n) for n in range(8)]
        eventually(lambda: len(accepted) > 40, "documents flow")
        os.kill(own.api.pid, signal.SIGTERM)
        for each in posting:
            each.result(timeout=60)
        half_sent.sendall(b"b" * MIB)
        finished = answer(half_sent)
    assert finished.startswith("HTTP/1.1 202 ")
    accepted += re.findall(r'"id":"([0-9a-f]{24})"', finished)
    ids = {"_id": {"$in": [ObjectId(id) for id in accepted]}}
    assert own.db.documents.count_documents(ids) == own.db.raw.count_documents(ids) == len(accepted)
    assert own.api.ended() in (0, -signal.SIGTERM), "not killed"
    assert 1 <= own.log.read_text().count("publish_failed") < len(accepted) / 2, "Redis is not asked each time"
