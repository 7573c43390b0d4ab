"""The API without the extra ``assistants``, as in its image."""

from __future__ import annotations

import subprocess
import sys

STARTED = """
import asyncio, sys
sys.modules["mcp"] = None  # as if it were not installed
from fastapi import FastAPI
from services.assistants import http

async def start():
    app = FastAPI()
    http.install(app)
    async with app.router.lifespan_context(app):
        print("started", app.state.assistants)

asyncio.run(start())
"""


def test_the_api_starts_without_the_extra() -> None:
    done = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "started None", done.stderr
