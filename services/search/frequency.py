"""How many documents have a word: exact, or estimated from the newest documents on a server that reads every document
that it counts."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from services.search import ranking, words
from services.search.windows import Windows
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
Terms = tuple[str, ...]

SAMPLE = 512
"""How many of the newest documents frequencies are estimated from."""
COMMON = 0.05
"""A word in a larger share of the sample is not counted exactly."""
SAMPLED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sample:
    """``having`` is how many of the ``size`` newest documents that the reader's rights match have each term;
    ``documents`` is an estimate of how many they match in all."""

    having: Counter[str]
    size: int
    documents: int

    def estimate(self, terms: Sequence[str]) -> int | None:
        """Return about how many documents have any of the terms; None if too few to tell."""
        share = min(1.0, sum(self.having[term] for term in terms) / self.size)
        return round(share * self.documents) if share > COMMON else None


class Frequencies:
    """The frequencies of one database. Every method can raise PyMongoError."""

    def __init__(self, db: AsyncDatabase[Doc], windows: Windows) -> None:
        self._db = db
        self._windows = windows
        self._samples: dict[str, tuple[float, Sample | None]] = {}

    async def having(self, lists: Sequence[Sequence[str] | None], reach: Doc | None = None) -> dict[Terms, int]:
        """Return for each list how many of the documents that ``reach`` matches have any of its terms."""
        sought = list({tuple(terms): None for terms in lists if terms})
        sample = await self._sample(reach or {}) if sought else None
        found = {terms: sample.estimate(terms) if sample else None for terms in sought}
        within = [{"$match": reach}] if reach else []
        rare = [terms for terms in sought if found[terms] is None]
        queries: list[Doc] = [{"terms": terms[0] if len(terms) == 1 else {"$in": [*terms]}} for terms in rare]
        counts = await asyncio.gather(*(self.count([{"$match": query}, *within]) for query in queries))
        exact = dict(zip(rare, counts, strict=True))
        return {terms: exact[terms] if number is None else number for terms, number in found.items()}

    async def common(self, terms: Sequence[str]) -> bool:
        """Return whether so many of the newest documents have one of these terms that they are not counted exactly."""
        sample = await self._sample({})
        return sample is not None and sample.estimate(terms) is not None

    async def count(self, stages: list[Doc]) -> int:
        """Return how many documents the stages give, at most `ranking.MOST_COUNTED`."""
        counting = [*stages, {"$limit": ranking.MOST_COUNTED}, {"$count": "documents"}]
        return sum(one["documents"] for one in await (await self._db[DOCUMENTS].aggregate(counting)).to_list())

    async def idf(
        self, query: words.Query, languages: Sequence[words.Language], reach: Doc, known: dict[Terms, int]
    ) -> list[float]:
        """Weight words by their frequency in the reader's own collections, because a score reveals how common its words are.

        ``known`` is what `having` found in all collections.
        """
        if not query.sought:
            return []
        total = await self._total(reach)
        having = {} if reach else dict(known)
        lists = [one.any_term(languages) for one in query.sought]
        having |= await self.having([terms for terms in lists if tuple(terms or ()) not in having], reach)
        counts = [having.get(tuple(terms or ()), ranking.MOST_COUNTED) for terms in lists]
        return [round(ranking.idf(total, count), 6) for count in counts]

    async def _total(self, reach: Doc) -> int:
        if not reach:
            return await self._db[DOCUMENTS].estimated_document_count()
        sample = await self._sample(reach)
        return sample.documents if sample else await self.count([{"$match": reach}])

    async def _sample(self, reach: Doc) -> Sample | None:
        """Return the terms of the newest documents; None if all can be counted, or too few of the newest are in
        reach."""
        recent = await self._windows.recent(SAMPLE)
        if recent is None:
            return None
        key = json.dumps(reach, sort_keys=True)
        until, sample = self._samples.get(key, (0.0, None))
        if until < time.monotonic():
            newest = await self._db[DOCUMENTS].count_documents(recent)
            stages = [{"$match": recent}, *([{"$match": reach}] if reach else []), {"$project": {"terms": 1}}]
            found = await (await self._db[DOCUMENTS].aggregate(stages)).to_list()
            having = Counter(term for one in found for term in one.get("terms") or ())
            stored = await self._db[DOCUMENTS].estimated_document_count()
            enough = len(found) > SAMPLE * COMMON
            sample = Sample(having, len(found), round(stored * len(found) / newest)) if enough else None
            live = {one: kept for one, kept in self._samples.items() if kept[0] > time.monotonic()}
            self._samples = {**live, key: (time.monotonic() + SAMPLED_SECONDS, sample)}
        return sample
