"""Round trips to MongoDB for each document, counted by the driver's own monitoring: `python -m tests.bench.trips N`.

The API and the task run in this process, on the servers that the environment names.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from pymongo import monitoring

from tests.bench.corpus import texts

_counted: Counter[str] = Counter()


class _Commands(monitoring.CommandListener):
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name not in ("hello", "ping", "isMaster", "saslStart", "saslContinue", "endSessions"):
            _counted[event.command_name] += 1

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


async def _post(bodies: list[str]) -> list[str]:
    from services.api import create_app

    app = create_app()
    ids = []
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            for number, body in enumerate(bodies):
                if number == 1:
                    _counted.clear()  # the first asks for what is then remembered
                answer = await http.post("/v1/documents", content=body, headers={"Content-Type": "text/plain"})
                ids.append(answer.raise_for_status().json()["id"])
    return ids


def main(count: int) -> dict[str, float]:
    """Round trips a document of the API and of a worker."""
    monitoring.register(_Commands())
    from workers import tasks

    ids = asyncio.run(_post(texts(count + 1, seed=99)))
    api = _counted.total() / count
    tasks.process.run(ids[0])
    _counted.clear()
    for id in ids[1:]:
        tasks.process.run(id)
    return {"api": api, "worker": _counted.total() / count, **{f"worker {k}": v / count for k, v in _counted.items()}}


def measure(environment: dict[str, str], count: int = 20) -> dict[str, float]:
    """The same in a process of its own, on the servers of ``environment``."""
    environment = {**os.environ, **environment, "COPYDESK_AUTH": "false", "COPYDESK_MONGO_DATABASE": "trips"}
    copydesk = str(Path(sys.executable).parent / "copydesk")
    subprocess.run([copydesk, "init"], env=environment, check=True, capture_output=True)
    command = [sys.executable, "-m", "tests.bench.trips", str(count)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
