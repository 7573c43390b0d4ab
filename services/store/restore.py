"""Restore an archive that claims to be written by `services.store.backup`.

Nothing is written before the whole archive has been read once and every member matches ``end.json``. Whoever may
restore an archive can put documents and API keys into the database: the check finds damage, not forgery.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
from bson.errors import BSONError
from pymongo import UpdateMany
from pymongo.database import Database

from services.records import SCHEMA_VERSION, Status
from services.settings import Settings
from services.store import lists, migrations, raw, stories
from services.store.alerts import SEARCHES
from services.store.backup import BATCH, COLLECTIONS, FILES, FORMAT, PART_BYTES, STORIES
from services.store.inserts import drop_bytes_of_doubles, insert_new
from services.store.raw import mongo
from services.store.setup import DOCUMENTS, RAW, SOURCES
from services.store.webhooks import WEBHOOKS, secrets_database

Doc = dict[str, Any]
_MEMBER = re.compile(rf"(?P<collection>{'|'.join(map(re.escape, COLLECTIONS))})/\d{{8,12}}\.bson")
_DOCUMENT_BYTES = 17 * 1024 * 1024  # MongoDB's limit, with a margin
_MEMBER_BYTES = PART_BYTES + _DOCUMENT_BYTES  # a backup ends a member when it has PART_BYTES
_END_BYTES, _END_ENTRY_BYTES = 4096, 128  # of end.json: its counts, and the name and SHA-256 of a member
_MOST_MEMBERS = 4_000_000  # enough for 150 million documents


class WrongArchive(ValueError):
    """The archive cannot be restored, or not into this database; the message is one line that says why and what to
    do."""


def verify(path: Path) -> Doc:
    """Read the whole archive and return its manifest. Raises WrongArchive, OSError."""
    sha256: dict[str, str] = {}
    manifest: Doc = {}
    end: Doc | None = None
    for name, data in _members(path):
        if name in sha256 or end is not None:
            raise WrongArchive(f"{path} is damaged: {name} is in the wrong place; nothing was restored")
        if name == "end.json":
            end = _object(path, name, data, {"counts": dict, "sha256": dict})
            continue
        sha256[name] = hashlib.sha256(data).hexdigest()
        if name == "manifest.json":
            manifest = _object(path, name, data, {"format": str})
            if manifest["format"] != FORMAT:
                raise WrongArchive(f"{path} is a {manifest['format'][:100]}; this Copydesk supports {FORMAT}")
            _object(path, name, data, {"schema_version": int})
    if not manifest:
        raise WrongArchive(f"{path} is not an archive of `copydesk backup`")
    if end is None:
        raise WrongArchive(f"{path} is cut off; nothing was restored")
    if wrong := [name for name in {**end["sha256"], **sha256} if sha256.get(name) != end["sha256"].get(name)]:
        raise WrongArchive(f"{path} is damaged: {wrong[0]} differs from its checksum; nothing was restored")
    if manifest["schema_version"] > SCHEMA_VERSION:
        raise WrongArchive(
            f"{path} has schema version {manifest['schema_version']} and this Copydesk supports {SCHEMA_VERSION}: "
            "restore it with the newer version"
        )
    return manifest | end


def _object(path: Path, name: str, data: bytes, needed: dict[str, type]) -> Doc:
    """Return a JSON object. Raises WrongArchive if it is not one, or lacks a ``needed`` value of the right type."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(found.get(key), kind) for key, kind in needed.items()):
        raise WrongArchive(f"{path} is damaged: {name} cannot be read; nothing was restored")
    return found


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and bytes of each member. Raises WrongArchive for a member that no backup has, before reading it, and
    OSError."""
    count = 0
    try:
        with tarfile.open(path, "r|gz") as tar:
            for member in tar:
                tar.members = []  # type: ignore[attr-defined]  # else all of them are kept
                most = _END_BYTES + _END_ENTRY_BYTES * count if member.name == "end.json" else _MEMBER_BYTES
                known = member.name in ("manifest.json", "end.json") or _MEMBER.fullmatch(member.name)
                count += 1
                if not known or not member.isreg() or member.size > most or count > _MOST_MEMBERS:
                    raise WrongArchive(f"{path} is damaged: a backup never has such a member as {member.name[:100]!r}")
                file = tar.extractfile(member)
                yield member.name, file.read() if file else b""
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        if isinstance(error, OSError) and error.filename:
            raise
        raise WrongArchive(f"{path} is cut off or not an archive of `copydesk backup`: {error}") from None


def restore(
    db: Database[Doc], path: Path, manifest: Doc, settings: Settings, *, into_nonempty: bool = False
) -> tuple[Counter[str], Counter[str]]:
    """Restore an archive, checked by ``verify``, into a database prepared by ``set_up``. Existing records are not
    changed. Documents that were queued or processing are queued afterwards, sources are paused and searches muted, and all
    documents are compared with the watch lists again. An interrupted restore can be repeated.
    Returns what was added and what existed already. Raises WrongArchive, PyMongoError, OSError, raw.Unavailable.
    """
    if not into_nonempty and any(db[name].find_one({}, {"_id": 1}) for name in (DOCUMENTS, RAW)):
        raise WrongArchive(
            f"the database {db.name} has documents: name an empty one (COPYDESK_MONGO_DATABASE), or add to this one with "
            "--into-nonempty"
        )
    added: Counter[str] = Counter()
    known: Counter[str] = Counter()
    now = datetime.now(UTC)
    files: Doc = {}
    for name, data in _members(path):
        if not (known_name := _MEMBER.fullmatch(name)):
            continue
        if hashlib.sha256(data).hexdigest() != manifest["sha256"].get(name):
            raise WrongArchive(f"{path} has changed since it was checked: {name}; restore it again")
        collection = known_name["collection"]
        documents = _documents(path, name, data)
        if collection == DOCUMENTS:
            documents = [_waiting(migrations.upgrade(record, manifest["schema_version"]), now) for record in documents]
        elif collection in _AT_REST:
            documents = [_AT_REST[collection](db, one) for one in documents]
        refused = insert_new(db[collection], documents)
        added[collection] += len(documents) - len(refused)
        known[collection] += len(refused)
        if collection == DOCUMENTS:
            if refused:
                db[STORIES].delete_many({"_id": {"$in": drop_bytes_of_doubles(db, refused)}})
            raw.move(db, [record["_id"] for record in documents], settings)
            _drop_files(db, files)
        elif collection == FILES:
            files |= {file["_id"]: file["metadata"]["document"] for file in documents}
    _follow_redirects(db)
    lists.reset(db)
    return added, known


_HAS: dict[str, Callable[[Doc], bool]] = {
    DOCUMENTS: lambda one: isinstance(one["status"], str) and isinstance(one["processing"], dict),
    FILES: lambda one: one["metadata"]["document"] is not None,
}
"""Return the fields that a document of the collection must have."""


def _documents(path: Path, name: str, data: bytes) -> list[Doc]:
    """Return the documents of a member. Raises WrongArchive if a backup cannot contain them."""
    try:
        found: list[Doc] = bson.decode_all(data)
        whole = all(_HAS.get(name.partition("/")[0], bool)(one) for one in found)
    except (BSONError, KeyError, TypeError):
        whole = False
    if not whole:
        raise WrongArchive(f"{path} is damaged: {name} contains something other than documents of Copydesk")
    return found


def _waiting(record: Doc, now: datetime) -> Doc:
    record["processing"].pop("lists_revision", None)  # of lists that may have changed
    if record["status"] in (Status.QUEUED, Status.PROCESSING):
        record["status"] = Status.QUEUED.value
        record["processing"] |= {"lease": None, "queued_at": now, "not_before": now}  # due: the next sweep publishes it
    return record


def _source(db: Database[Doc], source: Doc) -> Doc:
    """Return a source that waits until somebody resumes it. Its password is not in the archive."""
    known = db.client[secrets_database(db.name)][SOURCES].find_one({"_id": source["_id"]}, {"_id": 1})
    return source | {"paused": True, "lease": None, "published_at": None, "has_password": known is not None}


def _search(db: Database[Doc], search: Doc) -> Doc:
    """Return a saved search that is silent until somebody unmutes it. Webhooks are not in the archive."""
    hook = search["webhook"] and db[WEBHOOKS].find_one({"_id": search["webhook"]}, {"_id": 1})
    return search | {"muted": True, "webhook": hook["_id"] if hook else None}


_AT_REST: dict[str, Callable[[Database[Doc], Doc], Doc]] = {
    SOURCES: _source,
    SEARCHES: _search,
    lists.LISTS: lambda _, one: one | {"pending": True},
}
"""Return an entry as it is restored: a copy must not fetch and send in parallel with the original."""


def _drop_files(db: Database[Doc], files: Doc) -> None:
    """Delete those of these files (by id, with the document) that no entry points to, because the bytes are already in
    a bucket."""
    led_to = {entry.get("file_id") for entry in db[RAW].find({"_id": {"$in": list(files.values())}}, {"file_id": 1})}
    mongo.delete(db, [{"file_id": id} for id in files if id not in led_to])
    files.clear()


def _follow_redirects(db: Database[Doc]) -> None:
    """Give stories that were joined during the backup one id in every record."""
    updates: list[UpdateMany] = []
    for redirect in db[STORIES].find({"into": {"$exists": True}}):
        story = stories.resolve(db, redirect["into"])
        updates.append(UpdateMany({"story.id": redirect["_id"]}, {"$set": {"story.id": story}}))
    for start in range(0, len(updates), BATCH):
        db[DOCUMENTS].bulk_write(updates[start : start + BATCH], ordered=False)
