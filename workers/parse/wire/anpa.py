"""ANPA 1312, the wire format of American newspapers: a header, STX, the text, ETX, the time of sending.

The header's fields as in ANPA Technical Report 1312-7: service level, story number and selector after SYN SYN SOH, then
priority and category, then keyword, version, filing date and a number of the transmission.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.records import Wire
from workers.parse.article.byline import is_agency, read_byline
from workers.parse.article.compose import Head
from workers.parse.article.dates import read_stamp
from workers.parse.article.newstext import read_text
from workers.parse.article.notices import is_end_mark
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.members import Collector
from workers.parse.wire.coded import number

MEDIA_TYPE = "text/x-anpa-1312"

_STORY = re.compile(rb"\x16*\x01([^\x01\x02]{1,400})\x02+([^\x01-\x04]*)(?:\x03([^\x01\x04]{0,200}))?", re.DOTALL)
_SLUG = re.compile(r"[a-zA-Z][^\s,]*-[^\s,]+|[A-Za-z][A-Za-z.&'-]{2,}")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_SENT = re.compile(r"(\d\d?)-(\d\d?)-(\d{2,4})\s+(\d\d):?(\d\d)\s*(GMT|UTC|[ECMP][SD]?T)?", re.IGNORECASE)
_FIELDS = re.compile(r"^([a-z]) ?([a-z])\s?[\x11-\x14]", re.IGNORECASE)  # priority and category: `r z^S^Q BC-…`
_KEYWORDS = re.compile(
    r"(?P<slug>(?:(?:BC|[AP]M|AP)-\S.*?|[^,]+(?:,[^,\d][^,]*)*?))(?:,(?:\s?(?P<words>\d{1,5}))?)?", re.IGNORECASE
)
"""``BC-BKN--Heat-Hawks, 1st Ld-Writethru,416``, ``AM-Budget,0350``: the cycle, the slug, the version, the words."""
_ROLE = re.compile(
    r"^[^.]{0,60}\b(?:writer|editor|correspondent|reporter|columnist|critic|analyst|staff)$", re.IGNORECASE
)
_EDITORS = re.compile(r"Ed(?:itor)?s?(?: note)?:\s*", re.IGNORECASE)
_NOTE = re.compile(r"(?:AP (?:Photos?|Graphics?|Video)|With AP|Index:|code:|Update:|SYMBOL:|INDEX:)", re.IGNORECASE)
_AGENCY = re.compile(r"(?:The )?(?:Associated Press|AP|Reuters|UPI|Canadian Press)", re.IGNORECASE)
_NAMES = {"ap": "AP", "upi": "UPI"}
_TAKE = re.compile(
    r"\b(?:(?P<number>\d)(?:st|nd|rd|th)[ -]?(?:take|add)|(?:take|add)[ -]?(?P<last>\d))\b", re.IGNORECASE
)
_RULE = re.compile(r"[_\-*=]{3,}")
_OFFSETS = {"EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00",
            "PST": "-08:00", "PDT": "-07:00", "GMT": "+00:00", "UTC": "+00:00"}  # fmt: skip
_ENDS = ("<", "=")
_HEADLINE = 120  # characters; a longer line set apart is a summary


def sniff(source: Source) -> float:
    return 0.97 if _STORY.match(source.data[:600].lstrip(b"\r\n\x00")) else 0.0


def parse(source: Source) -> Parsed:
    stories = list(_STORY.finditer(source.data))
    if not stories:
        raise ParseError("corrupt", "There is no story between STX and ETX.")
    groups = _by_story([_read(story) for story in stories])
    if len(groups) == 1:
        return _joined(next(iter(groups.values())))
    found = Collector(source.limits, len(source.data))
    for number_, takes in enumerate(groups.values(), 1):
        found.add(f"story-{number_}", b"".join(take.data + b"\x04" for take in takes), MEDIA_TYPE)
    return Parsed(MEDIA_TYPE, members=found.result())


def _by_story(takes: list[_Read]) -> dict[str, list[_Read]]:
    """Return the takes of each story in order; a take without a number is a story by itself."""
    told = {take.story.casefold() for take in takes if take.take}
    for take in takes:
        if take.take is None and (take.head.code or "").casefold() in told:
            take.take, take.story = 1, take.head.code or ""
    groups: dict[str, list[_Read]] = {}
    for at, take in enumerate(takes):
        groups.setdefault(take.story.casefold() if take.take else f"{at}", []).append(take)
    return {story: sorted(group, key=lambda take: take.take or 0) for story, group in groups.items()}


@dataclass(slots=True)
class _Read:
    """The head as its lines are read. ``table`` means that the line ends of the text are kept; ``rest`` has lines that
    turn out to be text."""

    head: Head
    wire: Wire
    data: bytes = b""
    table: bool = False
    notes: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    story: str = ""
    take: int | None = None


def _read(match: re.Match[bytes]) -> _Read:
    text, warnings = decode(match[2])
    read = _Read(Head(), Wire(), match[0], warnings=warnings)
    _header(match[1].decode("latin-1"), read)
    _stamp(read.head, (match[3] or b"").decode("latin-1"))
    apart, body = _split(text)
    for line in apart:
        _set_apart(line, read)
    read.paragraphs = [*read.rest, *_paragraphs(body, read)]
    _number_take(read)
    return read


def _number_take(read: _Read) -> None:
    """Read which take of its story it is: ``BC-Strike, 2nd Take``, ``BC-Strike, 1st Add``; the first add is take 2."""
    slug = read.head.code or ""
    if found := _TAKE.search(slug):
        number_ = int(found["number"] or found["last"])
        read.take = number_ + ("add" in found[0].lower())
        read.story = slug[: found.start()].rstrip(" ,-") or slug


def _joined(takes: list[_Read]) -> Parsed:
    """Return the takes of one story as one article, under the head of the first."""
    read = takes[0]
    if len(takes) > 1:
        read.head.code = read.story
    for take in takes[1:]:
        while read.paragraphs and is_end_mark(read.paragraphs[-1]):
            read.paragraphs.pop()
        read.paragraphs += take.paragraphs
        read.notes += take.notes
        read.warnings += take.warnings
        read.head.updated_at = take.head.published_at or read.head.updated_at
    counts = [take.wire.word_count for take in takes]
    read.wire.word_count = sum(count or 0 for count in counts) if all(counts) else None
    paragraphs = read.paragraphs or _without_body(read.head)
    read.wire.ednote = "\n".join(read.notes) or None
    read.wire.provider = read.head.publisher
    read.wire.slugline = read.head.code
    read.head.wire = read.wire
    article = read_text(
        "\n\n".join(paragraphs), has_head=False, head=read.head, format="anpa-1312", warnings=read.warnings
    )
    return Parsed(MEDIA_TYPE, article)


def _header(header: str, read: _Read) -> None:
    """Read the keyword of the last line, ``bc-Harbor Strike``, up to the first comma or date, and its codes."""
    lines = [line for line in re.split(r"[\r\n]+", header) if line.strip()]
    if len(lines) < 2:
        return
    if codes := _FIELDS.match(lines[-1]):
        read.wire.priority, read.wire.category = codes[1].lower(), codes[2].lower()
    read.table = "\x14\x12" in lines[-1]
    keyword = re.split(r"[\x11-\x14]", lines[-1])[-1]
    keyword = re.split(r",|\s\d\d?-\d\d?\b", _CONTROLS.sub(" ", keyword))[0].strip()
    if _SLUG.search(keyword):
        read.head.code = keyword


def _stamp(head: Head, trailer: str) -> None:
    """Read ``AP-ES-03-10-12 0911EST``: the agency, then month, day, year, time, zone."""
    found = _SENT.search(trailer)
    if not found:
        return
    if head.publisher is None and (agency := re.search(r"\b(AP|UPI|CP)-", trailer)):
        head.publisher = agency[1]
    month, day, year, hour, minute, zone = found.groups()
    year = year if len(year) == 4 else ("19" if int(year) > 69 else "20") + year
    offset = _OFFSETS.get((zone or "").upper(), "")
    stamp = read_stamp(f"{year}-{int(month):02}-{int(day):02}T{hour}:{minute}:00{offset}")
    if stamp:
        head.published_at, head.published_zone = stamp.instant, stamp.zone
        if zone and stamp.zone:
            head.published_zone = zone.upper()


def _split(text: str) -> tuple[list[str], list[str]]:
    """Return the lines set apart before the text, each whole, and the lines of the text.

    A line set apart begins with ``^`` and ends with ``<`` or ``=``; one without an end may continue, see `_runs_on`.
    """
    lines = [_CONTROLS.sub("", line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    apart: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if line.startswith("^"):
            end = at if line.endswith(_ENDS) else _runs_on(lines, at)
            apart.append(_bare(" ".join([line.lstrip("^"), *(each.strip() for each in lines[at:end])])))
            at = end
        elif line:
            return apart, lines[at - 1 :]
    return apart, []


def _runs_on(lines: Sequence[str], start: int) -> int:
    """Return where the line set apart before ``start`` ends: after the next ``<`` or ``=``, or at the next ``^``.

    If a blank line, an indented one or the end of the story comes first, the line was not closed, and the text follows
    it: ``^Dockers end`` / ``long strike<`` is one line, ``^Dockers end long strike`` / ``The cranes …`` is two.
    """
    for at in range(start, len(lines)):
        line = lines[at]
        if line.startswith("^"):
            return at
        if not line.strip() or line[0] in " \t":
            return start
        if line.rstrip().endswith(_ENDS):
            return at + 1
    return start


def _bare(line: str) -> str:
    return line.rstrip("<=@ ").strip()


def _paragraphs(lines: list[str], read: _Read) -> list[str]:
    """Return the running text. An indented line begins a paragraph, ``<`` ends one; quotation marks and dashes are put
    right."""
    found: list[str] = []
    current: list[str] = []

    def close() -> None:
        if current:
            found.append(" ".join(current))
            current.clear()

    for raw in lines:
        line = raw.replace("``", "“").replace("''", "”").replace("`", "‘")
        text = _bare(line.strip().lstrip("^"))
        if line.lstrip().startswith("^") and text.upper() == "END":
            continue
        if not text or _RULE.fullmatch(text):
            close()
            continue
        if line.startswith(("\t", " ", "^")):
            close()
        current.append(text)
        if line.rstrip().endswith("<"):
            close()
    close()
    if found and _SENT.search(found[-1]) and len(found[-1]) < 40:
        signoff = found.pop()
        if read.head.published_at is None:
            _stamp(read.head, signoff)
    return [re.sub(r"(\)|[A-Z]{3}) _ ", r"\1 — ", part, count=1) for part in found]


def _set_apart(line: str, read: _Read) -> None:
    """Read the head. Its lines come in this order: keyword line, headline, notes, summary, bylines, roles of the
    writers."""
    head, wire = read.head, read.wire
    line = line.removeprefix("HL:").strip()
    if re.match(r"by\s", line, re.IGNORECASE):
        if _AGENCY.fullmatch(line[3:].strip()):
            head.publisher = head.publisher or _name(line[3:].strip())
        else:
            head.byline += read_byline(line)
    elif is_end_mark(line):
        return
    elif _AGENCY.fullmatch(line):
        head.publisher = head.publisher or _name(line)
    elif note := _EDITORS.match(line):
        read.notes.append(line[note.end() :])
    elif _NOTE.match(line):
        wire.signals.append(line)
    elif (keywords := _KEYWORDS.fullmatch(line)) and (keywords["words"] or line.endswith(",") or _is_cycle(line)):
        if wire.word_count is None and head.title is None:
            head.code, wire.word_count = keywords["slug"].strip(), number((keywords["words"] or "").lstrip("0"))
        else:
            head.title = head.title or line
    elif _ROLE.search(line) and head.byline:
        for author in head.byline:
            author.role = author.role or line
    elif is_agency(line):
        head.publisher = head.publisher or line
    elif head.title is None and line and len(line) <= _HEADLINE:
        head.title = line
    elif head.deck is None and line:
        head.deck = line
    elif line:
        read.rest.append(line)


def _without_body(head: Head) -> list[str]:
    """Return the text of a story whose lines are all set apart: its summary, or its headline if it is a flash."""
    if head.deck is not None:
        said, head.deck = head.deck, None
        return [said]
    return [head.title] if head.title else []


def _is_cycle(line: str) -> bool:
    return re.match(r"(?:BC|[AP]M)-\S", line, re.IGNORECASE) is not None


def _name(agency: str) -> str:
    return _NAMES.get(agency.lower(), agency if agency[:1].isupper() and not agency.isupper() else agency.title())


PARSER = Parser("anpa-1312", (MEDIA_TYPE,), sniff, parse, isolated=True, version=4)
