"""``GET /v1/documents`` and its facets: find documents by their content."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationError
from pymongo.errors import ExecutionTimeout, NetworkTimeout, PyMongoError

from services.api.auth import REFUSALS, Caller, Reader
from services.api.common import plain
from services.api.problems import Problem, invalid
from services.records import Record
from services.search import facets as counting
from services.search.cursor import Cursor, Order, Sort, WrongCursor
from services.search.facets import Interval
from services.search.find import Finder, add_snippets, named
from services.search.params import Search
from services.search.prepared import Prepared, Sight
from services.search.ranking import MOST_RANKED
from services.search.words import WrongQuery

Doc = dict[str, Any]
SUMMARY = ("status", "error", "code", "title", "published_at", "publisher", "language", "word_count", "source", "raw",
           "item", "wire.version", "wire.pub_status", "wire.embargoed_until")  # fmt: skip
COMPUTED = ("score", "snippet")
_PATH = re.compile(r"\w+(?:\.[\w-]+)*", re.ASCII)

router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=REFUSALS)


def read_fields(fields: str) -> list[str]:
    """Return the names in ``fields``. Raises ValueError for a name that records do not have."""
    names = [name.strip() for name in fields.split(",") if name.strip()]
    for name in names:
        root = name.partition(".")[0]
        known = root in (*Record.model_fields, *COMPUTED, "id") and _PATH.fullmatch(name)
        if not known or name.startswith("processing.lease"):
            raise ValueError(
                f"there is no field {name!r}; GET /v1/schema lists the fields, and score and snippet are added with q"
            )
    # MongoDB refuses a field together with one of its parts
    return [name for name in dict.fromkeys(names) if not any(name.startswith(f"{other}.") for other in names)]


def _known_fields(fields: str) -> str:
    read_fields(fields)
    return fields


def _known_facets(names: str) -> str:
    read_facets(names)
    return names


def read_facets(names: str) -> list[str]:
    """Return the names of the facets. Raises ValueError for an unknown facet."""
    found = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    for name in found:
        if name not in counting.FACETS:
            raise ValueError(f"there is no facet {name!r}; facets are {', '.join(counting.FACETS)}")
    return found


Fields = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_known_fields)]
Facets = Annotated[str, StringConstraints(max_length=400), AfterValidator(_known_facets)]


class Counting(Search):
    """A search, and the facets to count."""

    facets: Facets | None = Field(None, description=f"what to count, separated by commas: {', '.join(counting.FACETS)}")
    facet_size: Annotated[int, Field(ge=1, le=500)] = Field(10, description="number of values of each facet")
    date_interval: Interval = Field("month", description="interval of the facet `date`")


class Paging(Counting):
    """A search, with page, order and fields."""

    sort: Sort | None = Field(None, description="`relevance` if there is a `q`, otherwise `received`")
    order: Order = Field("desc", description="`desc`: most relevant or latest first; `asc`: the reverse")
    fields: Fields | None = Field(
        None, description="fields of each document, separated by commas: `title,entities.name,story`"
    )
    limit: Annotated[int, Field(ge=1, le=200, description="documents per page")] = 50
    cursor: Annotated[str, StringConstraints(max_length=4000)] | None = Field(
        None, description="`next` of the previous page"
    )

    @property
    def sorted_by(self) -> Sort:
        return self.sort or ("relevance" if self.q else "received")


class Value(BaseModel):
    """The number of documents with a value. An entity also has its ``type``, a place its ``country`` and ``[longitude,
    latitude]``."""

    value: str
    count: int
    type: str | None = None
    country: str | None = None
    location: list[float] | None = None


class Counts(BaseModel):
    """The counts. ``total`` documents were counted: all that the search finds, or only the newest if ``complete`` is
    false."""

    total: int
    complete: bool
    facets: dict[str, list[Value]]


class Page(BaseModel):
    """A page of documents in the requested order. Give ``next`` as ``cursor`` for the following page; it is null at the
    end. With ``q`` each document has ``score`` and ``snippet``; with ``facets`` the page includes the counts.
    ``ranked`` is given if only part of the documents were ranked by relevance: the newest ``ranked``, and as many with
    a word of the search in the title. See docs/search.md.
    """

    documents: list[dict[str, Any]]
    next: str | None
    ranked: int | None = None
    total: int | None = None
    complete: bool | None = None
    facets: dict[str, list[Value]] | None = None


@router.get("", response_model=Page, response_model_exclude_none=True)
async def search_documents(request: Request, reader: Reader, asked: Annotated[Paging, Query()]) -> JSONResponse:
    """Find documents in the key's collections by words, names, places, sums, events, dates and more. Without
    parameters, return all documents, latest received first.
    """
    finder: Finder = request.app.state.finder
    sort = asked.sorted_by
    if sort == "relevance" and not asked.q:
        raise Problem(422, "sort", "`sort=relevance` needs `q`", "give q, or sort by published or received")
    search = Search.model_validate(asked.model_dump(include=set(Search.model_fields), exclude_unset=True))
    cursor = read_cursor(asked.cursor, search, sort, asked.order)
    fields = read_fields(asked.fields) if asked.fields else [*SUMMARY, *(COMPUTED if asked.q else ())]
    with_snippet = "snippet" in fields and bool(asked.q)
    stored = {name: 1 for name in fields if name not in (*COMPUTED, "id")}
    try:
        prepared = await prepare(finder, search, reader, cursor)
        documents, ended = await finder.page(
            prepared, sort, asked.order, cursor, asked.limit,
            {"_id": 1, **stored, **({"text": 1, "language": 1} if with_snippet else {})},
        )  # fmt: skip
        counted: Doc = {}
        if asked.facets:
            counted = await finder.count(prepared, read_facets(asked.facets), asked.facet_size, asked.date_interval)
    except PyMongoError as error:
        raise slow(error) from error
    if with_snippet:
        add_snippets(prepared, documents)
        for extra in {"text", "language"} - set(fields):
            for document in documents:
                document.pop(extra, None)
    if "score" not in fields:
        for document in documents:
            document.pop("score", None)
    following = ended.write(named(search, sort, asked.order)) if ended else None
    few = {"ranked": MOST_RANKED} if any(one and one.top for one in (cursor, ended)) else {}
    return JSONResponse({"documents": plain(documents), "next": following, **few, **plain(counted)})


@router.get("/facets", response_model=Counts, response_model_exclude_none=True)
async def count_documents(request: Request, reader: Reader, asked: Annotated[Counting, Query()]) -> JSONResponse:
    """Count the documents that a search finds, by entity, place, language, date and more."""
    finder: Finder = request.app.state.finder
    search = Search.model_validate(asked.model_dump(include=set(Search.model_fields), exclude_unset=True))
    names = read_facets(asked.facets) if asked.facets else list(counting.DEFAULT)
    try:
        prepared = await prepare(finder, search, reader, None)
        counted = await finder.count(prepared, names, asked.facet_size, asked.date_interval)
    except PyMongoError as error:
        raise slow(error) from error
    return JSONResponse(plain(counted))


async def prepare(finder: Finder, search: Search, caller: Caller, cursor: Cursor | None) -> Prepared:
    """Build the search with the caller's access. Raises Problem 422 if the query or cursor is wrong, and
    PyMongoError."""
    try:
        sight = Sight(caller.access(withdrawn=search.withdrawn), caller.sees, caller.reach)
        return await finder.prepare(search, sight, cursor)
    except WrongCursor as error:
        raise Problem(422, "cursor", "The cursor is not valid", str(error)) from None
    except WrongQuery as error:
        raise Problem(422, "query", "The query cannot be read", str(error), part=error.part[:300]) from None
    except ValidationError as error:
        raise invalid(error.errors(include_context=False, include_url=False)) from None


def read_cursor(text: str | None, search: Search, sort: Sort, order: Order) -> Cursor | None:
    """Read the cursor. Raises Problem 422."""
    if text is None:
        return None
    try:
        return Cursor.read(text, named(search, sort, order), sort)
    except WrongCursor as error:
        raise Problem(422, "cursor", "The cursor is not valid", str(error)) from None


def slow(error: PyMongoError) -> Exception:
    """Return the problem for an error while searching."""
    if not isinstance(error, (ExecutionTimeout, NetworkTimeout)):
        return error
    problem = Problem(503, "slow", "The search takes too long",
                      "limit it by a date, a collection or a rarer word, or sort by published or received")  # fmt: skip
    problem.headers = {"Retry-After": "5"}
    return problem
