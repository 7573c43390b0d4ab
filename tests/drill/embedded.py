"""Run the drill on the embedded servers, and cause faults there.

The workers reach MongoDB through a proxy. If this user may mount a file system, the servers' data is on a small disk of
its own, a tmpfs.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pymongo.database import Database
from pymongo.errors import PyMongoError
from redis import Redis

from services import embedded
from services.settings import Settings
from services.store import setup
from services.store.client import connect
from tests.drill.proxy import Proxy
from tests.drill.system import LIMITS, Fault, await_upload

WORKERS = ("worker-1", "worker-2")
DISK_BYTES = 1024**3


@dataclass
class Embedded(embedded.Servers):
    """API, two workers of one process each, scheduler and servers. A part that ends by itself is started again and
    counted."""

    api_port: int = field(default_factory=embedded.free_port)
    ended: Counter[str] = field(default_factory=Counter)
    sending: Callable[[], int] = lambda: 0
    watched: Path | None = None
    _down: set[str] = field(default_factory=set)
    _environments: dict[str, dict[str, str]] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _mounted: bool = False

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def headers(self) -> dict[str, str]:
        return {}

    @property
    def about(self) -> str:
        return f"the embedded servers, {self.server} for MongoDB and Valkey for Redis"

    @property
    def logs(self) -> str:
        return str(self.folder / "logs")

    def start(self) -> None:
        self.disk = self.folder / "disk"
        self.disk.mkdir(parents=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(self.disk)]
        self._mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
        for server in ("redis", "mongo"):
            (self.disk / server).mkdir()
            (self.folder / server).symlink_to(self.disk / server)
        super().start()
        self.proxy = Proxy(self.mongo_port)
        self.settings = Settings.model_validate(
            {name.removeprefix("COPYDESK_").lower(): value for name, value in {**LIMITS, **self.environment}.items()}
        )
        self.db: Database[dict[str, Any]] = connect(self.settings)
        self.server = setup.set_up(self.db, self.settings)
        self.watched = self.folder / "watched"
        self.watched.mkdir()
        common = {
            "COPYDESK_SOURCE_FOLDER": str(self.watched),
            **LIMITS,
            **self.environment,
            "COPYDESK_AUTH": "false",
            "COPYDESK_API_PORT": str(self.api_port),
        }
        proxied = {**common, "COPYDESK_MONGO_URL": f"mongodb://127.0.0.1:{self.proxy.port}/?directConnection=true"}
        scripts = Path(sys.executable).parent
        self._run("api", [str(scripts / "copydesk"), "api"], common)
        celery = [sys.executable, "-m", "celery", "-A"]
        for name in WORKERS:
            options = ["-c", "1", "-n", f"{name}@%h", "--without-gossip", "--without-mingle"]
            self._run(name, [*celery, "workers.tasks", "worker", *options], proxied)
        schedule = ["--schedule", str(self.folder / "beat"), "--pidfile="]
        self._run("scheduler", [*celery, "services.queue", "beat", *schedule], common)
        self.wait("api", self._ready)
        self.wait(
            WORKERS[-1], lambda: self.db.workers.count_documents({}) == len(WORKERS)
        )  # loading models does not count as a gap
        threading.Thread(target=self._supervise, daemon=True).start()

    def stop(self) -> None:
        self._over.set()
        super().stop()
        self.proxy.close()
        if self._mounted:
            subprocess.run(["umount", "--lazy", str(self.disk)], check=False)

    def faults(self) -> dict[str, Fault]:
        """Return the faults; each returns when it is undone."""
        found: dict[str, Fault] = {
            "worker gets SIGKILL": self.kill_worker,
            "worker gets SIGTERM": self.end_worker,
            "worker's process gets SIGKILL": self.kill_child,
            "fetcher gets SIGKILL": self.kill_fetcher,
            "alerter gets SIGKILL": self.kill_alerter,
            "API gets SIGKILL during uploads": self.kill_api,
            "Redis is restarted": lambda rng: self._restart("redis", signal.SIGTERM, rng),
            "Redis gets SIGKILL": lambda rng: self._restart("redis", signal.SIGKILL, rng),
            "Redis is paused": lambda rng: self._pause("redis", rng),
            "Redis is flushed": self.flush,
            "MongoDB is restarted": lambda rng: self._restart("mongo", signal.SIGTERM, rng),
            "MongoDB gets SIGKILL": lambda rng: self._restart("mongo", signal.SIGKILL, rng),
            "MongoDB is paused": lambda rng: self._pause("mongo", rng),
            "workers' network to MongoDB is cut": lambda rng: self._network(self.proxy.cut, rng),
            "workers' network to MongoDB stalls": lambda rng: self._network(self.proxy.stall, rng),
        }
        if self._mounted:
            found["the servers' disk is full"] = self.fill_disk
        return found

    def kill_worker(self, rng: random.Random) -> None:
        with self._taken(rng.choice(WORKERS)) as name:
            os.killpg(self.children[name].pid, signal.SIGKILL)
            self.children[name].wait()
            time.sleep(rng.uniform(0, 2))

    def end_worker(self, rng: random.Random) -> None:
        with self._taken(rng.choice(WORKERS)) as name:
            self.children[name].send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.children[name].wait(timeout=30)
            with contextlib.suppress(ProcessLookupError):  # as Docker does after its grace period
                os.killpg(self.children[name].pid, signal.SIGKILL)
            self.children[name].wait()

    def kill_child(self, rng: random.Random) -> None:
        pid = self.children[rng.choice(WORKERS)].pid
        with contextlib.suppress(OSError, IndexError):
            first = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
            os.kill(int(first), signal.SIGKILL)

    def kill_fetcher(self, rng: random.Random) -> None:
        """Kill the process that has the lease of the watched folder, a moment after it took the lease."""
        source = self._seen("sources", {"lease": {"$ne": None}})
        time.sleep(rng.uniform(0, 0.05))
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(source["lease"]["worker"].rsplit("/", 1)[1]), signal.SIGKILL)

    def kill_alerter(self, rng: random.Random) -> None:
        """Kill the processes of all workers while one of them makes a pass, because the turn does not say which."""
        self._seen("alert_pass", {"until": {"$ne": None}})
        time.sleep(rng.uniform(0, 0.05))
        for name in WORKERS:
            pid = self.children[name].pid
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)

    def _seen(self, collection: str, query: dict[str, Any]) -> dict[str, Any]:
        """Wait for an entry that may match for a moment only. Raises TimeoutError if there is none within 20 s."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(PyMongoError):
                if found := self.db[collection].find_one(query):
                    return found
        raise TimeoutError(f"{collection}: nothing is like {query}")

    def kill_api(self, rng: random.Random) -> None:
        await_upload(self, rng)
        with self._taken("api"):
            self.children["api"].kill()
            self.children["api"].wait()
            time.sleep(rng.uniform(0, 1))
        self.wait("api", self._answers)

    def flush(self, _: random.Random) -> None:
        with Redis.from_url(self.settings.redis_address) as redis:
            redis.flushall()

    def fill_disk(self, rng: random.Random) -> None:
        """Fill the disk for some seconds. Parts that end because of it are started again, which fails until there is
        room."""
        ballast = self.disk / "ballast"
        with ballast.open("wb", buffering=0) as out, contextlib.suppress(OSError):
            while True:
                out.write(bytes(1024 * 1024))
        with ballast.open("ab", buffering=0) as out, contextlib.suppress(OSError):
            while True:
                out.write(bytes(512))
        time.sleep(rng.uniform(4, 8))
        ballast.unlink()

    def _run(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self._environments[name] = environment
        self.spawn(name, command, environment)

    def _again(self, name: str) -> None:
        if name == "redis":
            self.run_redis()
        elif name == "mongo":
            self.run_mongo()
        else:
            self.spawn(name, self._commands[name], self._environments[name])

    @contextlib.contextmanager
    def _taken(self, name: str) -> Any:
        """Prevent others from starting this part while a fault keeps it down."""
        self._down.add(name)
        try:
            yield name
            self._again(name)
        finally:
            self._down.discard(name)

    def _restart(self, name: str, how: signal.Signals, rng: random.Random) -> None:
        with self._taken(name):
            self.children[name].send_signal(how)
            try:
                self.children[name].wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.children[name].kill()
                self.children[name].wait()
            time.sleep(rng.uniform(0, 3))

    def _pause(self, name: str, rng: random.Random) -> None:
        os.kill(self.children[name].pid, signal.SIGSTOP)
        time.sleep(rng.uniform(2, 9))
        os.kill(self.children[name].pid, signal.SIGCONT)

    def _network(self, break_: Callable[[], None], rng: random.Random) -> None:
        break_()
        time.sleep(rng.uniform(2, 9))
        self.proxy.mend()

    def _supervise(self) -> None:
        """Start parts again that ended by themselves, as Docker's restart policy does."""
        while not self._over.wait(0.5):
            if "mongo" not in self._down and self.mongo_gave_up():
                self.children["mongo"].kill()
                self.children["mongo"].wait()
            for name, child in list(self.children.items()):
                if name not in self._down and child.poll() is not None:
                    self.ended[name] += 1
                    time.sleep(1)
                    with contextlib.suppress(embedded.NotStarted, OSError):
                        self._again(name)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.api_url}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.api_url}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False
