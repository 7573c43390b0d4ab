"""Read the dateline at the start of the first paragraph: where a report was written, and which agency sent it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from services.records import Dateline
from workers.calendars import months, weekdays
from workers.parse.article.agencies import WIRE_AGENCIES
from workers.parse.article.dates import read_stamps
from workers.parse.article.normalise import tidy
from workers.parse.article.placenames import LOWER_PARTS, in_normal_case, is_known, is_place, is_region

_LONGEST = 140  # characters from the start of the paragraph to the end of the dateline's dash
_SEPARATOR = re.compile(
    r"\s?(?:\.\s?[-–—]{1,2}|-{2,3}|[—–―]|(?<=[\s)/\d])[-_](?=\s)|(?<=\))-|(?<=[^\W\d_])-(?=[\"“«])|:(?=\s)|\.(?=\s)|=|(?<=\))(?=\s[\"“«]?[^\W\d_a-z]))\s*"
)
_CREDIT = re.compile(
    r"(?:\((?P<round>[^()]{2,70})\)|/(?P<slash>[^/()\d]{2,40})/|\[(?P<square>[^\[\]]{2,50})\])\s*\.?\s*$"
)
_DATE = re.compile(
    r"[,.]?\s*(?P<date>(?:(?P<month>[^\W\d_]{2,12})\.?\s?\d[\dO]{0,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th|er|\.)?\s?(?:de\s)?(?P<month2>[^\W\d_]{2,12})\.?)"
    r"(?:,?\s\d{4})?|\d{1,2}[./]\d{1,2}[./]\d{2,4})\s*[.,]?\s*$"
)
_PLACE_MARKS = re.compile(r"\s*(?:[,،、/;]|\band\b|\bet\b|\bund\b|\by\b|(?<=\w)\s-\s)\s*")
_MONTHS = (
    "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
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
        "tip",
        "tips",
        "hint",
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
_WHOLE_NAMES = WIRE_AGENCIES | {"риа новости", "dow jones"}
_TAIL = re.compile(r"([^\W\d_]{2,14}(?: [^\W\d_]{2,14})?)\s?(?:\.\s|[-–—]\s)")
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
_DATED_AFTER = re.compile(r"[^\W\d_]{3,12}\.?\s\d{1,2}\s?[-–—]{1,2}\s")
"""``SEATTLE, Wash. - March 4 -``: a day between dashes of its own."""
_BREAKS = " -–—_"
_FULL_DATE = re.compile(
    r"[^\W\d_]{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}|\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?\d{4}"
)


def read_dateline(paragraph: str) -> Dateline | None:
    """Return the dateline at the start of ``paragraph``, with offsets from its start; None if the opening may be
    prose."""
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
        found = _read_prefix(window[: match.start()].strip(), match[0].strip()) if rest else None
        if found and (found.sure or not rest[0].islower()):
            return _whole(paragraph, match.end(), found)
    return None


def is_dateline(line: str) -> bool:
    """Return whether the line is only a dateline, as some agencies set it: ``LEEDS, England (AW) —``.

    One without a dash at its end must name an agency or a day; a full date makes it a line of credits.
    """
    text = line.strip()
    if len(text) > _LONGEST // 2 or not text[:1].isupper() or date_in(text):
        return False
    bare = text.rstrip(_BREAKS)
    found = _read_prefix(bare, "—") if bare and bare[-1] not in ":;" else None
    if found is None or not found.places:
        return False
    if not (is_known(found.places[0]) or (text.split(",")[0].split(" (")[0].isupper() and bare != text)):
        return False
    return found.sure and (found.dated or (found.credit is not None and _agency(found.credit)) or bare != text)


def opens_text(line: str) -> bool:
    """Return whether a line begins with a dateline that names an agency or a day and is not followed by a date."""
    found = None if read_stamps(line) else read_dateline(line)
    if found is None or not found.places or not (found.credit or re.search(r"\d", found.text)):
        return False
    rest = line[found.end :].strip(_BREAKS)
    return not (re.search(r"\d{4}|\d:\d\d", rest) and read_stamps(rest))


def _whole(paragraph: str, end: int, found: _Prefix) -> Dateline:
    """Return the dateline up to ``end`` with what directly follows: ``(ANSA) - ROMA, 1 FEB -``, ``Leeds, 4 May. Tass
    —``."""
    credit = found.credit
    if not found.places and (after := read_dateline(paragraph[end:])) and after.places and not after.credit:
        return _dateline(paragraph, end + after.end, after.places, credit)
    if credit is None and (tail := _TAIL.match(paragraph, end)) and tail[1].casefold() in _WHOLE_NAMES:
        credit, end = tail[1], tail.end()
    if not found.dated and (tail := _DATED_AFTER.match(paragraph, end)) and _is_month(tail[0].split()[0].strip(".")):
        end = tail.end()
    return _dateline(paragraph, end, found.places, credit)


def authors_in(dateline: str) -> list[str]:
    """Return the reporters in a Chinese or Korean dateline."""
    match = _CJK.match(dateline) or _BRACKETED.match(dateline)
    author = match["author"] if match else None
    if match and dateline.startswith("【") and not author and not _CJK_AGENCY.search(match["credit"]):
        author = match["credit"]
    return [name for name in re.split(r"[、，,·ㆍ\s]+", author) if name] if author else []


def date_in(dateline: str) -> str | None:
    """Return the date of a dateline that includes the year."""
    match = _FULL_DATE.search(dateline)
    return match[0] if match else None


def _dateline(paragraph: str, end: int, places: list[str], credit: str | None) -> Dateline:
    text = paragraph[:end].rstrip()
    return Dateline(text=text, start=0, end=len(text), places=places, credit=credit)


@dataclass(slots=True)
class _Prefix:
    """Read the part before the dash. ``sure``: a day, an agency or its form shows that it is a dateline, whatever
    follows."""

    places: list[str]
    credit: str | None = None
    dated: bool = False
    sure: bool = True


def _read_prefix(prefix: str, mark: str) -> _Prefix | None:
    credit = None
    dated = slashed = False
    if match := _CREDIT.search(prefix):
        credit = tidy(match["round"] or match["slash"] or match["square"])
        slashed = bool(match["slash"])
        if is_region(credit) and not _agency(credit):  # ``Leeds (United Kingdom) –``
            credit = None
        prefix = prefix[: match.start()].rstrip(" ,.")
        if not prefix and credit:
            known = credit.casefold().split("/")[0] in WIRE_AGENCIES
            named = mark != "." and (known or mark in "—–--") and _named(credit)
            return _Prefix([], credit, sure=False) if named else None
    elif (match := re.search(r"\d,?\s(?P<agency>[^\W\d_]{2,12})$", prefix)) and _agency(match["agency"]):
        credit, prefix = match["agency"], prefix[: match.start() + 1]  # ``ROME, March 13, Reuter -``
    if match := _DATE.search(prefix):
        month = match["month"] or match["month2"]
        if month is None or _is_month(month, mistyped=prefix.split(",")[0].isupper()):
            dated = True
            prefix = re.sub(r"\s\([^()]{2,30}\)$", "", prefix[: match.start()].rstrip(" ,"))  # ``Leeds (Reino Unido)``
            if not prefix and credit and mark in "—–--" and _named(credit):  # ``Jan 30 (Gracenote) -``
                return _Prefix([], credit, sure=False)
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
    agency = credit is not None and (_agency(credit) or prefix.isupper())
    sure = bool(dated or slashed or lone or agency)
    places = _read_places(prefix, sure=sure, colon=mark in (":", "="))
    return _Prefix(places, credit, dated, dated or slashed or agency) if places else None


def _is_month(word: str, *, mistyped: bool = False) -> bool:
    """Return whether the word is the name of a month; a ``mistyped`` one (``Mach 4``) counts after a place in
    capitals."""
    folded = word.casefold()
    if folded in months():
        return True
    return mistyped and bool(get_close_matches(folded, _MONTHS, n=1, cutoff=0.75))


def _agency(credit: str) -> bool:
    return (
        any(part in WIRE_AGENCIES for part in re.split(r"[\s/,-]+", credit.casefold()))
        or credit.casefold() in WIRE_AGENCIES
    )


def _named(credit: str) -> bool:
    """Return whether it is a credit and not an aside: it begins like a name, or is an agency's sign such as ``dpa``."""
    return (
        len(credit.split()) <= 6
        if not credit[0].islower()
        else bool(re.fullmatch(r"[a-z]{2,4}(?:/[a-z]{2,4})?", credit))
    )


def _read_places(prefix: str, *, sure: bool, colon: bool) -> list[str]:
    parts = [part for part in _PLACE_MARKS.split(prefix) if part]
    if not 1 <= len(parts) <= 8:
        return []
    parts[0] = _less_region(parts[0])
    places: list[str] = []
    for part in parts:
        if not _may_be_place(part):
            return []
        qualifies = bool(places) and (
            (parts[0].isupper() and not part.isupper())
            or is_region(part)
            or re.fullmatch(r"[A-Z]\.?\s?[A-Z]\.?|(?:[A-Z]\.){2}[A-Z]\.?|USA|UAE", part)
        )
        if not qualifies:
            places.append(in_normal_case(part))
    first = parts[0]
    if not sure and not is_known(first) and (colon or not first.isupper() or len(parts) == 1):
        return []
    return places


def _less_region(part: str) -> str:
    """Return a town without the state that is run together with it: ``FARMINGTON`` of ``FARMINGTON Conn.``."""
    town, space, region = part.rpartition(" ")
    return town if space and town.isupper() and not region.isupper() and is_region(region) else part


def _may_be_place(part: str) -> bool:
    words = part.split()
    folded = part.strip(".").casefold()
    if (
        len(words) > 5
        or folded in _NOT_PLACES
        or (len(folded) > 3 and folded in weekdays())
        or re.search(r"[\d:<>]", part)
    ):
        return False
    if words[0].casefold() in _NOT_PLACES and not (
        words[0].casefold() == "the" and len(words) == 2 and _known_or_capitals(part)
    ):
        return False
    return all(_place_word(word) for word in words) or is_known(part)


def _known_or_capitals(part: str) -> bool:
    """Return whether it is a place with an article: ``The Hague``, which the gazetteer knows, or ``THE WOODLANDS``."""
    return part.isupper() or is_known(part)


def _place_word(word: str) -> bool:
    return word.casefold() in LOWER_PARTS or not word[0].islower()
