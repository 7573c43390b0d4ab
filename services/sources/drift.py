"""Notice that the documents of a source have changed, such as "since Tuesday no author and half the words".

A publisher that rebuilds its site does not stop sending, so nothing fails: the parser no longer finds the author, or
takes only half of the text. The documents of the last weeks are compared, for each parser by itself, before and since
the day that separates them best.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from pymongo.database import Database

from services.records import Status
from services.store.setup import DOCUMENTS

Doc = dict[str, Any]
DAYS = 28
MOST_DOCUMENTS = 2000
LEAST_BEFORE, LEAST_SINCE = 20, 10
"""Minimum number of documents on each side of the day."""
LEAST_SHARE = 0.5
"""A field that fewer documents had before is not missed."""
PART = 0.6
"""It is a drift if the share or the number of words falls below this part of the earlier one, or if the number of words
rises above its inverse."""
SURE = 4.0
"""Minimum distance in standard errors, so that chance does not raise an alarm: about one in 30,000 comparisons."""
SHARES = {"author": "byline", "date": "published_at", "title": "title"}
WORDS = "words"
_READ = dict.fromkeys((*SHARES.values(), "word_count", "processing.parser", "source.received_at"), 1)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is compared of a document: 1 or 0 for each of `SHARES`, and its number of words."""

    day: date
    parser: str
    values: dict[str, float]


def find(db: Database[Doc], source: Doc, now: datetime) -> list[Doc]:
    """Return the drifts of a source: ``{parser, field, since, before, now}``, for `SHARES` the shares of documents that
    have the field, for ``words`` the median numbers."""
    start = max(now - timedelta(days=DAYS), source.get("compared_from") or now - timedelta(days=DAYS))
    here = {
        "source.fetched_from.name": source["name"],  # the index
        "source.fetched_from.id": str(source["_id"]),
        "source.received_at": {"$gte": start},
        "status": Status.DONE,
        "members.0": {"$exists": False},
    }
    seen = [_seen(one) for one in db[DOCUMENTS].find(here, _READ).sort("_id", -1).limit(MOST_DOCUMENTS)]
    return compare(seen)


def _seen(record: Doc) -> Seen:
    values = {name: float(bool(record.get(field))) for name, field in SHARES.items()}
    parser = str(record["processing"].get("parser") or "").partition(" ")[0]
    return Seen(record["source"]["received_at"].date(), parser, {**values, WORDS: float(record.get("word_count") or 0)})


def compare(seen: Sequence[Seen]) -> list[Doc]:
    """Return the drifts among these documents, by parser and field."""
    found = []
    for parser in sorted({one.parser for one in seen}):
        mine = sorted((one for one in seen if one.parser == parser), key=lambda one: one.day)
        for field in (*SHARES, WORDS):
            if drift := _drift(mine, field):
                found.append({"parser": parser, "field": field, **drift})
    return found


def _drift(seen: Sequence[Seen], field: str) -> Doc | None:
    """Return the drift of one field at the day where it is clearest, None if there is none. ``seen`` is by day."""
    best: tuple[float, Doc] | None = None
    for at, (left, right) in enumerate(pairwise(seen), 1):
        if left.day == right.day or at < LEAST_BEFORE or len(seen) - at < LEAST_SINCE:
            continue
        before, since = ([one.values[field] for one in part] for part in (seen[:at], seen[at:]))
        distance = _distance(before, since, field)
        was, is_ = (statistics.median(part) if field == WORDS else statistics.fmean(part) for part in (before, since))
        less = is_ <= PART * was
        drifted = less or is_ * PART >= was > 0 if field == WORDS else less and was >= LEAST_SHARE
        if drifted and distance >= SURE and (best is None or distance > best[0]):
            day = datetime(right.day.year, right.day.month, right.day.day, tzinfo=UTC)
            best = distance, {"since": day, "before": round(was, 3), "now": round(is_, 3)}
    return best[1] if best else None


def _distance(before: Sequence[float], since: Sequence[float], field: str) -> float:
    """Return the difference of the means in standard errors (Welch); of words, the logarithms are compared."""
    if field == WORDS:
        before, since = ([math.log1p(one) for one in part] for part in (before, since))
    # one document more on either side keeps the error of shares of 0 and 1 from being nothing
    error = sum((statistics.pvariance(part) + 0.25 / len(part)) / len(part) for part in (before, since))
    return abs(statistics.fmean(before) - statistics.fmean(since)) / math.sqrt(error)
