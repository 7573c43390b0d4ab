"""``GET /v1/export`` and ``GET /v1/feed``: the documents that a search finds, for other programs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from xml.etree import ElementTree as ET

from bson import ObjectId
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, StringConstraints
from pymongo.errors import PyMongoError

from services import export, followthemoney, formats
from services.api.auth import REFUSALS, Reader
from services.api.common import Database, plain
from services.api.lists import OfEvents, OfQuotes, wanted
from services.api.problems import Problem
from services.api.search import Fields, prepare, read_fields, slow
from services.export import NoParquet
from services.formats import FORMATS
from services.search import rows as listing
from services.search.cursor import Cursor
from services.search.find import Finder
from services.search.params import Search
from services.search.prepared import Prepared
from services.store.exports import Note
from services.workbook import workbook

Doc = dict[str, Any]
PAGE = 200
ROWS = "leave `fields` out, and ask for ndjson, csv, xlsx or parquet"
WRITERS = {"csv": export.table, "xlsx": workbook, "parquet": export.parquet}
ALONE = {"ndjson": export.ndjson, "marked": export.marked_articles}
ATOM = "http://www.w3.org/2005/Atom"
SHOWN = ("title", "url", "publisher", "published_at", "source.received_at", "processing.finished_at", "summary",
         "topics", "language")  # fmt: skip
"""What a feed says about a document."""

router = APIRouter(prefix="/v1", tags=["export"], responses=REFUSALS)


class Exporting(Search, OfQuotes, OfEvents):
    """A search, and the format of the export."""

    format: Literal["ndjson", "csv", "xlsx", "parquet", "marked"] | formats.Name = Field(
        "ndjson",
        description="ninjs and json-ld have one line for each document; newsml-g2 and nitf are ZIP archives; marked is a ZIP "
        "archive of marked articles",
    )
    fields: Fields | None = Field(
        None,
        description="separated by commas, for ndjson, csv, xlsx and parquet; without it, the whole record, or for a table a selection",
    )
    rows: Literal["documents", "followthemoney"] | listing.Kind = Field(
        "documents",
        description="one row for each document, or one for each of its quotes, sums, events or passages; followthemoney: "
        "its people and organizations, with what they said about each other and did to each other, as FollowTheMoney entities (ndjson)",
    )
    after: Annotated[str, StringConstraints(pattern="^[0-9a-f]{24}$")] | None = Field(
        None, description="continue after this document, the last one that arrived"
    )


class Feeding(Search, OfQuotes, OfEvents):
    """A search as a feed."""

    rows: Literal["documents"] | listing.Listed = Field(
        "documents", description="one entry for each document, or one for each of its quotes, sums or events"
    )
    limit: Annotated[int, Field(ge=1, le=200, description="entries of the feed")] = 50


def _kind(asked: Exporting | Feeding) -> listing.Kind | None:
    """Return the kind of rows; None for documents. Raises Problem 422 if a parameter is for another kind."""
    for kind, of in (("quotes", OfQuotes), ("events", OfEvents)):
        for name in of.model_fields:
            if name in asked.model_fields_set and asked.rows != kind:
                raise Problem(422, name, f"`{name}` is for {kind}", f"give it with rows={kind}, or leave it out")
    return None if asked.rows == "documents" or asked.rows == "followthemoney" else asked.rows


@router.get("/export", response_class=StreamingResponse)
async def export_documents(
    request: Request, reader: Reader, db: Database, asked: Annotated[Exporting, Query()]
) -> StreamingResponse:
    """Stream all documents that a search finds, oldest received first. To continue an export, give `after`."""
    finder: Finder = request.app.state.finder
    search = Search.model_validate(asked.model_dump(include=set(Search.model_fields), exclude_unset=True))
    name = asked.format
    kind = _kind(asked)
    _refuse_fields(asked, kind)
    given = read_fields(asked.fields) if asked.fields else []
    columns = given or [*export.COLUMNS]
    projected: Doc = {"processing.lease": 0, "terms": 0}
    if given or name in export.TABLES:
        projected = {"_id": 1, **{name: 1 for name in columns if name != "id"}}
    if asked.rows == "followthemoney":
        projected = dict(followthemoney.FIELDS)
    try:
        prepared = await prepare(finder, search, reader, None)
        start = Cursor(ObjectId(asked.after), None, prepared.languages, prepared.idf) if asked.after else None
        if kind:
            columns = listing.columns(kind)
            pages = _rows(listing.pages(finder, prepared, await wanted(request, reader, kind, asked), start))
        else:
            pages = _pages(finder, prepared, start, projected)
        if asked.rows == "followthemoney":
            pages = followthemoney.entities(pages)
        first: list[Doc] = await anext(pages, [])  # here, so that an error is an answer and not a broken stream
    except PyMongoError as error:
        raise slow(error) from error

    note = Note(db, key=reader.key, name=reader.name, format=name, rows=asked.rows, query=_noted(search))

    noted = _noting(note, first, pages)
    media_type, filename = export.MEDIA_TYPES.get(name), export.FILENAMES.get(name)
    if name in ALONE:
        stream = ALONE[name](noted)
    elif name in FORMATS:
        stream = export.stories(noted, name)
        media_type, filename = export.media_type(name), export.filename(name)
    else:
        columns = [*(["id"] if "id" not in columns and not kind else []), *columns]
        stream = WRITERS[name](noted, columns)
    try:
        begun = await anext(stream, b"")
    except NoParquet as error:
        raise Problem(501, "parquet", "Parquet support is not installed", str(error)) from None

    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingResponse(_whole(note, begun, stream), media_type=media_type, headers=headers)


async def _noting(note: Note, first: list[Doc], pages: AsyncIterator[list[Doc]]) -> AsyncIterator[list[Doc]]:
    await note.add(len(first))
    if first:
        yield first
        async for page in pages:
            await note.add(len(page))
            yield page


async def _whole(note: Note, begun: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        yield begun
        async for piece in rest:
            yield piece
        await note.finish()
    finally:
        note.close()


def _noted(search: Search) -> Doc:
    """Return the parameters of a search for the note about its export, without those that name single documents."""
    given = search.model_dump(mode="json", exclude_defaults=True)
    return {name: value for name, value in given.items() if name not in ("id", "sha256")}


def _refuse_fields(asked: Exporting, kind: listing.Kind | None) -> None:
    """Refuse ``fields`` for a format, or for rows, with fields of their own. Raises Problem 422."""
    if asked.fields and asked.format in (*FORMATS, "marked"):
        detail = f"leave `fields` out, or ask for ndjson instead of {asked.format}"
        raise Problem(422, "fields", "The format has fields of its own", detail)
    if kind and (asked.fields or asked.format not in ("ndjson", *export.TABLES)):
        raise Problem(422, "rows", "Rows have fields of their own", ROWS)
    if asked.rows == "followthemoney" and (asked.fields or asked.format != "ndjson"):
        raise Problem(422, "rows", "FollowTheMoney entities are NDJSON", "leave `fields` and `format` out")


async def _pages(finder: Finder, prepared: Prepared, cursor: Cursor | None, projected: Doc) -> AsyncIterator[list[Doc]]:
    while True:
        found, cursor = await finder.page(prepared, "received", "asc", cursor, PAGE, projected)
        if found:
            yield plain(found)
        if cursor is None:
            return


async def _rows(pages: AsyncIterator[list[Doc]]) -> AsyncIterator[list[Doc]]:
    async for page in pages:
        yield plain(page)


@router.get("/feed", response_class=Response)
async def feed(request: Request, reader: Reader, asked: Annotated[Feeding, Query()]) -> Response:
    """Return the documents that a search finds as an Atom feed (RFC 4287), latest published first."""
    finder: Finder = request.app.state.finder
    search = Search.model_validate(asked.model_dump(include=set(Search.model_fields), exclude_unset=True))
    kind, title = _kind(asked), f"Copydesk: {asked.q}" if asked.q else "Copydesk"
    try:
        prepared = await prepare(finder, search, reader, None)
        if kind:
            of_these = await wanted(request, reader, kind, asked)
            said, _ = await listing.rows(finder, prepared, of_these, "published", "desc", None, asked.limit)
            documents = [_said(row, kind) for row in plain(said)]
            return Response(atom(request, title, documents), media_type="application/atom+xml")
        found, _ = await finder.page(prepared, "published", "desc", None, asked.limit, dict.fromkeys(SHOWN, 1))
    except PyMongoError as error:
        raise slow(error) from error
    return Response(atom(request, title, plain(found)), media_type="application/atom+xml")


def _said(row: Doc, kind: listing.Kind) -> Doc:
    """Return a row in the shape of a document, for its entry in a feed."""
    if kind == "quotes":
        title = f"{row['speaker'] or row['source_text'] or 'Unnamed'}: {row['text']}"
    elif kind == "sums":
        title = row["text"]
    else:
        title = " · ".join(str(row[name]) for name in ("actor", "action", "target", "place") if row[name])
    return {
        "id": row["document"],
        "fragment": f"{kind}-{row['start']}",
        "title": title[:300],
        "url": row["url"],
        "publisher": row["publisher"],
        "published_at": row["published_at"],
        "source": {"received_at": row["received_at"]},
        "summary": [{"text": row["context"] if kind == "sums" else row["text"]}, {"text": f"({row['title']})"}],
    }


def atom(request: Request, title: str, documents: list[Doc]) -> bytes:
    """Return documents as an Atom feed; ``processing.finished_at`` is when an entry was updated."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")

    def add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
        element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
        element.text = _xml(text) if text else None
        return element

    here = str(request.url)
    add(root, "id", here)
    add(root, "title", title)
    add(root, "link", rel="self", href=here)
    updated = [(one.get("processing") or {}).get("finished_at") or one["source"]["received_at"] for one in documents]
    add(root, "updated", max(updated, default="1970-01-01T00:00:00Z"))
    add(add(root, "author"), "name", "Copydesk")
    for document, changed in zip(documents, updated, strict=True):
        entry = add(root, "entry")
        part = f":{document['fragment']}" if "fragment" in document else ""
        add(entry, "id", f"urn:copydesk:document:{document['id']}{part}")
        add(entry, "title", document.get("title") or "Without a title")
        record = str(request.base_url.replace(path=f"/v1/documents/{document['id']}"))
        url = str(document.get("url") or "")
        add(entry, "link", rel="alternate", href=url if url.startswith(("https://", "http://")) else record)
        add(entry, "updated", changed)
        if document.get("published_at"):
            add(entry, "published", document["published_at"])
        if document.get("publisher"):
            add(add(entry, "author"), "name", document["publisher"])
        for topic in document.get("topics") or []:
            add(entry, "category", term=topic["code"], label=topic["name"])
        add(entry, "summary", " ".join(span["text"] for span in document.get("summary") or []) or None)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _xml(text: str) -> str:
    """Remove the characters that XML 1.0 cannot represent."""
    return "".join(char for char in text if char in "\t\n\r" or (ord(char) >= 0x20 and char not in "\ufffe\uffff"))
