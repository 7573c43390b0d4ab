"""The JSON envelope: ``{"text" | "html", "title"?, "url"?, "publisher"?, "published_at"?, ...}``.

Its fields may go by other names too (``body``, ``headline``, ``author``): see ``fields.FIELDS``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import ValidationError

from services.records import Article, Wire
from workers.parse.article.compose import Head, Piece, compose
from workers.parse.article.newstext import read_text
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.containers.wordpress import is_rest, of_rest, plain
from workers.parse.encoding import decode
from workers.parse.sniff import opening
from workers.parse.web import markup, page
from workers.parse.wire.fields import holds_article, known, read_head

_FORMAT = "json"
_BODIES = ("html", "text")
_MARKED_UP = re.compile(r"\s*<(p|div|article|html|!doctype|h1|span)\b", re.IGNORECASE)


def sniff(source: Source) -> float:
    """Return how sure it is: one JSON object with a string under ``text`` or ``html``, or under other names for an
    article's fields."""
    if not opening(source).startswith(b"{"):
        return 0.0
    found = _load(source)[0] or {}
    if any(isinstance(found.get(name), str) for name in _BODIES):
        return 0.8
    names = known(found)
    bodies = [found[names[name]] for name in _BODIES if name in names]
    return 0.6 if holds_article(names) and any(isinstance(body, str) for body in bodies) else 0.0


def parse(source: Source) -> Parsed:
    """Read the envelope. Raises ParseError ``empty`` if neither ``text`` nor ``html`` has any content."""
    found, warnings = _load(source)
    fields = {field: (found or {})[name] for field, name in known(found or {}).items()}
    head, more = read_head(fields)
    head.wire = _wire((found or {}).get("wire"))
    for field in _BODIES:
        content = fields.get(field)
        if isinstance(content, str) and content.strip():
            whole = (found or {}).get("whole") is True
            return Parsed("application/json", _article(field, content, head, [*warnings, *more], whole))
    raise ParseError("empty", "Neither `text` nor `html` says anything.")


def _article(field: str, content: str, known: Head, warnings: list[str], whole: bool) -> Article:
    """Return the article. ``whole`` means that the HTML is the article and nothing else, as in a feed."""
    if whole and field == "html":
        pieces = markup.pieces(markup.read_html(content))
        return compose([*pieces, *_captions(known, content)], known, format=_FORMAT, warnings=warnings)
    if field == "html" or _MARKED_UP.match(content):
        return page.read_html(content, head=known, format=_FORMAT, warnings=warnings)
    return read_text(content, has_head=known.title is None, head=known, format=_FORMAT, warnings=warnings)


def _captions(known: Head, content: str) -> list[Piece]:
    """Return captions of the pictures sent with the article, except pictures that the article itself shows."""
    shown = plain(content)
    said = [one.caption for one in (known.wire.associations if known.wire else []) if one.caption]
    return [Piece("caption", caption) for caption in dict.fromkeys(said) if plain(caption) not in shown]


def _wire(said: Any) -> Wire | None:
    """Return what a provider says about the item, in the record's form; anything else is left out."""
    if not isinstance(said, dict):
        return None
    try:
        return Wire.model_validate(said)
    except ValidationError:
        return None


def _load(source: Source) -> tuple[dict[str, Any] | None, list[str]]:
    text, warnings = decode(source.data)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None, warnings
    if is_rest(found):
        found = of_rest(found)
    return (found if isinstance(found, dict) else None), warnings


PARSER = Parser("json", ("application/json",), sniff, parse, version=3)
