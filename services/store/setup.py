"""Set up a database: collections, validator, indexes, users. `copydesk init` runs it; it can be repeated."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING, DESCENDING, GEOSPHERE, IndexModel
from pymongo.database import Database
from pymongo.errors import CollectionInvalid, OperationFailure

from services.settings import Settings
from services.store import (
    alerts,
    exports,
    items,
    keys,
    lists,
    mails,
    migrations,
    register,
    server,
    stories,
    users,
    views,
)
from services.store.audit import AUDIT, Action
from services.store.audit import entry as audit_entry
from services.store.control import CONTROL
from services.store.counts import ACTIVITY, ACTIVITY_SECONDS
from services.store.keys import KEYS
from services.store.rights import USERS
from services.store.schema import record_schema
from services.store.webhooks import DELIVERIES, secrets_database
from services.store.webhooks import indexes as webhook_indexes

DOCUMENTS = "documents"
RAW = "raw"
RAW_LARGE = "raw_large"  # GridFS bucket
IDEMPOTENCY = "idempotency"
BATCHES = "batches"
BULK = "bulk_loads"
WORKERS = "workers"
SOURCES = "sources"
SOURCE_HOSTS = "source_hosts"
HOLDINGS = "holdings"

_COLLECTIONS = (
    CONTROL,
    DOCUMENTS,
    RAW,
    IDEMPOTENCY,
    BATCHES,
    BULK,
    KEYS,
    USERS,
    AUDIT,
    WORKERS,
    ACTIVITY,
    SOURCES,
    SOURCE_HOSTS,
    exports.EXPORTS,
    HOLDINGS,
    alerts.SEARCHES,
    alerts.ALERTS,
    alerts.PASS,
    mails.MAILS,
    register.ENTITIES,
    register.STALE,
    register.PASS,
    lists.LISTS,
    lists.ENTRIES,
    lists.STATE,
    lists.ASKED,
)
_USER_EXISTS = 51003
_WORKER_FORGOTTEN_SECONDS = 3600
_HOST_FORGOTTEN_SECONDS = 3600

_BY_VALUE = {
    "entity": "entities.name",
    "entity_id": "entities.id",
    "alias": "entities.aliases",
    "place": "places.name",
    "country": "places.country",
    "latitude": "places.location.coordinates.1",
    "speaker": "quotes.speaker",
    "event": "events.action",
    "actor": "events.actor",
    "topic": "topics.name",
    "tag": "source.tags",
    "publisher": "publisher",
    "language": "language",
    "story": "story.id",
    "finished": "processing.finished_at",
}
"""Indexes of one field, by name; docs/search.md says which searches use them and what they cost."""

_OF_THE_WIRE = {
    "guid": "wire.guid",
    "provider": "wire.provider",
    "pub_status": "wire.pub_status",
    "urgency": "wire.urgency",
    "slugline": "wire.slugline",
    "subject_code": "wire.subjects.code",
    "subject_name": "wire.subjects.name",
    "wire_keyword": "wire.keywords",
    "wire_place_code": "wire.places.code",
    "wire_place_name": "wire.places.name",
    "fetched_from": "source.fetched_from.name",
}
"""Indexes of the fields that only documents of providers have, or of sources; others are not in them."""

RECEIVED = "received"
"""Index of the order of receipt, on servers whose index on ``_id`` finds no ranges (SecantusDB 0.7.0b3)."""

_FORMER = ("published_at", "terms", "lease")
"""Indexes of earlier versions of Copydesk that were replaced by others."""


def document_indexes(geo_index: bool) -> list[IndexModel]:
    """Return the indexes of ``documents``; ``geo_index`` is that of `server.Server`, and distinguishes SecantusDB."""
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
            [(path, ASCENDING) for path in ("status", "processing.priority", "source.key", "source.collection")],
            name="waiting",
            partialFilterExpression={"status": "queued"},
        ),
        IndexModel(
            [("processing.lease.worker", ASCENDING)],
            name="holder",
            partialFilterExpression={"status": "processing"},
        ),
        IndexModel([("published_at", DESCENDING), ("_id", DESCENDING)], name="published"),
        IndexModel([("terms", ASCENDING), ("_id", DESCENDING)], name="words"),
        IndexModel([("money.currency", ASCENDING), ("money.amount", ASCENDING)], name="money"),
        IndexModel([("dates.from", ASCENDING), ("dates.to", ASCENDING)], name="told_of"),
        IndexModel(
            [("source.batch", ASCENDING), ("status", ASCENDING)],
            name="batch",
            partialFilterExpression={"source.batch": {"$gt": ""}},
        ),
        *(IndexModel([(path, ASCENDING)], name=name) for name, path in _BY_VALUE.items()),
        *(IndexModel([(path, ASCENDING)], name=name, sparse=True) for name, path in _OF_THE_WIRE.items()),
        IndexModel(
            [("processing.failures.stage", ASCENDING)],
            name="stage_failures",
            partialFilterExpression={"processing.failures.stage": {"$gt": ""}},
        ),
        # references to other documents, which an erasure must find
        IndexModel([("story.nearest", ASCENDING)], name="nearest", sparse=True),
        IndexModel([("members.id", ASCENDING)], name="member", sparse=True),
        IndexModel([("source.parent", ASCENDING)], name="parent", sparse=True),
        IndexModel([("corrections.kind", ASCENDING)], name="corrected", sparse=True),
        IndexModel([("corrections.at", ASCENDING)], name="corrected_at", sparse=True),
        IndexModel([("processing.listed_at", ASCENDING)], name="listed_at", sparse=True),
        IndexModel([("lists.list", ASCENDING)], name="list", sparse=True),
        IndexModel([("status", ASCENDING), (lists.REVISION, ASCENDING)], name="lists_revision"),
        *items.indexes(),
    ]
    if geo_index:
        indexes.append(IndexModel([("places.location", GEOSPHERE)], name="places"))
    else:  # with a second field that never changes: the server would take an index of `_id` alone for the existing one
        indexes.append(IndexModel([("_id", ASCENDING), ("schema_version", ASCENDING)], name=RECEIVED))
    return indexes


def missing(db: Database[dict[str, Any]]) -> list[str]:
    """Return what `set_up` would create: collections, and indexes of ``documents``, by name."""
    names = set(db.list_collection_names())
    lacking = [f"collection {name}" for name in _COLLECTIONS if name not in names]
    if DOCUMENTS in names:
        there = set(db[DOCUMENTS].index_information())
        wanted = (index.document["name"] for index in document_indexes(server.ask(db).geo_index))
        lacking += [f"index {name}" for name in wanted if name not in there]
    return lacking


def set_up(db: Database[dict[str, Any]], settings: Settings) -> server.Server:
    """Create missing collections, validator, indexes, users and the first API key, and migrate records of an older
    schema version. Returns what the server supports. Raises PyMongoError if the server does not answer or the user
    lacks the rights; ValueError if the first key does not have the form of a key, its id belongs to another key, or the
    database has a newer schema version.
    """
    found = server.ask(db)
    for name in _COLLECTIONS:
        try:
            db.create_collection(name)
        except CollectionInvalid:
            continue
    db.command("collMod", DOCUMENTS, validator={"$jsonSchema": record_schema()}, validationLevel="moderate")
    db[DOCUMENTS].create_indexes(document_indexes(found.geo_index))
    for name in _FORMER:
        if name in db[DOCUMENTS].index_information():
            db[DOCUMENTS].drop_index(name)
    for name in (IDEMPOTENCY, AUDIT, exports.EXPORTS):
        db[name].create_indexes([IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0)])
    for name, moment in ((BATCHES, "created_at"), (exports.EXPORTS, "started_at")):
        db[name].create_indexes([IndexModel([(moment, DESCENDING)], name="newest")])
    db[AUDIT].create_indexes([IndexModel([("at", DESCENDING)], name="newest")])
    seen = IndexModel([("seen_at", ASCENDING)], name="forgotten", expireAfterSeconds=_WORKER_FORGOTTEN_SECONDS)
    db[WORKERS].create_indexes([seen])
    hour = IndexModel([("minute", ASCENDING)], name="hour", expireAfterSeconds=2 * ACTIVITY_SECONDS)
    db[ACTIVITY].create_indexes([hour])
    # the index that GridFS requires; the API writes chunks without the driver's help
    db[f"{RAW_LARGE}.chunks"].create_indexes([IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)])
    stories.create_indexes(db)
    views.create(db, settings.event_confidence)
    db[DELIVERIES].create_indexes(webhook_indexes())
    db[SOURCES].create_indexes(
        [IndexModel([("next_at", ASCENDING)], name="due"), IndexModel([("lease.worker", ASCENDING)], name="holder")]
    )
    asked = IndexModel([("next_at", ASCENDING)], name="forgotten", expireAfterSeconds=_HOST_FORGOTTEN_SECONDS)
    db[SOURCE_HOSTS].create_indexes([asked])
    db[alerts.SEARCHES].create_indexes(alerts.search_indexes())
    db[alerts.ALERTS].create_indexes(alerts.alert_indexes())
    db[mails.MAILS].create_indexes(mails.indexes())
    db[register.ENTITIES].create_indexes(register.indexes())
    db[USERS].create_indexes(users.indexes())
    users.create_secret_indexes(db)
    lists.index_names(db)
    db[lists.ENTRIES].create_indexes(lists.entry_indexes())
    db[lists.ASKED].create_indexes(lists.question_indexes())
    migrations.settle(db)
    items.take_in(db)
    _users(db, settings)
    _first_key(db, settings)
    return found


def _first_key(db: Database[dict[str, Any]], settings: Settings) -> None:
    if settings.bootstrap_key is None:
        return
    key = settings.bootstrap_key.get_secret_value()
    entry = keys.entry(key, keys.Grant(name="bootstrap", scopes=list(keys.SCOPES), rate_per_minute=0))
    stored = db[KEYS].find_one({"_id": entry["_id"]})
    if stored is None:
        db[AUDIT].insert_one(audit_entry(Action.KEY_CREATE, entry["_id"], settings, name="init", key_name="bootstrap"))
        db[KEYS].insert_one(entry)
    elif not keys.matches(key, stored):
        raise ValueError("COPYDESK_BOOTSTRAP_KEY has the id of another key; use a new key")


def _users(db: Database[dict[str, Any]], settings: Settings) -> None:
    if settings.app_password:
        # dbOwner is not needed: the application reads, writes and asks for collection statistics
        _user(
            db, settings.app_username, settings.app_password.get_secret_value(), "readWrite", secrets_database(db.name)
        )
    if settings.reader_password:
        _user(db, settings.reader_username, settings.reader_password.get_secret_value(), "read")


def _user(db: Database[dict[str, Any]], name: str, password: str, role: str, *others: str) -> None:
    roles = [{"role": role, "db": database} for database in (db.name, *others)]
    try:
        db.command("createUser", name, pwd=password, roles=roles)
    except OperationFailure as error:
        if error.code != _USER_EXISTS and "exists" not in str(error):
            raise
        db.command("updateUser", name, pwd=password, roles=roles)
