"""Connections to MongoDB: majority writes that are in the journal when acknowledged, every operation bounded in time."""

from __future__ import annotations

from typing import Any

from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

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
    if settings.mongo_username:
        password = settings.mongo_password
        options |= {"username": settings.mongo_username, "password": password.get_secret_value() if password else None}
    return options


def connect(settings: Settings) -> Database[Doc]:
    """The database, for blocking code. One client per process, made after any fork."""
    client: MongoClient[Doc] = MongoClient(**_options(settings))
    return client.get_database(settings.mongo_database, codec_options=CODEC)


def connect_async(settings: Settings) -> AsyncDatabase[Doc]:
    """The database, for asyncio code; to be called in the running loop."""
    client: AsyncMongoClient[Doc] = AsyncMongoClient(**_options(settings))
    return client.get_database(settings.mongo_database, codec_options=CODEC)
