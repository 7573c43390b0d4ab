"""Compute the period that a date covers, half open and in UTC, so that MongoDB can compare it: 2012-Q3 is July 1 to
October 1.

Days begin at midnight in the zone that the document names, otherwise in UTC. Weeks are ISO
8601's, from Monday; a weekend is Saturday and Sunday. The seasons are the meteorological ones of the northern
hemisphere, three whole months each; documents written south of the equator get no interval for a season. TIMEX3 does
not say when the parts of a day begin and end: here the morning ends at noon, the afternoon at six, the evening at
midnight, and a night is from six to six.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from services.records import DateMention
from workers.calendars import REGIONS, ZONES

_OFFSET = re.compile(r"(?:GMT|UTC)?(?P<sign>[+\-−])(?P<hours>\d\d?):?(?P<minutes>\d\d)?", re.IGNORECASE)
_SOUTHERN = frozenset(
    [
        "AO",
        "AR",
        "AU",
        "BI",
        "BO",
        "BR",
        "BW",
        "CD",
        "CG",
        "CL",
        "FJ",
        "ID",
        "KM",
        "LS",
        "MG",
        "MU",
        "MW",
        "MZ",
        "NA",
        "NZ",
        "PE",
        "PG",
        "PY",
        "RW",
        "SZ",
        "TZ",
        "UY",
        "ZA",
        "ZM",
        "ZW",
    ]
)
"""Countries whose capital is south of the equator, ISO 3166-1 alpha-2."""
_SEASONS = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}
_PARTS = {"MO": (0, 12), "AF": (12, 18), "EV": (18, 24), "NI": (18, 30)}
_MINUTE = timedelta(minutes=1)

_VALUE = re.compile(
    r"(?P<decade>\d{3})X"  # 199X
    r"|(?P<year>\d{4})(?:"
    r"-Q(?P<quarter>[1-4])"  # 2012-Q3
    r"|-(?P<season>SP|SU|FA|WI)"  # 2012-SU
    r"|-W(?P<week>\d\d)(?P<end>-WE)?"  # 2012-W10, 2012-W10-WE
    r"|-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:T(?:(?P<part>MO|AF|EV|NI)|(?P<clock>\d\d:\d\d)(?P<utc>Z)?))?)?"
    r")?"
)

Interval = tuple[datetime, datetime]


def zone_of(name: str | None) -> tzinfo:
    """Return the zone that a document names (``+03:00``, ``EST``, ``New York time``); UTC if it names no known zone."""
    if name is None:
        return UTC
    if match := _OFFSET.fullmatch(name.strip()):
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        return timezone(timedelta(minutes=minutes if match["sign"] == "+" else -minutes)) if minutes < 1440 else UTC
    known = name.strip().casefold()
    if known in REGIONS:
        return ZoneInfo(REGIONS[known])
    return timezone(timedelta(minutes=ZONES[known])) if known in ZONES else UTC


def with_interval(found: DateMention, zone: tzinfo, home: str | None) -> DateMention:
    """Return ``found`` with ``from`` and ``to`` if it is a date or time with a value.

    ``home`` is the country that the document is written in, ISO 3166-1 alpha-2. A range is from the beginning of its
    first value to the end of its last.
    """
    if found.kind not in ("date", "time") or found.value is None:
        return found
    first = interval(found.value, zone, home)
    last = interval(found.value_end, zone, home) if found.value_end else first
    if first is None or last is None or first[0] >= last[1]:
        return found
    return found.model_copy(update={"from_": first[0], "to": last[1]})


def interval(value: str, zone: tzinfo, home: str | None = None) -> Interval | None:
    """Return the first instant of ``value`` and the first one after it, in UTC; None if the calendar has no such
    day."""
    match = _VALUE.fullmatch(value)
    if match is None or (match["season"] and home in _SOUTHERN):
        return None
    try:
        if match["clock"]:
            at = datetime.fromisoformat(f"{match['year']}-{match['month']}-{match['day']}T{match['clock']}")
            start = at.replace(tzinfo=UTC if match["utc"] else zone).astimezone(UTC)
            return start, start + _MINUTE
        first, last = _days(match)
        hours = _PARTS[match["part"]] if match["part"] else (0, 0)
        return _instant(first, hours[0], zone), _instant(last, hours[1], zone)
    except (ValueError, OverflowError):  # 2012-02-30, 9999
        return None


def _days(match: re.Match[str]) -> tuple[date, date]:
    """Return the first day and the day after the last; for a part of a day, return that day twice. Raises ValueError,
    OverflowError."""
    if match["decade"]:
        return date(int(match["decade"]) * 10, 1, 1), date(int(match["decade"]) * 10 + 10, 1, 1)
    year = int(match["year"])
    if match["week"]:
        monday = date.fromisocalendar(year, int(match["week"]), 1)
        return (monday + timedelta(days=5 if match["end"] else 0)), monday + timedelta(days=7)
    if match["day"]:
        day = date(year, int(match["month"]), int(match["day"]))
        return day, day if match["part"] else day + timedelta(days=1)
    if match["month"]:
        return _months(year, int(match["month"]), 1)
    if match["quarter"]:
        return _months(year, int(match["quarter"]) * 3 - 2, 3)
    if match["season"]:
        return _months(year, _SEASONS[match["season"]], 3)
    return _months(year, 1, 12)


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    after = year * 12 + month - 1 + count
    return date(year, month, 1), date(after // 12, after % 12 + 1, 1)


def _instant(day: date, hour: int, zone: tzinfo) -> datetime:
    at = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(hours=hour)  # wall-clock time
    return at.astimezone(UTC)
