"""``copydesk doctor``: common mistakes in a set-up, and how to fix them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
import typer
from pydantic import ValidationError
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError
from redis import RedisError
from rich.console import Console

from services.cli.client import LOCAL, ApiUrl
from services.settings import Settings
from services.store import control, server, setup
from services.store.client import connect
from services.store.raw.bucket import Unavailable, probe

OLDEST_MONGOD = (8, 0)
"""The driver's bulk writes over several collections need it."""

MOST_SKEW_SECONDS = 5.0
IMAGE = "/opt/copydesk"
"""The path of Python in the container image."""

out = Console()


WORKERS = "app.kubernetes.io/component=worker"


def by_way(compose: str, kubernetes: str, here: str) -> str:
    """Return the words that fit the way Copydesk runs: in Docker Compose, in Kubernetes, or installed on this
    machine."""
    if sys.prefix != IMAGE:
        return here
    return kubernetes if "KUBERNETES_SERVICE_HOST" in os.environ else compose


def command(arguments: str) -> str:
    """Return how to type a ``copydesk`` command in this environment."""
    return by_way(f"docker compose run --rm cli {arguments}", f"copydesk {arguments}", f"copydesk {arguments}")


def _log_of(part: str) -> str:
    return by_way(
        f"docker compose logs {part}",
        f"kubectl logs -l app.kubernetes.io/component={part}",
        f"{part}.log in the folder that `copydesk up` prints beside “logs”",
    )


@dataclass(frozen=True)
class Finding:
    """The result of one check. ``fix`` says what to do; it is empty if all is well."""

    what: str
    state: str
    fix: str = ""


def doctor(
    api: ApiUrl = LOCAL,
    all: Annotated[
        bool, typer.Option("--all", help="Check MongoDB and the broker even if no setting names them.")
    ] = False,
) -> None:
    """Check for common mistakes in a set-up and say how to fix them; exit status 1 if there is one.

    Example: docker compose run --rm cli doctor
    """
    findings = []
    for finding in examine(api, everywhere=all):
        findings.append(finding)
        if out.is_terminal:
            _print(finding)
        else:
            print(json.dumps(asdict(finding), ensure_ascii=False))
    if any(finding.fix for finding in findings):
        raise typer.Exit(1)


def _print(finding: Finding) -> None:
    mark, style = ("✗", "red") if finding.fix else ("✓", "green")
    out.print(f"{mark} {finding.what}: {finding.state}", style=style, markup=False, highlight=False)
    if finding.fix:
        out.print(f"  → {finding.fix}", markup=False, highlight=False)


def examine(api: str, *, everywhere: bool = False) -> Iterator[Finding]:
    """Yield the findings one by one. MongoDB and the broker are checked if the environment names them, or if
    ``everywhere``."""
    try:
        config = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        yield Finding("settings", " ".join(map(str, first["loc"])) or "wrong", first["msg"])
        return
    yield Finding("settings", "valid")
    yield from _api(api, config)
    if everywhere or "mongo_url" in config.model_fields_set:
        yield from _mongo(config)
    if everywhere or {"redis_url", "broker_url"} & config.model_fields_set:
        yield from _broker(config)
    if config.raw_url:
        yield _raw(config)
    if config.parse_ocr and shutil.which("tesseract") is None:
        yield Finding("OCR", "COPYDESK_PARSE_OCR is on, but tesseract is not installed",
                      "install tesseract-ocr, or build the image with OCR=true (docs/formats.md)")  # fmt: skip


def _api(url: str, config: Settings) -> Iterator[Finding]:
    headers = {"Authorization": f"Bearer {config.api_key.get_secret_value()}"} if config.api_key else {}
    with httpx.Client(base_url=url, timeout=10, headers=headers) as http:
        try:
            ready = http.get("/readyz")
            parts = ready.json()["parts"]
        except httpx.HTTPError as error:
            yield Finding("API", f"no answer from {url} ({type(error).__name__})",
                          by_way("start it with `docker compose up -d`", "look at `kubectl get pods`", "start it with `copydesk up`")
                          + ", or name it with COPYDESK_API_URL")  # fmt: skip
            return
        except (ValueError, KeyError):
            yield Finding("API", f"{url} is not Copydesk's API", "set COPYDESK_API_URL to the API's address")
            return
        yield Finding("API", f"answers on {url}")
        for part, state in parts.items():
            yield Finding(f"the API's {part}", state, "" if state == "ok" else f"look at its log: {_log_of(part)}")
        asked = http.get("/v1/documents", params={"limit": 1})
        if asked.status_code == 401:
            held = (
                "COPYDESK_API_KEY is unknown, expired or revoked" if config.api_key else "COPYDESK_API_KEY is not set"
            )
            yield Finding("API key", held, f"make one: {command('keys create NAME')}")
        elif asked.status_code == 403:
            yield Finding("API key", asked.json()["detail"], "create one with the scope read")
        elif asked.is_success:
            yield Finding("API key", "accepted" if config.api_key else "not required")


def _mongo(config: Settings) -> Iterator[Finding]:
    db = connect(config)
    try:
        found = server.ask(db)
        yield Finding("MongoDB", f"{found} answers")
        if found.name == "mongod" and tuple(map(int, found.version.split(".")[:2])) < OLDEST_MONGOD:
            yield Finding("MongoDB version", found.version, "Copydesk needs MongoDB 8.0 or newer")
        for check in (_skew, _set_up, _waiting):
            yield from check(db, config)
    except OperationFailure as error:
        yield Finding("MongoDB", f"refuses: {error.details and error.details.get('errmsg')}",
                      "COPYDESK_MONGO_USERNAME and COPYDESK_MONGO_PASSWORD must be those that `copydesk init` made; "
                      "after a change of a password in .env, run init again")  # fmt: skip
    except PyMongoError as error:
        yield Finding("MongoDB", f"no answer ({type(error).__name__})", "start it, or correct COPYDESK_MONGO_URL")
    finally:
        db.client.close()


def _skew(db: Database[dict[str, Any]], _: Settings) -> Iterator[Finding]:
    there = db.client.admin.command("hello").get("localTime")
    if there is None:
        return
    apart = abs((datetime.now(UTC) - there.replace(tzinfo=UTC)).total_seconds())
    if apart > MOST_SKEW_SECONDS:
        yield Finding(
            "clocks",
            f"MongoDB's clock differs by {apart:.0f} s",
            "pauses between attempts depend on the clock: run NTP on every machine",
        )
    else:
        yield Finding("clocks", "agree")


def _set_up(db: Database[dict[str, Any]], _: Settings) -> Iterator[Finding]:
    missing = setup.missing(db)
    if missing:
        yield Finding("database", f"lacks {', '.join(missing)}", f"run `{command('init')}`")
    else:
        yield Finding("database", f"{db.name} is set up")


def _waiting(db: Database[dict[str, Any]], config: Settings) -> Iterator[Finding]:
    if paused := sorted(control.read(db).paused):
        yield Finding("documents", f"paused: {' and '.join(paused)} documents wait until `{command('resume')}`")
        return
    late = datetime.now(UTC) - timedelta(minutes=4)
    stuck = {"status": "queued", "processing.not_before": None, "processing.queued_at": {"$lt": late}}
    if db[setup.DOCUMENTS].find_one(stuck, {"_id": 1}):
        waiting = db[setup.DOCUMENTS].count_documents({"status": "queued"})
        yield Finding("documents", f"{waiting} wait, some since before {late:%H:%M:%S} UTC",
                      "start workers and the scheduler, or more workers: "
                      + by_way("docker compose up -d --scale worker=4", f"kubectl scale deploy -l {WORKERS} --replicas=4",
                               "copydesk up --workers 4"))  # fmt: skip
    else:
        yield Finding("documents", "none waits for long")


def _raw(config: Settings) -> Finding:
    what = f"raw bytes in {config.raw_url}"
    try:
        probe(config)
    except Unavailable as error:
        if error.code == "NoSuchBucket":
            fix = "create the bucket, or correct COPYDESK_RAW_URL and COPYDESK_RAW_ENDPOINT"
        elif error.code:
            fix = (
                "correct COPYDESK_RAW_ACCESS_KEY_ID and COPYDESK_RAW_SECRET_ACCESS_KEY (or AWS's variables), and let that key "
                "put, get and delete objects in the bucket"
            )
        else:
            fix = "start the store, or correct COPYDESK_RAW_ENDPOINT; without keys the client looks for an AWS role"
        return Finding(what, str(error), fix)
    return Finding(what, "a test object was written, read and removed")


def _broker(config: Settings) -> Iterator[Finding]:
    from services import queue  # imported here, because it reads the settings when it is imported

    name, setting = ("RabbitMQ", "BROKER") if config.broker == "rabbitmq" else ("Redis", "REDIS")
    try:
        queue.depths()
        yield Finding(name, "answers")
        if config.broker == "redis":
            yield from _eviction(queue.app)
    except queue.AWAY as error:
        yield Finding(
            name, f"{type(error).__name__}: {error}", f"start it, or correct COPYDESK_{setting}_URL and _PASSWORD"
        )
        return
    workers = queue.app.control.ping(timeout=3.0)
    if workers:
        yield Finding("workers", f"{len(workers)} answer")
    else:
        yield Finding("workers", "none answers", f"start one: {by_way('docker compose up -d worker', f'kubectl rollout restart deploy -l {WORKERS}', 'copydesk up')}; "
                      f"its log: {_log_of('worker')}")  # fmt: skip


def _eviction(app: Any) -> Iterator[Finding]:
    with app.connection_for_read() as connection:
        try:
            policy = connection.default_channel.client.config_get("maxmemory-policy").get("maxmemory-policy")
        except RedisError:  # a managed Redis may forbid CONFIG
            return
    if policy not in (None, "noeviction"):
        yield Finding("Redis maxmemory-policy", policy, "set noeviction: Redis would drop messages to make room")
