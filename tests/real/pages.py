"""Read web pages here, in the process that measures, with Copydesk and with the other extractors.

The parser is called without its child process, as the others are, so that the CPU time of both can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from time import process_time

from services.records import Article
from tests.quality.parse.baselines import READERS, Found
from tests.quality.parse.score import offset
from workers.parse.base import ParseError, Source
from workers.parse.isolate import read
from workers.parse.registry import choose

OURS = "copydesk"
_BETWEEN_AUTHORS = re.compile(r"\s*(?:[,;|/]|\s&\s|\sand\s)\s*")
_DEGREE = re.compile(r"(?:[A-Z][A-Za-z]{0,3}\.?){1,3}|(?:Jr|Sr)\.?")
"""``MS``, ``Ph.D.``, ``FAND``: what follows a name after a comma and is not a name. It also matches ``Li`` beside
``Ana``."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page by its name, what each extractor found in it, and the CPU seconds that each took."""

    name: str
    found: dict[str, Found]
    seconds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and the extractors that read it."""

    name: str
    data: bytes
    extractors: tuple[str, ...]


def extractors(sample: bool) -> tuple[str, ...]:
    """Return Copydesk and the baselines; only Copydesk for a sample, which is only compared with its floors."""
    return (OURS,) if sample else (OURS, *READERS)


def see(page: Page) -> Seen:
    """Read one page with each of its extractors."""
    found, seconds = {}, {}
    for name in page.extractors:
        began = process_time()
        found[name] = (read_page if name == OURS else READERS[name])(page.data)
        seconds[name] = process_time() - began
    return Seen(page.name, found, seconds)


def read_page(data: bytes) -> Found:
    """Return what Copydesk finds; nothing if it refuses the page."""
    source = Source(data, "text/html")
    try:
        article = read(choose(source), source).article
    except ParseError:
        return Found()
    if article is None:
        return Found()
    authors = tuple(author.name for author in article.byline)
    return Found(article.text, article.title, authors, local_day(article), article.published_at)


def local_day(article: Article) -> date | None:
    """Return the local day of publication, as far as the document names its zone."""
    at = article.published_at
    if at is None:
        return None
    shift = offset(article.published_zone, at)
    return (at if shift is None or isinstance(shift, str) else at + shift).date()


def plain(text: str | None) -> str:
    """Return ``text`` with single spaces."""
    return " ".join((text or "").split())


def names(stated: Iterable[str]) -> set[str]:
    """Return the names of people in lower case, one by one even if a string has several, without degrees after a
    name."""
    found = set()
    for one in stated:
        first, *rest = [part for part in _BETWEEN_AUTHORS.split(plain(one)) if part] or [""]
        found |= {first, *(part for part in rest if not _DEGREE.fullmatch(part))}
    return {name.casefold() for name in found if name}
