"""ANPA 1312, the wire format of American newspapers: a header, STX, the text, ETX, the time of sending.

The header's fields as in ANPA Technical Report 1312-7: service level and story number after SYN SYN SOH, then
priority and category, then keyword, version, filing date and word count.
"""

from __future__ import annotations

import re

from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head
from workers.parse.article.dates import read_stamp
from workers.parse.article.newstext import read_text
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.members import Collector

MEDIA_TYPE = "text/x-anpa-1312"

_STORY = re.compile(rb"\x16*\x01([^\x01\x02]{1,400})\x02([^\x01-\x04]*)(?:\x03([^\x01\x04]{0,200}))?", re.DOTALL)
_SLUG = re.compile(r"[a-zA-Z][^\s,]*-[^\s,]+|[A-Za-z][A-Za-z.&'-]{2,}")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_SENT = re.compile(r"(\d\d?)-(\d\d?)-(\d{2,4})\s+(\d\d):?(\d\d)\s*(GMT|UTC|[ECMP][SD]?T)?", re.IGNORECASE)
_KEYWORDS = re.compile(r"(?:BC|[AP]M|AP)-\S.*|[^,]+(?:,[^,]+)*,\s?\d{4}", re.IGNORECASE)  # cycle, and count of words
_ROLE = re.compile(
    r"^[^.]{0,60}\b(?:writer|editor|correspondent|reporter|columnist|critic|analyst|staff)$", re.IGNORECASE
)
_NOTE = re.compile(r"(Eds?:|Editors?:|AP Photos?|With AP|Index:|code:|Update:|SYMBOL:|INDEX:)", re.IGNORECASE)
_OFFSETS = {"EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00",
            "PST": "-08:00", "PDT": "-07:00", "GMT": "+00:00", "UTC": "+00:00"}  # fmt: skip


def sniff(source: Source) -> float:
    return 0.97 if _STORY.match(source.data[:600].lstrip(b"\r\n\x00")) else 0.0


def parse(source: Source) -> Parsed:
    stories = list(_STORY.finditer(source.data))
    if not stories:
        raise ParseError("corrupt", "There is no story between STX and ETX.")
    if len(stories) == 1:
        return _story(stories[0])
    found = Collector(source.limits, len(source.data))
    for number, story in enumerate(stories, 1):
        found.add(f"story-{number}", story[0] + b"\x04", MEDIA_TYPE)
    return Parsed(MEDIA_TYPE, members=found.result())


def _story(match: re.Match[bytes]) -> Parsed:
    text, warnings = decode(match[2])
    head = Head(code=_slug(match[1]), publisher=None)
    _stamp(head, (match[3] or b"").decode("latin-1"))
    body = _read_lines(text, head)
    return Parsed(MEDIA_TYPE, read_text(body, has_head=False, head=head, format="anpa-1312", warnings=warnings))


def _slug(header: bytes) -> str | None:
    """The keyword of the header's last line: ``bc-Harbor Strike``, without what follows the first comma or date."""
    lines = [line for line in re.split(r"[\r\n]+", header.decode("latin-1")) if line.strip()]
    if len(lines) < 2:
        return None
    keyword = re.split(r"[\x11-\x14]", lines[-1])[-1]
    keyword = re.split(r",|\s\d\d?-\d\d?\b", _CONTROLS.sub(" ", keyword))[0].strip()
    return keyword if _SLUG.search(keyword) else None


def _stamp(head: Head, trailer: str) -> None:
    """``AP-ES-03-10-12 0911EST``: month, day, year, time, zone."""
    found = _SENT.search(trailer)
    if not found:
        return
    month, day, year, hour, minute, zone = found.groups()
    year = year if len(year) == 4 else ("19" if int(year) > 69 else "20") + year
    offset = _OFFSETS.get((zone or "").upper(), "")
    stamp = read_stamp(f"{year}-{int(month):02}-{int(day):02}T{hour}:{minute}:00{offset}")
    if stamp:
        head.published_at, head.published_zone = stamp.instant, stamp.zone
        if zone and stamp.zone:
            head.published_zone = zone.upper()


def _read_lines(text: str, head: Head) -> str:
    """The running text. A line that begins with ``^`` is set apart: headline, byline, notes; ``<`` ends a line."""
    paragraphs: list[str] = []
    current: list[str] = []

    def close() -> None:
        if current:
            paragraphs.append(" ".join(current))
            current.clear()

    in_apart = False
    apart: list[str] = []
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = _CONTROLS.sub("", raw).replace("``", "“").replace("''", "”").replace("`", "‘")
        ended = line.rstrip().endswith("<")
        line_text = line.strip().removesuffix("<").removesuffix("@").strip()
        if line.lstrip().startswith("^") or in_apart:
            close()
            apart.append(line_text.lstrip("^").strip())
            in_apart = not ended
            if ended:
                _set_apart(" ".join(apart), head)
                apart.clear()
            continue
        if not line_text or re.fullmatch(r"[_\-*=]{3,}", line_text):
            close()
            continue
        if line[:1] in "\t " and current:
            close()
        current.append(line_text)
        if ended:
            close()
    close()
    if paragraphs and _SENT.search(paragraphs[-1]) and len(paragraphs[-1]) < 40:
        signoff = paragraphs.pop()
        if head.published_at is None:
            _stamp(head, signoff)
    return "\n\n".join(re.sub(r"(\)|[A-Z]{3}) _ ", r"\1 — ", part, count=1) for part in paragraphs)


def _set_apart(line: str, head: Head) -> None:
    """The lines come in this order: keyword line, headline, byline, what the writer is; each may be missing."""
    line = line.removeprefix("HL:").strip()
    if re.match(r"by\s", line, re.IGNORECASE):
        head.byline = read_byline(line)
    elif re.fullmatch(r"(?:The )?Associated Press|AP|Reuters|UPI|The Canadian Press", line, re.IGNORECASE):
        head.publisher = head.publisher or line.title().replace("Ap", "AP").replace("Upi", "UPI")
    elif _KEYWORDS.fullmatch(line):
        head.code = head.code or line.split(",")[0].strip()
    elif _ROLE.search(line) and len(head.byline) == 1 and head.byline[0].role is None:
        head.byline[0].role = line
    elif not _NOTE.match(line) and (head.title is None) and line:
        head.title = line


PARSER = Parser("anpa-1312", (MEDIA_TYPE,), sniff, parse, isolated=True)
