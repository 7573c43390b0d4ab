"""Count the round trips to MongoDB for each document with the driver's own monitoring: `python -m tests.bench.trips N`.

The API and a worker run in this process, one after the other, on the servers that the environment names.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from celery.contrib.testing.worker import start_worker
from pymongo import monitoring

from services import queue
from services.settings import settings
from tests.bench.corpus import texts
from tests.bench.service import Service

_counted: Counter[str] = Counter()


class _Commands(monitoring.CommandListener):
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name not in ("hello", "ping", "isMaster", "saslStart", "saslContinue", "endSessions"):
            _counted[f"{event.command_name} {event.command[event.command_name]}"] += 1

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


async def _post(bodies: list[str]) -> list[str]:
    from services.app import create_app

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
    """Return the round trips per document of the API, and of a worker while the queue is deep."""
    monitoring.register(_Commands())
    from workers import tasks

    shallow = settings().batch_documents * queue.DEEP
    asyncio.run(_post(texts(count + shallow + 1, seed=99)))
    api = _counted.total() / (count + shallow)
    _counted.clear()
    waiting = queue.depths()["documents"]
    with start_worker(tasks.app, concurrency=1, pool="solo", perform_ping_check=False, shutdown_timeout=60):
        end = time.monotonic() + 1200
        while (left := queue.depths()["documents"]) > shallow:
            if time.monotonic() > end:
                raise TimeoutError(f"{left} documents are left")
            time.sleep(0.1)
        by_command = {name: number / (waiting - left) for name, number in _counted.items()}
    return {"api": api, "worker": sum(by_command.values()), **{f"worker {k}": v for k, v in by_command.items()}}


def measure(service: Service, count: int) -> dict[str, float]:
    """Run this module in a process of its own, on the servers of ``service``, whose worker ends."""
    service.end("worker")
    environment = {
        **os.environ,
        **service.stack.environment,
        "COPYDESK_AUTH": "false",
        "COPYDESK_SHARE_OF_KEY": "0",
        "COPYDESK_MONGO_DATABASE": "trips",
        "COPYDESK_WORKER_CONCURRENCY": "1",
    }
    subprocess.run(
        [str(Path(sys.executable).parent / "copydesk"), "init"], env=environment, check=True, capture_output=True
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.trips", str(count)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
