"""``/v1/stories/{id}``: the versions of one story, in order, with what each changed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from pymongo.asynchronous.database import AsyncDatabase

from services.api.auth import REFUSALS, Reader
from services.api.common import MISSING, Database, plain
from services.api.problems import Problem
from services.records import Span
from services.search.versions import changes
from services.store import story_facts
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

Withdrawn = Annotated[bool, Query(description="include withdrawn documents; the key needs the scope `withdrawn`")]

router = APIRouter(prefix="/v1/stories", tags=["stories"], responses=REFUSALS)


class Change(Span):
    """A change. ``added`` text is in the version from ``start`` to ``end``; for ``removed`` text, both give the
    position where it was."""

    kind: str


class Version(BaseModel):
    """A document of the story. ``added`` are the paragraphs that are not in ``compared_with``, an earlier version;
    ``changes`` are the differences word by word, empty in the first version."""

    id: str
    title: str | None
    publisher: str | None
    published_at: str | None
    received_at: str
    collection: str
    similarity: float
    compared_with: str | None
    added: list[Span]
    changes: list[Change]


class Versions(BaseModel):
    """A story. ``id`` is its current id. ``versions`` are in order of publication, or of receipt if no date is
    known."""

    id: str
    total: int
    versions: list[Version]


@router.get("/{id}", response_model=Versions, responses=MISSING)
async def get_story(
    reader: Reader,
    db: Database,
    id: Annotated[
        str,
        Path(
            max_length=100, description="the story's id, `story.id` of a record", examples=["665f1f77bcf86cd799439011"]
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=200, description="how many versions to return, counted from the first")] = 50,
    withdrawn: Withdrawn = False,
) -> JSONResponse:
    """Return who published each version of a story and when, and what each version added and changed."""
    story = await resolve(db, id, reader.sees)
    query = {"story.id": story, **reader.access(withdrawn=withdrawn)}
    shown = {"title": 1, "publisher": 1, "published_at": 1, "source": 1, "story": 1, "text": 1}
    found = await db[DOCUMENTS].find(query, shown).to_list()
    if not found:
        raise Problem(404, "not-found", "No such story",
                      f"no document belongs to a story {id[:100]!r}; `story.id` of a document has the id of its story")  # fmt: skip
    found.sort(key=lambda one: (one["published_at"] or one["source"]["received_at"], one["_id"]))
    versions = await run_in_threadpool(_versions, found[:limit])
    await story_facts.told(db, found, reader.sees)
    return JSONResponse(plain({"id": found[0]["story"]["id"], "total": len(found), "versions": versions}))


async def resolve(db: AsyncDatabase[Doc], story: str, access: Doc) -> str:
    """Return the current id of a story in MongoDB. The story may have been joined with another one, and a caller who
    sees only what ``access`` matches may know it under another id."""
    while (redirect := await db.story_index.find_one({"_id": story})) is not None:
        story = redirect["into"]
    return await story_facts.story_of(db, story, access)


def _versions(found: list[Doc]) -> list[Doc]:
    by_id = {str(one["_id"]): one for one in found}
    versions: list[Doc] = []
    for at, one in enumerate(found):
        # the version it was compared with when it was read; if that is unknown or hidden, the version before it
        nearest = one["story"].get("nearest")
        earlier = by_id.get(nearest) if nearest else None
        if earlier is None or found.index(earlier) > at:
            earlier = found[at - 1] if at else None
        same = earlier is not None and str(earlier["_id"]) == nearest
        versions.append(
            {
                "id": one["_id"],
                **{name: one.get(name) for name in ("title", "publisher", "published_at")},
                "received_at": one["source"]["received_at"],
                "collection": one["source"]["collection"],
                "similarity": one["story"]["similarity"] if same else 0.0,
                "compared_with": earlier["_id"] if earlier else None,
                "added": one["story"].get("new_paragraphs", []) if same else [],
                "changes": changes(earlier["text"], one["text"]) if earlier else [],
            }
        )
    return versions
