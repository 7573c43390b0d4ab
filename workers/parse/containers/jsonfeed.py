"""JSON Feed 1.0 and 1.1, and lists of articles in JSON, bare or in the answer of a news API: each item a document."""

from __future__ import annotations

import json
import re
from typing import Any

from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.containers.wordpress import is_rest
from workers.parse.encoding import decode
from workers.parse.members import ENVELOPE, Collector, envelope
from workers.parse.sniff import opening
from workers.parse.wire.fields import holds_article, known
from workers.parse.wire.items import Item, dicts, said, words

MEDIA_TYPE = "application/feed+json"

_VERSION = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\\?/')
_LISTS = (
    "articles",
    "data",
    "items",
    "results",
    "docs",
    "documents",
    "hits",
    "news",
    "stories",
    "posts",
    "entries",
    "value",
)
"""Names under which the answers of news APIs have their articles."""
_ANSWER = re.compile(rb'"(?:%s)"\s*:\s*\[\s*\{' % "|".join(_LISTS).encode())
_HOLDERS = ("response", "result", "data")  # an object around the list: ``{"response": {"results": [...]}}``
_HEAD = 8192  # bytes; an answer's list begins there
_SNIFFED = 5  # items
_KINDS = {"image": "picture", "video": "video", "audio": "audio"}


def sniff(source: Source) -> float:
    """Return how sure it is: a feed states its version; the first items of a list have the fields of articles."""
    start = opening(source, 64)
    if start.startswith(b"{"):
        if b"jsonfeed.org" in source.data and _VERSION.search(source.data):
            return 0.97
        return 0.9 if _ANSWER.search(source.data[:_HEAD]) and _listed(_load(source)) else 0.0
    if not re.match(rb"\[\s*\{", start):
        return 0.0
    found = _load(source)
    first = found[:_SNIFFED] if isinstance(found, list) else []
    return 0.93 if first and all(map(_is_article, first)) else 0.0


def parse(source: Source) -> Parsed:
    """Read the items of a feed. Raises ParseError ``corrupt`` for broken JSON, ``empty`` if there is no item."""
    found = _load(source)
    if found is None:
        raise ParseError("corrupt", "The JSON is broken.")
    members = Collector(source.limits, len(source.data))
    listed = found if isinstance(found, list) else [] if _VERSION.search(source.data) else _listed(found)
    if listed or isinstance(found, list):
        for number, item in enumerate(listed, 1):
            url = said(item.get("url")) or said(item.get("link")) if isinstance(item, dict) else ""
            data = json.dumps(item, ensure_ascii=False).encode("utf-8", "replace")
            members.add(f"item-{number}", data, ENVELOPE, url if url.startswith("http") else None)
        return Parsed("application/json", members=members.result())
    for number, item in enumerate(dicts(found.get("items")), 1):
        document = _document(item, found)
        if document["html"] or document["text"] or document["title"]:
            members.add(f"item-{number}", envelope(**document), ENVELOPE, document["url"] or None)
    return Parsed(MEDIA_TYPE, members=members.result())


def _load(source: Source) -> Any:
    try:
        return json.loads(decode(source.data)[0], strict=False)
    except (ValueError, RecursionError):
        return None


def _listed(found: Any) -> list[Any]:
    """Return the articles in the answer of an API; [] if it is not such an answer, or is an article itself."""
    if not isinstance(found, dict) or holds_article(known(found)):
        return []
    inner = [found[name] for name in _HOLDERS if isinstance(found.get(name), dict)]
    for answer in (found, *inner):
        for name in _LISTS:
            items = answer.get(name)
            if isinstance(items, list) and items and all(map(_is_article, items[:_SNIFFED])):
                return items
    return []


def _is_article(item: Any) -> bool:
    if not isinstance(item, dict) or is_rest(item):
        return isinstance(item, dict)
    names = known(item)
    return holds_article(names) and any(said(item.get(names.get(field))) for field in ("text", "html"))


def _document(item: Item, feed: Item) -> Item:
    """Return the item as an envelope. One that names no author has the feed's."""
    html, text, summary = (said(item.get(key)) for key in ("content_html", "content_text", "summary"))
    urls = [url for key in ("url", "external_url", "id") if (url := said(item.get(key))).startswith("http")]
    media = [{"kind": "picture", "url": said(item.get("image")) or said(item.get("banner_image"))}]
    for each in dicts(item.get("attachments")):
        kind = _KINDS.get(said(each.get("mime_type")).partition("/")[0], "item")
        media.append({"kind": kind, "url": said(each.get("url")), "title": said(each.get("title"))})
    id = item.get("id")
    wire = {
        "guid": str(id) if isinstance(id, int) else said(id),
        "provider": said(feed.get("title")),
        "keywords": words(item.get("tags")),
        "associations": [one for one in media if one["url"]],
    }
    return {
        "title": said(item.get("title")),
        "deck": summary if html or text else "",
        "html": html,
        "whole": bool(html),
        "text": "" if html else text or summary,
        "url": urls[0] if urls else "",
        "byline": ", ".join(_authors(item) or _authors(feed)),
        "published_at": said(item.get("date_published")),
        "updated_at": said(item.get("date_modified")),
        "publisher": said(feed.get("title")),
        "language": said(item.get("language")) or said(feed.get("language")),
        "wire": {key: value for key, value in wire.items() if value},
    }


def _authors(said_by: Item) -> list[str]:
    """Return the names in ``authors`` (version 1.1) or ``author`` (version 1)."""
    given = dicts(said_by.get("authors")) or dicts([said_by.get("author")])
    return [name for author in given if (name := said(author.get("name")))]


PARSER = Parser("json-feed", (MEDIA_TYPE,), sniff, parse, isolated=True, version=2)
