"""``/v1/documents``: store documents, show their records, return their bytes."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel

from services import formats
from services.api.auth import REFUSALS, Reader, Writer
from services.api.common import MISSING, Config, Database, Doc, Id, not_found, plain
from services.api.intake import Accepted, admitted, remember, said, take
from services.api.problems import RESPONSE, Problem
from services.formats import FORMATS
from services.inputs import DocumentIn
from services.records import Priority
from services.store import raw, shown, story_facts
from services.store.setup import DOCUMENTS, RAW

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=REFUSALS)


class AcceptedMany(BaseModel):
    documents: list[Accepted]


HIDDEN: dict[int | str, dict[str, Any]] = {
    403: {**RESPONSE, "description": "It was withdrawn or is under embargo, or the key lacks the scope."}
}
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            # no schema: OpenAPI 3.1 has none for raw bytes, and any bytes are accepted
            "text/plain": {
                "example": "Ministers meet\n\nLONDON (Reuters) - Ministers met.",
            },
            "text/html": {"example": "<h1>Ministers meet</h1><p>Ministers met.</p>"},
            "application/json": {"schema": DocumentIn.model_json_schema()},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            },
            **_BYTES,
        },
    }
}


@router.post(
    "",
    status_code=202,
    response_model=Accepted | AcceptedMany,
    responses={
        200: {"model": Accepted | AcceptedMany, "description": "All documents were already stored."},
        415: {**RESPONSE, "description": "A web form, which cannot contain a document."},
    },
    openapi_extra=_BODY,
    dependencies=[Depends(said)],
)
async def post_document(
    request: Request,
    priority: Annotated[Priority, Depends(admitted)],
    writer: Writer,
    db: Database,
    settings: Config,
    idempotency_key: Annotated[
        str | None, Header(max_length=255, description="a request with the same key within a day gets the same answer")
    ] = None,
    watch: Annotated[bool, Query(description="record each stage, so that progress can be followed")] = False,
) -> Response:
    """Store one document (raw body or JSON) or many (multipart). Once the answer is 202, they cannot be lost. With
    `watch`, the worker records each stage for `GET /v1/documents/{id}/events`, which costs one write per stage.
    """
    found, replayed = await take(request, writer, db, settings, idempotency_key, priority, watch=watch)
    if replayed is not None:
        return _respond(replayed["status"], replayed["body"], replayed=True)
    body = found[0] if len(found) == 1 else AcceptedMany(documents=found)
    status = 200 if all(one.duplicate for one in found) else 202
    content = body.model_dump(mode="json", exclude_none=True)
    await remember(writer, db, idempotency_key, status, content)
    return _respond(status, content)


def _respond(status: int, content: Doc, *, replayed: bool = False) -> Response:
    headers = {"Location": f"/v1/documents/{content['id']}"} if "id" in content else {}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(content, status, headers=headers)


_FORMATS: Doc = {
    format.media_type: {"schema": {"type": "object" if format.in_lines else "string"}} for format in FORMATS.values()
}


@router.get(
    "/{id}",
    response_model=dict[str, Any],
    responses={
        **MISSING,
        **HIDDEN,
        200: {"content": _FORMATS, "description": "The record, or the document in the requested format."},
        409: {
            **RESPONSE,
            "description": "The document is not done, or only contains other documents, so it has no such format.",
        },
    },
)
async def get_document(
    reader: Reader,
    id: Id,
    db: Database,
    format: Annotated[Literal["json"] | formats.Name | None, Query(description="else by the Accept header")] = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Return the record, or the document in a news format: `ninjs`, `newsml-g2`, `nitf` or `json-ld`.

    The record does not include its search terms; `GET /v1/documents?id=…&fields=terms` returns them. If the key may not
    see the document, the answer has only its state, and the reason in `hidden`.
    """
    record = await db[DOCUMENTS].find_one({"_id": id, **reader.reach}, {"processing.lease.token": 0, "terms": 0})
    if record is None:
        raise not_found(id)
    name = formats.accepted(accept) if format is None else format
    why = shown.withheld(record, reader.scopes)
    await story_facts.told(db, [record], reader.sees)
    if name is None or name == "json":
        return JSONResponse(plain(shown.told(record, why) if why else record), headers={"Vary": "Accept"})
    if why:
        raise _hidden(why)
    chosen, written = FORMATS[name], plain(record)
    if not formats.is_story(written):
        raise Problem(409, "no-story", "The document is not available in this format", _why(written, name))
    headers = {"Content-Disposition": f'attachment; filename="{id}.{chosen.suffix}"', "Vary": "Accept"}
    return Response(await to_thread(chosen.write, written), media_type=chosen.media_type, headers=headers)


def _hidden(why: Doc) -> Problem:
    """Return Problem 403 for a document that was withdrawn or is under embargo."""
    return Problem(403, why["reason"], "The document may not be shown", why["message"])


def _why(record: Doc, name: str) -> str:
    if record["status"] == "done":
        return f"it only holds other documents; ask for each of its `members` as {name}"
    wait = "look at its `error`" if record["status"] == "failed" else "wait until it is done"
    return f"it is {record['status']}; {wait}, or ask for its record without a format"


@router.get("/{id}/raw", response_class=Response, responses={**MISSING, **HIDDEN, 200: {"content": _BYTES}})
async def get_raw(reader: Reader, id: Id, db: Database) -> Response:
    """Return exactly the bytes that were sent. They are always a download, so that a browser never runs them."""
    record = await db[DOCUMENTS].find_one({"_id": id, **reader.reach}, {"raw": 1, "wire": 1, "item": 1})
    if record and (why := shown.withheld(record, reader.scopes)):
        raise _hidden(why)
    entry = await db[RAW].find_one({"_id": id}) if record else None
    if record is None or entry is None:
        raise not_found(id)
    headers = {
        "Content-Disposition": f'attachment; filename="{id}"',
        "Content-Length": str(record["raw"]["size_bytes"]),
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    pieces = raw.stream(db, entry)
    try:
        first = await anext(pieces, b"")  # here, so that an error gets an answer and does not cut off the stream
    except raw.Gone:
        raise not_found(id) from None

    async def all_pieces() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return StreamingResponse(all_pieces(), media_type="application/octet-stream", headers=headers)
