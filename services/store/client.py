"""Connections to MongoDB: writes are acknowledged by a majority and journaled, and every operation has a time limit."""

from __future__ import annotations

from typing import Any

from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.uri_parser import parse_uri

from services.settings import Settings
from services.store.codec import CODEC

Doc = dict[str, Any]


def _options(settings: Settings) -> Doc:
    options: Doc = {
        "host": settings.mongo_url,
        "w": "majority",
        "journal": True,  # by default a standalone server acknowledges earlier, and loses the write if it is killed
        "appname": "copydesk",
        "timeoutMS": int(settings.mongo_timeout_seconds * 1000),
        "serverSelectionTimeoutMS": int(settings.mongo_timeout_seconds * 1000),
    }
    if not _may_retry_writes(settings.mongo_url):
        options["retryWrites"] = False
    if settings.mongo_username:
        password = settings.mongo_password
        options |= {"username": settings.mongo_username, "password": password.get_secret_value() if password else None}
    return options


def _may_retry_writes(url: str) -> bool:
    """Return whether the server accepts retryable writes, or the address itself says whether to use them.

    A standalone server does not. pymongo 4.20 notices this only on the connection for the second attempt. It raises the
    first attempt's error there, treats the new connection as broken too, and clears its pool. Under load this went on
    for minutes after a restart of MongoDB, with 503 for every POST.
    """
    if url.startswith("mongodb+srv:"):
        return True
    parsed = parse_uri(url)
    return len(parsed["nodelist"]) > 1 or not {"replicaset", "retrywrites"}.isdisjoint(
        map(str.lower, parsed["options"])
    )


def connect(settings: Settings) -> Database[Doc]:
    """Return the database for blocking code. Each process has one client, created after any fork."""
    client: MongoClient[Doc] = MongoClient(**_options(settings))
    return client.get_database(settings.mongo_database, codec_options=CODEC)


def connect_async(settings: Settings) -> AsyncDatabase[Doc]:
    """Return the database for asyncio code; call it in the running loop."""
    client: AsyncMongoClient[Doc] = AsyncMongoClient(**_options(settings))
    return client.get_database(settings.mongo_database, codec_options=CODEC)
