"""Connections to MongoDB: majority writes that are in the journal when acknowledged, every operation bounded in time."""

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
        "journal": True,  # a standalone server acknowledges before, and a killed one would forget
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
    """Whether the address names a server that takes retryable writes, or says itself whether they are to be tried.

    A standalone server takes none. pymongo 4.20 finds that out only on the connection that it has just got for the second
    try, raises the first try's error inside it, and so takes the new connection for broken, too: it clears its pool. Under
    load that went on for minutes after a restart of MongoDB, with 503 for every POST.
    """
    if url.startswith("mongodb+srv:"):
        return True
    parsed = parse_uri(url)
    return len(parsed["nodelist"]) > 1 or not {"replicaset", "retrywrites"}.isdisjoint(
        map(str.lower, parsed["options"])
    )


def connect(settings: Settings) -> Database[Doc]:
    """The database, for blocking code. One client per process, made after any fork."""
    client: MongoClient[Doc] = MongoClient(**_options(settings))
    return client.get_database(settings.mongo_database, codec_options=CODEC)


def connect_async(settings: Settings) -> AsyncDatabase[Doc]:
    """The database, for asyncio code; to be called in the running loop."""
    client: AsyncMongoClient[Doc] = AsyncMongoClient(**_options(settings))
    return client.get_database(settings.mongo_database, codec_options=CODEC)
