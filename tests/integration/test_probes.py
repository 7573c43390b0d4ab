"""The probes of worker and API, with the broker up and down."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import yaml

from tests.conftest import ROOT
from tests.drill.proxy import Proxy
from tests.integration.conftest import Deployment, eventually
from tests.integration.test_load import Start, started  # noqa: F401  (a fixture)

BEAT_SECONDS = 2.0  # Celery's


def healthy(file: Path) -> bool:
    """Return whether a worker is healthy, by the command of the Compose file, which the Helm chart uses too."""
    worker = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["worker"]
    in_container = worker["environment"]["COPYDESK_WORKER_HEARTBEAT_FILE"]
    command = worker["healthcheck"]["test"][1].replace("$$", "$")
    assert in_container in command
    return subprocess.run(["sh", "-c", command.replace(in_container, str(file))], check=False).returncode == 0


def test_a_worker_says_that_it_hears_the_broker(deployment: Deployment, tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    url = urlsplit(deployment.environment["COPYDESK_REDIS_URL"])
    proxy = Proxy(url.port or 6379, url.hostname or "127.0.0.1")
    own = {
        "COPYDESK_REDIS_URL": urlunsplit(url._replace(netloc=f"127.0.0.1:{proxy.port}")),
        "COPYDESK_WORKER_HEARTBEAT_FILE": str(file),
        "COPYDESK_ENRICH_LANGUAGES": "ru",
    }
    assert not healthy(file)
    deployment.start_worker("probed", settings=own)
    try:
        eventually(file.exists, "the first beat")
        assert healthy(file)
        first = file.stat().st_mtime
        eventually(lambda: file.stat().st_mtime > first, "the next beat")

        proxy.cut()
        time.sleep(BEAT_SECONDS)
        last = file.stat().st_mtime
        time.sleep(3 * BEAT_SECONDS)
        assert file.stat().st_mtime == last
        os.utime(file, (last - 61, last - 61))
        assert not healthy(file)

        proxy.mend()
        eventually(lambda: healthy(file), "it beats again when the broker is back")
    finally:
        deployment.kill("probed")
        proxy.close()


def test_readiness_leaves_out_what_it_is_told_to(started: Start) -> None:  # noqa: F811
    own = started(ready=503, redis_url="redis://127.0.0.1:1/0")
    assert own.api.http.get("/readyz").json()["parts"]["mongo"] == "ok"
    without = own.api.http.get("/readyz", params={"exclude": "broker"})
    assert without.status_code == 200
    assert without.json() == {"status": "ok", "parts": {"mongo": "ok"}, "paused": []}
    assert own.api.http.get("/readyz", params={"exclude": "mongo"}).status_code == 503
    assert own.api.http.get("/readyz", params={"exclude": "disk"}).status_code == 422
