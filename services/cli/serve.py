"""``copydesk api`` and ``copydesk init``: run the API alone, and set up its MongoDB."""

from __future__ import annotations

import math
from typing import Annotated

import typer
import uvicorn
from pymongo.errors import PyMongoError
from rich.console import Console

from services.cli.errors import die
from services.settings import settings
from services.store import first, setup, sharding
from services.store.client import connect

out = Console()


def api() -> None:
    """Run the API alone, on COPYDESK_API_HOST and COPYDESK_API_PORT.

    Example: COPYDESK_API_PORT=8080 copydesk api
    """
    from services.api.protocol import Protocol  # imported here, because other commands do not need the API

    config = settings()
    uvicorn.run(
        "services.app:create_app",
        factory=True,
        host=config.api_host,
        port=config.api_port,
        http=Protocol,
        ws="none",
        limit_concurrency=config.max_connections,
        timeout_graceful_shutdown=math.ceil(config.api_shutdown_seconds),
        access_log=False,
        server_header=False,
        proxy_headers=bool(config.trusted_proxies),
        forwarded_allow_ips=config.trusted_proxies,
    )


def init(
    shard: Annotated[bool, typer.Option("--shard", help="Also shard the growing collections; needs a mongos.")] = False,
) -> None:
    """Create collections, validator, indexes, users and the first API key in MongoDB; safe to repeat.

    Example: COPYDESK_MONGO_URL=mongodb://127.0.0.1:27017 copydesk init
    """
    config = settings()
    try:
        server = setup.set_up(db := connect(config), config)
        invitation = first.invite(db, config)
        if shard:
            from services.cli.operations import database

            sharding.shard(database())  # with a longer time limit: an index on a large collection takes time
    except PyMongoError as error:
        die(f"MongoDB: {error}")
    except ValueError as error:
        die(error)
    out.print(f"{config.mongo_database} is ready on {server}", highlight=False)
    if invitation:
        link = f"{(config.public_url or '').rstrip('/')}{invitation}"
        out.print(f"The first person chooses a password at {link}", highlight=False, soft_wrap=True, markup=False)
