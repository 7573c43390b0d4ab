"""Accept documents: check the request, store bytes and records, publish to the workers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import structlog
from fastapi import Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ValidationError
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from services import queue, tracing
from services.api.auth import Caller
from services.api.common import Doc
from services.api.multipart import read_multipart
from services.api.problems import Problem, invalid
from services.api.upload import Upload, Uploads, memory, read_body, too_large
from services.inputs import DocumentIn, SourceIn, queued
from services.records import Beyond, Priority, Source, Status
from services.settings import Settings
from services.store.setup import DOCUMENTS, IDEMPOTENCY


class Accepted(BaseModel):
    """An accepted document. ``duplicate``: the collection already had the same bytes, and ``id`` is the existing
    record's."""

    id: str
    status: Status
    duplicate: bool = False
    filename: str | None = None


async def admitted(
    request: Request,
    priority: Annotated[
        Priority, Query(description="`bulk` documents are processed when no `interactive` one waits")
    ] = (Priority.INTERACTIVE),
) -> Priority:
    """Check that documents can be accepted. Raises Problem 429 if too many wait, 503 if MongoDB is down."""
    await request.app.state.backlog.check(priority)
    return priority


def said(
    title: Annotated[str | None, Query(description="replaces the title that the document itself states")] = None,
    url: Annotated[str | None, Query(description="where the document was published")] = None,
    publisher: Annotated[
        str | None, Query(description="replaces the publisher that the document itself states")
    ] = None,
    published_at: Annotated[str | None, Query(description="ISO 8601; replaces the document's own date")] = None,
    collection: Annotated[
        str | None, Query(description="the collection that the document is stored in; `default` if none is given")
    ] = None,
    tags: Annotated[list[str] | None, Query(description="your own labels; repeat the parameter for each")] = None,
    metadata: Annotated[str | None, Query(description="a JSON object")] = None,
    external_id: Annotated[str | None, Query(description="the document's id in your own system")] = None,
) -> None:
    """Declare the query parameters for OpenAPI; `SourceIn` checks them together with the fields of the body."""


async def take(
    request: Request,
    writer: Caller,
    db: AsyncDatabase[Doc],
    settings: Settings,
    idempotency_key: str | None,
    priority: Priority,
    *,
    watch: bool = False,
    batch: str | None = None,
) -> tuple[list[Accepted], Doc | None]:
    """Store the documents of a request, or return the earlier answer for its Idempotency-Key. Save the answer with
    `remember`. Raises Problem.
    """
    query = {key: value for key, value in request.query_params.items() if key not in ("tags", "watch", "priority")}
    if tags := request.query_params.getlist("tags"):
        query["tags"] = tags  # type: ignore[assignment]
    content_type = request.headers.get("content-type", "")
    media_type = _media_type(content_type)
    if int(request.headers.get("content-length") or 0) > (
        settings.max_request_bytes if media_type == "multipart/form-data" else settings.max_body_bytes
    ):
        raise too_large(settings)
    length = int(request.headers["content-length"]) if "content-length" in request.headers else None
    async with request.app.state.room.hold(memory(media_type, length, settings)), Uploads(db, settings) as uploads:
        source = await _read(request, uploads, writer, content_type, media_type, query)
        for upload in uploads:
            if upload.size == 0:
                raise Problem(
                    422,
                    "empty",
                    "The document is empty",
                    f"{upload.filename or 'the body'} has no bytes; nothing was stored",
                )
            await upload.close()
    fingerprint = hashlib.sha256(
        json.dumps([[u.sha256, u.filename, u.declared_media_type] for u in uploads]).encode()
        + source.model_dump_json(exclude={"received_at"}).encode()
        + (b"batch" if batch else b"")
    ).hexdigest()
    again = False
    if idempotency_key is not None:
        answer, again = await _remembered(db, settings, _key(writer, idempotency_key), fingerprint)
        if answer is not None:
            await uploads.discard()
            return [], answer
    source.batch = batch
    source.key = writer.key
    lanes = await _lanes(request, uploads, source, priority)
    with tracing.span("store", documents=len(uploads)):
        accepted = [
            await _accept(db, upload, source, again, lane, watch) for upload, lane in zip(uploads, lanes, strict=True)
        ]
    ids = [found.id for found in accepted]
    structlog.contextvars.bind_contextvars(**({"document": ids[0]} if len(ids) == 1 else {"documents": ids}))
    new = [upload.size for upload, found in zip(uploads, accepted, strict=True) if not found.duplicate]
    request.app.state.backlog.add(len(new), sum(new))
    await run_in_threadpool(_publish, accepted, lanes)
    return accepted, None


def _publish(accepted: list[Accepted], lanes: list[_Lane]) -> None:
    """Publish new documents to the workers, each in the queue of its lane."""
    for priority in Priority:
        ids = [
            found.id
            for found, lane in zip(accepted, lanes, strict=True)
            if not found.duplicate and lane.priority == priority
        ]
        if ids:
            queue.publish(ids, bulk=priority == Priority.BULK)


@dataclass(frozen=True, slots=True)
class _Lane:
    """The queue of a document and, if it is bulk because a share was used up, whose share."""

    priority: Priority
    beyond: Beyond | None = None


async def _lanes(request: Request, uploads: Uploads, source: Source, priority: Priority) -> list[_Lane]:
    """Return the lane of each upload. Raises Problem 429 if the share is used up and no more bulk documents may
    wait."""
    if priority == Priority.BULK:
        return [_Lane(priority) for _ in uploads]
    number = len(list(uploads))
    room, beyond = await request.app.state.shares.take(source.key, source.collection, number)
    if room < number:
        try:
            await request.app.state.backlog.check(Priority.BULK)
        except Problem:
            await uploads.discard()
            raise
    return [_Lane(priority)] * room + [_Lane(Priority.BULK, beyond)] * (number - room)


def _media_type(content_type: str) -> str:
    """Return the media type without its parameters. Raises Problem 415 for a web form."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded":
        raise Problem(415, "form", "A document cannot be sent as a web form",
                      "send its media type: curl --data-binary @FILE -H 'Content-Type: text/plain'")  # fmt: skip
    return media_type


def _key(writer: Caller, idempotency_key: str) -> str:
    return f"{writer.key or ''}:{idempotency_key}"  # each sender has keys of their own


async def remember(
    writer: Caller, db: AsyncDatabase[Doc], idempotency_key: str | None, status: int, content: Doc
) -> None:
    """Store the answer, for requests that are sent again with the same key."""
    if idempotency_key is not None:
        answer = {"answer": {"status": status, "body": content}}
        await db[IDEMPOTENCY].update_one({"_id": _key(writer, idempotency_key)}, {"$set": answer})


async def _read(
    request: Request, uploads: Uploads, writer: Caller, content_type: str, media_type: str, query: Doc
) -> Source:
    """Return what the sender says about the documents; their bytes go to ``uploads``."""
    if media_type == "multipart/form-data":
        fields = await read_multipart(request.stream(), content_type, uploads)
        if not uploads:
            raise Problem(422, "no-file", "The form contains no file", "add one: curl -F file=@article.txt")
        form: Doc = {key: values if key == "tags" else values[-1] for key, values in fields.items()}
        return _source({**query, **form}, writer)
    if media_type != "application/json":
        source = _source(query, writer)
        await read_body(request.stream(), uploads.begin(content_type or None))
        return source
    # JSON is read whole, because its fields name the collection
    upload = uploads.begin(content_type)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        await upload.write(chunk)
    try:
        document = DocumentIn.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error.errors(include_context=False, include_url=False)) from None
    given = document.model_dump(exclude={"text", "html"}, exclude_unset=True)
    return _source({**query, **given}, writer)


def _source(fields: Doc, writer: Caller) -> Source:
    """Return what the sender says about a document. Raises Problem 403 or 422."""
    source = _checked(fields)
    writer.write(source.collection)
    return source


def _checked(fields: Doc) -> Source:
    fields = dict(fields)
    if isinstance(fields.get("metadata"), str):
        try:
            fields["metadata"] = json.loads(fields["metadata"])
        except (ValueError, RecursionError):
            raise Problem(422, "invalid", "The request is not valid", "metadata: must be a JSON object") from None
    try:
        return SourceIn.model_validate(fields).source()
    except ValidationError as error:
        raise invalid(error.errors(include_context=False, include_url=False)) from None


async def _remembered(
    db: AsyncDatabase[Doc], settings: Settings, key: str, fingerprint: str
) -> tuple[Doc | None, bool]:
    """Return the earlier answer for this key, and whether the key was seen before. Raises Problem 422 if the body
    differs."""
    expires = datetime.now(UTC) + timedelta(hours=settings.idempotency_hours)
    try:
        await db[IDEMPOTENCY].insert_one({"_id": key, "fingerprint": fingerprint, "expires_at": expires})
    except DuplicateKeyError:
        known = await db[IDEMPOTENCY].find_one({"_id": key}) or {}
        if known.get("fingerprint") != fingerprint:
            raise Problem(422, "idempotency-key", "The Idempotency-Key was used for another request",
                          "use a new key for a new request") from None  # fmt: skip
        return known.get("answer"), True
    return None, False


async def _accept(
    db: AsyncDatabase[Doc],
    upload: Upload,
    source: Source,
    again: bool,
    lane: _Lane,
    watch: bool,
) -> Accepted:
    """Store the bytes, then the record. ``again``: an earlier attempt of this request may have stored them. Uses two
    inserts and not bulkWrite, which SecantusDB acknowledges before it is in the journal (0.7.0b3).
    """
    record = queued(
        source,
        sha256=upload.sha256,
        size=upload.size,
        declared_media_type=upload.declared_media_type,
        filename=upload.filename,
        priority=lane.priority,
        beyond_share=lane.beyond,
        watched=watch,
        trace=tracing.traceparent(),
    )
    await upload.store()
    try:
        await db[DOCUMENTS].insert_one({"_id": upload.id, **record.model_dump()})
    except DuplicateKeyError:
        same = {"source.collection": source.collection, "raw.sha256": upload.sha256}
        found = await db[DOCUMENTS].find_one(same, {"status": 1})
        if found is not None and found["_id"] == upload.id:  # here, too
            return Accepted(id=str(upload.id), status=found["status"], filename=upload.filename)
        await upload.discard()
        if found is None:  # it was deleted at this moment
            raise Problem(503, "try-again", "The same document is being deleted", "send it again") from None
        return Accepted(id=str(found["_id"]), status=found["status"], duplicate=not again, filename=upload.filename)
    return Accepted(id=str(upload.id), status=Status.QUEUED, filename=upload.filename)
