"""Read Reuters-21578, the SGML collection of 1987: each REUTERS element is a document.

The fields are explained in the collection's readme, version 1.3.
"""

from __future__ import annotations

import html
import re

from services.records import Coded, Wire
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head, Piece, compose
from workers.parse.article.dates import read_stamp
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.members import Collector
from workers.parse.wire.coded import distinct

MEDIA_TYPE = "text/x-reuters-sgml"

_STORY = re.compile(rb"<REUTERS\b[^>]*>.*?</REUTERS>", re.DOTALL)
_NEWID = re.compile(rb'NEWID="(\d+)"')
_INDENT = re.compile(r"\n[ \t]{2,}|\n\s*\n")  # a paragraph's first line is indented
_SUBJECTS = {
    "TOPICS": "reuters topic", "PEOPLE": "reuters person", "ORGS": "reuters organisation", "EXCHANGES": "reuters exchange",
    "COMPANIES": "reuters company",
}  # fmt: skip
"""The collection's vocabularies, by the tag of their element; each is a scheme of its own."""
_ROUTING = re.compile(
    r"^\s*(?P<priority>[a-z]) (?P<category>[a-z]) (?P<slug>\S.*?)\s+\d\d-\d\d(?:\s+\d{1,5})?\s*$", re.MULTILINE
)
"""``u f BC-HARBOR-STRIKE   03-03 0101``: the line of the teletype header that names the story."""
_CLOSE = re.compile(r"\s*(?:REUTERS?)?\s*[\x00-\x1f]*\s*$", re.IGNORECASE)


def sniff(source: Source) -> float:
    head = source.data[:512]
    return 0.97 if (b"<REUTERS " in head and b"TOPICS=" in head) or b'"lewis.dtd"' in head else 0.0


def parse(source: Source) -> Parsed:
    stories = _STORY.findall(source.data)
    if not stories:
        raise ParseError("corrupt", "There is no whole <REUTERS> element.")
    if len(stories) == 1:
        return _story(stories[0])
    found = Collector(source.limits, len(source.data))
    for number, story in enumerate(stories, 1):
        newid = _NEWID.search(story[:500])
        found.add(f"reuters-{newid[1].decode() if newid else number}", story, MEDIA_TYPE)
    return Parsed(MEDIA_TYPE, members=found.result())


def _story(data: bytes) -> Parsed:
    text, warnings = decode(data)
    stamp = read_stamp(_field(text, "DATE").partition(".")[0])
    body = _field(text, "BODY") or _unprocessed(text)
    dateline = " ".join(_field(text, "DATELINE").split())
    if dateline:
        body = f"{dateline.rstrip(' -')} - {body.lstrip()}"
    newid = re.search(r'NEWID="(\d+)"', text[:500])
    head = Head(
        code=newid[1] if newid else None,
        title=" ".join(_field(text, "TITLE").split()) or None,
        byline=read_byline(" ".join(_field(text, "AUTHOR").split()).rstrip(",")) if _field(text, "AUTHOR") else [],
        published_at=stamp.instant if stamp else None,
        published_zone=stamp.zone if stamp else None,
        publisher="Reuters",
        wire=_wire(text),
    )
    pieces = [Piece("paragraph", paragraph) for paragraph in _INDENT.split(_CLOSE.sub("", body))]
    article = compose(pieces, head, format="reuters-21578", warnings=warnings)
    return Parsed(MEDIA_TYPE, article)


def _wire(text: str) -> Wire:
    """Return what the indexers and the teletype header say about the story. MKNOTE has notes of the collection, not of
    Reuters."""
    routing = _ROUTING.search(_field(text, "UNKNOWN"))
    subjects = [Coded(scheme=scheme, code=code) for tag, scheme in _SUBJECTS.items() for code in _codes(text, tag)]
    return Wire(
        provider="Reuters",
        priority=routing["priority"] if routing else None,
        category=routing["category"] if routing else None,
        slugline=routing["slug"] if routing else None,
        subjects=distinct(subjects),
        places=distinct([Coded(scheme="reuters place", code=code) for code in _codes(text, "PLACES")]),
    )


def _codes(text: str, tag: str) -> list[str]:
    return [code.strip() for code in re.findall(r"<D>(.*?)</D>", _field(text, tag), re.DOTALL) if code.strip()]


def _field(text: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return html.unescape(_controls(found[1])) if found else ""


def _unprocessed(text: str) -> str:
    """Return the body; in TYPE="UNPROC" and "BRIEF" the text is directly in TEXT, without BODY."""
    found = re.search(r"<TEXT\b[^>]*>(.*?)</TEXT>", text, re.DOTALL)
    if not found:
        return ""
    inner = re.sub(r"<(TITLE|DATELINE|AUTHOR)>.*?</\1>", "", found[1], flags=re.DOTALL)
    return html.unescape(_controls(re.sub(r"<[^<>]*>", "", inner)))


def _controls(text: str) -> str:
    """Remove teletype control characters, which are written as references: ``&#2;``, ``&#3;``, ``&#22;``,
    ``&#127;``."""
    return re.sub(r"&#(?:\d|[12]\d|3[01]|127);", "", text)


PARSER = Parser("reuters-21578", (MEDIA_TYPE,), sniff, parse, isolated=True, version=2)
