"""Backup through any server that speaks MongoDB's wire protocol; `services.store.restore` reads what this writes.

The archive is a gzipped tar. Its members are ``manifest.json`` (format, schema version, database, instant), then
``<collection>/<number>.bson``, BSON documents one after the other as ``mongodump`` writes them, and last ``end.json``
with the number of documents of each collection and the SHA-256 of each member.

Sources, saved searches and watch lists are read before the records: a source that is behind fetches a document again,
one that is ahead would miss those that arrived during the backup.

Records are read in batches by ``_id``; the bytes of a batch are read after its records and written before them. Bytes
are stored before their record and removed before it, so each record in the archive has its bytes. A record that is
deleted during the backup is left out; one that arrives during it may or may not be included. Bytes from a bucket are
archived in the same form as bytes from MongoDB, and a restore puts them where the settings say, so a backup can move
them from one to the other.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import IO, Any

import bson
from bson import ObjectId
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection
from pymongo.database import Database

from services.store import migrations, raw
from services.store.alerts import ALERTS, SEARCHES
from services.store.audit import AUDIT
from services.store.keys import KEYS
from services.store.lists import ENTRIES, LISTS
from services.store.raw.mongo import CHUNK_BYTES
from services.store.register import ENTITIES
from services.store.rights import USERS
from services.store.setup import DOCUMENTS, RAW, RAW_LARGE, SOURCES

Doc = dict[str, Any]
FORMAT = "copydesk-backup 1"
STORIES = "story_index"
FILES, CHUNKS = f"{RAW_LARGE}.files", f"{RAW_LARGE}.chunks"
# not included: idempotency (its answers may name documents that are not in the archive), secrets, and what workers will
# report again
COLLECTIONS = (
    RAW,
    FILES,
    CHUNKS,
    STORIES,
    DOCUMENTS,
    ENTITIES,
    KEYS,
    USERS,
    AUDIT,
    SOURCES,
    SEARCHES,
    ALERTS,
    ENTRIES,
    LISTS,
)
BATCH = 200
PART_BYTES = 8 * 1024 * 1024
READERS = 16  # objects that are read from a bucket at a time
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)


@dataclass
class _Archive:
    """A tar archive that is being written; documents are collected into members of about ``PART_BYTES``."""

    tar: tarfile.TarFile
    counts: Counter[str] = field(default_factory=Counter)
    sha256: dict[str, str] = field(default_factory=dict)
    _parts: dict[str, bytearray] = field(default_factory=dict)

    def add(self, collection: str, document: RawBSONDocument) -> None:
        part = self._parts.setdefault(collection, bytearray())
        part += document.raw
        self.counts[collection] += 1
        if len(part) >= PART_BYTES:
            self.flush(collection)

    def flush(self, *collections: str) -> None:
        for collection in collections:
            if part := self._parts.pop(collection, None):
                self.member(f"{collection}/{len(self.sha256):08d}.bson", bytes(part))

    def member(self, name: str, data: bytes) -> None:
        self.sha256[name] = hashlib.sha256(data).hexdigest()
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime = len(data), int(datetime.now(UTC).timestamp())
        self.tar.addfile(entry, io.BytesIO(data))


def backup(db: Database[Doc], out: IO[bytes]) -> Counter[str]:
    """Write the backup to ``out``, which need not be seekable. Returns the number of documents of each collection.

    Raises PyMongoError, OSError, raw.Unavailable.
    """
    with tarfile.open(fileobj=out, mode="w|gz") as tar:
        archive = _Archive(tar)
        head = {
            "format": FORMAT,
            "schema_version": migrations.version(db),
            "database": db.name,
            "started_at": datetime.now(UTC).isoformat(),
        }
        archive.member("manifest.json", json.dumps(head).encode())
        for collection in (SOURCES, SEARCHES, ALERTS):
            for entry in _read(db, collection, {}):
                archive.add(collection, entry)
        _add_lists(db, archive)
        archive.flush(SOURCES, SEARCHES, ALERTS, ENTRIES, LISTS)
        for records in _batches(db):
            _add_batch(db, archive, records)
        for redirect_or_list in _read(db, STORIES, {"bands": {"$exists": False}}):
            archive.add(STORIES, redirect_or_list)
        for collection in (KEYS, USERS, AUDIT):
            for entry in _read(db, collection, {}):
                archive.add(collection, entry)
        archive.flush(*COLLECTIONS)
        end = {"counts": archive.counts, "sha256": archive.sha256}
        archive.member("end.json", json.dumps(end).encode())
    return archive.counts


def _raw(db: Database[Doc], collection: str) -> Collection[RawBSONDocument]:
    return Collection(db, collection, codec_options=_RAW)  # type: ignore[arg-type]  # as they are, not decoded


def _read(db: Database[Doc], collection: str, query: Doc) -> Iterator[RawBSONDocument]:
    yield from _raw(db, collection).find(query)


def _batches(db: Database[Doc]) -> Iterator[list[RawBSONDocument]]:
    query: Doc = {}
    while batch := list(_raw(db, DOCUMENTS).find(query).sort("_id", 1).limit(BATCH)):
        yield batch
        query = {"_id": {"$gt": batch[-1]["_id"]}}


def _add_lists(db: Database[Doc], archive: _Archive) -> None:
    """Write the watch lists. If a file replaces the entries of one meanwhile, the new ones are written, too; workers
    remove those that no list has."""
    for found in db[LISTS].find({"deleted": False}, {"_id": 1}).sort("_id", 1):
        load = None
        while (entry := _raw(db, LISTS).find_one({"_id": found["_id"], "deleted": False})) and entry["load"] != load:
            load = entry["load"]
            for one in _read(db, ENTRIES, {"load": load}):
                archive.add(ENTRIES, one)
        if entry:
            archive.add(LISTS, entry)


def _add_batch(db: Database[Doc], archive: _Archive, records: list[RawBSONDocument]) -> None:
    """Write a batch, bytes first. A record whose bytes are gone by now is being deleted and is left out."""
    ids = {"$in": [record["_id"] for record in records]}
    files: dict[Any, Any] = {}
    whole = set()
    objects = []
    for entry in _read(db, RAW, {"_id": ids}):
        if "object" in entry:
            objects.append(entry)
            continue
        archive.add(RAW, entry)
        whole.add(entry["_id"])
        if "file_id" in entry:
            files[entry["file_id"]] = entry["_id"]
    if files:
        found = {file["_id"]: file for file in _read(db, FILES, {"_id": {"$in": list(files)}})}
        for id, document in files.items():
            if id not in found or not _add_file(db, archive, found[id]):
                whole.discard(document)
    whole |= _add_objects(db, archive, objects)
    for entry in _read(db, STORIES, {"_id": ids}):
        archive.add(STORIES, entry)
    archive.flush(RAW, CHUNKS, FILES, STORIES)
    for record in records:
        if record["_id"] in whole:
            archive.add(DOCUMENTS, record)
    archive.flush(DOCUMENTS)


def _add_file(db: Database[Doc], archive: _Archive, file: RawBSONDocument) -> bool:
    """Write bytes from GridFS. Returns whether all of them existed."""
    size = 0
    for chunk in _raw(db, CHUNKS).find({"files_id": file["_id"]}).sort("n", 1):
        archive.add(CHUNKS, chunk)
        size += len(chunk["data"])
    archive.add(FILES, file)
    return bool(size == file["length"])


def _add_objects(db: Database[Doc], archive: _Archive, entries: list[RawBSONDocument]) -> set[Any]:
    """Write bytes from a bucket. Returns the ids of those that existed."""
    whole = set()
    small = [entry for entry in entries if (entry["size_bytes"] or 0) <= CHUNK_BYTES]
    with ThreadPoolExecutor(READERS) as pool:
        for entry, data in zip(small, pool.map(partial(_read_object, db), small), strict=True):
            if data is not None:
                archive.add(RAW, _bson({"_id": entry["_id"], "data": data}))
                whole.add(entry["_id"])
    for entry in entries:
        if (entry["size_bytes"] or 0) > CHUNK_BYTES and _add_large_object(db, archive, entry):
            whole.add(entry["_id"])
    return whole


def _bson(document: Doc) -> RawBSONDocument:
    return RawBSONDocument(bson.encode(document))


def _read_object(db: Database[Doc], entry: RawBSONDocument) -> bytes | None:
    with suppress(raw.Gone):
        return raw.read(db, dict(entry))
    return None


def _add_large_object(db: Database[Doc], archive: _Archive, entry: RawBSONDocument) -> bool:
    """Write an object as a file of GridFS. Returns whether all of it existed."""
    id, n, sha256 = entry["_id"], 0, hashlib.sha256()
    try:
        for piece in raw.pieces(db, dict(entry)):
            sha256.update(piece)
            for start in range(0, len(piece), CHUNK_BYTES):
                data = piece[start : start + CHUNK_BYTES]
                archive.add(CHUNKS, _bson({"_id": ObjectId(), "files_id": id, "n": n, "data": data}))
                n += 1
    except raw.Gone:
        return False
    file = {"_id": id, "length": entry["size_bytes"], "chunkSize": CHUNK_BYTES, "uploadDate": datetime.now(UTC),
            "filename": str(id), "metadata": {"document": id}}  # fmt: skip
    archive.add(FILES, _bson(file))
    archive.add(RAW, _bson({"_id": id, "file_id": id}))
    return bool(sha256.hexdigest() == entry["sha256"])
