"""Find lengths of time and repeated times, in English: ``three months`` is P3M, ``for years`` PXY, ``every week`` P1W.

Values are ISO 8601's durations as TIMEX3 has them (Pustejovsky and others, TimeML 1.2.1): ``X`` is an unstated number,
decades without a number are ``DE``, centuries ``CE``. A length that ends now or begins there (``three years ago``) is a
date instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from services.records import Grain
from workers.calendars import names_of_days, weekdays_in_prose
from workers.enrich.facts.dates.kinds import Mention
from workers.enrich.facts.numbers import numbers

_UNITS: dict[str, tuple[str, str, Grain]] = {
    "second": ("T", "S", "minute"), "minute": ("T", "M", "minute"), "hour": ("T", "H", "hour"), "day": ("", "D", "day"),
    "week": ("", "W", "week"), "month": ("", "M", "month"), "quarter": ("", "Q", "quarter"), "year": ("", "Y", "year"),
    "decade": ("", "DE", "decade"), "century": ("", "CE", "century"), "centurie": ("", "CE", "century"),
}  # fmt: skip
_LONG = {"Q": (3, "M"), "DE": (10, "Y"), "CE": (100, "Y")}  # ISO 8601 counts these in months and years
_HALVES = {"Y": "6M", "TH": "30M", "TM": "30S"}
_UNIT = "seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|decades?|century|centuries"
_AFTER = re.compile(
    rf"[ -](?:more[ ]|full[ ]|straight[ ]|consecutive[ ]|business[ ])?(?P<unit>{_UNIT})\b(?P<half>[ ]and[ ]a[ ]half)?(?:-old\b|-long\b)?"
    r"(?![ ](?:ago|earlier|later|from[ ]now|before|old\b)|-(?:ago|earlier))",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"\b(?:for|in|within|than|about|nearly|almost|over|after|lasts?|lasted|takes?|took|spent|once|of)[ ](?P<text>an?[ ](?P<unit>minute|hour|day|week|month"
    r"|year|decade|century)\b(?P<half>[ ]and[ ]a[ ]half)?)(?![ ](?:ago|earlier|later|from[ ]now|before))|\b(?P<text2>an?[ ](?P<unit2>year|month|week|minute|hour)[ ]and[ ]a[ ]half)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    rf"\b(?P<text>(?:the[ ](?:last|past|next|coming)[ ])?(?:a[ ]few|few|several|some|many|a[ ]couple[ ]of)[ ](?:more[ ])?(?P<unit>{_UNIT}))\b"
    rf"(?![ ](?:ago|earlier|later|from[ ]now|before))|\b(?:for|in|over|after|within|of|take|takes|took)[ ](?P<text2>(?P<unit2>days|weeks|months|years|decades|centuries))\b",
    re.IGNORECASE,
)
_COUPLE = re.compile(r"couple", re.IGNORECASE)
_EVERY = re.compile(
    rf"\b(?:each|every)[ ](?:(?P<unit>minute|hour|day|week|month|quarter|year)|(?P<weekday>{'|'.join(names_of_days('en'))}))\b",
    re.IGNORECASE,
)
_OFTEN = re.compile(r"\b(?P<word>hourly|daily|weekly|monthly|yearly)\b", re.IGNORECASE)
_OFTEN_VALUES = {
    "hourly": "PT1H",
    "daily": "P1D",
    "weekly": "P1W",
    "monthly": "P1M",
    "yearly": "P1Y",
}
_LEADS = re.compile(r"\b(?:the[ ](?:last|past|next|first|coming)|up[ ]to)[ ]$", re.IGNORECASE)


def lengths(text: str) -> Iterator[Mention]:
    """Yield the lengths of time in ``text``, whose digits are folded."""
    for number in numbers(text, "en"):
        match = _AFTER.match(text, number.end)
        if (
            match is None
            or number.letter
            or text[number.end : match.end()].lower() == "-quarters"
            or text[number.start - 1 : number.start] in ("$", "£", "€")
        ):
            continue
        unit = match["unit"]
        if text[number.end] == " " and unit[0].isupper() and unit[-1] not in "sS" and number.value > 1:
            continue  # a figure of one column and the next heading: 131,600,000 Year
        if number.words and text[number.start : number.end].lower() in ("a", "an"):
            continue
        lead = _LEADS.search(text, max(0, number.start - 12), number.start)
        value, grain = _of(number.value + (Decimal("0.5") if match["half"] else 0), unit)
        yield Mention(lead.start() if lead else number.start, match.end(), value, grain, "duration")
    for match in _ONE.finditer(text):
        group, unit = ("text", match["unit"]) if match["text"] else ("text2", match["unit2"])
        half = "and a half" in match[group].lower()
        yield Mention(match.start(group), match.end(group), *_of(Decimal("1.5" if half else 1), unit), "duration")
    for match in _VAGUE.finditer(text):
        group, unit = ("text", match["unit"]) if match["text"] else ("text2", match["unit2"])
        count = Decimal(2) if _COUPLE.search(match[group]) else None
        yield Mention(match.start(group), match.end(group), *_of(count, unit), "duration")


def repeated(text: str) -> Iterator[Mention]:
    """Yield repeated times: ``every month``, ``each Thursday``, ``daily``."""
    for match in _EVERY.finditer(text):
        if match["unit"]:
            yield Mention(match.start(), match.end(), *_of(Decimal(1), match["unit"]), "set")
        else:
            number = weekdays_in_prose()[match["weekday"].lower()] + 1
            yield Mention(match.start(), match.end(), f"XXXX-WXX-{number}", "day", "set")
    for match in _OFTEN.finditer(text):
        if match[0][0].islower() or text[match.end() : match.end() + 2][1:].islower():  # not the Daily Mail
            yield Mention(match.start(), match.end(), _OFTEN_VALUES[match["word"].lower()], None, "set")


def _of(count: Decimal | None, unit: str) -> tuple[str, Grain]:
    """Return a duration: ``2.5`` years as P2Y6M, an unstated number (``None``) of years as PXY."""
    clock, letter, grain = _UNITS[unit.lower().rstrip("s")]
    if count is None:
        return f"P{clock}X{letter}", grain
    if letter in _LONG:
        times, letter = _LONG[letter]
        count *= times
    whole, part = divmod(count, 1)
    if part == Decimal("0.5") and (half := _HALVES.get(clock + letter)):
        return f"P{clock}{f'{int(whole)}{letter}' if whole else ''}{half}", grain
    return f"P{clock}{int(whole) if not part else count.normalize()}{letter}", grain
