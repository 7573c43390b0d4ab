"""Request bodies on their way into MongoDB: hashed, counted, small ones in memory, larger ones straight to GridFS."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from gridfs import AsyncGridFSBucket, AsyncGridIn
from pymongo.asynchronous.database import AsyncDatabase
from python_multipart.multipart import MultipartParser, parse_options_header

from services.api.problems import Problem
from services.settings import Settings
from services.store.setup import RAW_LARGE

Doc = dict[str, Any]


@dataclass
class Upload:
    """One document's bytes. At most ``inline_raw_bytes`` of them are held; past that they go to GridFS as they come."""

    db: AsyncDatabase[Doc]
    settings: Settings
    declared_media_type: str | None = None
    filename: str | None = None
    id: ObjectId = field(default_factory=ObjectId)
    size: int = 0
    data: bytearray = field(default_factory=bytearray)
    _hash: Any = field(default_factory=hashlib.sha256)
    _file: AsyncGridIn | None = None

    @property
    def sha256(self) -> str:
        return str(self._hash.hexdigest())

    async def write(self, chunk: bytes) -> None:
        """Raises Problem 413 over ``max_body_bytes``."""
        self.size += len(chunk)
        if self.size > self.settings.max_body_bytes:
            await self.discard()
            raise too_large(self.settings)
        self._hash.update(chunk)
        self.data += chunk
        if len(self.data) > self.settings.inline_raw_bytes:
            if self._file is None:
                bucket = AsyncGridFSBucket(self.db, RAW_LARGE)
                self._file = bucket.open_upload_stream(str(self.id), metadata={"document": self.id})
            await self._file.write(bytes(self.data))
            self.data.clear()

    async def close(self) -> Doc:
        """The entry for the collection ``raw``; the bytes of a large one are in GridFS by then."""
        if self._file is None:
            return {"_id": self.id, "data": bytes(self.data)}
        await self._file.write(bytes(self.data))
        self.data.clear()
        await self._file.close()
        return {"_id": self.id, "file_id": self._file._id}

    async def discard(self) -> None:
        """Take back what went to GridFS."""
        self.data.clear()
        if self._file is not None:
            await self._file.abort()


def too_large(settings: Settings) -> Problem:
    return Problem(
        413,
        "too-large",
        "The document is too large",
        f"the limit is {settings.max_body_bytes} bytes (COPYDESK_MAX_BODY_BYTES); split it or raise the limit",
    )


async def read_body(stream: AsyncIterator[bytes], upload: Upload) -> None:
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


async def read_multipart(
    stream: AsyncIterator[bytes], content_type: str, db: AsyncDatabase[Doc], settings: Settings
) -> tuple[list[Upload], dict[str, list[str]]]:
    """The files and the form fields of a ``multipart/form-data`` body. Raises Problem 400, 413 or 422."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise Problem(400, "multipart", "The body is not multipart", "the Content-Type lacks its boundary parameter")
    uploads: list[Upload] = []
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
            current.upload = Upload(
                db,
                settings,
                declared_media_type=current.headers.get("content-type"),
                filename=disposition[b"filename"].decode("utf-8", "replace") or None,
            )
            uploads.append(current.upload)

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
    total = 0
    ended = False
    try:
        async for chunk in stream:
            total += len(chunk)
            if total > settings.max_request_bytes:
                raise too_large(settings)
            try:
                parser.write(chunk)
            except Exception as error:
                raise Problem(400, "multipart", "The body is not valid multipart", str(error)) from error
            if len(uploads) > settings.max_files or len(fields) > settings.max_files:
                raise Problem(
                    413, "too-many-files", "Too many parts", f"send at most {settings.max_files} in a request"
                )
            for part, data in done:
                if data is None:
                    ended = True
                    if part.upload is None and part.name:
                        fields.setdefault(part.name, []).append(part.value.decode("utf-8", "replace"))
                elif part.upload is not None:
                    await part.upload.write(data)
                else:
                    part.value += data
                    if len(part.value) > settings.inline_raw_bytes:
                        raise Problem(413, "too-large", "A form field is too large", "send documents as files")
            done.clear()
        if uploads and not ended:
            raise Problem(400, "multipart", "The body is cut off", "send the whole multipart body again")
    except BaseException:
        for upload in uploads:
            await upload.discard()
        raise
    return uploads, fields
