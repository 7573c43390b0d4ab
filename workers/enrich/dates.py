"""Dates and times, resolved against ``reading.reference``; without one only absolute dates are marked.

``value`` is ISO 8601 cut to its grain: ``2012-03-04T13:11`` (minute, with ``Z`` where GMT or UTC is written),
``2012-03-04``, ``2012-W10``, ``2012-09``, ``2012-Q3``, ``2012-summer``, ``2012``; a decade is ISO 8601-2's ``199X``.
A fiscal quarter has the calendar quarter of its number. A bare weekday or month is the nearest past one, today
included, unless the words before it in its sentence look ahead. There is one pattern a kind, tried in order;
the earlier kind wins where two overlap. Solar Hijri dates are converted by the 33-year cycle.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.records import DateMention, Grain
from workers.enrich.base import Reading, Stage
from workers.enrich.home import home_country
from workers.enrich.numbers import SMALL

_MONTH_NAMES = (
    "january jan enero janvier januar jänner gennaio janeiro января январь ocak يناير ژانویه",
    "february feb febrero février februar febbraio fevereiro февраля февраль şubat فبراير فوریه",
    "march mar marzo mars märz março марта март mart مارس",
    "april apr abril avril aprile апреля апрель nisan أبريل ابريل آوریل",
    "may mayo mai maggio maio мая май mayıs مايو مه",
    "june jun junio juin juni giugno junho июня июнь haziran يونيو ژوئن",
    "july jul julio juillet juli luglio julho июля июль temmuz يوليو ژوئیه",
    "august aug agosto août августа август ağustos أغسطس اوت",
    "september sept sep septiembre septembre settembre setembro сентября сентябрь eylül سبتمبر سپتامبر",
    "october oct octubre octobre oktober ottobre outubro октября октябрь ekim أكتوبر اکتبر",
    "november nov noviembre novembre novembro ноября ноябрь kasım نوفمبر نوامبر",
    "december dec diciembre décembre dezember dicembre dezembro декабря декабрь aralık ديسمبر دسامبر",
)
_MONTHS = {name: month for month, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_JALALI_NAMES = (
    "farvardin فروردین", "ordibehesht اردیبهشت", "khordad خرداد", "tir تیر", "mordad مرداد", "shahrivar شهریور",
    "mehr مهر", "aban آبان", "azar آذر", "dey دی", "bahman بهمن", "esfand اسفند",
)  # fmt: skip
_JALALI = {name: month for month, names in enumerate(_JALALI_NAMES, 1) for name in names.split()}
_JALALI_LEAPS = (1, 5, 9, 13, 17, 22, 26, 30)
_DAYS = {
    name: day for day, name in enumerate(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_UNITS = "day|week|month|year|decade"
_COUNTS = {**SMALL, "a": 1, "an": 1}

_M = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_JM = "(?:" + "|".join(sorted(_JALALI, key=len, reverse=True)) + ")"
_EN = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = r"(?:[0-3]?\d)(?:st|nd|rd|th|er|º|\.)?(?!\d)"
_YEAR = r"(?:1[5-9]|20)\d\d(?![\d%])"
_WD = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_OF = r"(?:[ ](?:of|de|del)\b)?[ ]?"
_N = "(?:[0-9]{1,3}|an?|" + "|".join(sorted(SMALL, key=len, reverse=True)) + ")"
_DASH = r"(?:[ ]?[-–—][ ]?|[ ]to[ ]|[ ]and[ ]|[ ]through[ ])"

Found = tuple[str, str | None, Grain] | None


@dataclass(frozen=True, slots=True)
class _Context:
    """What a resolver knows: the day relative dates count from, the words before, and how 3/4 is read here."""

    today: date | None
    before: str
    month_first: bool


def _int(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _month(text: str) -> int:
    return _MONTHS[text.lower().rstrip(".")]


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


_AHEAD = re.compile(
    r"\b(?:will|would|next|upcoming|coming|scheduled|due|plans?|planned|expected|set|until|by|is to|are to|to be)\b",
    re.IGNORECASE,
)


def _nearest_year(month: int, day: int, context: _Context) -> int | None:
    if context.today is None:
        return None
    past = (month, day) <= (context.today.month, context.today.day)
    ahead = _AHEAD.search(context.before) is not None
    if ahead:
        return context.today.year + past
    return context.today.year - (not past)


def _full(match: re.Match[str], context: _Context) -> Found:
    month, day = _month(match["month"]), _int(match["day"])
    year = int(match["year"]) if match["year"] else _nearest_year(month, day, context)
    value = _iso(year, month, day) if year else None
    if value is None or year is None:
        return None
    last = match.groupdict().get("last")
    return value, _iso(year, month, _int(last)) if last else None, "day"


def _month_only(match: re.Match[str], context: _Context) -> Found:
    month = _month(match["month"])
    if match["year"]:
        return f"{match['year']}-{month:02}", None, "month"
    if context.today is None:
        return None
    which = (match["which"] or "").lower()
    year = _nearest_year(month, 1, context) or 0
    if which == "last":
        year = context.today.year - (month >= context.today.month)
    elif which == "next":
        year = context.today.year + (month <= context.today.month)
    return f"{year}-{month:02}", None, "month"


def _numeric(match: re.Match[str], context: _Context) -> Found:
    first, second = int(match["first"]), int(match["second"])
    month, day = (first, second) if (context.month_first and first <= 12) or second > 12 else (second, first)
    value = _iso(int(match["year"]), month, day)
    return (value, None, "day") if value else None


def _iso_date(match: re.Match[str], context: _Context) -> Found:
    value = _iso(int(match["year"]), int(match["m"]), int(match["d"]))
    return (value, None, "day") if value else None


def _jalali(match: re.Match[str], context: _Context) -> Found:
    """Day of the Solar Hijri year counted from 1 Farvardin, which the 33-year cycle puts on 20, 21 or 22 March."""
    year, month, day = int(match["year"]), _JALALI[match["month"].lower()], int(match["day"])
    if not 1 <= day <= 31:
        return None
    passed = year - 1
    leaps = passed // 33 * 8 + sum(each <= passed % 33 for each in _JALALI_LEAPS)
    days = passed * 365 + leaps + (month - 1) * 31 - max(0, month - 7) + day
    return (date(622, 3, 20) + timedelta(days=days)).isoformat(), None, "day"


def _weekday(match: re.Match[str], context: _Context) -> Found:
    if context.today is None:
        return None
    which = (match["which"] or "").lower()
    ago = (context.today.weekday() - _DAYS[match["weekday"].lower()]) % 7
    if which == "last":
        ago = ago or 7
    elif (
        which in ("next", "this coming", "coming")
        or (not which and _AHEAD.search(context.before))
        or (which == "this" and ago and _AHEAD.search(context.before))
    ):
        ago -= 7
    return (context.today - timedelta(days=ago)).isoformat(), None, "day"


def _today(match: re.Match[str], context: _Context) -> Found:
    if context.today is None:
        return None
    shift = {"yesterday": -1, "tomorrow": 1}.get(match["word"].lower().split()[0], 0)
    return (context.today + timedelta(days=shift)).isoformat(), None, "day"


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


def _ago(match: re.Match[str], context: _Context) -> Found:
    word = match["count"].lower()
    count = int(word) if word.isdigit() else _COUNTS[word]
    if context.today is None or count > 500:
        return None
    ahead = match["when"].lower().startswith("from")
    return _shifted(context.today, match["unit"].lower(), count if ahead else -count)


def _relative(match: re.Match[str], context: _Context) -> Found:
    if context.today is None:
        return None
    count = {"last": -1, "next": 1}.get(match["which"].lower().split()[-1], 0)
    return _shifted(context.today, match["unit"].lower(), count)


def _quarter(match: re.Match[str], context: _Context) -> Found:
    number = _int(match["q"]) if match["q"] else _ORDINALS[match["ordinal"].lower()]
    year = match["year"] or match["year2"]
    if year is None:
        if context.today is None:
            return None
        year = str(context.today.year - (number > (context.today.month + 2) // 3))
    return f"{year}-Q{number}", None, "quarter"


def _season(match: re.Match[str], context: _Context) -> Found:
    season = match["season"].lower().replace("fall", "autumn")
    year, which = match["year"], (match["which"] or "").lower()
    if year is None:
        if context.today is None or not which:
            return None
        begins = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}[season]
        past = begins < context.today.month
        year = str(context.today.year + (which == "next" and past) - (which == "last" and not past))
    return f"{year}-{season}", None, "season"


def _decade(match: re.Match[str], context: _Context) -> Found:
    return f"{match['decade']}X", None, "decade"


def _years(match: re.Match[str], context: _Context) -> Found:
    first, last = match["year"], match["last"]
    last = first[: 4 - len(last)] + last
    return (first, last, "year") if first < last else None


def _year(match: re.Match[str], context: _Context) -> Found:
    return match["year"], None, "year"


def _clock(match: re.Match[str], context: _Context) -> Found:
    if context.today is None:
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if half := (match["half"] or "").lower():
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    if hour > 23 or minute > 59:
        return None
    zone = "Z" if (match["zone"] or "").upper() in ("GMT", "UTC") else ""
    return f"{context.today.isoformat()}T{hour:02}:{minute:02}{zone}", None, "minute"


_PART = r"(?:[ ](?:morning|afternoon|evening|night))?"
_GRAMMAR: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], _Context], Found]], ...] = tuple(
    (re.compile(pattern, flags), resolve)
    for pattern, flags, resolve in (
        (rf"\b(?P<day>\d{{1,2}})[ ](?P<month>{_JM})[ ](?P<year>1[34]\d\d)\b", re.I, _jalali),
        (r"(?<![\w-])(?P<year>(?:1[5-9]|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?![\w-])", 0, _iso_date),
        (rf"(?<![\w/.])(?P<first>\d\d?)([/.])(?P<second>\d\d?)\2(?P<year>{_YEAR})(?![/.]\d)", 0, _numeric),
        (
            rf"(?:\b{_WD},?[ ])?\b(?P<month>{_M})[ ](?P<day>{_DAY})(?![,.:]\d)"
            rf"(?:{_DASH}(?P<last>{_DAY})(?![,.:]\d))?(?:,?[ ](?P<year>{_YEAR}))?",
            re.I,
            _full,
        ),
        (
            rf"(?:\b{_WD},?[ ])?(?<![\d.,$€£])\b(?P<day>{_DAY})(?:{_DASH}(?P<last>{_DAY}))?{_OF}"
            rf"(?P<month>{_M})(?:,?{_OF}(?P<year>{_YEAR}))?",
            re.I,
            _full,
        ),
        (
            r"\b(?P<which>)(?:(?P<ordinal>first|second|third|fourth)[ -](?:fiscal[ ])?quarter|Q(?P<q>[1-4]))\b"
            rf"(?:,?(?:[ ]of)?(?:[ ]fiscal)?[ ](?P<year>{_YEAR}))?(?P<year2>(?!))?",
            re.I,
            _quarter,
        ),
        (
            rf"\b(?:(?P<which>last|next|this)[ ])?(?P<season>spring|summer|autumn|fall|winter)\b"
            rf"(?:(?:[ ]of)?[ ](?P<year>{_YEAR}))?",
            re.I,
            _season,
        ),
        (rf"\b(?P<which>)(?P<month>{_M}),?{_OF}(?P<year>{_YEAR})", re.I, _month_only),
        (
            r"\b(?:(?:(?i:in|since|until|by|during|from|of|early|late)|(?P<which>(?i:last|next|this)))[ ])"
            rf"(?P<month>{_EN})\b(?![ ]\d)(?P<year>(?!))?",
            0,
            _month_only,
        ),
        (
            rf"\b(?:(?P<which>last|next|this|this coming|coming)[ ])?(?P<weekday>{_WD})\b{_PART}"
            r"(?![’']?s?[ ](?:Times|Mail|Post|Telegraph|Herald|Mirror|Express|Night))",
            re.I,
            _weekday,
        ),
        (r"\b(?P<word>yesterday|today|tomorrow|tonight)\b(?:[ ](?:morning|afternoon|evening|night))?", re.I, _today),
        (rf"\b(?P<count>{_N})[ ](?P<unit>{_UNITS})s?[ ](?P<when>ago|earlier|from now)\b", re.I, _ago),
        (
            r"\b(?P<which>last|next|this|earlier this|later this)[ ](?P<unit>week|month|quarter|year|decade)\b",
            re.I,
            _relative,
        ),
        (r"\b(?:the[ ])?(?:(?:early|mid|late)[ -])?(?P<decade>(?:1[5-9]|20)\d)0[’']?s\b", re.I, _decade),
        (
            r"(?<![\w$€£.,-])(?P<year>(?:1[5-9]|20)\d\d)(?:[-–/]|[ ]to[ ]|[ ]and[ ](?=\d{4}))"
            r"(?P<last>(?:1[5-9]|20)\d\d|\d\d)(?![\d-])",
            0,
            _years,
        ),
        (
            r"\b(?P<hour>[0-2]?\d)(?:[:.](?P<minute>[0-5]\d))?[ ]?(?P<half>[ap]\.?m\b\.?)"
            r"(?:[ ](?P<zone>GMT|UTC|E[SD]T))?",
            re.I,
            _clock,
        ),
        (r"\b(?P<hour>[0-2]?\d):(?P<minute>[0-5]\d)(?P<half>(?!))?[ ](?P<zone>GMT|UTC)\b", 0, _clock),
        (
            r"(?<![\w$€£.,:#/-])(?P<year>(?:1[89]|20)\d\d)(?![\w%/:]|[.,]\d|[-–]\w|[ ](?:people|dollars|euros|km|miles"
            r"|tons|tonnes|troops|soldiers|workers|men|women|jobs|percent|metres|meters|homes|houses|dead|in[ ]cash))",
            0,
            _year,
        ),
    )
)


def _dates(reading: Reading) -> list[DateMention]:
    text = reading.folded
    money = [(each.start, each.end) for each in reading.article.money + reading.article.quantities]
    taken = bytearray(len(text))
    for start, end in money:
        taken[start:end] = b"\1" * (end - start)
    home = home_country(reading.article)
    language = (reading.article.language or "en").split("-")[0]
    month_first = home in ("US", "PH") or (home is None and language == "en")
    today = reading.reference.date() if reading.reference else None
    found = []
    for start, end, value, value_end, grain in _matches(text, today, month_first):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(
                DateMention(
                    text=reading.article.text[start:end],
                    start=start,
                    end=end,
                    value=value,
                    value_end=value_end,
                    grain=grain,
                )
            )
    return sorted(found, key=lambda each: each.start)


_LEAD = re.compile(r"(?:in|since|until|by|during|from|of)[ ]", re.IGNORECASE)


def _matches(text: str, today: date | None, month_first: bool) -> Iterator[tuple[int, int, str, str | None, Grain]]:
    for pattern, resolve in _GRAMMAR:
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 60) : match.start()]
            stop = max(before.rfind(mark) for mark in ".!?;\n")
            resolved = resolve(match, _Context(today, before[stop + 1 :], month_first))
            if resolved:
                start = match.start()
                if resolve is _month_only and (lead := _LEAD.match(text, start)):
                    start = lead.end()
                yield start, match.start() + len(match[0].rstrip(" ,")), *resolved


STAGE = Stage("dates", 1, _dates)
