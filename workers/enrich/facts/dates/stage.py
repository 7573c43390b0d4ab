"""Find dates and times and resolve them against ``reading.reference``; without a reference, relative dates have no
value.

``value`` is ISO 8601 cut to its grain: ``2012-03-04T13:11`` (minute, with ``Z`` where GMT or UTC is written),
``2012-03-04``, ``2012-03-04TMO`` (morning; TAF, TEV, TNI), ``2012-W10``, ``2012-W10-WE``, ``2012-09``, ``2012-Q3``, ``2012-SU``, ``2012``; a decade is ISO 8601-2's ``199X``.
A fiscal quarter is read as the calendar quarter of the same number. A bare weekday or month is the nearest past one,
today included, unless its verb (without a parse, the words before it in the sentence) refers to the future. There is
one pattern for each kind, tried in order; the earlier kind wins if two overlap. In English, lengths of time,
repeated times, vague times, and words that refer to an earlier date are marked as well (`lengths`, `vague`, `told`)
where there is no date. The period that a date or time covers is its interval (`intervals`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Any

from services.records import DateMention, Grain
from workers.enrich.base import Reading, Stage
from workers.enrich.facts.dates import values
from workers.enrich.facts.dates.clock import mention, timed
from workers.enrich.facts.dates.english import ENGLISH
from workers.enrich.facts.dates.intervals import with_interval, zone_of
from workers.enrich.facts.dates.kinds import Mention
from workers.enrich.facts.dates.lengths import lengths, repeated
from workers.enrich.facts.dates.others import OTHERS
from workers.enrich.facts.dates.tense import Context, verb_of
from workers.enrich.facts.dates.told import told
from workers.enrich.facts.dates.vague import references
from workers.enrich.names.home import home_country


def _dates(reading: Reading) -> list[DateMention]:
    text = reading.folded
    article = reading.article
    taken = bytearray(len(text))
    people = [span for each in article.entities if each.type == "PERSON" for span in each.mentions]
    for each in [*article.money, *article.quantities, *people]:
        taken[each.start : each.end] = b"\1" * (each.end - each.start)
    home = home_country(article)
    language = (article.language or "en").split("-")[0]
    month_first = home in ("US", "PH") or (home is None and language == "en")
    zone = zone_of(article.published_zone)
    today = reading.reference.astimezone(zone).date() if reading.reference else None
    doc = reading.doc if language == "en" else None
    found = []
    for start, end, value, value_end, grain in _matches(text, today, month_first, language, doc):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(mention(article.text, start, end, value, value_end, grain))
    found.sort(key=lambda each: each.start)
    found = timed(article.text, text, found, taken, today)
    if language == "en":
        found = _with_others(article.text, text, found, taken, today)
    return [with_interval(each, zone, home) for each in found]


def _with_others(
    source: str, text: str, found: list[DateMention], taken: bytearray, today: date | None
) -> list[DateMention]:
    """Add words that refer to an earlier date, lengths, repeated times, and vague times where there is no date."""
    for each in found:
        taken[each.start : each.end] = b"\1" * (each.end - each.start)
    compared = {each.start: each for each in told(text, found, today)}
    found = [_compared(each, compared.get(each.start)) for each in found]
    for start, end, value, grain, kind in chain(compared.values(), repeated(text), references(text), lengths(text)):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(DateMention(text=source[start:end], start=start, end=end, value=value, grain=grain, kind=kind))
    return sorted(found, key=lambda each: each.start)


def _compared(found: DateMention, other: Mention | None) -> DateMention:
    """Return `a year ago` as the quarter that it is compared with, if there is one."""
    if other is None or other.end != found.end or other.grain != "quarter":
        return found
    return found.model_copy(update={"value": other.value, "grain": other.grain})


_FULL_STOP = re.compile(r"(?<=\d)\.$|(?<=\w{5})\.$|(?<=\b(?:June|July))\.$")
"""A full stop after a figure or a full month name; the full stop of `Sept.` belongs to the month."""
_SOME_DAY = date(2000, 6, 15)
"""The reference used to recognise dates if none is known; it is in a leap year, so that February 29 is a date."""
_SPAN_STARTS = ("which", "weekday", "day", "month", "year")
"""A Russian date begins, after its preposition, at the first of these groups that matched."""
_OF_THE_YEAR = re.compile(r"(?<=\d)[ \u00a0](?:год(?:у|а|ов|ах|ы)?\b|гг?\.)")


def _matches(
    text: str, today: date | None, month_first: bool, language: str, doc: Any
) -> Iterator[tuple[int, int, str | None, str | None, Grain]]:
    for pattern, resolve in (*OTHERS.get(language, ()), *ENGLISH):
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 60) : match.start()]
            stop = max(before.rfind(mark) for mark in ".!?;\n")
            at = (
                match.end() - 1
                if resolve in (values.weekday, values.today)
                else match.start("month")
                if "month" in match.re.groupindex
                else -1
            )
            verb = verb_of(doc, at) if doc is not None and at >= 0 else None
            after = re.split(r"[.!?;\n]", text[match.end() : match.end() + 60], maxsplit=1)[0]
            context = Context(today, before[stop + 1 :], after, month_first, language, verb)
            resolved = resolve(match, context) or _unresolved(resolve, match, context)
            if resolved:
                start, groups = match.start(), match.groupdict()
                if resolve is values.month_only:
                    start = match.start("which" if match["which"] else "month")
                elif language == "ru" and (key := next((each for each in _SPAN_STARTS if groups.get(each)), None)):
                    start = match.start(key)
                words = match[0].rstrip(" ,")
                end = match.start() + len(_FULL_STOP.sub("", words))
                if (
                    language in OTHERS
                    and text[end - 1] == "."
                    and not re.match(r"[ ][a-zà-ÿа-яё\d(]", text[end : end + 2])
                ):
                    end -= 1
                if language == "ru" and (year := _OF_THE_YEAR.match(text, end)):
                    end = year.end()
                yield start, end, *resolved


def _unresolved(
    resolve: Callable[[re.Match[str], Context], values.Found], match: re.Match[str], context: Context
) -> tuple[None, None, Grain] | None:
    """Return the grain of a date that is relative to an unknown day."""
    if context.today is not None:
        return None
    resolved = resolve(match, replace(context, today=_SOME_DAY))
    return (None, None, resolved[2]) if resolved else None


STAGE = Stage("dates", 13, _dates, needs=frozenset({"language", "entities", "places", "money", "quantities"}))
