"""ninjs, IPTC's news in JSON: versions 1 (``headline``, ``body_text``) to 3 (``headlines``, ``bodies``)."""

from __future__ import annotations

import json
import re
from typing import Any

from services.records import Byline
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head, Piece, compose
from workers.parse.article.dates import read_stamp
from workers.parse.article.newstext import read_text
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.web import markup

MEDIA_TYPE = "application/ninjs+json"

_URI = re.compile(r'"uri"\s*:')
_OWN = re.compile(
    r'"(versioncreated|versionCreated|body_x?html|body_text|bodies|headlines|pubstatus|pubStatus|representationtype|'
    r'copyrightholder|usageterms|located|associations)"\s*:'
)


def sniff(source: Source) -> float:
    start = source.data[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    if not start.startswith(b"{"):
        return 0.0
    text = source.data.decode("utf-8", "replace")
    return 0.95 if _URI.search(text) and len(set(_OWN.findall(text))) >= 2 else 0.0


def parse(source: Source) -> Parsed:
    text, warnings = decode(source.data)
    try:
        item = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError("corrupt", f"The JSON is broken: {error}.") from None
    if not isinstance(item, dict):
        raise ParseError("corrupt", "The JSON is no object.")
    head = _head(item)
    plain, html = _bodies(item)
    if html:
        pieces = markup.pieces(markup.read_html(html))
        if pieces and head.title and pieces[0].text.casefold() == head.title.casefold():
            del pieces[0]
        article = compose([*pieces, *_captions(item)], head, format="ninjs", warnings=warnings)
    elif plain:
        article = read_text(plain, has_head=False, head=head, format="ninjs", warnings=warnings, after=_captions(item))
    elif captions := _captions(item):
        article = compose(captions, head, format="ninjs", warnings=warnings)
    else:
        raise ParseError("empty", "The item has no body.")
    return Parsed(MEDIA_TYPE, article)


def _head(item: dict[str, Any]) -> Head:
    head = Head(
        code=_text(item.get("slugline")) or None,
        title=_text(item.get("headline")) or _value(item.get("headlines"), ("main", "headline", "")) or None,
        deck=_value(item.get("headlines"), ("sub", "subheadline", "deck")) or None,
        byline=_bylines(item),
        publisher=_publisher(item),
        url=next((url for url in (_text(item.get("uri")), _text(item.get("url"))) if url.startswith("http")), None),
        language=_text(item.get("language")) or None,
    )
    for key in ("firstcreated", "firstCreated", "contentcreated", "contentCreated", "versioncreated", "versionCreated"):
        stamp = read_stamp(_text(item.get(key))) if _text(item.get(key)) else None
        if stamp and head.published_at is None:
            head.published_at, head.published_zone = stamp.instant, stamp.zone
        elif stamp and key.startswith("version") and head.published_at and stamp.instant > head.published_at:
            head.updated_at = stamp.instant
    return head


def _bodies(item: dict[str, Any]) -> tuple[str, str]:
    """The plain text and the HTML of the item; of version 2's ``bodies`` the main one."""
    plain, html = _text(item.get("body_text")), _text(item.get("body_xhtml")) or _text(item.get("body_html"))
    for body in _dicts(item.get("bodies")):
        kind = _text(body.get("contenttype") or body.get("contentType")).lower()
        value = _text(body.get("value"))
        if "html" in kind or re.match(r"\s*<(p|div|html|article|section|h\d)\b", value, re.IGNORECASE):
            html = html or value
        else:
            plain = plain or value
    return plain, html


def _captions(item: dict[str, Any]) -> list[Piece]:
    """Captions of the pictures that come with the item."""
    associated = item.get("associations") or {}
    found = list(associated.values()) if isinstance(associated, dict) else _dicts(associated)
    pieces = []
    for picture in found:
        if isinstance(picture, dict) and picture.get("type") in ("picture", "graphic", "video"):
            text = _text(picture.get("description_text")) or _text(picture.get("body_text"))
            text = text or _value(picture.get("descriptions"), ("caption", "main", "", "summary"))
            if text:
                pieces.append(Piece("caption", text))
    return pieces


def _bylines(item: dict[str, Any]) -> list[Byline]:
    written = _text(item.get("byline")) or _text(item.get("by"))
    if written and (found := read_byline(written)):
        return found
    people = _dicts(item.get("people")) + _dicts(item.get("infosources")) + _dicts(item.get("infoSources"))
    return [
        Byline(name=_text(person.get("name")))
        for person in people
        if _text(person.get("rel") or person.get("role")).lower() in ("author", "creator", "byline", "writer")
        and _text(person.get("name"))
    ]


def _publisher(item: dict[str, Any]) -> str | None:
    for key in ("source", "provider", "copyrightholder", "copyrightHolder"):
        value = item.get(key)
        name = _text(value.get("name")) if isinstance(value, dict) else _text(value)
        if name:
            return name
    for key in ("infosources", "infoSources", "organisations"):
        for found in _dicts(item.get(key)):
            if _text(found.get("role") or found.get("rel")).lower() in ("publisher", "provider", "source", "agency"):
                return _text(found.get("name")) or None
    return None


def _value(values: Any, roles: tuple[str, ...]) -> str:
    """The first value whose role is one of ``roles``, in their order; a missing role is an empty one."""
    for role in roles:
        for value in _dicts(values):
            if _text(value.get("role")).lower().rpartition(":")[2] == role:
                return _text(value.get("value"))
    return ""


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


PARSER = Parser("ninjs", (MEDIA_TYPE,), sniff, parse, isolated=True)
