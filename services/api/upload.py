"""Request bodies on their way into the store: hashed, counted, small ones in memory, larger ones as they come."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from python_multipart.multipart import MultipartParser, parse_options_header

from services.api.problems import Problem
from services.settings import Settings
from services.store import raw

Doc = dict[str, Any]


FIELD_BYTES = 256 * 1024
BOUNDARY_CHARACTERS = 70
FIELDS = 200  # a source has eight, and a hundred tags


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
        return min(length or settings.max_request_bytes, _form_bytes(settings)) + raw.writer_bytes(settings)
    length = min(length or settings.max_body_bytes, settings.max_body_bytes)
    if media_type == "application/json":
        return 4 * length  # the body, its text as Python holds it, and the text as UTF-8 again
    return min(3 * length, settings.inline_raw_bytes + raw.writer_bytes(settings))


def _form_bytes(settings: Settings) -> int:
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


class _Part:
    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.header_name = b""
        self.header_value = b""
        self.name: str | None = None
        self.upload: Upload | None = None
        self.value = bytearray()


async def read_multipart(stream: AsyncIterator[bytes], content_type: str, uploads: Uploads) -> dict[str, list[str]]:
    """The form fields of a ``multipart/form-data`` body; its files go to ``uploads``. Raises Problem 400 or 413."""
    settings = uploads.settings
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise Problem(400, "multipart", "The body is not multipart", "the Content-Type lacks its boundary parameter")
    fields: dict[str, list[str]] = {}
    done: list[
        tuple[_Part, bytes | None]
    ] = []  # what the parser saw since the last chunk: data, or None at a part's end
    current = _Part()

    def begin() -> None:
        nonlocal current
        current = _Part()

    def header_end() -> None:
        current.headers[current.header_name.decode("latin-1").lower()] = current.header_value.decode("utf-8", "replace")
        current.header_name = current.header_value = b""

    def header_field(data: bytes, start: int, end: int) -> None:
        current.header_name += data[start:end]

    def header_value(data: bytes, start: int, end: int) -> None:
        current.header_value += data[start:end]

    def headers_finished() -> None:
        _, disposition = parse_options_header(current.headers.get("content-disposition", ""))
        current.name = disposition.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in disposition:
            filename = disposition[b"filename"].decode("utf-8", "replace") or None
            current.upload = uploads.begin(current.headers.get("content-type"), filename)

    if len(boundary) > BOUNDARY_CHARACTERS:
        raise Problem(
            400, "multipart", "The body is not multipart", "its boundary has more than 70 characters (RFC 2046)"
        )
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": begin,
            "on_header_field": header_field,
            "on_header_value": header_value,
            "on_header_end": header_end,
            "on_headers_finished": headers_finished,
            "on_part_data": lambda data, start, end: done.append((current, data[start:end])),
            "on_part_end": lambda: done.append((current, None)),
        },
    )
    total = held = parts = 0
    ended = False
    async for chunk in stream:
        total += len(chunk)
        if total > settings.max_request_bytes:
            raise too_large(settings)
        try:
            parser.write(chunk)
        except Exception as error:
            raise Problem(400, "multipart", "The body is not valid multipart", str(error)) from error
        for part, data in done:
            if data is None:
                ended = True
                parts += 1
                if part.upload is None and part.name:
                    fields.setdefault(part.name, []).append(part.value.decode("utf-8", "replace"))
                elif part.upload is not None:
                    await part.upload.close()
                    held += len(part.upload.data)
                    if held > _form_bytes(settings):
                        held -= len(part.upload.data)
                        await part.upload.store()
            elif part.upload is not None:
                await part.upload.write(data)
            else:
                part.value += data
                if len(part.value) > FIELD_BYTES:
                    raise Problem(413, "too-large", "A form field is too large", "send documents as files")
        done.clear()
        if max(parts, len(uploads)) > settings.max_files + FIELDS:
            raise _too_many(settings)
    if len(uploads) > settings.max_files:
        raise _too_many(settings)
    if uploads and not ended:
        raise Problem(400, "multipart", "The body is cut off", "send the whole multipart body again")
    return fields


def _too_many(settings: Settings) -> Problem:
    return Problem(413, "too-many-files", "Too many parts", f"send at most {settings.max_files} files in a request")
