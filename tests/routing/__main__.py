"""Print where the commands of the hot path go: `python -m tests.routing`, on the servers that the environment names.

The API and the task run in this process. Prints a line for each kind of command, as JSON: what was being done, the command,
the collection, the route, and whether the filter names ``_id``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx
from bson import ObjectId
from pymongo import monitoring

from services.settings import settings
from services.store import work
from tests.bench.corpus import texts
from tests.routing import of_command

_doing = ""
_seen: set[tuple[str, str, str, str]] = set()


class _Commands(monitoring.CommandListener):
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if _doing:
            for collection, route in of_command(event.command_name, dict(event.command)):
                # a POST counts the waiting documents only at intervals, so any of them may do it
                at = "POST" if event.command_name == "aggregate" and _doing.startswith("POST") else _doing
                _seen.add((at, event.command_name, collection, route))

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


async def _hot_path() -> None:
    global _doing
    from services.app import create_app
    from workers import attempts, tasks

    app = create_app()
    one, other, *more = texts(4, seed=98)
    large = one.encode() + b"\nLonger. " * 200_000
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as http:

            async def post(body: str | bytes) -> str:
                answer = await http.post("/v1/documents", content=body, headers={"Content-Type": "text/plain"})
                return str(answer.raise_for_status().json()["id"])

            await http.get("/v1/documents")  # what is requested only once
            _doing = "POST"
            ids = [await post(text) for text in (one, other, *more)]
            _doing = "POST, more than COPYDESK_INLINE_RAW_BYTES"
            big = await post(large)
            _doing = "POST of bytes already stored"
            await post(one)
            _doing = "GET /v1/documents/{id}"
            await http.get(f"/v1/documents/{ids[0]}")
            _doing = "GET /v1/documents/{id}/raw"
            await http.get(f"/v1/documents/{ids[0]}/raw")
            await http.get(f"/v1/documents/{big}/raw")
    _doing = ""
    _doing = "worker"
    for id in ids[:2]:
        tasks.process.run(id)
    _doing = "worker, several"
    claims = work.claim_together(tasks.database(), [ObjectId(id) for id in ids[2:]], settings())
    attempts.together([tasks.attempt(claim) for claim in claims])
    _doing = ""


if __name__ == "__main__":
    monitoring.register(_Commands())
    asyncio.run(_hot_path())
    for one in sorted(_seen):
        json.dump(one, sys.stdout)
        print()
