"""Read the lines around a headline that give author, date and desk: ``By Jane Roe | 3 March 2012, 13:11 GMT``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from services.records import Byline
from workers.parse.article.byline import has_label, is_agency, label_within, read_byline
from workers.parse.article.dates import Stamp, read_stamps
from workers.parse.article.normalise import tidy
from workers.parse.article.placenames import is_place

_LONGEST = 200  # characters
_PARTS = re.compile(r"\s*[|│¦·•‧／]\s*|\s+/\s+|\s+[-–—]\s+")
_PLACED = re.compile(r"(?P<place>[^\W\d_][^\d,|·]{1,30}?)\s*(?:,|[|·]|\s[-–—]\s)\s*(?P<rest>.*\d.*)")
_EMAIL = re.compile(r"<?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}>?")
_READING_TIME = re.compile(
    r"\W*(?:\d{1,3}[\s-]*(?:min(?:ute|uto|uut)?s?|minuten|mins?|мин\w*|dk|分钟?|分)\b.{0,20}|(?:reading time|lesezeit|temps de lecture|"
    r"tiempo de lectura|время чтения)\b.{0,20}|\d{1,6} (?:views|comments|shares|reads|просмотров|комментари\w+)|\d{1,2} (?:minutes?|hours?|days?) ago)",
    re.I,
)


@dataclass(slots=True)
class Credits:
    byline: list[Byline] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    email: str | None = None
    publisher: str | None = None


def read_credits(line: str) -> Credits | None:
    """Return the contents of a line of credits; None if any part of it may be something else. A name without ``By``
    counts only beside a part that is certain.
    """
    text = tidy(line)
    if not text or len(text) > _LONGEST:
        return None
    credits = Credits(stamps=_stamps(text), publisher=text if is_agency(text) else None)
    if credits.stamps or credits.publisher:
        return credits
    unsure: list[str] = []
    for part in filter(None, _PARTS.split(text)):
        if not _take(part, credits):
            unsure.append(part)
    if unsure and not (credits.byline or credits.stamps or credits.email):
        return None
    for part in unsure:
        if not _take_unsure(part, credits):
            return None
    for author in credits.byline[:1]:
        author.email = author.email or credits.email
    return credits


def _take(part: str, credits: Credits) -> bool:
    """Read a part that can be recognised by itself."""
    if stamps := _stamps(part):
        credits.stamps += stamps
    elif _EMAIL.fullmatch(part):
        credits.email = part.strip("<>")
    elif _take_mixed(part, credits):
        pass
    elif has_label(part) and (byline := read_byline(part)):
        credits.byline += byline
    else:
        return bool(_READING_TIME.fullmatch(part))
    return True


def _stamps(part: str) -> list[Stamp]:
    """Return dates, which may follow the place of writing: ``Santa Cruz, 29 de enero de 2021``."""
    if stamps := read_stamps(part):
        return stamps
    match = _PLACED.match(part)
    return read_stamps(match["rest"]) if match and is_place(match["place"]) else []


def _take_mixed(part: str, credits: Credits) -> bool:
    """Read a part with a name and a date: ``Posted on 5 September 2022 by Lena Hartog``; ``By Lena Hartog, 5 September
    2022``."""
    if (at := label_within(part)) and (byline := read_byline(part[at:])) and (stamps := read_stamps(part[:at])):
        credits.byline += byline
        credits.stamps += stamps
        return True
    if has_label(part):
        for match in re.finditer(r"[,;]\s*|\s(?=on\b|am\b|le\b|el\b)|\s(?=\d)", part):
            if (stamps := read_stamps(part[match.end() :])) and (byline := read_byline(part[: match.start()])):
                credits.byline += byline
                credits.stamps += stamps
                return True
    return False


def _take_unsure(part: str, credits: Credits) -> bool:
    """Read a name, an agency or a place, which counts only because of the parts beside it. Returns whether it is
    one."""
    if is_agency(part):
        for author in credits.byline:
            author.agency = author.agency or part
        credits.publisher = credits.publisher or part
        return True
    if is_place(part):
        return True
    if credits.byline:
        if len(part.split()) <= 6 and not re.search(r"[.!?:]$", part):
            for author in credits.byline:
                author.role = author.role or part
            return True
        return False
    words = part.split(",")[0].split()
    if 1 <= len(words) <= 4 and (byline := read_byline(part)):
        credits.byline = byline
        return True
    return False
