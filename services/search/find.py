"""Run a search: look up its words, find its pages, count its facets. This module uses MongoDB and knows nothing about
HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from services.search import facets, identities, names, operators, plan, ranking, tally, words
from services.search.cursor import Cursor, Order, Sort, WrongCursor, digest, ordering
from services.search.frequency import Frequencies
from services.search.learned import STRIDE
from services.search.params import Search
from services.search.prepared import Prepared, Standing
from services.search.prepared import Sight as Sight
from services.search.snippets import snippet
from services.search.windows import Windows, dearer
from services.store import story_facts
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]

LANGUAGES_SECONDS = 10.0
FEW = 3 * STRIDE - 2
"""How many documents a page of the console counts on a server that reads every document that it counts. The first
windows have this many."""
MOST_COMPARED = 20
"""How many names of one search are also looked up without regard to case and accents."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A search in which languages, stories and names have been looked up. ``conditions`` are all but those of its
    words."""

    search: Search
    query: words.Query
    languages: list[words.Language]
    known: dict[str, list[str]]
    conditions: list[plan.Condition]


class Finder:
    """Finds documents in one database. Every method can raise PyMongoError."""

    def __init__(self, db: AsyncDatabase[Doc]) -> None:
        self._db = db
        self.windows = Windows(db)
        self._frequencies = Frequencies(db, self.windows)
        self._languages: tuple[float, list[words.Language]] = (0.0, [])

    async def prepare(self, search: Search, sight: Sight, cursor: Cursor | None = None) -> Prepared:
        """Prepare a search. Raises words.WrongQuery, cursor.WrongCursor, and pydantic.ValidationError for a value in
        ``q``."""
        query = words.read(search.q or "")
        if cursor and len(cursor.idf) != len(query.sought):
            raise WrongCursor("give the `next` of an earlier page unchanged")
        read = await self._read(search, query, sight)
        query = read.query
        languages = cursor.languages if cursor else read.languages
        having: dict[tuple[str, ...], int] = {}
        if len(query.clauses) > 1:  # which is the rarest
            having = await self._frequencies.having([clause.any_term(languages) for clause in query.clauses])
        counts = [having.get(tuple(clause.any_term(languages) or ()), ranking.MOST_COUNTED) for clause in query.clauses]
        conditions = [*read.conditions, *plan.words(query, languages, counts)]
        idf = cursor.idf if cursor else await self._frequencies.idf(query, languages, sight.reach, having)
        return Prepared(sight, read.search, query, plan.plan(conditions, sight.found), languages, idf, read.known)

    async def standing(
        self,
        search: Search,
        sight: Sight,
        known: dict[str, list[str]] | None = None,
        also: Sequence[words.Language] = (),
    ) -> Standing:
        """Prepare a search that is kept, to test new documents with it: without the frequency of its words.

        ``known`` is that of an earlier call, so that no name is looked up again. ``also`` are languages of
        new documents, which may be the first in their language. Raises what `prepare` does.
        """
        query = words.read(search.q or "")
        read = await self._read(search, query, sight, known, also)
        conditions = [*read.conditions, *plan.words(read.query, read.languages, [0.0] * len(read.query.clauses))]
        return Standing(conditions, read.known, named_values(read.search, read.query))

    async def _read(
        self,
        search: Search,
        query: words.Query,
        sight: Sight,
        known: dict[str, list[str]] | None = None,
        also: Sequence[words.Language] = (),
    ) -> _Read:
        """Look up what the search names: languages, stories, and names unless they are ``known``."""
        search, query = operators.into_search(search, query)
        spoken: list[words.Language] = []
        if search.language or query.clauses or query.filters:
            spoken = list(dict.fromkeys([*await self._known_languages(), *also]))
        if search.language:
            kinds = [one for tag in search.language for one in _kinds(tag, spoken)]
            search = search.model_copy(update={"language": kinds})
        search, query = await self._by_stored_stories(search, query, sight)
        stemmed: list[words.Language] = [*search.language] or spoken
        languages = stemmed if query.clauses else []
        if known is None:
            known = await self._names(search, query, sight.any)
            known |= await identities.same(self._db, search.entity_id, sight.any)
        in_q = {f"language:{value}": _kinds(value, spoken) for name, value, _ in query.filters if name == "language"}
        conditions = plan.conditions(search, query, languages, {**known, **in_q})
        return _Read(search, query, languages, known, conditions)

    async def page(
        self, prepared: Prepared, sort: Sort, order: Order, cursor: Cursor | None, limit: int, fields: Doc
    ) -> tuple[list[Doc], Cursor | None]:
        """Return a page of documents in order with ``fields``, and where the page ended, None after the last page."""
        found, top = None, None
        if sort == "relevance" and prepared.weighted:
            found, top, _ = await self._ranked(prepared, order, cursor, limit + 1)
        if found is None:
            found = await self._in_order(prepared, sort, order, cursor, limit + 1, {"_id": 1, **_keys(sort)})
        return await self._shown(found, prepared, sort, limit, fields, top)

    async def page_and_count(
        self, prepared: Prepared, sort: Sort, order: Order, cursor: Cursor | None, limit: int, fields: Doc,
        names: list[str], size: int, interval: facets.Interval,
    ) -> tuple[list[Doc], Cursor | None, Doc]:  # fmt: skip
        """Return a page as `page` does, and the counts as `count` does briefly.

        A server that needs windows reads the documents of a first page once for both; then the newest ones in the order of the page are
        counted.
        """
        found, top, read = None, None, None
        if cursor is None and order == "desc" and await self.windowed():
            counted = tally.fields(names)
            if sort != "relevance":
                read = await self._in_order(prepared, sort, order, None, FEW + 1, {**counted, **_keys(sort)})
                found = read[: limit + 1]
            elif prepared.weighted:
                found, top, read = await self._ranked(prepared, order, None, limit + 1, counted)
        if found is None or read is None:
            shown, ended = await self.page(prepared, sort, order, cursor, limit, fields)
            return shown, ended, await self.count(prepared, names, size, interval, briefly=True)
        shown, ended = await self._shown(found, prepared, sort, limit, fields, top)
        return shown, ended, _brief(read, names, size, interval)

    async def _shown(
        self, found: list[Doc], prepared: Prepared, sort: Sort, limit: int, fields: Doc, top: ObjectId | None
    ) -> tuple[list[Doc], Cursor | None]:
        """Return the documents of a page with ``fields``, and where the page ended. ``found`` has their ids and keys,
        and one more if another page follows."""
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
            ended = Cursor(last["_id"], key, prepared.languages, prepared.idf, top)
        return [documents[one["_id"]] for one in shown if one["_id"] in documents], ended

    async def _ranked(
        self, prepared: Prepared, order: Order, cursor: Cursor | None, limit: int, also: Doc | None = None
    ) -> tuple[list[Doc] | None, ObjectId | None, list[Doc]]:
        """Rank the newest `ranking.MOST_RANKED` documents, and as many with a word of the search in the title. Return
        the ids and scores of a page, the newest document, and the newest documents with the fields ``also``. The page
        is None if all documents are to be ranked.
        """
        if (cursor and not cursor.top) or await self.windows.recent(ranking.MOST_RANKED) is None:
            return None, None, []
        top = cursor.top if cursor else None
        found = read = await self.newest(prepared, top, ranking.MOST_RANKED + 1, {**(also or {}), **ranking.SCORED})
        if top is None and len(found) > ranking.MOST_RANKED:
            top = found[0]["_id"]
        if top is not None:
            found = found[: ranking.MOST_RANKED]
            terms = [f"title:{term}" for terms, _ in prepared.weighted for term in terms]
            if not await self._frequencies.common(terms):  # otherwise the newest have enough of them
                titled: list[Doc] = [{"$match": {"terms": {"$in": terms}}}, *prepared.plan.stages]
                titled += [{"$match": {"_id": {"$lte": top}}}, {"$sort": {"_id": -1}}]
                found += await self._all([*titled, {"$limit": ranking.MOST_RANKED}, {"$project": ranking.SCORED}])
        found = [{"_id": one["_id"], "score": ranking.scored(one, prepared.weighted)} for one in found]
        after = (cursor.key, cursor.id) if cursor else None
        return ranking.best(found, after, order, limit), top, read

    async def newest(self, prepared: Prepared, top: ObjectId | None, limit: int, fields: Doc) -> list[Doc]:
        """Return the documents received last, up to ``top``, as they are stored."""
        until = [{"$match": {"_id": {"$lte": top}}}] if top else []
        cursor = Cursor(top) if top else None
        return await self._in_order(prepared, "received", "desc", cursor, limit, fields, until)

    async def _in_order(
        self, prepared: Prepared, sort: Sort, order: Order, cursor: Cursor | None, limit: int, fields: Doc,
        until: list[Doc] | None = None,
    ) -> list[Doc]:  # fmt: skip
        """Return the documents after the cursor, or those that match ``until`` instead, in order; window by window if
        the server needs it."""
        after = ([{"$match": cursor.after(sort, order)}] if cursor else []) if until is None else until
        stages = [*page_stages(prepared, sort, order, after), {"$limit": limit}, {"$project": fields}]
        along: Sort = "received" if sort == "relevance" and not prepared.weighted else sort  # all are equally relevant
        windows = None if prepared.plan.index in plan.NARROW else await self.windows.of(along, order, cursor)
        if windows is None:
            return await self._all(stages)
        found: list[Doc] = []
        read, strides, share = 0, sum(window.strides for window in windows), 1.0
        for window in windows:
            found += await self._all([{"$match": window.where}, *stages])
            if len(found) >= limit:
                break
            if not read and prepared.plan.index:
                by_index = len(found)
                if after or prepared.plan.rest != prepared.sight.found:  # which keep few of what the index finds
                    anchored = [{"$match": window.where}, {"$match": prepared.plan.anchor}]
                    by_index = await self._frequencies.count(anchored)
                share = by_index / (window.strides * STRIDE)
            read += window.strides
            if dearer(len(found), limit, read, strides, share):
                return await self._all(stages)
        return found[:limit]

    async def count(
        self, prepared: Prepared, names: list[str], size: int, interval: facets.Interval, *, briefly: bool = False
    ) -> Doc:
        """Return ``total``, ``complete`` (false if the search finds more documents than were counted) and
        ``facets``. With ``briefly``, a server that needs windows counts only the newest `FEW` documents.
        """
        if briefly and (newest := await self.few(prepared, tally.fields(names))) is not None:
            return _brief(newest, names, size, interval)
        [counted] = await self._all(facets.pipeline(prepared.plan, names, size, interval))
        total = sum(one["documents"] for one in counted.pop("total"))
        return {"total": total, "complete": total < facets.MOST_COUNTED, "facets": counted}

    async def windowed(self) -> bool:
        """Return whether the server reads everything that a filter finds: see `services.search.windows`. Look up what
        every search needs there."""
        return await self.windows.known() is not None

    async def few(self, prepared: Prepared, fields: Doc) -> list[Doc] | None:
        """Return the newest documents, one more than `FEW` if there are more; None if the server needs no windows."""
        return await self.newest(prepared, None, FEW + 1, fields) if await self.windowed() else None

    async def collections(self, reach: Doc, may_use: Callable[[str], bool]) -> list[str]:
        """Return the collections of the documents that ``reach`` matches: those that ``may_use`` allows."""
        if (known := await self.windows.known()) is not None:
            return sorted(filter(may_use, known.collections))
        return sorted(await self._db[DOCUMENTS].distinct("source.collection", reach))

    async def _fetch(self, ids: list[Any], fields: Doc, sight: Sight) -> dict[Any, Doc]:
        stored = story_facts.fields(fields)
        found = await self._db[DOCUMENTS].find({"_id": {"$in": ids}}, stored).to_list() if ids else []
        await story_facts.told(self._db, found, sight.any, fields)
        for one in found:  # as in `GET /v1/documents/{id}`: only the worker that holds the lease needs its token
            (one.get("processing", {}).get("lease") or {}).pop("token", None)
        return {one["_id"]: one for one in found}

    async def _all(self, pipeline: list[Doc]) -> list[Doc]:
        return await (await self._db[DOCUMENTS].aggregate(pipeline)).to_list()

    async def _known_languages(self) -> list[words.Language]:
        """Return all languages of the documents; words are stemmed for each of them if the search names no language."""
        if (learned := await self.windows.known()) is not None:
            return [None, *sorted(one for one in learned.languages if one is not None)]
        until, known = self._languages
        if until < time.monotonic() or known in ([], [None]):  # the first language may have come since
            found = await self._db[DOCUMENTS].distinct("language")
            known = [None, *sorted(one for one in found if one is not None)]
            self._languages = time.monotonic() + LANGUAGES_SECONDS, known
        return known

    async def _names(self, search: Search, query: words.Query, access: Doc) -> dict[str, list[str]]:
        """Return, for each name in the search, the names in the record that it may refer to."""
        sought = named_values(search, query)
        asked = (
            self.known_as(value, access, kind, compared=at < MOST_COMPARED) for at, (kind, value) in enumerate(sought)
        )
        found = await asyncio.gather(*asked)
        known: dict[str, list[str]] = {}
        for (_, value), forms in zip(sought, found, strict=True):
            known[value] = list(dict.fromkeys([*known.get(value, []), *forms]))
        return known

    async def _by_stored_stories(self, search: Search, query: words.Query, sight: Sight) -> tuple[Search, words.Query]:
        """Return the search with the stories' ids in MongoDB in place of the ids that the reader may know."""
        if search.story:
            search = search.model_copy(update={"story": await story_facts.story_of(self._db, search.story, sight.any)})
        filters = [
            (name, await story_facts.story_of(self._db, value, sight.any) if name == "story" else value, excluded)
            for name, value, excluded in query.filters
        ]
        return search, replace(query, filters=tuple(filters))

    async def known_as(
        self, name: str, access: Doc, kind: names.Kind = "entity", *, compared: bool = True
    ) -> list[str]:
        """Do the same as `names.known_as`; without `compared`, only for the name as typed."""
        languages = await self._known_languages()
        terms = words.Sought(name).any_term(languages) or []
        recent = await self.windows.recent(STRIDE) if await self._frequencies.common(terms) else None
        return await names.known_as(self._db, name, kind, access, languages if compared else [], recent)

    async def again(self, id: ObjectId, prepared: Prepared, fields: Doc) -> list[Doc]:
        """Return the document with that id if the search may find it, to continue with its rows."""
        seen = [{"$match": prepared.sight.found}] if prepared.sight.found else []
        found = await self._all([{"$match": {"_id": id}}, *seen, {"$project": {"_id": 1}}])
        return [*(await self._fetch([id], fields, prepared.sight)).values()] if found else []

    async def story_groups(self, prepared: Prepared, ids: list[ObjectId], top: ObjectId | None) -> dict[ObjectId, Doc]:
        """Return the stories whose newest document found by the search is one of ``ids``, by that document. Each has
        ``versions``, ``first``, ``last`` and ``publishers`` of the documents up to ``top`` that the reader may see.
        """
        records = await self._db[DOCUMENTS].find({"_id": {"$in": ids}}, {"story.id": 1}).to_list()
        known = sorted({story["id"] for one in records if (story := one.get("story"))})
        if not known:
            return {}
        within: list[Doc] = [{"$match": {"story.id": {"$in": known}}}, {"$match": {"_id": {"$lte": top}}}]
        newest = await self._all(
            [*within, *prepared.plan.stages, {"$group": {"_id": "$story.id", "newest": {"$max": "$_id"}}}]
        )
        group = {"versions": {"$sum": 1}, "first": {"$min": "$_id"}, "last": {"$max": "$_id"},
                 "publishers": {"$addToSet": "$publisher"}}  # fmt: skip
        seen = [{"$match": prepared.sight.found}] if prepared.sight.found else []
        groups = await self._all([*within, *seen, {"$group": {"_id": "$story.id", **group}}])
        by_story = {one["_id"]: one for one in groups}
        return {one["newest"]: by_story[one["_id"]] for one in newest if one["_id"] in by_story}


_NAMED: dict[str, names.Kind] = {"entity": "entity", "speaker": "person", "actor": "entity", "place": "place"}
"""Parameters that are names, and the kind of each."""


def _keys(sort: Sort) -> Doc:
    """Return the projection of what a cursor needs."""
    return {"score": 1} if sort == "relevance" else {"published_at": 1}


def _brief(newest: list[Doc], names: list[str], size: int, interval: facets.Interval) -> Doc:
    """Return the counts of the newest documents; ``newest`` has one more than `FEW` if there are more."""
    counted = tally.count(newest[:FEW], names, size, interval)
    return {"total": len(newest[:FEW]), "complete": len(newest) <= FEW, "facets": counted}


def named_values(search: Search, query: words.Query) -> list[tuple[names.Kind, str]]:
    """Return the names in a search, each once, with its kind."""
    sought: dict[tuple[names.Kind, str], None] = {}
    for field, kind in _NAMED.items():
        given = [*getattr(search, field), *(value for name, value, _ in query.filters if name == field)]
        sought |= dict.fromkeys((kind, value) for value in given)
    return [*sought]


def _kinds(tag: str, languages: Sequence[words.Language]) -> list[str]:
    """Return all variants of a language that exist: for `en`, `en`, `en-GB` and `en-US`."""
    return [one for one in languages if one and (one == tag or one.startswith(f"{tag}-"))] or [tag]


def page_stages(prepared: Prepared, sort: Sort, order: Order, after: list[Doc]) -> list[Doc]:
    """Return the stages that find the documents ``after`` and sort them."""
    stages = list(prepared.plan.stages)
    if sort == "relevance":
        stages.append({"$project": {"score": ranking.score(prepared.weighted)}})
    return [*stages, *after, {"$sort": ordering(sort, order)}]


def add_snippets(prepared: Prepared, documents: list[Doc]) -> None:
    """Add a ``snippet`` to each document; each must have ``text`` and ``language``."""
    terms = {term for sought, _ in prepared.weighted for term in sought}
    for document in documents:
        document["snippet"] = snippet(document.get("text") or "", document.get("language"), terms)


def named(search: Search, sort: Sort, order: Order) -> str:
    """Return the digest of the search, for its cursors."""
    return digest(search.model_dump_json(exclude_defaults=True), sort, order)
