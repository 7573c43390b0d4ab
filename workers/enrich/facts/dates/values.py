"""Turn the match of each kind of date, with its context, into a value of ISO 8601."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from services.records import Grain
from workers.calendars import months_in_prose, solar_months, to_gregorian, weekdays_in_prose
from workers.enrich.facts.dates.tense import Context
from workers.enrich.facts.dates.words import (
    COUNTS,
    FOREIGN_ORDINALS,
    ONE,
    ORDINALS,
    RELATIVE,
    SEASONS,
    TODAYS,
    UNIT,
    WHICH,
)
from workers.enrich.facts.numbers import SMALL

CODES = {"spring": "SP", "summer": "SU", "autumn": "FA", "winter": "WI"}  # parts of the day in TIMEX3
Found = tuple[str, str | None, Grain] | None


def _int(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def month_of(text: str) -> int:
    return months_in_prose()[text.lower().rstrip(".")]


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


SOON = 60
"""Number of days: a date without a year that is at most this far ahead is in the future, not in the year before (`opens
on October 6`)."""


def _nearest_year(month: int, day: int, context: Context, soon: int = SOON) -> int | None:
    if context.today is None:
        return None
    today = context.today
    past = (month, day) <= (today.month, today.day)
    if context.ahead:
        return today.year + past
    near = (month - today.month) * 30 + day - today.day + (360 if past else 0) <= soon
    return today.year - (not past) + near


def full(match: re.Match[str], context: Context) -> Found:
    month, day = month_of(match["month"]), _int(match["day"])
    last = match.groupdict().get("last")
    year = int(match["year"]) if match["year"] else _nearest_year(month, _int(last) if last else day, context)
    value = _iso(year, month, day) if year else None
    if value is None or year is None:
        return None
    return value, _iso(year, month, _int(last)) if last else None, "day"


def month_only(match: re.Match[str], context: Context) -> Found:
    month = month_of(match["month"])
    if match["year"]:
        return f"{match['year']}-{month:02}", None, "month"
    if context.today is None:
        return None
    if rel := match.groupdict().get("rel"):
        return f"{context.today.year + RELATIVE.get(rel.lower(), 0)}-{month:02}", None, "month"
    which = (match["which"] or "").lower()
    year = _nearest_year(month, 1, context, 0 if context.language == "en" else 150) or 0
    if match[0].lower().startswith(("since ", "depuis ", "seit ", "desde ")):
        year = context.today.year - (month > context.today.month)
    if match[0].lower().startswith(("by ", "until ")):
        year = context.today.year + (month < context.today.month and not context.past)
    if which == "last":
        year = context.today.year - (month >= context.today.month)
    elif which == "next":
        year = context.today.year + (month <= context.today.month)
    return f"{year}-{month:02}", None, "month"


def _stem(word: str | None, table: dict[str, Any]) -> Any:
    """Return the value of the first key that ``word`` begins with, or None."""
    word = (word or "").lower()
    return next((value for stem, value in table.items() if word.startswith(stem)), None)


def near_month(match: re.Match[str], context: Context) -> Found:
    """Return the month meant by `в мае`, `en mai dernier`, `в мае прошлого года`."""
    if context.today is None:
        return None
    month, today = month_of(match["month"]), context.today
    which, years = _stem(match["which"], WHICH), match["years"]
    if years:
        year = today.year + RELATIVE.get(_stem(years, WHICH), 0)
    elif which in ("last", "next"):
        year = today.year - (month >= today.month) if which == "last" else today.year + (month <= today.month)
    else:
        year = _nearest_year(month, 1, context, 0) or 0
    return f"{year}-{month:02}", None, "month"


def near_unit(match: re.Match[str], context: Context) -> Found:
    """Return the unit meant by `на прошлой неделе`, `в этом году`, `l'année dernière`."""
    if context.today is None:
        return None
    return _shifted(context.today, UNIT[match["unit"].lower()], RELATIVE.get(_stem(match["which"], WHICH), 0))


def counted(match: re.Match[str], context: Context) -> Found:
    """Return the day meant by `два года назад`, `il y a deux ans`, `через неделю`."""
    word = (match["count"] or "").lower()
    count = int(word) if word.isdigit() else COUNTS[word]
    if context.today is None or count > 500 or (not word and match["unit"].lower() not in ONE):
        return None
    ahead = (match["when"] or "").lower() in ("через", "dans")
    return _shifted(context.today, UNIT[match["unit"].lower()], count if ahead else -count)


def foreign_season(match: re.Match[str], context: Context) -> Found:
    season, year = _stem(match["season"], SEASONS), match["year"]
    if years := match.groupdict().get("years"):
        shift = RELATIVE.get(_stem(years, WHICH), 0)
        return (f"{context.today.year + shift}-{CODES[season]}", None, "season") if context.today else None
    which = _stem(match["which"], WHICH)
    if year is None:
        if context.today is None or which is None:
            return None
        past = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}[season] < context.today.month
        year = context.today.year + (which == "next" and past) - (which == "last" and not past)
    return f"{year}-{CODES[season]}", None, "season"


def foreign_quarter(match: re.Match[str], context: Context) -> Found:
    number = int(match["q"]) if match["q"] else _stem(match["ordinal"], FOREIGN_ORDINALS)
    year = match["year"]
    if year is None:
        if context.today is None:
            return None
        year = context.today.year - (number > (context.today.month + 2) // 3)
    return f"{year}-Q{number}", None, "quarter"


def numeric(match: re.Match[str], context: Context) -> Found:
    first, second = int(match["first"]), int(match["second"])
    month, day = (first, second) if (context.month_first and first <= 12) or second > 12 else (second, first)
    value = _iso(int(match["year"]), month, day)
    return (value, None, "day") if value else None


def iso_date(match: re.Match[str], context: Context) -> Found:
    value = _iso(int(match["year"]), int(match["m"]), int(match["d"]))
    return (value, None, "day") if value else None


def solar_hijri(match: re.Match[str], context: Context) -> Found:
    """Return the day meant by `12 Mehr 1390`; a day that the month does not have is not a date."""
    month = solar_months()[match["month"].lower()]
    try:
        return to_gregorian("solar", int(match["year"]), month, int(match["day"])).isoformat(), None, "day"
    except ValueError:
        return None


def weekday(match: re.Match[str], context: Context) -> Found:
    if context.today is None or re.search(r"\b(?:each|every)[ ]$", context.before, re.IGNORECASE):
        return None
    which = (_stem(match["which"], WHICH) or match["which"] or "").lower()
    ago = (context.today.weekday() - weekdays_in_prose()[match["weekday"].lower()]) % 7
    if which == "last":
        ago = ago or 7
    elif (
        which in ("next", "this coming", "coming")
        or (not which and ago and context.ahead)
        or (which == "this" and ago and context.ahead)
    ):
        ago -= 7
    return _in_part(match, context.today - timedelta(days=ago))


def today(match: re.Match[str], context: Context) -> Found:
    if context.today is None:
        return None
    shift = TODAYS.get(match["word"].lower(), 0)
    return _in_part(match, context.today + timedelta(days=shift))


def _in_part(match: re.Match[str], day: date) -> Found:
    """Return the day, or the part of it that the words end with: `Friday night` is 2012-03-09TNI."""
    part = re.search(r"(morning|afternoon|evening|night)$", match[0], re.IGNORECASE)
    if part is None:
        return day.isoformat(), None, "day"
    return f"{day.isoformat()}T{_PARTS[part[1].lower()][0]}", None, "hour"


def _shifted(today: date, unit: str, count: int) -> Found:
    if unit == "day":
        return (today + timedelta(days=count)).isoformat(), None, "day"
    if unit == "week":
        year, week, _ = (today + timedelta(weeks=count)).isocalendar()
        return f"{year}-W{week:02}", None, "week"
    if unit == "month":
        months = today.year * 12 + today.month - 1 + count
        return f"{months // 12}-{months % 12 + 1:02}", None, "month"
    if unit == "quarter":
        quarters = today.year * 4 + (today.month - 1) // 3 + count
        return f"{quarters // 4}-Q{quarters % 4 + 1}", None, "quarter"
    if unit == "year":
        return f"{today.year + count}", None, "year"
    return f"{today.year // 10 + count}X", None, "decade"


def ago(match: re.Match[str], context: Context) -> Found:
    word = match["count"].lower()
    count = int(word) if word.isdigit() else COUNTS[word]
    if context.today is None or count > 500:
        return None
    ahead = match["when"].lower().startswith("from")
    return _shifted(context.today, match["unit"].lower(), count if ahead else -count)


def relative(match: re.Match[str], context: Context) -> Found:
    if context.today is None:
        return None
    count = RELATIVE.get(match["which"].lower().split()[-1], 0)
    return _shifted(context.today, match["unit"].lower(), count)


def quarter(match: re.Match[str], context: Context) -> Found:
    number = _int(match["q"]) if match["q"] else ORDINALS[match["ordinal"].lower()]
    year = match["year"] or match["year2"]
    if year is None:
        if context.today is None:
            return None
        if told := re.search(r"\b(?:(?P<year>(?:19|20)\d\d)|(?P<ago>year-(?:ago|earlier)))[ ]$", context.before):
            now = context.today.year - (number > (context.today.month + 2) // 3)
            return f"{told['year'] or now - 1}-Q{number}", None, "quarter"
        if rel := match["rel"]:
            return f"{context.today.year + RELATIVE.get(rel.lower(), 0)}-Q{number}", None, "quarter"
        now = (context.today.month + 2) // 3
        named = "-" in match[0]  # a third-quarter loss that is reported is of a past quarter
        ahead = context.ahead and not named
        year = str(context.today.year + (number < now) if ahead else context.today.year - (number > now))
    return f"{year}-Q{number}", None, "quarter"


def months_to(match: re.Match[str], context: Context) -> Found:
    """Return `the three months to June` and `the year to March` as a range, from the first month to the last."""
    last = month_of(match["month"])
    if context.today is None and not match["year"]:
        return None
    year = int(match["year"]) if match["year"] else context.today.year - (last > context.today.month)  # type: ignore[union-attr]
    word = (match["count"] or "twelve").lower()
    first = year * 12 + last - (int(word) if word.isdigit() else COUNTS[word])
    return f"{first // 12}-{first % 12 + 1:02}", f"{year}-{last:02}", "month"


def season(match: re.Match[str], context: Context) -> Found:
    season = match["season"].lower().replace("fall", "autumn")
    shown = CODES[season]
    year, which = match["year"], (match["which"] or "").lower()
    if year is None:
        if context.today is None or not which:
            return None
        begins = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}[season]
        past = begins < context.today.month
        year = str(context.today.year + (which == "next" and past) - (which == "last" and not past))
    return f"{year}-{shown}", None, "season"


def decade(match: re.Match[str], context: Context) -> Found:
    return f"{match['decade']}X", None, "decade"


def short_decade(match: re.Match[str], context: Context) -> Found:
    return f"{'19' if int(match['short']) > 2 else '20'}{match['short']}X", None, "decade"


def years(match: re.Match[str], context: Context) -> Found:
    first, last = match["year"], match["last"]
    if " and " in match[0] and not re.search(r"\bbetween[ ]$", context.before, re.IGNORECASE):
        return None  # both 1990 and 1991
    last = first[: 4 - len(last)] + last
    return (first, last, "year") if first < last else None


_PARTS = {"morning": ("MO", 0), "afternoon": ("AF", 0), "evening": ("EV", 0), "night": ("NI", -1)}


def part_of_day(match: re.Match[str], context: Context) -> Found:
    """Return `this morning` as 2012-03-04TMO, `last night` as 2012-03-03TNI: TIMEX3's parts of the day."""
    if context.today is None:
        return None
    letters, shift = _PARTS[match["word"].lower().split()[-1]]
    return f"{(context.today + timedelta(days=shift)).isoformat()}T{letters}", None, "hour"


def spelt_year(match: re.Match[str], context: Context) -> Found:
    """Return the year meant by `nineteen ninety-four` or `the year two thousand`; a number of something is not a
    year."""
    rest = match["rest"]
    if rest is None and not (match["century"].lower() != "nineteen" and match[0].lower().startswith("the year")):
        return None
    if (
        match["century"].lower() == "nineteen"
        and rest
        and sum(SMALL[word] for word in re.split("[ -]", rest.lower())) < 10
    ):
        return None
    year = (1900 if match["century"].lower() == "nineteen" else 2000) + sum(
        SMALL[word] for word in re.split("[ -]", (rest or "zero").lower())
    )
    if month := match["month"]:
        return f"{year}-{month_of(month):02}", None, "month"
    return str(year), None, "year"


def year(match: re.Match[str], context: Context) -> Found:
    return match["year"], None, "year"
