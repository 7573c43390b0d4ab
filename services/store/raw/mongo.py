"""Raw bytes in MongoDB: up to ``inline_raw_bytes`` in the entry of ``raw`` itself, larger ones in GridFS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bson import ObjectId
from gridfs import AsyncGridFSBucket, GridFSBucket
from gridfs.errors import NoFile
from pymongo import InsertOne, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.settings import Settings
from services.store.server import DUPLICATE_KEY
from services.store.setup import RAW, RAW_LARGE

if TYPE_CHECKING:
    from services.store.raw import Item

Doc = dict[str, Any]
CHUNK_BYTES = 1024 * 1024
WRITER_BYTES = 3 * CHUNK_BYTES


def put(db: Database[Doc], items: Sequence[Item], settings: Settings) -> None:
    entries: list[Doc] = []
    for item in items:
        if len(item.data) <= settings.inline_raw_bytes:
            entries.append({"_id": item.id, "data": item.data})
        else:
            large = GridFSBucket(db, RAW_LARGE, chunk_size_bytes=CHUNK_BYTES)
            _remove_files(db, [item.id])  # left by an earlier attempt
            large.upload_from_stream_with_id(item.id, str(item.id), item.data, metadata={"document": item.id})
            entries.append({"_id": item.id, "file_id": item.id})
    insert(db, entries)


def insert(db: Database[Doc], entries: Sequence[Doc]) -> None:
    """Insert entries of ``raw``, except those that exist."""
    try:
        db[RAW].bulk_write([InsertOne(entry) for entry in entries], ordered=False)
    except BulkWriteError as error:
        if any(one["code"] != DUPLICATE_KEY for one in (error.details or {}).get("writeErrors", [{"code": None}])):
            raise


def read(db: Database[Doc], entry: Doc) -> bytes:
    return bytes(entry["data"]) if "data" in entry else b"".join(pieces(db, entry))


def pieces(db: Database[Doc], entry: Doc) -> Iterator[bytes]:
    if "data" in entry:
        yield bytes(entry["data"])
        return
    file = GridFSBucket(db, RAW_LARGE).open_download_stream(entry["file_id"])
    while piece := file.readchunk():
        yield piece


def delete(db: Database[Doc], entries: Sequence[Doc]) -> None:
    _remove_files(db, [entry["file_id"] for entry in entries if "file_id" in entry])


def _remove_files(db: Database[Doc], ids: list[Any]) -> None:
    if ids:
        db[f"{RAW_LARGE}.chunks"].delete_many({"files_id": {"$in": ids}})
        db[f"{RAW_LARGE}.files"].delete_many({"_id": {"$in": ids}})


def remove_cut_off(db: Database[Doc], window: Doc) -> int:
    """Remove chunks of uploads that were interrupted, for example because the process ended. Such chunks have no
    entry for their file, because the driver writes that last."""
    chunks = db[f"{RAW_LARGE}.chunks"]
    join = {"from": f"{RAW_LARGE}.files", "localField": "files_id", "foreignField": "_id", "as": "file"}
    first = {"$match": {"_id": window, "n": 0}}
    found = chunks.aggregate(
        [
            first,
            {"$project": {"files_id": 1}},
            {"$lookup": join},
            {"$match": {"file": []}},
            {"$project": {"files_id": 1}},
        ]
    )
    ids = [chunk["files_id"] for chunk in found]
    if ids:
        chunks.delete_many({"files_id": {"$in": ids}})
    return len(ids)


async def put_async(db: AsyncDatabase[Doc], item: Item, settings: Settings) -> None:
    """Insert without waiting for the journal of a standalone server, because the insert of the record waits for it.
    Other servers wait for a majority's journal anyway.
    """
    with suppress(DuplicateKeyError):  # the id is new: the driver repeated a write whose answer was lost
        entry = {"_id": item.id, "data": item.data}
        await db[RAW].with_options(write_concern=WriteConcern("majority")).insert_one(entry)


class Writer:
    """A file of GridFS. Its entry is written before its chunks, so that the chunks of an interrupted upload can be found.
    The driver's own writer is not used, because it buffers up to 48 MB of each file before it sends any.
    """

    def __init__(self, db: AsyncDatabase[Doc], id: ObjectId) -> None:
        self._db, self._id = db, id
        self._held = bytearray()
        self._chunks = self._size = 0

    async def write(self, piece: bytes) -> None:
        self._held += piece
        self._size += len(piece)
        while len(self._held) >= CHUNK_BYTES:
            await self._send()

    async def _send(self) -> None:
        chunk = bytes(self._held[:CHUNK_BYTES])
        del self._held[:CHUNK_BYTES]
        await self._db[RAW_LARGE].chunks.insert_one({"files_id": self._id, "n": self._chunks, "data": chunk})
        self._chunks += 1

    async def close(self, sha256: str) -> None:
        if self._held:
            await self._send()
        await self._db[RAW_LARGE].files.update_one({"_id": self._id}, {"$set": {"length": self._size}})
        with suppress(DuplicateKeyError):
            await self._db[RAW].insert_one({"_id": self._id, "file_id": self._id})

    async def discard(self) -> None:
        await delete_async(self._db, {"file_id": self._id})


async def begin(db: AsyncDatabase[Doc], id: ObjectId, settings: Settings) -> Writer:
    await db[RAW_LARGE].files.insert_one(
        {
            "_id": id,
            "length": 0,
            "chunkSize": CHUNK_BYTES,
            "uploadDate": datetime.now(UTC),
            "filename": str(id),
            "metadata": {"document": id},
        }
    )
    return Writer(db, id)


async def stream(db: AsyncDatabase[Doc], entry: Doc) -> AsyncIterator[bytes]:
    if "data" in entry:
        yield bytes(entry["data"])
        return
    file = await AsyncGridFSBucket(db, RAW_LARGE).open_download_stream(entry["file_id"])
    while piece := await file.readchunk():
        yield piece


async def delete_async(db: AsyncDatabase[Doc], entry: Doc) -> None:
    if "file_id" in entry:
        with suppress(NoFile):
            await AsyncGridFSBucket(db, RAW_LARGE).delete(entry["file_id"])
