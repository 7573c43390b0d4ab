"""The Compose stack, run as the README says: every command of the README, then faults while documents flow."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from services.embedded import free_port
from services.store.codec import CODEC
from tests.conftest import ROOT, need_docker, record_server
from tests.integration.conftest import eventually

pytestmark = pytest.mark.timeout(900)
PROJECT = f"copydesk-test-{os.getpid()}"  # two runs on one machine stay apart
IMAGES = {part: f"{PROJECT}-{part}-image" for part in ("api", "worker")}


@dataclass
class Compose:
    environment: dict[str, str]
    secrets: dict[str, str]

    def run(self, command: str, timeout: float = 420) -> str:
        """Run a shell command in the project's folder; the test fails if it fails."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            timeout=timeout, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"$ {command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def inspected(self, container: str, template: str) -> str:
        return self.run(f"docker inspect {container} --format '{template}'").strip()

    def is_limited(self, container: str) -> bool:
        """Return whether it has a memory limit and a process limit."""
        limits = self.inspected(container, "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}")
        return all(int(limit) > 0 for limit in limits.split())

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.environment['COPYDESK_PORT']}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Type": "text/plain", "Authorization": f"Bearer {self.secrets['COPYDESK_BOOTSTRAP_KEY']}"}

    def reader(self) -> MongoClient[dict[str, object]]:
        return MongoClient(
            f"mongodb://127.0.0.1:{self.environment['COPYDESK_MONGO_PORT']}/?directConnection=true&authSource=copydesk",
            username="reader",
            password=self.secrets["COPYDESK_READER_PASSWORD"],
        )


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    if not need_docker():
        pytest.skip("Docker does not answer here")
    folder = tmp_path_factory.mktemp("compose")
    env_file = folder / "env"
    subprocess.run(["make", "env", f"ENV_FILE={env_file}"], cwd=ROOT, check=True, capture_output=True)
    secrets = dict(line.split("=", 1) for line in env_file.read_text().splitlines() if line[:1] not in ("", "#"))
    assert all(secrets.values())
    assert len(set(secrets.values())) == len(secrets)
    environment = {
        **os.environ,
        **secrets,
        "COMPOSE_PROJECT_NAME": PROJECT,
        "COPYDESK_API_IMAGE": IMAGES["api"],
        "COPYDESK_WORKER_IMAGE": IMAGES["worker"],
        "COPYDESK_PORT": str(free_port()),
        "COPYDESK_MONGO_PORT": str(free_port()),
        "COPYDESK_OVERDUE_SECONDS": "5",
        "COPYDESK_ENRICH_LANGUAGES": "en",  # all documents are English: workers are ready sooner
    }
    found = Compose(environment, secrets)
    try:
        _start(found)
        yield found
    finally:
        logs = subprocess.run(
            ["docker", "compose", "logs", "--no-color"], cwd=ROOT, env=environment, capture_output=True, check=False
        )
        (folder / "compose.log").write_bytes(logs.stdout)
        subprocess.run(
            ["docker", "compose", "down", "--volumes", "--timeout", "5"], cwd=ROOT, env=environment, check=False
        )
        subprocess.run(["docker", "image", "rm", "--force", *IMAGES.values()], check=False, capture_output=True)


def _start(compose: Compose) -> None:
    start = "docker compose up --build --detach --wait"
    try:
        compose.run(start, timeout=600)
    except AssertionError as error:
        # a stand-in for the public image sometimes hangs while it creates its first user
        if "MONGO_IMAGE" not in os.environ or "mongo-1 is unhealthy" not in str(error):
            raise
        compose.run(f"docker compose down --volumes --timeout 5 && {start}", timeout=600)


def _readme_blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)


def test_without_passwords_compose_says_what_is_missing() -> None:
    if not need_docker():
        pytest.skip("Docker does not answer here")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COPYDESK_")}
    done = subprocess.run(
        ["docker", "compose", "--env-file", "/dev/null", "config"], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "make env" in done.stderr


def test_every_command_of_the_readme_works(compose: Compose) -> None:
    blocks = _readme_blocks()
    assert len(blocks) >= 6
    for block in blocks:
        block = block.replace("make demo", "make demo ONCE=1")
        block = block.replace("make test\n", "")  # this is part of it
        block = block.replace("make env\n", "").replace(". ./.env", "true")  # the fixture has them in its environment
        block = block.replace("127.0.0.1:8000", compose.api.removeprefix("http://"))
        block = block.replace("127.0.0.1:27017", f"127.0.0.1:{compose.environment['COPYDESK_MONGO_PORT']}")
        compose.run(block)


def test_a_document_goes_in_by_http_and_is_read_by_the_read_only_user(compose: Compose) -> None:
    data = (ROOT / "seeds/ceasefire-wire.txt").read_bytes() + b"\nStack test.\n"
    answer = httpx.post(f"{compose.api}/v1/documents", content=data, headers=compose.headers)
    assert answer.status_code == 202
    with compose.reader() as client:
        info = client.admin.command("buildInfo")
        record_server(
            f"{'SecantusDB ' + info['secantusVersion'] if 'secantusVersion' in info else 'mongod ' + info['version']} (Compose)"
        )
        documents = client.get_database("copydesk", codec_options=CODEC).documents
        record = eventually(
            lambda: documents.find_one(
                {"raw.sha256": {"$exists": True}, "status": "done", "text": {"$regex": "Stack test"}}
            ),
            "the record is done",
        )
        assert record["title"] == "Two Sides Meet in Muscat on Prisoner Exchange"
        assert str(record["_id"]) == answer.json()["id"]
        with pytest.raises(OperationFailure):
            documents.delete_one({"_id": record["_id"]})


def test_a_file_is_read_in_the_image_of_the_workers(compose: Compose) -> None:
    said = compose.run("docker compose run --rm --no-deps -T worker copydesk parse - < seeds/ceasefire-wire.txt")
    assert "Two Sides Meet in Muscat on Prisoner Exchange" in said


def test_two_images_are_built_each_by_one_service(compose: Compose) -> None:
    config = json.loads(compose.run("docker compose --profile cli config --format json"))["services"]
    ours = {name: part for name, part in config.items() if name not in ("redis", "mongo")}
    built = {name: part["image"] for name, part in ours.items() if "build" in part}
    assert built == IMAGES
    assert {part["image"] for part in ours.values()} == set(built.values())


def test_containers_are_confined(compose: Compose) -> None:
    names = compose.run("docker compose ps --format '{{.Service}} {{.ID}}'").split("\n")
    for service, id in (line.split() for line in names if line):
        readonly, user, caps = compose.run(
            f"docker inspect {id} --format '{{{{.HostConfig.ReadonlyRootfs}}}}|{{{{.Config.User}}}}|{{{{.HostConfig.CapDrop}}}}'"
        ).strip().split("|")  # fmt: skip
        assert readonly == "true", service
        assert compose.is_limited(id), service
        assert "no-new-privileges" in compose.inspected(id, "{{.HostConfig.SecurityOpt}}"), service
        assert not [
            secret for secret in compose.secrets.values() if secret in compose.inspected(id, "{{.Path}} {{.Args}}")
        ]
        assert caps == "[ALL]", service
        if service in ("api", "worker", "scheduler"):
            assert user == "10001:10001", service


def test_no_process_of_redis_shows_its_password(compose: Compose) -> None:
    shown = compose.run("docker compose exec -T redis sh -c 'cat /proc/[0-9]*/cmdline' | tr '\\0' ' '")
    assert "redis-server" in shown
    assert compose.secrets["COPYDESK_REDIS_PASSWORD"] not in shown
    assert "NOAUTH" in compose.run("docker compose exec -T redis env -u REDISCLI_AUTH redis-cli dbsize 2>&1 || true")


def test_servers_reach_neither_each_other_nor_anything_outside(compose: Compose) -> None:
    look = "import socket; print([name for name in ('api', 'worker', 'mongo', 'redis') if not socket.getaddrinfo(name, 1)])"
    reach = "sh -c 'for name in mongo redis worker; do getent hosts $name > /dev/null && echo $name; done; true'"
    assert compose.run(f'docker compose exec -T worker python -c "{look}"').strip() == "[]"
    assert compose.run(f"docker compose exec -T redis {reach}").split() == ["redis", "worker"]
    assert compose.run(f"docker compose exec -T mongo {reach}").split() == ["mongo", "worker"]
    for network in ("data", "queue"):
        assert compose.run(f"docker network inspect {PROJECT}_{network} --format '{{{{.Internal}}}}'").strip() == "true"


def test_rabbitmq_is_confined_and_takes_its_password() -> None:
    """By itself: what goes through it is tested in tests/integration/test_brokers.py."""
    if not need_docker():
        pytest.skip("Docker does not answer here")
    build = ["docker", "build", "--quiet", "--build-arg", f"PYTHON_IMAGE={os.environ.get('PYTHON_IMAGE', 'python:3.13-slim')}",
             str(ROOT / "tests/integration/brokers")]  # fmt: skip
    image = (
        os.environ.get("RABBITMQ_IMAGE")
        or subprocess.run(build, check=True, capture_output=True, text=True).stdout.strip()
    )
    secrets = {name: name.lower() for name in re.findall(r"^(\w+)=$", (ROOT / ".env.example").read_text(), re.M)}
    environment = {**os.environ, **secrets, "RABBITMQ_IMAGE": image, "COMPOSE_PROJECT_NAME": f"{PROJECT}-rabbitmq"}
    overlaid = Compose(environment, secrets)
    overlay = "docker compose -f docker-compose.yml -f docker-compose.rabbitmq.yml"
    try:
        overlaid.run(f"{overlay} up --detach --wait rabbitmq")
        id = overlaid.run(f"{overlay} ps --quiet rabbitmq").strip()
        confined = "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.CapAdd}} {{.HostConfig.SecurityOpt}} {{.Config.User}}"
        assert overlaid.inspected(id, confined) == "true [ALL] [] [no-new-privileges:true] rabbitmq"
        assert overlaid.is_limited(id)
        password = secrets["COPYDESK_RABBITMQ_PASSWORD"]
        assert "Success" in overlaid.run(
            f"{overlay} exec -T rabbitmq rabbitmqctl authenticate_user copydesk {password}"
        )
        assert "guest" not in overlaid.run(f"{overlay} exec -T rabbitmq rabbitmqctl list_users")
    finally:
        subprocess.run(["bash", "-c", f"{overlay} down --volumes --timeout 5"], cwd=ROOT, env=environment, check=False)


def test_servers_may_become_their_users_as_the_public_images_do(compose: Compose) -> None:
    """The stand-ins start otherwise: what the entrypoint of `redis:8` does is done here with its container's rights."""
    drop = "--reuid 65534 --regid 65534 --clear-groups --nnp --inh-caps=-all --ambient-caps=-all --bounding-set=-all"
    said = compose.run(f"docker compose run --rm --no-deps --entrypoint setpriv redis {drop} id -u")
    assert said.split()[-1] == "65534"


def test_restarts_of_redis_and_mongo_lose_nothing_while_documents_flow(compose: Compose) -> None:
    compose.run("docker compose up --detach --wait --no-recreate --scale worker=2")
    text = "Tram {n} Returns To Service\n\nLODZ, Poland - Tram number {n} returned to service on Monday, the city said."
    accepted: list[str] = []

    def send(numbers: range) -> None:
        for number in numbers:
            for _ in range(60):  # a sender repeats what was not accepted
                try:
                    answer = httpx.post(
                        f"{compose.api}/v1/documents",
                        content=text.format(n=number),
                        params={"collection": "trams"},
                        headers=compose.headers,
                        timeout=30,
                    )
                except httpx.TransportError:
                    time.sleep(0.5)
                    continue
                if answer.status_code in (200, 202):
                    accepted.append(answer.json()["id"])
                    break
                assert answer.status_code == 503, answer.text
                time.sleep(0.5)

    send(range(60))
    compose.run("docker compose restart redis")
    send(range(60, 120))
    compose.run("docker compose restart mongo")
    send(range(120, 160))
    assert len(set(accepted)) == 160
    with compose.reader() as client:
        documents = client.copydesk.documents
        query = {"source.collection": "trams"}
        eventually(
            lambda: documents.count_documents({**query, "status": "done"}) == 160,
            "160 documents done after both restarts",
            seconds=240,
        )
        assert documents.count_documents(query) == 160
