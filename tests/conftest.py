"""Provide real servers for the tests: containers if Docker answers, otherwise the embedded servers; and say which."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from services import embedded
from services.settings import Settings
from services.store import keys, setup
from services.store.client import connect
from tests import certificate
from tests.integration import forked
from tests.standin import StandIn

if TYPE_CHECKING:
    from tests.integration.conftest import Deployment

ROOT = Path(__file__).parent.parent
# how fast examples are drawn depends on the machine
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")
_ran_on: set[str] = set()
_stand_ins: list[StandIn] = []
_started_anew: list[str] = []


@cache
def docker_answers() -> bool:
    try:
        return subprocess.run(["docker", "info"], check=False, capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def need_docker() -> bool:
    """Return whether Docker is available; if CI requires it and it is not, fail instead of skipping."""
    if not docker_answers() and os.environ.get("COPYDESK_REQUIRE_DOCKER"):
        pytest.fail("COPYDESK_REQUIRE_DOCKER is set and Docker does not answer")
    return docker_answers()


@dataclass(frozen=True)
class Servers:
    """Where the servers are, as environment variables of the settings."""

    environment: dict[str, str]
    kind: str
    start_mongo_anew: Callable[[], object]


GIVEN = "COPYDESK_TEST_MONGODB_URL"


def on_given(servers: Servers, url: str) -> Servers:
    """Return the servers with the MongoDB at ``url`` in place of theirs. Fails if it contains documents of Copydesk."""
    ours = {name: value for name, value in servers.environment.items() if not name.startswith("COPYDESK_MONGO_")}
    found = Servers({**ours, "COPYDESK_MONGO_URL": url}, f"{GIVEN}, Redis: {servers.kind}", lambda: None)
    with connect(make_settings(found.environment)).client as client:
        if client["copydesk"]["documents"].find_one({}, {"_id": 1}) is not None:
            pytest.fail(
                f"the server that {GIVEN} names holds documents in its database copydesk: name one for tests alone"
            )
    return found


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Yield MongoDB and Redis: containers or embedded servers; MongoDB is the one that ``COPYDESK_TEST_MONGODB_URL``
    names, if it is set."""
    forked.load()  # meanwhile
    with contextmanager(_started)(tmp_path_factory) as found:
        url = os.environ.get(GIVEN)
        yield on_given(found, url) if url else found


def _started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    if need_docker():
        from testcontainers.community.mongodb import MongoDbContainer
        from testcontainers.community.redis import RedisContainer

        mongo = MongoDbContainer(os.environ.get("MONGO_IMAGE", "mongo:8"), username="root", password="p@ss/word:1")
        mongo.with_bind_ports(27017, embedded.free_port())  # the same when it is started anew
        mongo.with_volume_mapping(str(ROOT / "tests" / "secantusd.toml"), "/etc/secantus/secantusd.toml")
        redis = RedisContainer(os.environ.get("REDIS_IMAGE", "redis:8"), password="r@dis/word:1")
        with mongo, redis:
            yield Servers(
                {
                    "COPYDESK_MONGO_URL": f"mongodb://{mongo.get_container_host_ip()}:{mongo.get_exposed_port(27017)}"
                    "/?directConnection=true&authSource=admin",
                    "COPYDESK_MONGO_USERNAME": "root",
                    "COPYDESK_MONGO_PASSWORD": "p@ss/word:1",
                    "COPYDESK_REDIS_URL": f"redis://{redis.get_container_host_ip()}:{redis.get_exposed_port(6379)}/0",
                    "COPYDESK_REDIS_PASSWORD": "r@dis/word:1",
                },
                "containers",
                lambda: mongo.get_wrapped_container().restart(timeout=1),
            )
        return
    local = embedded.Servers(tmp_path_factory.mktemp("servers"))

    def start_anew() -> None:
        local.children["mongo"].kill()
        local.children["mongo"].wait()
        local.run_mongo()

    try:
        local.start()
        yield Servers(local.environment, "embedded servers, no Docker", start_anew)
    finally:
        local.stop()


@pytest.fixture(scope="session")
def environment(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Yield the settings of a deployment for tests, with limits short enough to observe."""
    found = {
        **servers.environment,
        "COPYDESK_MONGO_DATABASE": "copydesk_test",
        "COPYDESK_MONGO_TIMEOUT_SECONDS": "30",  # a machine that runs all tests is slow at times; timeouts have their own tests
        "COPYDESK_TASK_SOFT_SECONDS": "8",
        "COPYDESK_TASK_HARD_SECONDS": "9",
        "COPYDESK_VISIBILITY_SECONDS": "30",
        "COPYDESK_OVERDUE_SECONDS": "5",
        "COPYDESK_SWEEP_SECONDS": "2",
        "COPYDESK_ALERT_SECONDS": "1",
        "COPYDESK_REGISTER_SECONDS": "1",
        "COPYDESK_SMTP_URL": f"smtp://127.0.0.1:{embedded.free_port()}",  # a test that needs mails listens there
        "COPYDESK_MAIL_FROM": "copydesk@news.example",
        "COPYDESK_MAIL_TO": '["*@desk.example"]',
        "COPYDESK_PUBLIC_URL": "https://news.example/",
        "COPYDESK_SHUTDOWN_SECONDS": "5",
        "COPYDESK_MAX_BODY_BYTES": str(3 * 1024 * 1024),
        "COPYDESK_SOURCE_FOLDER": str(tmp_path_factory.mktemp("watched")),
        "COPYDESK_SOURCE_PRIVATE": "true",  # the servers of the tests are on loopback
        "COPYDESK_SOURCE_CA_FILE": str(certificate.make(tmp_path_factory.mktemp("certificate"))[0]),
        "COPYDESK_SOURCE_PAUSE_SECONDS": "0.05",
        "COPYDESK_SOURCE_REST_SECONDS": "1",
        "COPYDESK_RETENTION": '{"short-*": 0.00001}',
    }
    settings = make_settings(found)
    db = connect(settings)
    stand_in = StandIn(db, servers.start_mongo_anew)
    _ran_on.add(f"{stand_in.server} ({servers.kind})")
    _stand_ins.append(stand_in)
    yield found
    _stand_ins.remove(stand_in)
    db.client.close()


def make_settings(environment: dict[str, str]) -> Settings:
    given = {key.removeprefix("COPYDESK_").lower(): value for key, value in environment.items()}
    return Settings.model_validate(
        {name: json.loads(text) if text[:1] in "{[" else text for name, text in given.items()}
    )


@pytest.fixture(scope="session")
def deployment(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Yield one deployment for all tests of a run, whichever folder they are in."""
    with deployed(environment, tmp_path_factory.mktemp("logs")) as running:
        yield running


@pytest.fixture
def idle(deployment: Deployment) -> Iterator[Deployment]:
    """Yield the deployment without a worker, so that many documents wait; a test may start its ``own``. The worker is
    started again afterwards."""
    deployment.kill("worker")
    yield deployment
    if "own" in deployment.processes:
        deployment.kill("own")
    deployment.start_worker()


@contextmanager
def deployed(environment: dict[str, str], logs: Path) -> Iterator[Deployment]:
    """Yield API, worker and scheduler with these settings."""
    from tests.integration.conftest import Api, Deployment

    key = keys.generate()
    settings = make_settings({**environment, "COPYDESK_BOOTSTRAP_KEY": key})
    db = connect(settings)
    setup.set_up(db, settings)
    api = Api(environment, logs / "api.log", {"Authorization": f"Bearer {key}"})
    found = Deployment(environment, logs, api.http, db, key)
    found.start_worker()
    found.start_scheduler()
    api.wait(200)
    yield found
    for process in reversed(found.processes.values()):
        process.terminate()
    for process in found.processes.values():
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    api.stop()


def _stand_in_had_stopped(error: BaseException | None) -> bool:
    stopped = [each.server for each in _stand_ins if each.had_stopped()] if error is not None else []
    _started_anew.extend(
        f"{each} stopped answering and was started anew at {datetime.now(UTC):%H:%M:%S}" for each in stopped
    )
    return bool(stopped)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last, because Playwright keeps an event loop running in this thread, beside which no other can
    be started. Run tests that copy the whole database first, while it contains little.

    A test that failed while SecantusDB did not answer is run once more.
    """
    for item in items:
        item.add_marker(pytest.mark.flaky(reruns=1, condition=_stand_in_had_stopped))
    items.sort(
        key=lambda item: ((ROOT / "tests" / "browser") in item.path.parents, item.path.name != "test_operations.py")
    )


def record_server(name: str) -> None:
    _ran_on.add(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name in sorted(_ran_on):
        terminalreporter.write_line(f"MongoDB interface answered by: {name}")
    for line in _started_anew:
        terminalreporter.write_line(f"{line}; the test was run again")
    if not docker_answers():
        terminalreporter.write_line("Docker does not answer here: the container and Compose tests did not run.")
