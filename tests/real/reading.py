"""Run the pipeline over the texts of a set, in two processes that load the models once. The results are remembered, so
that the crash test does not read a document again.
"""

from __future__ import annotations

import multiprocessing
import re
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from time import perf_counter

from services.records import Article, Block
from workers.enrich import enrich, preload
from workers.parse import ParseError, parse

PROCESSES = 2
_LINE = re.compile(r"\S[^\n]*")
_PARAGRAPH = re.compile(r"\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")


@dataclass(frozen=True, slots=True)
class Text:
    """A document to read: either ``article``, or ``data`` for the parser with the type and name its sender states.

    ``name`` starts with the name of its set. ``published_at`` overrides what the document says.
    """

    name: str
    article: Article | None = None
    data: bytes = b""
    media_type: str | None = None
    filename: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """The result for a document. If it failed, ``article`` is None and ``error`` says where.

    ``refused`` is set if the parser refused it with a documented code, which is not a fault. ``seconds`` is what it
    took, ``characters`` the length of the document or of its text, whichever is longer.
    """

    name: str
    article: Article | None
    characters: int
    seconds: float
    error: str | None = None
    refused: bool = False


READ: dict[str, Read] = {}
"""Every document read so far by this process, by name."""


def read_all(texts: Iterable[Text]) -> list[Read]:
    """Read ``texts``, in their order."""
    found = list(in_processes(read, list(texts)))
    READ.update((each.name, each) for each in found)
    return found


def in_processes[T, R](function: Callable[[T], R], items: list[T]) -> Iterable[R]:
    """Return ``function`` of each item, in order, computed in ``PROCESSES`` processes that have loaded the models."""
    return _pool().map(function, items, chunksize=4)


@lru_cache
def _pool() -> ProcessPoolExecutor:
    """Return the processes. They are spawned, not forked, because the tests' process has threads."""
    return ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn"), preload, (frozenset({"en"}),))


def read(text: Text) -> Read:
    """Parse one document if it has bytes, then enrich it; any exception is recorded in ``error``."""
    began = perf_counter()
    article, error, refused = text.article, None, False
    try:
        article = article or parse(text.data, text.media_type, text.filename).article
        if article is not None:
            if text.published_at is not None:
                article = article.model_copy(update={"published_at": text.published_at})
            enriched = enrich(article, reference=text.published_at)
            article = enriched.article
            error = "; ".join(f"{each.stage}: {each.exception} ({each.place})" for each in enriched.failures) or None
    except ParseError as problem:
        error, refused = f"{problem.code}: {problem.message}", True
    except Exception as problem:  # any exception of a stage is a result
        error = _where(problem)
    characters = max(len(text.data), len(article.text) if article else 0)
    return Read(text.name, None if error else article, characters, perf_counter() - began, error, refused)


def _where(error: Exception) -> str:
    """Return the exception's type and message, and the last line of the project's code that it went through."""
    cause = error.__cause__ or error
    frames = [frame for frame in traceback.extract_tb(cause.__traceback__) if "/workers/" in frame.filename]
    place = f" ({frames[-1].filename.rpartition('/workers/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{error if error.__cause__ else type(error).__name__ + ': ' + str(error)}{place}"


def article_of(text: str, *, title: str | None = None, published_at: datetime | None = None) -> Article:
    """Return an article whose text is ``text``, character for character.

    Blank lines separate its paragraphs; if there is none, each line is a paragraph.
    """
    paragraph = _PARAGRAPH if "\n\n" in text else _LINE
    blocks = [Block(kind="paragraph", start=found.start(), end=found.end()) for found in paragraph.finditer(text)]
    return Article(text=text, title=title, published_at=published_at, blocks=blocks)
