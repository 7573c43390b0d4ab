"""Run other extractors on the same bytes, for comparison. One that is not installed is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import trafilatura
from trafilatura.utils import decode_file

try:
    import newspaper
except ImportError:
    newspaper = None


@dataclass(frozen=True, slots=True)
class Found:
    """What an extractor finds in a page; ``day`` is the local day of publication, ``at`` the instant, if it knows
    one."""

    text: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    day: date | None = None
    at: datetime | None = None


def _trafilatura(data: bytes) -> str:
    return trafilatura.extract(data, include_comments=False) or ""


def read_with_trafilatura(data: bytes) -> Found:
    """Return the text and the metadata of a page, from one run."""
    document = trafilatura.bare_extraction(data, include_comments=False, with_metadata=True)
    if document is None:
        return Found()
    found = document.as_dict()
    authors = tuple(name.strip() for name in (found["author"] or "").split(";") if name.strip())
    return Found(
        found["text"] or "", found["title"], authors, date.fromisoformat(found["date"]) if found["date"] else None
    )


def _article(data: bytes) -> Any:
    """Return what newspaper4k reads in a page; None if it cannot read it."""
    page = decode_file(data)  # it takes text, not bytes
    for language in (None, "en"):  # for some languages it needs extras that are too large for this comparison
        article = newspaper.Article("https://example.org/", language=language, fetch_images=False)  # no network
        article.download(input_html=page)
        try:
            article.parse()
        except ImportError:
            continue
        return article
    return None


def _newspaper(data: bytes) -> str:
    article = _article(data)
    return (article.text or "") if article else ""


def read_with_newspaper(data: bytes) -> Found:
    """Return the text and the metadata of a page; nothing if newspaper4k raises."""
    try:
        article = _article(data)
    except Exception:  # a page that it cannot read counts as one without text
        return Found()
    if article is None:
        return Found()
    return Found(
        article.text or "",
        article.title,
        tuple(article.authors or ()),
        article.publish_date.date() if article.publish_date else None,
        article.publish_date or None,
    )


EXTRACTORS: dict[str, Callable[[bytes], str]] = {"trafilatura": _trafilatura}
READERS: dict[str, Callable[[bytes], Found]] = {"trafilatura": read_with_trafilatura}
if newspaper is not None:
    EXTRACTORS["newspaper4k"] = _newspaper
    READERS["newspaper4k"] = read_with_newspaper
