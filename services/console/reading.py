"""Show one document: the text with its annotations, and the details beside it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from services.api import reprocess
from services.api.auth import Caller, Reader, Writer
from services.api.common import Config, Database, Id, not_found
from services.api.stories import resolve
from services.console import difference
from services.console.corrections import TYPES
from services.console.desk import follow, stages_of
from services.console.highlight import KINDS, MOST_SHOWN, Mark, blocks, hits, kind_of, marks
from services.console.page import Page, page, seen
from services.console.session import OwnPage
from services.search.words import WrongQuery, read
from services.store import shown, story_facts
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
VERSIONS = 50
COMPARED = 10  # rows beside a document
_LAST = {"place": "gap"}  # places have a list of their own, so they come last among the names
_VERSION = dict.fromkeys(
    ("status", "title", "text", "blocks", "published_at", "published_zone", "publisher", "story", "source", "raw", "language", "item",
     "wire.pub_status", "wire.embargoed_until"), 1
)  # fmt: skip

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/documents/{id}")
async def document(
    request: Request, reader: Reader, id: Id, db: Database, q: str | None = None, fix: str | None = None
) -> Response:
    """Show a document, or its progress; the words of ``q`` are marked in its text. ``fix`` is the row that an editor
    corrects."""
    record = await db[DOCUMENTS].find_one(
        {"_id": id, **reader.reach}, {"terms": 0, "uncorrected": 0, "processing.lease.token": 0}
    )
    if record is None:
        raise not_found(id)
    if why := shown.withheld(record, reader.scopes):
        return page(request, "hidden.html", reader, record=shown.told(record, why))
    if record["status"] in ("queued", "processing"):
        await follow(db, [record])
        return page(request, "waiting.html", reader, record=record, rows=[record], stages=await stages_of(db))
    sought = await run_in_threadpool(_sought, record, q)
    found = [*marks(record), *sought]
    story = (record.get("story") or {}).get("id")
    await story_facts.told(db, [record], reader.sees)
    return page(
        request,
        "document.html",
        reader,
        record=record,
        q=q or "",
        fixed=fix,
        entity_types=TYPES,
        hit_ids={mark.id for mark in sought},
        blocks=await run_in_threadpool(blocks, record, sought),
        cut=len(record["text"]) > MOST_SHOWN,
        kinds={kind: len({mark.id for mark in found if mark.kind == kind}) for kind in KINDS},
        entities=sorted(
            enumerate(record["entities"]),
            key=lambda one: list(KINDS).index(_LAST.get(kind_of(one[1]), kind_of(one[1]))),
        ),
        kind_of=kind_of,
        versions=await run_in_threadpool(_compared, await versions(db, reader, story), record),
    )


def _sought(record: Doc, q: str | None) -> list[Mark]:
    """Return the words that were searched for; none if the query cannot be read."""
    try:
        query = read(q or "")
    except WrongQuery:
        return []
    return hits(record.get("text") or "", record.get("language"), [one.text for one in query.sought if not one.title])


def _compared(found: list[Doc], record: Doc) -> list[tuple[Doc, dict[str, int]]]:
    """Return the other versions nearest in time, with what this version has that they do not."""
    at = next((number for number, one in enumerate(found) if one["_id"] == record["_id"]), 0)
    near = [one for one in found[max(0, at - COMPARED // 2) : at + COMPARED // 2 + 1] if one["_id"] != record["_id"]]
    return [(one, difference.count(one, record)) for one in near]


async def versions(db: Database, caller: Caller, story: str | None) -> list[Doc]:
    """Return the documents of a story, oldest first."""
    if story is None:
        return []
    found = (
        await db[DOCUMENTS].find({"story.id": story, **caller.sees}, _VERSION).sort("_id", 1).limit(VERSIONS).to_list()
    )
    return sorted(found, key=lambda one: (one.get("published_at") or one["source"]["received_at"], one["_id"]))


@router.get("/stories/{id}")
async def story(request: Request, reader: Reader, id: str, db: Database) -> Response:
    story = await resolve(db, id, reader.sees)
    found = await versions(db, reader, story)
    if not found:
        raise not_found(id)
    steps = await run_in_threadpool(_steps, found)
    return page(request, "story.html", reader, steps=steps)


def _steps(found: list[Doc]) -> list[tuple[Doc, list[difference.Paragraph] | None, Doc | None]]:
    """Return each version with the version before it and the changes since then."""
    return [
        (one, difference.between(before, one) if before else None, before)
        for before, one in zip([None, *found[:-1]], found, strict=True)
    ]


@router.post("/documents/{id}/reprocess", dependencies=[OwnPage])
async def again(
    writer: Writer, id: Id, db: Database, settings: Config, force: Annotated[bool, Form()] = False
) -> Response:
    await reprocess.reprocess(writer, id, db, settings, force)
    return seen(RedirectResponse(f"/documents/{id}", 303))
