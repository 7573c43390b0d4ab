"""Read the date line of a news document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.text.digits import fold_digits
from workers.calendars import REGIONS, ZONES, Calendar, months, to_gregorian, weekdays
from workers.parse.article.normalise import tidy

DateRole = Literal["published", "updated"]
_LONGEST = 120  # characters; a longer line is prose that mentions a date


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date as stated. ``instant`` is in UTC if the source names a ``zone`` (as written), otherwise its wall-clock
    time as UTC."""

    instant: datetime
    zone: str | None = None
    ambiguous: bool = False
    role: DateRole = "published"


_PUBLISHED = (
    r"(?:first |originally )?(?:published|posted|publication date|publish date|pub date|date published|issued|released|"
    r"release date|created|date(?:line)?|filed|dated|time|publié(?:e)?|mis en ligne|paru|veröffentlicht|erstellt|datum|"
    r"stand|publicado|publicada|fecha|data|pubblicato|gepubliceerd|geplaatst|publicerad|publisert|opublikowano|"
    r"опубликовано|дата(?: публикации)?|تاریخ(?: انتشار| خبر)?|زمان انتشار|منتشر شده|تاريخ(?: النشر)?|نشر(?: في)?|"
    r"发布时间|发表时间|時間|时间|日期|公開日時?|配信日時?|입력|게재|등록|δημοσίευση|δημοσιεύτηκε|תאריך|פורסם(?: ב)?|प्रकाशित|ngày đăng|diterbitkan|julkaistu|опубліковано|publikováno|vydáno|yayınlanma(?: tarihi)?|tarih)"
)
_UPDATED = (
    r"(?:last )?(?:updated|modified|update|revised|edited|mis à jour|modifié|actualizado|actualizada|aktualisiert|"
    r"atualizado|aggiornato|bijgewerkt|uppdaterad|oppdatert|opdateret|zaktualizowano|обновлено|به روز رسانی|"
    r"به‌روزرسانی|آخر تحديث|تحديث|更新时间|更新|최종수정|수정|ενημέρωση|עודכן(?: ב)?|अपडेट(?:ेड)?|cập nhật|diperbarui|päivitetty|оновлено|aktualizováno|güncelleme(?: tarihi)?)"
)
_UPDATED_START = re.compile(rf"\W*(?:{_UPDATED})\b", re.I)
_SPLIT = re.compile(rf"(?<=\d)\W*(?=(?:{_UPDATED}|{_PUBLISHED})\b)|\s+[|•·]\s+(?={_UPDATED}|{_PUBLISHED})", re.I)
_LABEL = re.compile(rf"(?:{_UPDATED}|{_PUBLISHED})\b", re.I)
_FILLER = re.compile(
    r"\b(?:on|at|the|of|de|del|à|le|la|il|el|a|um|uhr|am|den|kl|ora|ore|klo|o|г|года|год|в|от|by|in|os|as|às|às|hrs?|"
    r"hours|local(?: time)?|time|local|th|st|nd|rd|er|m|h|ساعت|ماه|سال|م|هـ|ه|الموافق|في|الساعة|و|kell|om|ve|godz|v|alle|dalle|року|р|hora|horas|kello|saat|pukul|jam|uur|kl|ngày|lúc|इस|को|बजे|na|dnia|dne|dnia|den|të|më|uhr)\b\.?",
    re.I,
)

_OFFSET = r"(?P<offset>(?:gmt|utc)?\s?[+\-−]\s?\d{1,2}(?::?\d{2})?)(?!\d)"
_ZONE_NAME = (
    r"(?P<zone>"
    + "|".join(sorted(map(re.escape, [*ZONES, *REGIONS]), key=len, reverse=True))
    + r"|местного времени)(?![^\W\d_])"
)
_ZONE = rf"(?:\s?\(?(?:{_OFFSET}|{_ZONE_NAME})\)?)?"
_CLOCK = re.compile(
    r"(?<![\d.:/-])(?P<hour>[01]?\d|2[0-4])\s?[:h٫時시时点](?:\s?(?P<minute>[0-5]\d)(?!\d)[分분]?(?:[:.](?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?)?"
    r"(?:\s?(?P<half>[ap]\.?m\b\.?))?" + _ZONE,
    re.I,
)
_CLOCK_HALF = re.compile(
    r"(?<![\d.:/-])(?P<hour>1[0-2]|0?\d)(?:[.:](?P<minute>[0-5]\d))?(?P<second>)\s?(?P<half>[ap]\.?m\b\.?)" + _ZONE,
    re.I,
)
_CLOCK_DOT = re.compile(
    r"(?<![\d.:/-])(?P<hour>[01]?\d|2[0-3])\.(?P<minute>[0-5]\d)(?!\.?\d)(?P<second>)(?P<half>)(?:\s?(?:uhr|uur|h)\b)?"
    + _ZONE,
    re.I,
)
_CLOCK_WORD = re.compile(
    r"(?<![\d.:/-])(?P<hour>[01]?\d|2[0-3])\s?(?:uhr|uur|horas?|heures?|ч)\b\.?(?P<minute>)(?P<second>)(?P<half>)"
    + _ZONE,
    re.I,
)
_CLOCK_MILITARY = re.compile(
    r"(?<![\d.:/-])(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>)(?P<half>)(?:\s?hrs)?\s?(?P<offset>(?!))?(?P<zone>gmt|utc|z|et|edt|est)\b",
    re.I,
)
_COMPACT = re.compile(
    r"\b(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)t(?P<hour>[0-2]\d)(?P<minute>[0-5]\d)(?:[0-5]\d)?(?P<zone>z|[+-]\d{4})?\b",
    re.I,
)
_C_DATE = re.compile(
    r"(?P<month>[a-z]{3,9}) (?P<day>\d{1,2}),? (?P<clock>\d{1,2}:\d\d(?::\d\d)?)(?P<zone>(?: [a-z]{2,5}| [+-]\d{4})?) (?P<year>\d{4})$"
)
"""``Sun Nov 23 16:00:00 EDT 2014``, as C and Unix write it."""
_ZONE_NOTE = re.compile(r"\((?:[a-z]+ )*(?:time|zeit|[a-z]+sche)\)$")
"""``GMT+0000 (Coordinated Universal Time)``, as JavaScript writes it."""
_CHINESE_HALF = re.compile(r"(上午|下午|晚上|凌晨|午前|午後|오전|오후)\s?")

_YMD = re.compile(
    r"(?<!\d)(?P<year>\d{4})\s?[-/.年년]\s?(?P<month>\d{1,2})\s?[-/.月월]\s?(?P<day>\d{1,2})(?:[日일]|(?!\d))t?"
)
_NUMERIC = re.compile(
    r"(?<!\d)(?P<first>\d{1,2})\s?(?P<mark>[-/.])\s?(?P<second>\d{1,2})\s?(?P=mark)\s?(?P<year>\d{4}|\d{2})(?!\d)"
)
# For `re`, vowel signs of Indic scripts and Thai are not letters.
_LETTER = r"[^\W\d_\u0900-\u0eff]|[\u0900-\u0eff]"
_WORD = rf"(?P<month>(?:{_LETTER})(?:{_LETTER}|[‌])*(?:[ -](?:al-)?(?:{_LETTER})+)?)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?"
_DMY = re.compile(
    rf"(?<!\d){_DAY}[\s,/-]*(?:(?:(?:of|de)\b|d[’'])\s*)?{_WORD}\.?,?[\s/-]*(?:(?:de|del)\s*)?(?P<year>\d{{4}}|\d\d(?!\d|[:.h]))(?!\d)",
    re.I,
)
_MDY = re.compile(rf"(?<![^\W\d_]){_WORD}\.?\s*{_DAY}(?!\d),?\s*(?P<year>\d{{4}})(?!\d)", re.I)
_YMD_WORD = re.compile(rf"(?<!\d)(?P<year>\d{{4}})[\s,.-]*{_WORD}\.?[\s,.-]*{_DAY}(?!\d)", re.I)
_VIETNAMESE = re.compile(r"(?P<day>\d{1,2}) tháng (?P<month>\d{1,2})(?:,? năm|,)? (?P<year>\d{4})")
_WORDS = re.compile(rf"(?:{_LETTER})+[‌ -](?:{_LETTER})+")
_WORD_ALONE = re.compile(rf"(?:{_LETTER})+")


def read_stamp(text: str) -> Stamp | None:
    """Return the date and time if ``text`` is only a date, in any known language or calendar; otherwise None. A label
    (``Published:``, ``Mis à jour le``) may precede it. Years without a century are read as 1970 to 2069.
    """
    stamps = read_stamps(text)
    return stamps[0] if stamps else None


def read_stamps(text: str) -> list[Stamp]:
    """Return all dates of a date line such as ``Published: 10 March 2012 13:11 | Updated: 11 March 2012``; [] if it is
    prose."""
    line = tidy(fold_digits(text))
    if not line or len(line) > _LONGEST or not any(char.isdigit() for char in line):
        return []
    stamps = [_read_one(part) for part in _SPLIT.split(line) if part and part.strip(" |•·,;-–—()")]
    found = [stamp for stamp in stamps if stamp]
    return found if len(found) == len(stamps) else []


def _read_one(line: str) -> Stamp | None:
    role: DateRole = "updated" if _UPDATED_START.match(line) else "published"
    rest = _LABEL.sub(" ", line, count=1) if _LABEL.match(line.lstrip(" (|-–—")) else line
    rest = _VIETNAMESE.sub(r"\g<year>-\g<month>-\g<day>", rest.casefold())
    rest = _C_DATE.sub(r"\g<day> \g<month> \g<year> \g<clock>\g<zone>", _ZONE_NOTE.sub("", rest).strip())
    if compact := _COMPACT.search(rest):
        rest = (
            f"{rest[: compact.start()]} {compact['year']}-{compact['month']}-{compact['day']} "
            f"{compact['hour']}:{compact['minute']}{compact['zone'] or ''} {rest[compact.end() :]}"
        )
    days, rest, ambiguous = _take_date(rest)
    if days is None:
        return None
    clock, zone, minutes, rest = _take_clock(rest)
    weekday, rest = _take_weekday(rest)
    if re.sub(r"[\W_]+", "", _FILLER.sub(" ", rest)):
        return None
    day, ambiguous = _settle(days, weekday, ambiguous)
    if day is None:
        return None
    naive = datetime.combine(day, clock, UTC)
    if zone and minutes is None:
        minutes = _regional_offset(zone, day, clock)
    instant = naive - timedelta(minutes=minutes or 0)
    return Stamp(instant, zone if minutes is not None else None, ambiguous, role)


def _take_date(line: str) -> tuple[list[date] | None, str, bool]:
    """Return the days that the line may mean (likeliest first), the rest of the line, and whether the order of day and
    month is open."""
    both: list[date] = []
    rest = line
    for pattern in (_DMY, _MDY, _YMD_WORD):
        for match in list(pattern.finditer(rest)):
            named = _month(match["month"])
            if named and (day := _day(named[0], _year(match["year"]), named[1], int(match["day"]))):
                both.insert(0 if named[0] == "gregorian" else len(both), day)
                rest = rest.replace(match[0], " ", 1)
    if numeric := _YMD.search(rest):
        if day := _day(
            _calendar_of(int(numeric["year"])), int(numeric["year"]), int(numeric["month"]), int(numeric["day"])
        ):
            both.append(day)
            rest = rest[: numeric.start()] + " " + rest[numeric.end() :]
    elif numeric := _NUMERIC.search(rest):
        year = _year(numeric["year"])
        first, second = int(numeric["first"]), int(numeric["second"])
        calendar = _calendar_of(year)
        orders = [_day(calendar, year, second, first), _day(calendar, year, first, second)]
        days = [day for day in orders if day]
        rest = rest[: numeric.start()] + " " + rest[numeric.end() :]
        if not both and days:
            return days, rest, numeric["mark"] != "." and len(set(days)) == 2
    # A line may give the same day in two calendars: the Gregorian one is exact.
    return (both[:1] or None), rest, False


def _year(written: str) -> int:
    year = int(written)
    return year + (2000 if year < 70 else 1900) if year < 100 else year


def _month(name: str) -> tuple[Calendar, int] | None:
    """Return the month among the words; Hebrew writes ``in June`` as one word."""
    words = [name.strip(" ."), *(word.strip(".") for word in re.split(r"[\s-]+", name))]
    words += [word[1:] for word in words if word.startswith("ב")]
    return next((months()[word] for word in words if word in months()), None)


def _calendar_of(year: int) -> Calendar:
    return "solar" if 1300 <= year <= 1410 else "islamic" if 1410 < year <= 1460 else "gregorian"


def _day(calendar: Calendar, year: int, month: int, day: int) -> date | None:
    if calendar == "gregorian" and 2440 <= year <= 2640:  # the Buddhist era
        year -= 543
    if calendar == "gregorian" and 1300 <= year <= 1500:  # a transliterated or shared month name, an Islamic year
        return None
    try:
        found = to_gregorian(calendar, year, month, day)
    except ValueError:
        return None
    return found if 1700 <= found.year <= 2100 else None


def _settle(days: list[date], weekday: int | None, ambiguous: bool) -> tuple[date | None, bool]:
    """Return the day that matches the weekday; it may differ by one, depending on the sighting of the moon."""
    if weekday is None:
        return days[0], ambiguous
    for day in days:
        if day.weekday() == weekday:
            return day, False
    return days[0], ambiguous


def _take_clock(line: str) -> tuple[time, str | None, int | None, str]:
    """Return the time of day (midnight if none is given), the zone as written, its minutes east, and the rest of the
    text."""
    half_word = _CHINESE_HALF.search(line)
    afternoon = bool(half_word and half_word[1] in ("下午", "晚上", "午後", "오후"))
    if half_word:
        line = line[: half_word.start()] + " " + line[half_word.end() :]
    for pattern in (_CLOCK_HALF, _CLOCK, _CLOCK_MILITARY, _CLOCK_DOT, _CLOCK_WORD):
        if match := pattern.search(line):
            hour, minute, second = int(match["hour"]), int(match["minute"] or 0), int(match["second"] or 0)
            if match["half"] or half_word:
                afternoon = afternoon or (match["half"] or "").startswith("p")
                hour = hour % 12 + 12 if afternoon else hour % 12 if hour == 12 else hour
            rest = line[: match.start()] + " " + line[match.end() :]
            zone, minutes = _zone(match["offset"], match["zone"])
            if zone is None:
                zone, minutes, rest = _loose_zone(rest)
            return time(hour % 24, minute, second), zone, minutes, rest
    return time(0), None, None, line


_LOOSE = re.compile(rf"\(?(?<![^\W_]){_ZONE_NAME}\)?", re.I)


def _loose_zone(line: str) -> tuple[str | None, int | None, str]:
    if match := _LOOSE.search(line):
        zone, minutes = _zone(None, match["zone"])
        return zone, minutes, line[: match.start()] + " " + line[match.end() :]
    return None, None, line


def _zone(offset: str | None, name: str | None) -> tuple[str | None, int | None]:
    if offset:
        digits = re.sub(r"\D", "", offset)
        hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
        sign = -1 if re.search("[-−]", offset) else 1
        if hours > 14 or minutes > 59:
            return None, None
        prefix = "GMT" if "gmt" in offset else "UTC" if "utc" in offset else ""
        return f"{prefix}{'+' if sign > 0 else '-'}{hours:02}:{minutes:02}", sign * (hours * 60 + minutes)
    if not name or name == "местного времени":
        return None, None
    if name in ZONES:
        return name.upper(), ZONES[name]
    return (name.upper() if len(name) < 4 else name.title().replace(" Time", " time")), None


def _regional_offset(zone: str, day: date, clock: time) -> int | None:
    offset = datetime.combine(day, clock, ZoneInfo(REGIONS[zone.casefold()])).utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else None


def _take_weekday(line: str) -> tuple[int | None, str]:
    for pattern in (_WORDS, _WORD_ALONE):
        for match in pattern.finditer(line):
            if (number := weekdays().get(match[0])) is not None:
                return number, line[: match.start()] + " " + line[match.end() :]
    return None, line
