"""The connection to MongoDB after its network failed under load."""

from __future__ import annotations

import asyncio

import pytest
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from services.store.client import connect_async
from tests.conftest import make_settings
from tests.drill.proxy import Proxy
from tests.integration.conftest import Deployment

WRITERS = 60
BREAKS = 4
SLOW, DOWN, BACK = 0.3, 2.3, 10  # seconds


def test_writers_go_on_after_connections_broke_while_many_waited_for_one(deployment: Deployment) -> None:
    settings = make_settings(deployment.environment)
    host, port = parse_uri(settings.mongo_url)["nodelist"][0]
    proxy = Proxy(int(port), host)
    url = settings.mongo_url.replace(f"{host}:{port}", f"127.0.0.1:{proxy.port}")
    try:
        asyncio.run(_break_and_mend(make_settings({**deployment.environment, "COPYDESK_MONGO_URL": url}), proxy))
    finally:
        proxy.close()
        deployment.db.drop_collection("reconnect")


async def _break_and_mend(settings: object, proxy: Proxy) -> None:
    numbers = connect_async(settings).get_collection("reconnect")  # type: ignore[arg-type]
    written = asyncio.Event()

    async def write() -> None:
        while True:
            try:
                await numbers.insert_one({})
                written.set()
            except PyMongoError:
                pass
            await asyncio.sleep(0.02)

    writers = [asyncio.create_task(write()) for _ in range(WRITERS)]
    try:
        await asyncio.wait_for(written.wait(), BACK)
        for number in range(BREAKS):
            proxy.slow(SLOW)
            await asyncio.sleep(SLOW)
            proxy.cut()
            await asyncio.sleep(DOWN)
            proxy.mend()
            await asyncio.sleep(0.5)  # what was under way
            written.clear()
            try:
                await asyncio.wait_for(written.wait(), BACK)
            except TimeoutError:
                pytest.fail(f"nothing was written for {BACK} s after break {number + 1} was mended")
    finally:
        for writer in writers:
            writer.cancel()
        await asyncio.gather(*writers, return_exceptions=True)
        await numbers.database.client.close()
