"""Raw bytes in a bucket that speaks S3's protocol, an object for each document.

An object's key ends with the document's id and begins with the id's last two digits, which come from a counter: S3 and
similar stores divide a bucket among machines by the start of keys, and ids begin with the time. The entry of ``raw`` is
written before the object and removed after it, so that an object without a record is found without listing the bucket.
Requests are signed with the SHA-256 of the content, which the store compares. Parts of an interrupted upload do not
form an object; a lifecycle rule of the bucket removes them.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services.settings import Settings, settings
from services.store.raw import mongo
from services.store.setup import RAW

if TYPE_CHECKING:
    from obstore.store import S3Store

    from services.store.raw import Item

Doc = dict[str, Any]
log = structlog.get_logger()

PART_BYTES = 5 * 1024 * 1024  # the smallest part that S3 accepts
WRITER_BYTES = 3 * PART_BYTES  # one being filled, one being sent
CONNECTIONS = 16
_PROBE = "copydesk-probe"


class Unavailable(Exception):
    """The bucket does not answer or refuses. ``code`` is S3's error code, empty if there was no answer."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Gone(LookupError):
    """The bytes are missing, or differ from those that were stored."""


@cache
def _store(name: str) -> S3Store:
    """Return this process's client for a bucket, created on first use, after any fork. Unset values come from AWS's
    variables and roles."""
    from obstore.store import (
        S3Store,
    )  # imported here: most installations have no bucket, and a worker's parent process must not start its threads

    config = settings()
    secret = config.raw_secret_access_key
    given = {
        "endpoint": config.raw_endpoint,
        "region": config.raw_region,
        "access_key_id": config.raw_access_key_id,
        "secret_access_key": secret.get_secret_value() if secret else None,
    }
    patience = timedelta(seconds=config.raw_timeout_seconds)
    return S3Store(
        name,
        config={key: value for key, value in given.items() if value},  # type: ignore[arg-type]
        client_options={
            "allow_http": True,
            "timeout": patience / 2,
            "connect_timeout": patience / 2,
        },  # as the endpoint says
        retry_config={
            "max_retries": 10,
            "retry_timeout": patience / 2,
            "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
        },
    )


def _split(url: str) -> tuple[str, str]:
    name, _, key = url.removeprefix("s3://").partition("/")
    return name, key


def _place(url: str) -> tuple[S3Store, str]:
    name, key = _split(url)
    return _store(name), key


def _url(id: ObjectId, settings: Settings) -> str:
    return f"{(settings.raw_url or '').rstrip('/')}/{str(id)[-2:]}/{id}"


def _entry(id: ObjectId, settings: Settings, item: Item | None = None) -> Doc:
    """Return the object's key; without ``item``, that of the test object."""
    size, sha256 = (len(item.data), item.sha256) if item else (None, None)
    return {"_id": id, "object": _url(id, settings), "size_bytes": size, "sha256": sha256}


@contextmanager
def _answering() -> Iterator[None]:
    """Translate the client's errors into Gone and Unavailable."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (OSError, BaseError) as error:  # the client's files raise the former
        said = str(error)
        code, message = (re.search(f"<{tag}>([^<]*)</{tag}>", said) for tag in ("Code", "Message"))
        if isinstance(error, FileNotFoundError) and (code is None or code[1] != "NoSuchBucket"):
            raise Gone(said.partition("\n")[0][:300]) from None
        if code:
            raise Unavailable(f"{code[1]}: {message[1] if message else ''}", code[1]) from None
        raise Unavailable(said.partition("\n")[0][:300] or "no answer in time") from None


@contextmanager
def _writing() -> Iterator[None]:
    try:
        with _answering():
            yield
    except Gone as error:
        raise Unavailable(str(error), "NoSuchBucket") from None


def put(db: Database[Doc], items: Sequence[Item], settings: Settings) -> None:
    mongo.insert(db, [_entry(item.id, settings, item) for item in items])
    if len(items) == 1:
        _put(items[0], settings)
        return
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for _ in pool.map(lambda item: _put(item, settings), items):
            pass


def take(db: Database[Doc], item: Item, settings: Settings) -> None:
    """Move bytes from another place: write the object first, then point the existing entry to it."""
    _put(item, settings)
    db[RAW].replace_one({"_id": item.id}, _entry(item.id, settings, item))


def _put(item: Item, settings: Settings) -> None:
    import obstore

    store, key = _place(_url(item.id, settings))
    with _writing():
        obstore.put(store, key, item.data, attributes={"sha256": item.sha256}, max_concurrency=1)


def read(db: Database[Doc], entry: Doc) -> bytes:
    data = b"".join(pieces(db, entry))
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise Gone(f"{entry['object']} has other bytes than those that were stored")
    return data


def pieces(db: Database[Doc], entry: Doc) -> Iterator[bytes]:
    import obstore

    store, key = _place(entry["object"])
    for start, length in _ranges(entry):
        with _answering():
            piece = obstore.get_range(store, key, start=start, length=length).to_bytes()
        yield piece


def _ranges(entry: Doc) -> Iterator[tuple[int, int]]:
    """Read in ranges, so that no request takes long even if the reader is slow."""
    size = entry["size_bytes"]
    if size is None:
        raise Gone(f"{entry['object']} was never stored completely")
    for start in range(0, size, PART_BYTES):
        yield start, min(PART_BYTES, size - start)


def delete(db: Database[Doc], entries: Sequence[Doc]) -> None:
    import obstore

    by_bucket: dict[str, list[str]] = {}
    for entry in entries:
        name, key = _split(entry["object"])
        by_bucket.setdefault(name, []).append(key)
    for name, keys in by_bucket.items():
        with _writing():
            obstore.delete(_store(name), keys)


def probe(settings: Settings) -> None:
    """Write, read and remove an object. Raises Unavailable."""
    import obstore

    store, key = _place(f"{(settings.raw_url or '').rstrip('/')}/{_PROBE}")
    with _writing():
        obstore.put(store, key, b"of `copydesk doctor`")
        obstore.get(store, key).bytes()
        obstore.delete(store, key)


async def put_async(db: AsyncDatabase[Doc], item: Item, settings: Settings) -> None:
    import obstore

    with suppress(DuplicateKeyError):  # the id is new: the driver repeated a write whose answer was lost
        await db[RAW].insert_one(_entry(item.id, settings, item))
    store, key = _place(_url(item.id, settings))
    with _writing():
        async with asyncio.timeout(settings.raw_timeout_seconds):
            await obstore.put_async(store, key, item.data, attributes={"sha256": item.sha256}, max_concurrency=1)


class Writer:
    """An upload in parts of `PART_BYTES`, sent one at a time."""

    def __init__(self, db: AsyncDatabase[Doc], id: ObjectId, settings: Settings) -> None:
        import obstore

        self._db, self._id, self._seconds = db, id, settings.raw_timeout_seconds
        self._entry = _entry(id, settings)
        store, key = _place(self._entry["object"])
        self._file = obstore.open_writer_async(store, key, buffer_size=PART_BYTES, max_concurrency=1)
        self._size = 0
        self._answers = True

    async def write(self, piece: bytes) -> None:
        self._size += len(piece)
        with self._asked():
            async with asyncio.timeout(self._seconds):
                await self._file.write(piece)

    async def close(self, sha256: str) -> None:
        await self._finish()
        whole = {"size_bytes": self._size, "sha256": sha256}
        await self._db[RAW].update_one({"_id": self._id}, {"$set": whole})

    async def _finish(self) -> None:
        with self._asked():
            async with asyncio.timeout(self._seconds):
                await self._file.close()

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            with _writing():
                yield
        except Unavailable:
            self._answers = False
            raise

    async def discard(self) -> None:
        if not self._answers:
            return  # its bytes are removed with the orphans
        if self._size >= PART_BYTES:
            await self._finish()  # parts without an object could not be removed
        await delete_async(self._db, self._entry)
        await self._db[RAW].delete_one({"_id": self._id})


async def begin(db: AsyncDatabase[Doc], id: ObjectId, settings: Settings) -> Writer:
    await db[RAW].insert_one(_entry(id, settings))
    return Writer(db, id, settings)


async def stream(db: AsyncDatabase[Doc], entry: Doc) -> AsyncIterator[bytes]:
    import obstore

    seconds = settings().raw_timeout_seconds
    store, key = _place(entry["object"])
    for start, length in _ranges(entry):
        with _answering():
            async with asyncio.timeout(seconds):
                piece = (await obstore.get_range_async(store, key, start=start, length=length)).to_bytes()
        yield piece


async def delete_async(db: AsyncDatabase[Doc], entry: Doc) -> None:
    import obstore

    store, key = _place(entry["object"])
    with _writing():
        async with asyncio.timeout(settings().raw_timeout_seconds):
            await obstore.delete_async(store, key)


async def answers(settings: Settings) -> None:
    """Check the bucket. Raises Unavailable if it does not answer or rejects these keys."""
    import obstore

    store, key = _place(f"{(settings.raw_url or '').rstrip('/')}/{_PROBE}")
    try:
        with _answering():
            async with asyncio.timeout(settings.raw_timeout_seconds):
                await obstore.get_async(store, key)
    except Gone:
        return
    except Unavailable as error:
        if error.code != "AccessDenied":  # S3's answer for a missing object if the caller may not list the bucket
            raise
