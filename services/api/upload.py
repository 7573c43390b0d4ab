"""Pass request bodies on to the store, hashed and counted: small ones from memory, larger ones as they arrive."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from services.api.problems import Problem
from services.settings import Settings
from services.store import raw

Doc = dict[str, Any]


@dataclass
class Upload:
    """The bytes of one document. At most ``inline_raw_bytes`` are held in memory; beyond that they go to the store as
    they arrive."""

    db: AsyncDatabase[Doc]
    settings: Settings
    declared_media_type: str | None = None
    filename: str | None = None
    id: ObjectId = field(default_factory=ObjectId)
    size: int = 0
    data: bytearray = field(default_factory=bytearray)
    stored: bool = False
    _writer: raw.Writer | None = None
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        return str(self._hash.hexdigest())

    async def write(self, chunk: bytes) -> None:
        """Add a chunk. Raises Problem 413 if the document exceeds ``max_body_bytes``."""
        self.size += len(chunk)
        if self.size > self.settings.max_body_bytes:
            raise too_large(self.settings)
        self._hash.update(chunk)
        self.data += chunk
        if self._writer is None and len(self.data) > self.settings.inline_raw_bytes:
            self._writer = await raw.begin(self.db, self.id, self.settings)
        if self._writer is not None:
            piece = bytes(self.data)
            self.data.clear()
            await self._writer.write(piece)

    async def close(self) -> None:
        """Finish the document. The bytes of a large document are stored when this returns."""
        if self._writer is not None and not self.stored:
            await self._writer.close(self.sha256)
            self.stored = True

    async def store(self) -> None:
        """Store the bytes, including those held in memory."""
        await self.close()
        if not self.stored:
            await raw.put_async(self.db, raw.Item(self.id, bytes(self.data), self.sha256), self.settings)
            self.data.clear()
            self.stored = True

    async def discard(self) -> None:
        """Delete the stored bytes. If the store is down they remain, and are removed later as orphans."""
        self.data.clear()
        with suppress(raw.Unavailable):
            if self.stored:
                await raw.delete_async(self.db, self.id)
            elif self._writer is not None:
                await self._writer.discard()


class Uploads(list[Upload]):
    """The documents of one request; they are deleted again if reading or checking the request fails."""

    def __init__(self, db: AsyncDatabase[Doc], settings: Settings) -> None:
        super().__init__()
        self.db, self.settings = db, settings

    def begin(self, declared_media_type: str | None, filename: str | None = None) -> Upload:
        self.append(Upload(self.db, self.settings, declared_media_type, filename))
        return self[-1]

    async def discard(self) -> None:
        for upload in self:
            await upload.discard()

    async def __aenter__(self) -> Uploads:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            await self.discard()


def memory(media_type: str, length: int | None, settings: Settings) -> int:
    """Return the bytes of memory to reserve for a body of the declared length, or None if it declares none."""
    if media_type == "multipart/form-data":
        return min(length or settings.max_request_bytes, form_bytes(settings)) + raw.writer_bytes(settings)
    length = min(length or settings.max_body_bytes, settings.max_body_bytes)
    if media_type == "application/json":
        return 4 * length  # the body, its text as a Python string, and the text as UTF-8
    return min(3 * length, settings.inline_raw_bytes + raw.writer_bytes(settings))


def form_bytes(settings: Settings) -> int:
    """Return how many bytes of a form's small files are held in memory; further files are stored at once."""
    return 8 * settings.inline_raw_bytes


def too_large(settings: Settings) -> Problem:
    return Problem(
        413,
        "too-large",
        "The document is too large",
        f"the limit is {settings.max_body_bytes} bytes (COPYDESK_MAX_BODY_BYTES); split the document or raise the limit",
    )


async def read_body(stream: AsyncIterator[bytes], upload: Upload) -> None:
    """Check the declared length. Raises Problem 413."""
    async for chunk in stream:
        await upload.write(chunk)
