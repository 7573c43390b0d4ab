"""Round trips to MongoDB for each document, counted by the driver's own monitoring: `python -m tests.bench.trips N`.

The API and a worker run in this process, one after the other, on the servers that the environment names.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any

import httpx
from bson import ObjectId
from celery.contrib.testing.worker import start_worker
from pymongo import monitoring

from services.settings import settings
from services.store.client import connect
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

    ids = [ObjectId(id) for id in asyncio.run(_post(texts(count + 1, seed=99)))]
    api = _counted.total() / count
    _counted.clear()
    with start_worker(tasks.app, concurrency=1, pool="solo", perform_ping_check=False, shutdown_timeout=60):
        db = connect(settings())
        end = time.monotonic() + 1200
        while db.documents.count_documents({"_id": {"$in": ids}, "status": "done"}) < len(ids):
            _counted.subtract(["aggregate"])  # this look is not the worker's
            if time.monotonic() > end:
                raise TimeoutError(f"not {len(ids)} documents")
            time.sleep(0.5)
    _counted.subtract(["aggregate"])
    by_command = {name: number / len(ids) for name, number in _counted.items() if number > 0}
    return {"api": api, "worker": sum(by_command.values()), **{f"worker {k}": v for k, v in by_command.items()}}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
