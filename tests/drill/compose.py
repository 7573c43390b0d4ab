"""Run the drill on the Compose stack: the unchanged `docker-compose.yml`, with shorter limits."""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pymongo.database import Database

from services.embedded import NotStarted, free_port
from services.settings import Settings
from services.store import server
from services.store.client import connect
from tests.drill.system import LIMITS, Fault, await_upload

ROOT = Path(__file__).parents[2]
STORE = "data"
READY_SECONDS = 120.0
PAUSE_TRIES = 10


@dataclass
class Compose:
    """API, two worker containers of one process each, scheduler and servers, in a project that is removed at the end.

    The project and its images have a name that no other run has, so that two drills do not meet on one Docker.
    """

    folder: Path
    sending: Callable[[], int] = lambda: 0
    project: str = field(default_factory=lambda: f"copydesk-drill-{secrets.token_hex(4)}")
    _environment: dict[str, str] = field(default_factory=dict)
    _names: dict[str, list[str]] = field(default_factory=dict)

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._environment['COPYDESK_PORT']}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._environment['COPYDESK_BOOTSTRAP_KEY']}"}

    @property
    def about(self) -> str:
        return f"the Compose stack, its MongoDB image being {server.ask(self.db)}"

    @property
    def logs(self) -> str:
        return f"{self.folder}/compose.log afterwards"

    @property
    def ended(self) -> Counter[str]:
        """The parts that Docker's restart policy has started again."""
        names = [name for service in self._names.values() for name in service]
        counts = _docker("inspect", "-f", "{{.RestartCount}}", *names).split()
        return +Counter({name.removeprefix(f"{self.project}-"): int(n) for name, n in zip(names, counts, strict=True)})

    def start(self) -> None:
        """Start the stack. Raises NotStarted if Docker or the stack does not start."""
        env = self.folder / "env"
        subprocess.run(["make", "env", f"ENV_FILE={env}"], cwd=ROOT, check=True, capture_output=True)
        lines = [line.split("=", 1) for line in env.read_text().splitlines() if line[:1] not in ("", "#")]
        self._environment = {
            **os.environ,
            **dict(lines),
            "COMPOSE_PROJECT_NAME": self.project,
            "COPYDESK_API_IMAGE": self._images[0],
            "COPYDESK_WORKER_IMAGE": self._images[1],
            "COPYDESK_PORT": str(free_port()),
            "COPYDESK_MONGO_PORT": str(free_port()),
        }
        self._compose("up", "--build", "--detach", "--wait", "--scale", "worker=2")
        self._names = {
            name: [found["Name"] for found in self._ps() if found["Service"] == name]
            for name in ("api", "worker", "redis", "mongo")
        }
        self.settings = Settings(
            mongo_url=f"mongodb://127.0.0.1:{self._environment['COPYDESK_MONGO_PORT']}/?directConnection=true&authSource=copydesk",
            mongo_username="copydesk",
            mongo_password=self._environment["COPYDESK_APP_PASSWORD"],  # type: ignore[arg-type]
            mongo_timeout_seconds=float(LIMITS["COPYDESK_MONGO_TIMEOUT_SECONDS"]),
        )
        self.db: Database[dict[str, Any]] = connect(self.settings)

    def stop(self) -> None:
        with (self.folder / "compose.log").open("wb") as out:
            subprocess.run([*self._command(), "logs", "--no-color"], env=self._environment, stdout=out, check=False)
        subprocess.run(
            [*self._command(), "down", "--volumes", "--timeout", "5"],
            env=self._environment, check=False, capture_output=True,
        )  # fmt: skip
        subprocess.run(["docker", "image", "rm", *self._images], check=False, capture_output=True)

    @property
    def _images(self) -> tuple[str, str]:
        return f"{self.project}-api", f"{self.project}-worker"

    watched = None  # the folder would have to be in the workers' containers

    def faults(self) -> dict[str, Fault]:
        return {
            "worker gets SIGKILL": lambda rng: self._kill(self._one("worker", rng), rng),
            "worker gets SIGTERM": lambda rng: self._restart(self._one("worker", rng)),
            "worker's process gets SIGKILL": self.kill_child,
            "API gets SIGKILL during uploads": self.kill_api,
            "Redis is restarted": lambda rng: self._restart(self._one("redis", rng)),
            "Redis gets SIGKILL": lambda rng: self._kill(self._one("redis", rng), rng),
            "Redis is paused": lambda rng: self._pause(self._one("redis", rng), rng),
            "Redis is flushed": self.flush,
            "MongoDB is restarted": lambda rng: self._restart(self._one("mongo", rng)),
            "MongoDB gets SIGKILL": lambda rng: self._kill(self._one("mongo", rng), rng),
            "MongoDB is paused": lambda rng: self._pause(self._one("mongo", rng), rng),
            "a worker's network to MongoDB is cut": self.cut,
        }

    def kill_child(self, rng: random.Random) -> None:
        kill = "import os; os.kill(int(open('/proc/1/task/1/children').read().split()[0]), 9)"
        with contextlib.suppress(subprocess.CalledProcessError):  # it has none at the moment
            _docker("exec", self._one("worker", rng), "python", "-c", kill)

    def kill_api(self, rng: random.Random) -> None:
        await_upload(self, rng)
        self._kill(self._one("api", rng), rng)
        end = time.monotonic() + READY_SECONDS
        while not self._answers():
            if time.monotonic() > end:
                raise NotStarted(f"the API does not answer: docker logs {self._names['api'][0]}")
            time.sleep(0.2)

    def flush(self, rng: random.Random) -> None:
        _docker("exec", self._one("redis", rng), "redis-cli", "flushall")

    def cut(self, rng: random.Random) -> None:
        name = self._one("worker", rng)
        _docker("network", "disconnect", f"{self.project}_{STORE}", name)
        time.sleep(rng.uniform(2, 9))
        _docker("network", "connect", f"{self.project}_{STORE}", name)

    def _one(self, service: str, rng: random.Random) -> str:
        return rng.choice(self._names[service])

    def _kill(self, name: str, rng: random.Random) -> None:
        """Kill a container, and start it again, because Docker does not restart what `docker kill` killed."""
        _docker("kill", name)
        time.sleep(rng.uniform(0, 2))
        _docker("start", name)

    def _restart(self, name: str) -> None:
        _docker("restart", "--time", "20", name)

    def _pause(self, name: str, rng: random.Random) -> None:
        """Pause a container. Docker cannot always freeze one at the first attempt (`unable to freeze`, cgroup v1)."""
        for left in reversed(range(PAUSE_TRIES)):
            try:
                _docker("pause", name)
                break
            except subprocess.CalledProcessError:
                if not left:
                    raise
                time.sleep(0.5)
        time.sleep(rng.uniform(2, 9))
        _docker("unpause", name)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.api_url}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def _ps(self) -> Iterator[dict[str, str]]:
        said = self._compose("ps", "--format", "json").strip()
        return iter(json.loads(said) if said.startswith("[") else map(json.loads, said.splitlines()))

    def _compose(self, *arguments: str) -> str:
        done = subprocess.run([*self._command(), *arguments], env=self._environment, capture_output=True, text=True,
                              check=False)  # fmt: skip
        if done.returncode != 0:
            raise NotStarted(f"docker compose {arguments[0]}: {done.stderr.strip()[-1000:]}")
        return done.stdout

    def _command(self) -> list[str]:
        """Return the command of Compose, with the changes in an override file in JSON, which Compose reads as YAML."""
        ours = {"environment": {**LIMITS, "COPYDESK_WORKER_CONCURRENCY": "1"}}
        changes: dict[str, Any] = dict.fromkeys(("api", "worker", "scheduler", "init"), ours)
        # on a busy machine, the health check of a worker takes longer than Compose waits
        changes["worker"] = {**ours, "healthcheck": {"test": ["CMD", "true"]}}
        path = self.folder / "override.json"
        path.write_text(json.dumps({"services": changes}))
        return ["docker", "compose", "-f", str(ROOT / "docker-compose.yml"), "-f", str(path)]


def _docker(*arguments: str) -> str:
    """Return the output of the command. Raises CalledProcessError if it fails."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()
