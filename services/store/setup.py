"""Brings a database to the shape the code expects. One owner runs it (`copydesk init`), as often as it likes."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING, DESCENDING, GEOSPHERE, IndexModel
from pymongo.database import Database
from pymongo.errors import CollectionInvalid, OperationFailure

from services.settings import Settings
from services.store import server, stories
from services.store.schema import record_schema

DOCUMENTS = "documents"
RAW = "raw"
RAW_LARGE = "raw_large"  # GridFS bucket
IDEMPOTENCY = "idempotency"

_USER_EXISTS = 51003


def _document_indexes(geo_index: bool) -> list[IndexModel]:
    indexes = [
        IndexModel([("source.collection", ASCENDING), ("raw.sha256", ASCENDING)], name="bytes_once", unique=True),
        IndexModel([("status", ASCENDING), ("_id", DESCENDING)], name="status"),
        IndexModel([("source.collection", ASCENDING), ("_id", DESCENDING)], name="collection"),
        IndexModel(
            [("status", ASCENDING), ("processing.queued_at", ASCENDING)],
            name="overdue",
            partialFilterExpression={"status": "queued"},
        ),
        IndexModel(
            [("processing.lease.expires_at", ASCENDING)],
            name="lease",
            partialFilterExpression={"status": "processing"},
        ),
        IndexModel([("published_at", DESCENDING)], name="published_at"),
        IndexModel([("entities.name", ASCENDING)], name="entity"),
        IndexModel([("terms", ASCENDING)], name="terms"),
        IndexModel([("story.id", ASCENDING)], name="story"),
    ]
    if geo_index:
        indexes.append(IndexModel([("places.location", GEOSPHERE)], name="places"))
    return indexes


def set_up(db: Database[dict[str, Any]], settings: Settings) -> server.Server:
    """Create collections, validator, indexes and users where they are missing or differ; says which server it is.

    Raises PyMongoError where the server does not answer or the user may not do this.
    """
    found = server.ask(db)
    for name in (DOCUMENTS, RAW, IDEMPOTENCY):
        try:
            db.create_collection(name)
        except CollectionInvalid:
            continue
    db.command("collMod", DOCUMENTS, validator={"$jsonSchema": record_schema()}, validationLevel="moderate")
    db[DOCUMENTS].create_indexes(_document_indexes(found.geo_index))
    db[IDEMPOTENCY].create_indexes([IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0)])
    stories.create_indexes(db)
    _users(db, settings)
    return found


def _users(db: Database[dict[str, Any]], settings: Settings) -> None:
    if settings.app_password:
        # dbOwner is not needed: the application reads, writes and asks for collection statistics
        _user(db, settings.app_username, settings.app_password.get_secret_value(), "readWrite")
    if settings.reader_password:
        _user(db, settings.reader_username, settings.reader_password.get_secret_value(), "read")


def _user(db: Database[dict[str, Any]], name: str, password: str, role: str) -> None:
    roles = [{"role": role, "db": db.name}]
    try:
        db.command("createUser", name, pwd=password, roles=roles)
    except OperationFailure as error:
        if error.code != _USER_EXISTS and "exists" not in str(error):
            raise
        db.command("updateUser", name, pwd=password, roles=roles)
