"""Values that several news formats share: codes with their scheme, statuses, instants, authors, urgency."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from services.records import Byline, Coded, Rights, Wire
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head
from workers.parse.article.dates import Stamp, read_stamp

_FRACTION = re.compile(r"T\d\d:\d\d:\d\d\.(\d+)")
OURS = "urn:copydesk"
"""The mark of what Copydesk added to a document that it wrote, as opposed to the provider's words."""
Status = Literal["usable", "embargoed", "withheld", "canceled"]
_STATUS: dict[str, Status] = {
    "usable": "usable", "withheld": "withheld", "embargoed": "embargoed", "canceled": "canceled", "cancelled": "canceled",
    "killed": "canceled", "kill": "canceled", "publish": "usable", "published": "usable", "withdrawn": "canceled", "retracted": "canceled",
}  # fmt: skip
_BASIC_DATE = re.compile(r"^(\d{4})-?(\d\d)-?(\d\d)(?:T?(\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?$")
"""``20040311T174553-0500``, ``20240710``, ``2018-01-30T17:32:18.397``; no: ``YYYYMMDDTHHMMSS``."""


def iso_date(written: str) -> str:
    """Return an ISO 8601 date in its extended form; NITF and NewsML use the basic one. Other text stays as it is."""
    found = _BASIC_DATE.match(written.strip())
    if not found:
        return written.strip()
    year, month, day, hour, minute, second, zone = found.groups()
    date = f"{year}-{month}-{day}"
    if not hour:
        return date
    offset = f"{zone[:3]}:{zone[-2:]}" if zone and zone != "Z" else zone or ""
    return f"{date}T{hour}:{minute}:{second or '00'}{offset}"


def read(written: str | None) -> Stamp | None:
    """Return the instant and zone that ``written`` states, to the millisecond; None if it states none."""
    stamp = read_stamp(iso_date(written)) if written else None
    if stamp and (fraction := _FRACTION.search(written or "")):
        return replace(stamp, instant=stamp.instant + timedelta(milliseconds=int(fraction[1][:3].ljust(3, "0"))))
    return stamp


def instant(written: str | None) -> datetime | None:
    """Return the instant that ``written`` states, None if it states none."""
    stamp = read(written)
    return stamp.instant if stamp else None


def set_published(head: Head, *written: str | None) -> None:
    """Set the first of the dates that can be read, unless the head has one."""
    for one in written:
        if head.published_at is None and (stamp := read(one)):
            head.published_at, head.published_zone = stamp.instant, stamp.zone


def status(written: str | None) -> Status | None:
    """Return the publication status from a code or word: ``stat:canceled``, ``Usable``."""
    return _STATUS.get((written or "").rpartition(":")[2].strip().lower())


def coded(qcode: str | None, name: str | None = None) -> Coded | None:
    """Return ``medtop:04000000`` as scheme and code, and a URI as its last part and what precedes it.

    None if there is neither code nor name.
    """
    written = (qcode or "").strip()
    scheme, colon, code = written.rpartition("/") if "://" in written else written.partition(":")
    if not colon:
        scheme, code = "", scheme
    if not code and not name:
        return None
    return Coded(scheme=scheme or None, code=code or None, name=name or None)


def distinct(found: Sequence[Coded | None]) -> list[Coded]:
    """Return the values that are not empty, each once, in order."""
    kept: dict[tuple[str | None, str | None, str | None], Coded] = {}
    for one in found:
        if one is not None:
            key = (one.scheme, one.code, one.name if one.code is None else None)
            if key not in kept or (kept[key].name is None and one.name):
                kept[key] = one
    return list(kept.values())


def authors(named: list[str], line: str) -> list[Byline]:
    """Return the authors of a byline, agencies left out.

    If the item also names each author separately, those names are used, and the line adds the rest:
    ``Jane Roe, Political Correspondent; John Doe``.
    """
    if not named or any(name.casefold() not in line.casefold() for name in named):
        return [author for author in read_byline(line) if author.name != author.agency]
    known = {author.name.casefold(): author for part in line.split(";") for author in read_byline(part)}
    found = [known.get(name.casefold()) or Byline(name=name) for name in named]
    for author in found:
        author.agency = None if author.agency == author.name else author.agency  # the item says that it is a person
    return found


def number(written: object, most: int = 10**6) -> int | None:
    """Return a count or an urgency that is written as a figure, None for anything else."""
    text = str(written).strip() if isinstance(written, int | str) and not isinstance(written, bool) else ""
    return int(text) if re.fullmatch(r"\d{1,7}", text) and int(text) <= most else None


def rights(copyright: str | None = None, usage_terms: str | None = None, credit: str | None = None) -> Rights | None:
    """Return the rights, or None if nothing is stated."""
    found = Rights(copyright=copyright or None, usage_terms=usage_terms or None, credit=credit or None)
    return found if any((found.copyright, found.usage_terms, found.credit)) else None


def stated(wire: Wire) -> Wire | None:
    """Return ``wire``, None if it says nothing."""
    return wire if wire.model_dump(exclude_defaults=True) else None
