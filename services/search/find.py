"""Runs a search: its words are counted, its pages found, its facets counted. Asks MongoDB and knows nothing of HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from services.search import facets, plan, ranking, words
from services.search.cursor import Cursor, Order, Sort, WrongCursor, digest, ordering
from services.search.params import Search
from services.search.snippets import snippet
from services.store import story_facts
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

LANGUAGES_SECONDS = 60.0
MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader sees, as conditions: the documents that this search may find, those that the reader sees in any, and
    those of the collections open to the reader, shown or not, by which the weight of words is counted."""

    found: Doc
    any: Doc
    reach: Doc


@dataclass(frozen=True, slots=True)
class Prepared:
    """A search whose words have been looked up: it finds the same from its first page to its last."""

    sight: Sight
    search: Search
    query: words.Query
    plan: plan.Plan
    languages: list[words.Language]
    idf: list[float]

    @property
    def weighted(self) -> list[tuple[list[str], float]]:
        sought = [(one.scored(self.languages), weight) for one, weight in zip(self.query.sought, self.idf, strict=True)]
        return [(terms, weight) for terms, weight in sought if terms]


class Finder:
    """Finds documents in one database. Every method raises PyMongoError."""

    def __init__(self, db: AsyncDatabase[Doc]) -> None:
        self._db = db
        self._languages: tuple[float, list[words.Language]] = (0.0, [])

    async def prepare(self, search: Search, sight: Sight, cursor: Cursor | None = None) -> Prepared:
        """Raises words.WrongQuery, cursor.WrongCursor, pydantic.ValidationError for a value in ``q``."""
        query = words.read(search.q or "")
        if cursor and len(cursor.idf) != len(query.sought):
            raise WrongCursor("give `next` of an earlier page as it was")
        search, query = await self._by_stored_stories(search, query, sight)
        languages = cursor.languages if cursor else await self._spoken(search) if query.clauses else []
        sought = [*search.entity, *(value for name, value, _ in query.filters if name == "entity")]
        names = dict(zip(sought, await asyncio.gather(*(self.known_as(one, sight.any) for one in sought)), strict=True))
        conditions = plan.conditions(search, query, languages, names)
        counts = await asyncio.gather(*(self._having(clause.any_term(languages)) for clause in query.clauses))
        conditions += plan.words(query, languages, counts)
        idf = cursor.idf if cursor else await self._idf(query, languages, sight.reach)
        return Prepared(sight, search, query, plan.plan(conditions, sight.found), languages, idf)

    async def page(
        self, prepared: Prepared, sort: Sort, order: Order, cursor: Cursor | None, limit: int, fields: Doc
    ) -> tuple[list[Doc], Cursor | None]:
        """Documents in order with ``fields``, and where the page ended, None at the end of all."""
        stages = page_stages(prepared, sort, order, cursor)
        keys = {"score": 1} if sort == "relevance" else {"published_at": 1}
        found = await self._all([*stages, {"$limit": limit + 1}, {"$project": {"_id": 1, **keys}}])
        shown = found[:limit]
        documents = await self._fetch([one["_id"] for one in shown], fields, prepared.sight)
        if sort == "relevance":
            for document, one in ((documents.get(one["_id"]), one) for one in shown):
                if document is not None:
                    document["score"] = one["score"]
        ended = None
        if len(found) > limit:
            last = shown[-1]
            key = {"relevance": last.get("score"), "published": last.get("published_at"), "received": None}[sort]
            ended = Cursor(last["_id"], key, prepared.languages, prepared.idf)
        return [documents[one["_id"]] for one in shown if one["_id"] in documents], ended

    async def count(self, prepared: Prepared, names: list[str], size: int, interval: facets.Interval) -> Doc:
        """``total``, ``complete`` (false where there are more than were counted) and ``facets``."""
        [counted] = await self._all(facets.pipeline(prepared.plan, names, size, interval))
        total = sum(one["documents"] for one in counted.pop("total"))
        return {"total": total, "complete": total < facets.MOST_COUNTED, "facets": counted}

    async def _fetch(self, ids: list[Any], fields: Doc, sight: Sight) -> dict[Any, Doc]:
        stored = story_facts.fields(fields)
        found = await self._db[DOCUMENTS].find({"_id": {"$in": ids}}, stored).to_list() if ids else []
        await story_facts.told(self._db, found, sight.any, fields)
        for one in found:  # as `GET /v1/documents/{id}`: the token is between the database and the worker that holds it
            (one.get("processing", {}).get("lease") or {}).pop("token", None)
        return {one["_id"]: one for one in found}

    async def _all(self, pipeline: list[Doc]) -> list[Doc]:
        return await (await self._db[DOCUMENTS].aggregate(pipeline)).to_list()

    async def _spoken(self, search: Search) -> list[words.Language]:
        """The languages that words are to be stemmed by: those asked for, else all that there are."""
        if search.language:
            return list(search.language)
        until, known = self._languages
        if until < time.monotonic() or not known:
            found = await self._db[DOCUMENTS].distinct("language")
            known = [None, *sorted(one for one in found if one is not None)]
            self._languages = time.monotonic() + LANGUAGES_SECONDS, known
        return known

    async def _by_stored_stories(self, search: Search, query: words.Query, sight: Sight) -> tuple[Search, words.Query]:
        """The same with stories as MongoDB knows them, in place of the names that the reader may know them by."""
        if search.story:
            search = search.model_copy(update={"story": await story_facts.story_of(self._db, search.story, sight.any)})
        filters = [
            (name, await story_facts.story_of(self._db, value, sight.any) if name == "story" else value, excluded)
            for name, value, excluded in query.filters
        ]
        return search, replace(query, filters=tuple(filters))

    async def known_as(self, name: str, access: Doc) -> list[str]:
        """The name itself, then the names of entities that have it for an alias in what a reader sees, the most frequent first."""
        found = await self._all(
            [
                {"$match": {"entities.aliases": name}},
                *([{"$match": access}] if access else []),
                {"$limit": 1000},
                {"$project": {"entities.name": 1, "entities.aliases": 1}},
                {"$unwind": "$entities"},
                {"$match": {"entities.aliases": name}},
                {"$sortByCount": "$entities.name"},
                {"$limit": MOST_NAMES},
            ]
        )
        return [name, *(one["_id"] for one in found if one["_id"] != name)]

    async def _having(self, terms: list[str] | None, reach: Doc | None = None) -> int:
        """How many documents, of those that ``reach`` finds, have any of the terms; every one where there is no list."""
        if terms is None:
            return ranking.MOST_COUNTED
        query: Doc = {"terms": terms[0] if len(terms) == 1 else {"$in": terms}}
        if not reach:
            return await self._db[DOCUMENTS].count_documents(query, limit=ranking.MOST_COUNTED)
        return await self._count([{"$match": query}, {"$match": reach}])

    async def _count(self, stages: list[Doc]) -> int:
        found = await self._all([*stages, {"$limit": ranking.MOST_COUNTED}, {"$count": "documents"}])
        return sum(one["documents"] for one in found)

    async def _idf(self, query: words.Query, languages: Sequence[words.Language], reach: Doc) -> list[float]:
        """Weigh words by the documents of the reader's own collections: a score tells how common its words are."""
        if not query.sought:
            return []
        total = await (self._count([{"$match": reach}]) if reach else self._db[DOCUMENTS].estimated_document_count())
        counts = await asyncio.gather(*(self._having(one.any_term(languages), reach) for one in query.sought))
        return [round(ranking.idf(total, count), 6) for count in counts]


def page_stages(prepared: Prepared, sort: Sort, order: Order, cursor: Cursor | None) -> list[Doc]:
    """The stages that find a page and put it in order."""
    stages = list(prepared.plan.stages)
    after = [{"$match": cursor.after(sort, order)}] if cursor else []
    if sort == "relevance":
        stages.append({"$project": {"score": ranking.score(prepared.weighted)}})
    return [*stages, *after, {"$sort": ordering(sort, order)}]


def add_snippets(prepared: Prepared, documents: list[Doc]) -> None:
    """Put a ``snippet`` into each document; each must have ``text`` and ``language``."""
    terms = {term for sought, _ in prepared.weighted for term in sought}
    for document in documents:
        document["snippet"] = snippet(document.get("text") or "", document.get("language"), terms)


def named(search: Search, sort: Sort, order: Order) -> str:
    """The search as its cursors know it."""
    return digest(search.model_dump_json(exclude_defaults=True), sort, order)
