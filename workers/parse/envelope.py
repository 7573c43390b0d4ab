"""The JSON envelope: ``{"text" | "html", "title"?, "url"?, "publisher"?, "published_at"?, ...}``."""

from __future__ import annotations

import json
from typing import Any

from services.records import Article
from workers.parse import html
from workers.parse import warnings as warn
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.byline import read_byline
from workers.parse.compose import Head
from workers.parse.dates import read_stamp
from workers.parse.encoding import decode
from workers.parse.newstext import read_text
from workers.parse.sniff import opening

_FORMAT = "json"


def sniff(source: Source) -> float:
    """One JSON object with a string under ``text`` or ``html``."""
    if not opening(source).startswith(b"{"):
        return 0.0
    found = _load(source)[0]
    return 0.8 if found and any(isinstance(found.get(name), str) for name in ("text", "html")) else 0.0


def parse(source: Source) -> Parsed:
    """Raises ParseError ``empty`` where neither ``text`` nor ``html`` says anything."""
    found, warnings = _load(source)
    known, more = _head(found or {})
    for field in ("html", "text"):
        content = (found or {}).get(field)
        if isinstance(content, str) and content.strip():
            return Parsed("application/json", _article(field, content, known, [*warnings, *more]))
    raise ParseError("empty", "Neither `text` nor `html` says anything.")


def _article(field: str, content: str, known: Head, warnings: list[str]) -> Article:
    if field == "html":
        return html.read_html(content, head=known, format=_FORMAT, warnings=warnings)
    return read_text(content, has_head=known.title is None, head=known, format=_FORMAT, warnings=warnings)


def _head(found: dict[str, Any]) -> tuple[Head, list[str]]:
    def said(*names: str) -> str | None:
        values = (found.get(name) for name in names)
        return next((value for value in values if isinstance(value, str) and value.strip()), None)

    stamp = read_stamp(said("published_at", "date") or "")
    updated = read_stamp(said("updated_at") or "")
    head = Head(
        code=said("code"),
        title=said("title", "headline"),
        deck=said("deck", "subtitle"),
        byline=read_byline(said("byline", "author") or ""),
        published_at=stamp.instant if stamp else None,
        published_zone=stamp.zone if stamp else None,
        updated_at=updated.instant if updated else None,
        publisher=said("publisher"),
        url=said("url"),
        language=said("language"),
    )
    return head, [warn.DATE_AMBIGUOUS] if stamp and stamp.ambiguous else []


def _load(source: Source) -> tuple[dict[str, Any] | None, list[str]]:
    text, warnings = decode(source.data)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None, warnings
    return (found if isinstance(found, dict) else None), warnings


PARSER = Parser("json", ("application/json",), sniff, parse)
