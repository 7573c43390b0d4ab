"""Request bodies on their way into the store: hashed, counted, small ones in memory, larger ones as they come."""

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
    """One document's bytes. At most ``inline_raw_bytes`` of them are held; past that they go to the store as they come."""

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
        """Raises Problem 413 over ``max_body_bytes``."""
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
        """All is there. The bytes of a large one are stored when this returns."""
        if self._writer is not None and not self.stored:
            await self._writer.close(self.sha256)
            self.stored = True

    async def store(self) -> None:
        """The bytes are stored when this returns, also those that were held."""
        await self.close()
        if not self.stored:
            await raw.put_async(self.db, raw.Item(self.id, bytes(self.data), self.sha256), self.settings)
            self.data.clear()
            self.stored = True

    async def discard(self) -> None:
        """Take back what was stored. Where the store is away it stays, and is removed as an orphan."""
        self.data.clear()
        with suppress(raw.Unavailable):
            if self.stored:
                await raw.delete_async(self.db, self.id)
            elif self._writer is not None:
                await self._writer.discard()


class Uploads(list[Upload]):
    """The documents of one request; taken back where reading or checking it ends in an error."""

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
    """Bytes of memory to set aside for a body of that declared length, None where it declares none."""
    if media_type == "multipart/form-data":
        return min(length or settings.max_request_bytes, form_bytes(settings)) + raw.writer_bytes(settings)
    length = min(length or settings.max_body_bytes, settings.max_body_bytes)
    if media_type == "application/json":
        return 4 * length  # the body, its text as Python holds it, and the text as UTF-8 again
    return min(3 * length, settings.inline_raw_bytes + raw.writer_bytes(settings))


def form_bytes(settings: Settings) -> int:
    """So many bytes of a form's small files are held; further ones are stored at once."""
    return 8 * settings.inline_raw_bytes


def too_large(settings: Settings) -> Problem:
    return Problem(
        413,
        "too-large",
        "The document is too large",
        f"the limit is {settings.max_body_bytes} bytes (COPYDESK_MAX_BODY_BYTES); split it or raise the limit",
    )


async def read_body(stream: AsyncIterator[bytes], upload: Upload) -> None:
    """Raises Problem 413."""
    async for chunk in stream:
        await upload.write(chunk)
