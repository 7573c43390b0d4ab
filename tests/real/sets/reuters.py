"""Score 8,000 stories of 1987 (Reuters-21578), read from the collection's files, and again as wire text.

``reuters.got`` is the share of the stories in the files that are read with a title or a text. The other figures are for
the stories that have a title, a dateline and a body, as an agency sends them: the title, a blank line, then the
indented body with the dateline before its first words. A dateline is right if its words and its first place are; title
and body are right if they are equal except for white space and the sign-off, with hyphens at line ends kept. The notes
judge the files in the same way, and the date to the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.records import Article
from tests.real.pages import plain
from tests.real.reading import in_processes
from tests.real.reuters import FOLDER, Story, stories
from tests.real.scored import Scored, digest_of, sample_of
from workers.parse.base import ParseError, Source
from workers.parse.isolate import read
from workers.parse.registry import choose

NAME = "reuters"
IN_SAMPLE = 200
_SIGN_OFF = re.compile(r"\s*\b(?:reuters?|more)\s*$", re.IGNORECASE)  # ``more``: another take follows
_BREAK = re.compile(r"(?<=[a-z])- (?=[a-z])")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_FIELDS = ("dateline", "title", "body")


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a story was read from its file, and which fields are right: from the file, and as wire text."""

    name: str
    got: bool
    in_file: frozenset[str]
    as_text: frozenset[str] | None
    misses: tuple[str, ...] = ()


def as_wire_text(story: Story) -> bytes:
    """Return the story as plain text, laid out as an agency sends it."""
    body = _CONTROL.sub("", story.body).rstrip()
    return f"{plain(story.title)}\n\n    {story.dateline.strip()} {body.lstrip()}\n".encode()


def body_of(text: str) -> str:
    """Return a body without its sign-off, with single spaces; a compound that was broken after its hyphen is joined."""
    return _BREAK.sub("-", _SIGN_OFF.sub("", plain(_CONTROL.sub("", text))))


def right_fields(story: Story, article: Article | None) -> frozenset[str]:
    """Return the fields of the article that are the same as in the story."""
    if article is None:
        return frozenset()
    dateline, found = plain(story.dateline).rstrip(" -"), set()
    text = article.text
    if article.dateline is not None:
        text = text[article.dateline.end :]
        same = plain(article.dateline.text).rstrip(" -—–") == dateline
        if same and _place(dateline) == _place(next(iter(article.dateline.places), "")):
            found.add("dateline")
    if plain(article.title) == plain(story.title):
        found.add("title")
    if body_of(text).lstrip(" -—–") == body_of(story.body).lstrip(" -"):
        found.add("body")
    at = article.published_at
    if at is not None and at.replace(microsecond=0) == _date(story.date):
        found.add("date")
    return frozenset(found)


def _place(words: str) -> str:
    return re.split(r"[,/]", words)[0].strip().casefold()


def _date(words: str) -> datetime | None:
    try:
        return datetime.strptime(words.strip().split(".")[0], "%d-%b-%Y %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _read(data: bytes, declared: str | None) -> Article | None:
    source = Source(data, declared)
    try:
        return read(choose(source), source).article
    except ParseError:
        return None


def judge(story: Story) -> Judged:
    """Read one story from its element, and as wire text if it has all three fields."""
    article = _read(story.data, "text/x-reuters-sgml")
    got = article is not None and bool(article.title or article.text)
    in_file = right_fields(story, article)
    if not all((story.title.strip(), story.dateline.strip(), story.body.strip())):
        return Judged(story.name, got, in_file, None)
    text = _read(as_wire_text(story), "text/plain")
    as_text = right_fields(story, text)
    misses = []
    for field in _FIELDS:
        if field not in as_text:
            misses.append(f"{field} {story.name}: {_shown(text, field)}, not {plain(getattr(story, field))[:120]!r}")
    return Judged(story.name, got, in_file, as_text, tuple(misses))


def _shown(article: Article | None, field: str) -> str:
    if article is None:
        return "refused"
    if field == "dateline":
        return repr((article.dateline.text, article.dateline.places)) if article.dateline else "none"
    return repr(article.title if field == "title" else plain(article.text)[:160])


def _share(hits: Iterable[bool]) -> float:
    listed = list(hits)
    return round(sum(listed) / max(1, len(listed)), 3)


def _members(path: Path) -> set[str]:
    source = Source(path.read_bytes(), None, path.name)
    return {member.path for member in read(choose(source), source).members}


def score(root: Path, *, sample: bool) -> Scored:
    """Split the files into stories, read each from there and as wire text, and compare it with what the file says."""
    paths = sorted((root / FOLDER).glob("*.sgm"))
    known = list(stories(root).values())
    chosen = sample_of(known, IN_SAMPLE) if sample else known
    members = {name for names in map(_members, paths) for name in names}
    judged = list(in_processes(judge, chosen))
    texts = [each.as_text for each in judged if each.as_text is not None]
    whole = [each.in_file for each in judged if each.as_text is not None]
    figures = {"reuters.got": _share(each.got and each.name in members for each in judged)}
    figures |= {f"reuters.{field}": _share(field in right for right in texts) for field in _FIELDS}
    shares = ", ".join(f"{field} {_share(field in right for right in whole):.3f}" for field in (*_FIELDS, "date"))
    notes = [
        f"read from the files: {shares}",
        f"{len(texts)} of the {len(judged)} stories have all of title, dateline and body",
    ]
    misses = [line for each in judged for line in each.misses]
    return Scored(figures, size=len(judged), digest=digest_of(paths), notes=notes, misses=misses)
