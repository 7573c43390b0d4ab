"""Read ``multipart/form-data`` bodies: return the fields, and pass the files on to the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from python_multipart.multipart import MultipartParser, parse_options_header

from services.api.problems import Problem
from services.api.upload import Upload, Uploads, form_bytes, too_large
from services.settings import Settings

FIELD_BYTES = 256 * 1024
BOUNDARY_CHARACTERS = 70
FIELDS = 200  # a source has eight fields, and up to a hundred tags


async def read_multipart(stream: AsyncIterator[bytes], content_type: str, uploads: Uploads) -> dict[str, list[str]]:
    """Return the form fields of a ``multipart/form-data`` body; its files go to ``uploads``. Raises Problem 400 or
    413."""
    settings = uploads.settings
    parser = _Parser(_boundary(content_type), uploads)
    form = _Form(settings)
    total = 0
    async for chunk in stream:
        total += len(chunk)
        if total > settings.max_request_bytes:
            raise too_large(settings)
        for part, data in parser.feed(chunk):
            if data is None:
                await form.end(part)
            else:
                await form.add(part, data)
        if max(form.parts, len(uploads)) > settings.max_files + FIELDS:
            raise _too_many(settings)
    if len(uploads) > settings.max_files:
        raise _too_many(settings)
    if not parser.ended:
        raise Problem(
            400, "multipart", "The body is cut off", "the final boundary is missing; send the whole form again"
        )
    return form.fields


class _Part:
    """A part of the form: a file if it has an ``upload``, otherwise a field with its ``value``."""

    def __init__(self) -> None:
        self.headers: dict[str, bytes] = {}
        self.name: str | None = None
        self.upload: Upload | None = None
        self.value = bytearray()


class _Parser:
    """The parts of a body while its chunks arrive; files are started in ``uploads``. ``ended`` becomes true with the
    final boundary; until then the last part may be incomplete.
    """

    def __init__(self, boundary: bytes, uploads: Uploads) -> None:
        self.ended = False
        self._uploads = uploads
        self._part = _Part()
        self._header_name = b""
        self._header_value = b""
        self._seen: list[tuple[_Part, bytes | None]] = []
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._add_to_name,
                "on_header_value": self._add_to_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": lambda data, start, end: self._seen.append((self._part, data[start:end])),
                "on_part_end": lambda: self._seen.append((self._part, None)),
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> Iterator[tuple[_Part, bytes | None]]:
        """Return the chunk's data for each part, with None at the end of a part. Raises Problem 400."""
        try:
            self._parser.write(chunk)
        except Exception as error:
            raise Problem(400, "multipart", "The body is not valid multipart", str(error)) from error
        seen, self._seen = self._seen, []
        return iter(seen)

    def _end(self) -> None:
        self.ended = True

    def _begin(self) -> None:
        self._part = _Part()

    def _add_to_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._part.headers[self._header_name.decode("latin-1").lower()] = bytes(self._header_value)
        self._header_name = self._header_value = b""

    def _end_headers(self) -> None:
        _, disposition = parse_options_header(self._part.headers.get("content-disposition"))
        self._part.name = disposition.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in disposition:
            filename = disposition[b"filename"].decode("utf-8", "replace") or None
            declared = self._part.headers.get("content-type")
            media_type = declared.decode("utf-8", "replace") if declared is not None else None
            self._part.upload = self._uploads.begin(media_type, filename)


class _Form:
    """What was received: ``fields`` by name, the number of ``parts`` that are complete, and the bytes of files held."""

    def __init__(self, settings: Settings) -> None:
        self.fields: dict[str, list[str]] = {}
        self.parts = 0
        self._held = 0
        self._settings = settings

    async def add(self, part: _Part, data: bytes) -> None:
        if part.upload is not None:
            await part.upload.write(data)
            return
        part.value += data
        if len(part.value) > FIELD_BYTES:
            raise Problem(413, "too-large", "A form field is too large", "send documents as files")

    async def end(self, part: _Part) -> None:
        """Keep a field, or close a file; store it at once if the files in memory have reached the limit."""
        self.parts += 1
        if part.upload is None:
            if part.name:
                self.fields.setdefault(part.name, []).append(part.value.decode("utf-8", "replace"))
            return
        await part.upload.close()
        self._held += len(part.upload.data)
        if self._held > form_bytes(self._settings):
            self._held -= len(part.upload.data)
            await part.upload.store()


def _boundary(content_type: str) -> bytes:
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise Problem(400, "multipart", "The body is not multipart", "the Content-Type lacks its boundary parameter")
    if len(boundary) > BOUNDARY_CHARACTERS:
        detail = "its boundary has more than 70 characters (RFC 2046)"
        raise Problem(400, "multipart", "The body is not multipart", detail)
    return bytes(boundary)


def _too_many(settings: Settings) -> Problem:
    return Problem(413, "too-many-files", "Too many parts", f"send at most {settings.max_files} files in a request")
