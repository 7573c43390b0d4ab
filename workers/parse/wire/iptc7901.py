"""IPTC 7901, the wire format of European agencies: a header, the keywords, STX, the headline, the text, ETX, the time.

``SOH eca0003 3 i 380  dpa 0045``: service and number, urgency, category, count of words, free text. The headline ends
with ``=``; an editor's note on the version (REFILE, 1ST LEAD) is above it, the byline below. The text ends where the
desk's notebook begins. ``131137 GMT Nov 13`` is the 13th of November 2013, 11:37.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from services.records import Wire
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head
from workers.parse.article.newstext import read_text
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.members import Collector
from workers.parse.wire.coded import coded, distinct, number

MEDIA_TYPE = "text/x-iptc-7901"

_STORY = re.compile(
    rb"\x01(?P<header>[a-z]{2,4}\d{2,5} \d [a-z]{1,3} +\d+[^\r\n\x02]*)(?P<keywords>[^\x01\x02]{0,300})\x02+"
    rb"(?P<text>[^\x01-\x04]*)(?:\x03(?P<sent>[^\x01\x04]{0,120}))?",
    re.IGNORECASE,
)
_HEADER = re.compile(r"([a-z]{2,4})(\d{2,5}) (\d) ([a-z]{1,3}) +(\d+)\s*(.*)", re.IGNORECASE)
_SENT = re.compile(r"(\d\d)(\d\d)(\d\d)\s*(?:GMT|UTC|Z)?\s*([A-Z][A-Za-z]{2}) (\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PROVIDER = re.compile(r"\b([A-Za-z]{2,6})\s+\d+\s*$|/([A-Z]{2,6})-")
"""``dpa 0045`` at the end, ``/AFP-AB12`` anywhere."""
_NOTEBOOK = re.compile(r"^#+ (?:\w+ )?notebook\s*$", re.IGNORECASE | re.MULTILINE)
_SECTION = re.compile(r"^## (.+?)\s*$", re.MULTILINE)
_NOTES = re.compile(r"note to editors|redaktionelle hinweise", re.IGNORECASE)
_VERSION = re.compile(
    r"(?:REFILE|EXTRA|RECAST|CORRECTION|REPETITION|URGENT|FLASH|\d(?:ST|ND|RD|TH) LEAD|LEAD|ROUNDUP)S?\b.*"
)


def sniff(source: Source) -> float:
    return 0.98 if _STORY.match(source.data[:2000].lstrip(b"\r\n\x00")) else 0.0


def parse(source: Source) -> Parsed:
    stories = list(_STORY.finditer(source.data))
    if not stories:
        raise ParseError("corrupt", "There is no story between STX and ETX.")
    if len(stories) == 1:
        return _story(stories[0])
    found = Collector(source.limits, len(source.data))
    for at, story in enumerate(stories, 1):
        found.add(f"story-{at}", story[0] + b"\x04", MEDIA_TYPE)
    return Parsed(MEDIA_TYPE, members=found.result())


def _story(match: re.Match[bytes]) -> Parsed:
    text, warnings = decode(match["text"])
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    header = _HEADER.match(match["header"].decode("latin-1"))
    wire, head = Wire(), Head()
    if header:
        wire.urgency, wire.category = number(header[3], 9), header[4]
        wire.word_count = number(header[5])
        wire.subjects = distinct([coded(f"iptc7901 category:{header[4]}")])
        if provider := _PROVIDER.search(header[6]):
            wire.provider = head.publisher = provider[1] or provider[2]
    head.code = wire.slugline = " ".join(decode(match["keywords"])[0].split()) or None
    _sent(head, (match["sent"] or b"").decode("latin-1"))
    top, mark, body = text.partition("=\n")
    if mark and len(top) < 600:
        _headlines(top, head, wire)
    else:
        body = text
    body = _less_notebook(body, wire)
    head.wire = wire
    body = _less_sign_off(body, head.publisher)
    return Parsed(MEDIA_TYPE, read_text(body, has_head=not mark, head=head, format="iptc-7901", warnings=warnings))


def _headlines(top: str, head: Head, wire: Wire) -> None:
    """Read the lines above ``=``: the editor's note on the version, the headline, the byline."""
    lines = [line.strip() for line in top.split("\n") if line.strip()]
    while len(lines) > 1 and _VERSION.fullmatch(lines[0]):
        wire.signals.append(lines.pop(0))
    if len(lines) > 1 and re.match(r"(?:By|Von|Por|Par) ", lines[-1]):
        head.byline = read_byline(lines.pop())
    head.title = " ".join(lines) or None


def _less_notebook(body: str, wire: Wire) -> str:
    """Return the text without the desk's notebook; its note to editors is kept."""
    notebook = _NOTEBOOK.search(body)
    text, notes = (body[: notebook.start()], body[notebook.end() :]) if notebook else (body, "")
    parts = _SECTION.split(notes)
    said = [
        " ".join(line.lstrip("- ").strip() for line in content.strip().split("\n"))
        for title, content in zip(parts[1::2], parts[2::2], strict=False)
        if _NOTES.match(title)
    ]
    wire.ednote = "; ".join([*wire.signals, *said]) or None
    return text


def _less_sign_off(body: str, agency: str | None) -> str:
    """Remove ``dpa wsz jln npr``, the initials of those who worked on it, and the line of stars above."""
    lines = body.rstrip().split("\n")
    while lines and (
        not lines[-1].strip(" *\x7f")
        or (agency and re.fullmatch(rf"{agency}(?: [a-z]{{2,4}}){{1,6}}", lines[-1].strip()))
    ):
        lines.pop()
    return "\n".join(lines)


def _sent(head: Head, trailer: str) -> None:
    found = _SENT.search(trailer)
    if not found or found[4].title() not in _MONTHS:
        return
    day, hour, minute = (int(found[part]) for part in (1, 2, 3))
    year = int(found[5]) + (1900 if int(found[5]) > 69 else 2000)
    try:
        head.published_at = datetime(year, _MONTHS.index(found[4].title()) + 1, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return
    head.published_zone = "GMT" if re.search(r"GMT|UTC|\dZ", found[0]) else None


PARSER = Parser("iptc-7901", (MEDIA_TYPE,), sniff, parse, isolated=True, version=2)
