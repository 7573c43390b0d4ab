"""RabbitMQ, and a Redis with Sentinels, in place of the single Redis: real servers from Debian's packages."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from testcontainers.core.container import DockerContainer

from services.embedded import free_port
from tests.conftest import deployed, make_settings, need_docker
from tests.integration.conftest import Deployment, eventually
from tests.integration.test_doctor import examine
from tests.integration.test_priority import BULK, TEXT, overtaken, send_bulk

FOLDER = Path(__file__).parent / "brokers"
PASSWORD = "br@ker/word+1"
SENTINEL_PASSWORD = "sent@nel/word+1"
FLOW = 40

pytestmark = pytest.mark.skipif(not need_docker(), reason="Docker does not answer")


@pytest.fixture(scope="module")
def image() -> str:
    build = [
        "docker",
        "build",
        "--quiet",
        "--build-arg",
        f"PYTHON_IMAGE={os.environ.get('PYTHON_IMAGE', 'python:3.13-slim')}",
    ]
    done = subprocess.run([*build, str(FOLDER)], check=True, capture_output=True, text=True, timeout=600)
    return done.stdout.strip()


def _run(container: DockerContainer, command: str) -> str:
    code, said = container.exec(["sh", "-c", command])
    assert code == 0, said.decode()
    return said.decode()


def _deployment(environment: dict[str, str], name: str, settings: dict[str, str]) -> dict[str, str]:
    """Return a separate deployment, without the others' Redis and without a model for English."""
    others = {key: value for key, value in environment.items() if not key.startswith("COPYDESK_REDIS_")}
    return {**others, "COPYDESK_MONGO_DATABASE": name, "COPYDESK_ENRICH_LANGUAGES": "ru", **settings}


def _send(running: Deployment, collection: str, numbers: range) -> None:
    for n in numbers:
        running.post(TEXT.format(n=n, line=collection), collection=collection)


def _done(running: Deployment, collection: str) -> int:
    return running.db.documents.count_documents({"source.collection": collection, "status": "done"})


def _all_done(running: Deployment, collection: str, count: int) -> None:
    def state() -> str:
        where = {"source.collection": collection, "status": {"$ne": "done"}}
        left = [str(record["processing"]) for record in running.db.documents.find(where)]
        return "\n".join(left + running.said("worker", "")[-200:] + running.said("scheduler", "")[-50:])

    eventually(lambda: _done(running, collection) == count, f"{count} documents done", seconds=120, state=state)
    assert running.db.documents.count_documents({"source.collection": collection}) == count


# --- RabbitMQ -----------------------------------------------------------------------------------


class RabbitMq(DockerContainer):
    """RabbitMQ on a port that stays the same when it is restarted."""

    def __init__(self, image: str) -> None:
        super().__init__(os.environ.get("RABBITMQ_IMAGE", image))
        self.port = free_port()
        self.with_bind_ports(5672, self.port)
        says = f"listeners.tcp.default = 5672\ndefault_user = copydesk\ndefault_pass = {PASSWORD}\n"
        self.with_command(["sh", "-c", f"printf '{says}' > /etc/rabbitmq/rabbitmq.conf; exec rabbitmq-server"])

    def await_start(self) -> None:
        def answers() -> bool:
            return self.exec(["rabbitmq-diagnostics", "-q", "check_port_connectivity"]).exit_code == 0

        eventually(answers, "RabbitMQ is up")


@pytest.fixture(scope="module")
def rabbitmq(image: str) -> Iterator[RabbitMq]:
    with RabbitMq(image) as server:
        server.await_start()
        yield server


@pytest.fixture(scope="module")
def on_rabbitmq(
    rabbitmq: RabbitMq, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    logs = tmp_path_factory.mktemp("rabbitmq")
    own = {
        "COPYDESK_BROKER_URL": f"amqp://copydesk@{rabbitmq.get_container_host_ip()}:{rabbitmq.port}",
        "COPYDESK_BROKER_PASSWORD": PASSWORD,
    }
    with deployed(_deployment(environment, "copydesk_rabbitmq", own), logs) as running:
        yield running


def test_documents_go_through_rabbitmq_in_quorum_queues(on_rabbitmq: Deployment, rabbitmq: RabbitMq) -> None:
    assert on_rabbitmq.http.get("/readyz").json()["parts"] == {"mongo": "ok", "rabbitmq": "ok"}
    line = uuid.uuid4().hex
    _send(on_rabbitmq, line, range(10))
    _all_done(on_rabbitmq, line, 10)
    listed = _run(rabbitmq, "rabbitmqctl -q list_queues name type durable")
    for name in ("maintenance", "documents", "bulk"):
        assert f"{name}\tquorum\ttrue" in listed
    assert "delayed" not in listed
    eventually(lambda: on_rabbitmq.http.get("/v1/stats").json()["queue_depth"] == 0, "every message acknowledged")
    status, found = examine(on_rabbitmq)
    assert status == 0, found
    assert found["RabbitMQ"]["state"] == "answers"
    status, found = examine(on_rabbitmq, COPYDESK_BROKER_PASSWORD="wrong")
    assert status == 1
    assert "COPYDESK_BROKER_URL" in found["RabbitMQ"]["fix"]


def test_without_any_redis_keys_have_their_rates(on_rabbitmq: Deployment) -> None:
    made = on_rabbitmq.http.post("/v1/keys", json={"name": "slow", "scopes": ["read"], "rate_per_minute": 2}).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    answers = [httpx.get(f"{on_rabbitmq.http.base_url}/v1/documents", headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"]


def test_an_interactive_document_overtakes_bulk_ones_on_rabbitmq(on_rabbitmq: Deployment) -> None:
    on_rabbitmq.kill("worker")
    try:
        line = send_bulk(on_rabbitmq)
        id = on_rabbitmq.post(TEXT.format(n="now", line=line))["id"]
        depth = "queue_depth_bulk"  # what a slow broker does not confirm is published later, by the sweeper
        eventually(lambda: on_rabbitmq.http.get("/v1/stats").json()[depth] > 0.8 * BULK, "the queue has most of them")
    finally:
        on_rabbitmq.start_worker(concurrency=1)
    assert overtaken(on_rabbitmq, line, id) >= BULK / 2
    _all_done(on_rabbitmq, line, BULK)


def test_rabbitmq_may_be_restarted_while_documents_flow(on_rabbitmq: Deployment, rabbitmq: RabbitMq) -> None:
    line = uuid.uuid4().hex
    _send(on_rabbitmq, line, range(FLOW))
    eventually(lambda: _done(on_rabbitmq, line) >= 5, "work under way")
    rabbitmq.get_wrapped_container().kill()
    _send(on_rabbitmq, line, range(FLOW, FLOW + 5))  # answered 202, and published later by the sweeper
    assert on_rabbitmq.http.get("/readyz").status_code == 503
    assert on_rabbitmq.http.get("/v1/stats").json()["queue_depth"] is None
    rabbitmq.get_wrapped_container().start()
    rabbitmq.await_start()
    _send(on_rabbitmq, line, range(FLOW + 5, FLOW + 10))
    _all_done(on_rabbitmq, line, FLOW + 10)


def test_a_rabbitmq_that_stands_still_holds_up_no_sender(on_rabbitmq: Deployment, rabbitmq: RabbitMq) -> None:
    line = uuid.uuid4().hex
    container = rabbitmq.get_wrapped_container()
    container.pause()
    try:
        _send(on_rabbitmq, line, range(3))
    finally:
        container.unpause()
    _all_done(on_rabbitmq, line, 3)


# --- Sentinel -----------------------------------------------------------------------------------


class Sentinel(DockerContainer):
    """Two Redis and three Sentinels in one container, whose ports are the same inside and outside."""

    def __init__(self, image: str) -> None:
        super().__init__(image)
        self.redis = [free_port() for _ in range(2)]
        self.sentinels = [free_port() for _ in range(3)]
        for port in (*self.redis, *self.sentinels):
            self.with_bind_ports(port, port)
        self.with_env("REDISCLI_AUTH", PASSWORD)
        self.with_command(["sleep", "infinity"])

    def begin(self) -> None:
        host = self.get_container_host_ip().replace("localhost", "127.0.0.1")
        first, second = self.redis
        server = f"redis-server --protected-mode no --daemonize yes --requirepass {PASSWORD} --masterauth {PASSWORD}"
        for port in self.redis:
            _run(self, f"mkdir -p /data/{port}")
            announced = f"--replica-announce-ip {host} --replica-announce-port {port}"
            follows = f"--replicaof '{host} {first}'" if port == second else ""
            _run(self, f"{server} --port {port} --dir /data/{port} --appendonly yes {announced} {follows}")
        for port in self.sentinels:
            lines = [
                f"port {port}", "daemonize yes", "protected-mode no", f"requirepass {SENTINEL_PASSWORD}",
                f"sentinel sentinel-pass {SENTINEL_PASSWORD}",
                f"sentinel announce-ip {host}", f"sentinel announce-port {port}",
                f"sentinel monitor copydesk {host} {first} 2", f"sentinel auth-pass copydesk {PASSWORD}",
                "sentinel down-after-milliseconds copydesk 1000", "sentinel failover-timeout copydesk 5000",
            ]  # fmt: skip
            _run(self, f"printf '%s\n' {' '.join(repr(line) for line in lines)} > /data/{port}.conf")
            _run(self, f"redis-sentinel /data/{port}.conf")
        eventually(lambda: "slave0" in _run(self, f"redis-cli -p {first} info replication"), "the replica follows")
        knows = "num-other-sentinels\n2"
        eventually(lambda: knows in self.ask("sentinel master copydesk"), "the Sentinels know each other")
        eventually(lambda: "num-slaves\n1" in self.ask("sentinel master copydesk"), "and the replica")

    def ask(self, words: str) -> str:
        return _run(self, f"REDISCLI_AUTH={SENTINEL_PASSWORD} redis-cli -p {self.sentinels[0]} {words}")

    @property
    def master(self) -> int:
        return int(self.ask("sentinel get-master-addr-by-name copydesk").split()[-1])


@pytest.fixture(scope="module")
def sentinel(image: str) -> Iterator[Sentinel]:
    with Sentinel(image) as servers:
        servers.begin()
        yield servers


@pytest.fixture(scope="module")
def on_sentinel(
    sentinel: Sentinel, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    logs = tmp_path_factory.mktemp("sentinel")
    host = sentinel.get_container_host_ip()
    own = {
        "COPYDESK_REDIS_URL": ";".join(f"sentinel://{host}:{port}" for port in sentinel.sentinels),
        "COPYDESK_REDIS_PASSWORD": PASSWORD,
        "COPYDESK_REDIS_MASTER": "copydesk",
        "COPYDESK_SENTINEL_PASSWORD": SENTINEL_PASSWORD,
    }
    with deployed(_deployment(environment, "copydesk_sentinel", own), logs) as running:
        yield running


def test_documents_and_rates_go_through_the_redis_that_sentinels_name(on_sentinel: Deployment) -> None:
    assert make_settings(on_sentinel.environment).sentinels
    line = uuid.uuid4().hex
    _send(on_sentinel, line, range(10))
    _all_done(on_sentinel, line, 10)
    made = on_sentinel.http.post("/v1/keys", json={"name": "slow", "scopes": ["read"], "rate_per_minute": 1}).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    answers = [httpx.get(f"{on_sentinel.http.base_url}/v1/documents", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]


def test_a_failover_loses_nothing_while_documents_flow(on_sentinel: Deployment, sentinel: Sentinel) -> None:
    line = uuid.uuid4().hex
    was = sentinel.master
    _send(on_sentinel, line, range(FLOW))
    eventually(lambda: _done(on_sentinel, line) >= 5, "work under way")
    _run(sentinel, f"kill -9 $(redis-cli -p {was} info server | tr -d '\\r' | sed -n s/process_id://p)")
    _send(on_sentinel, line, range(FLOW, FLOW + 5))
    eventually(lambda: sentinel.master != was, "the other Redis is the master now")
    eventually(lambda: on_sentinel.http.get("/readyz").status_code == 200, "the API found it")
    _send(on_sentinel, line, range(FLOW + 5, FLOW + 10))
    _all_done(on_sentinel, line, FLOW + 10)
