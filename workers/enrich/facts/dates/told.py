"""Find dates that refer to an earlier one, in English: ``the quarter``, ``the year-ago period``, ``the weekend``,
``that year``.

A quarter that is not named is the last one that the document named. ``A year ago`` in a comparison with it is the same
quarter of the previous year; if there is no quarter nearby, it is a year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from services.records import DateMention
from workers.enrich.facts.dates.kinds import Mention

NEAR = 1500
"""How many characters before ``a year ago`` the quarter that it is compared with may be."""
_QUARTER = re.compile(r"\d{4}-Q[1-4]")
_YEAR_AGO = re.compile(
    r"\b(?:the[ ])?(?:(?:comparable|same|corresponding)[ ])?year-(?:ago|earlier)\b(?:[ -](?:first|second|third|fourth))?(?:[ -](?:quarter|period))?|\ba[ ]year[ ](?:ago|earlier|before)\b",
    re.IGNORECASE,
)
_THE_QUARTER = re.compile(
    r"\b(?:the|that)[ ](?:latest[ ]|most[ ]recent[ ]|recent[ ]|same[ ])?(?:quarter|(?<=latest[ ])period|(?<=recent[ ])period)\b(?![ -]?(?:of|century|point|million|billion|percentage|mile|final|inch|cent))",
    re.IGNORECASE,
)
_THE_YEAR = re.compile(
    r"\b(?:the[ ](?:full[ ]|current[ ]|fiscal[ ]|current[ ]fiscal[ ])year|(?<=for[ ])the[ ]year|(?<=in[ ])the[ ]year|(?<=during[ ])the[ ]year)\b(?![ ](?:\d|two|to[ ]|ended|ending|ago|before|earlier)|['’-])",
    re.IGNORECASE,
)
_YEAR_END = re.compile(
    r"\b(?:the[ ]end[ ]of[ ]the[ ]year|(?:around[ ]|at[ ]|by[ ])?(?P<bare>year[- ]end))\b", re.IGNORECASE
)
_WEEKEND = re.compile(r"\b(?:the|last|this)[ ](?:past[ ])?weekend\b", re.IGNORECASE)
_THAT = re.compile(r"\bthat[ ](?:same[ ])?(?P<unit>day|year)\b", re.IGNORECASE)


def told(text: str, known: Sequence[DateMention], today: date | None) -> Iterator[Mention]:
    """Yield the references in ``text``, resolved by the dates and times ``known`` in it, which are in order."""
    known = [each for each in known if each.value]
    quarters = [each for each in known if _QUARTER.fullmatch(each.value or "")]
    for match in _YEAR_AGO.finditer(text):
        near = _before(quarters, match.start(), NEAR) or _after(quarters, match.end(), text)
        if near and near.value:
            value = f"{int(near.value[:4]) - 1}{near.value[4:]}"
            yield Mention(match.start(), match.end(), value, "quarter", "date")
        else:
            yield Mention(match.start(), match.end(), str(today.year - 1) if today else None, "year", "date")
    for match in _THE_QUARTER.finditer(text):
        if quarter := _ended(quarters, match, today) or _before(quarters, match.start()):
            yield Mention(match.start(), match.end(), quarter.value, "quarter", "date")
    for match in _THAT.finditer(text):
        unit = match["unit"].lower()
        same = [each for each in known if each.grain == unit or (unit == "year" and each.grain in ("month", "day"))]
        if (near := _before(same, match.start(), NEAR)) and near.value:
            value = near.value[:4] if unit == "year" else near.value[:10]
            yield Mention(match.start(), match.end(), value, "year" if unit == "year" else "day", "date")
    yield from _of_today(text, today)


def _of_today(text: str, today: date | None) -> Iterator[Mention]:
    year = str(today.year) if today else None
    for match in _THE_YEAR.finditer(text):
        yield Mention(match.start(), match.end(), year, "year", "date")
    for match in _YEAR_END.finditer(text):
        if match["bare"]:
            yield Mention(match.start("bare"), match.end(), f"{year}-12-31" if year else None, "day", "date")
        else:
            yield Mention(match.start(), match.end(), year, "year", "date")
    weekend = _last_weekend(today) if today else None
    for match in _WEEKEND.finditer(text):
        yield Mention(match.start(), match.end(), weekend, "week", "date")


def _last_weekend(today: date) -> str:
    saturday = today - timedelta(days=(today.weekday() - 5) % 7 or 7)
    year, week, _ = saturday.isocalendar()
    return f"{year}-W{week:02}-WE"


def _ended(quarters: list[DateMention], match: re.Match[str], today: date | None) -> DateMention | None:
    """Return the last quarter mentioned before that is over, if the words ask for the latest one; a forecast mentions
    later ones."""
    if today is None or "lat" not in match[0].lower():
        return None
    now = f"{today.year}-Q{(today.month + 2) // 3}"
    return _before([each for each in quarters if each.value and each.value < now], match.start())


def _before(known: Sequence[DateMention], at: int, reach: int | None = None) -> DateMention | None:
    """Return the last date before ``at``, no farther away than ``reach``."""
    last = next((each for each in reversed(known) if each.end <= at), None)
    return last if last and (reach is None or at - last.end <= reach) else None


def _after(known: Sequence[DateMention], at: int, text: str) -> DateMention | None:
    """Return the next date in the same sentence."""
    following = next((each for each in known if each.start >= at), None)
    return following if following and not re.search(r"[.!?]\s", text[at : following.start]) else None
