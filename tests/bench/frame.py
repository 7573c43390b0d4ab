"""Define a task that does nothing and an endpoint that only inserts its body, to measure what the framework costs by
itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bson import ObjectId
from fastapi import FastAPI, Request

from services.queue import make_app
from services.settings import settings
from services.store.client import connect_async

QUEUE = "bench"
app = make_app(settings())


@app.task(name="bench.nothing")
def nothing(_: str) -> None:
    pass


@asynccontextmanager
async def _lifespan(api: FastAPI) -> AsyncIterator[None]:
    api.state.db = connect_async(settings())
    yield
    await api.state.db.client.close()


api = FastAPI(lifespan=_lifespan)


@api.post("/", status_code=202)
async def insert(request: Request) -> dict[str, Any]:
    id = ObjectId()
    await request.app.state.db.bench.insert_one({"_id": id, "data": await request.body()})
    return {"id": str(id)}
