"""Split a feed into its entries and leave out known ones. The workers read what the entries say.

Entries are cut out of the original bytes, so the stored feed is the publisher's own without the entries that were
stored before, and its parser reads the rest as it would in the whole feed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urljoin
from xml.parsers import expat

Doc = dict[str, Any]
_ROOTS = ("rss", "feed", "rdf")
_ENTRIES = ("item", "entry")
_IDS = ("guid", "id")
_DATES = ("updated", "modified", "pubdate", "published", "date")
_TEXTS = ("title", "description", "summary", "content", "encoded", "body", *_DATES)
_MARK = 16
"""Hexadecimal digits of SHA-256 that distinguish entries, and versions of an entry: 64 bits."""


class NoFeed(ValueError):
    """The bytes are not a feed; the message is one line."""


class Broken(ValueError):
    """It is a feed, but one that cannot be split."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: ``key`` identifies it, and ``print`` changes when its title, text or date does."""

    key: str
    print: str
    id: str | None
    url: str | None
    title: str | None


class Feed(Protocol):
    """A feed that was split into entries."""

    entries: list[Entry]

    def only(self, keys: Collection[str]) -> bytes:
        """Return the feed with only these entries."""


def take_apart(data: bytes, base: str) -> Feed:
    """Split a feed that came from ``base``. Raises NoFeed, Broken."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return _Json(data, base) if head[:1] == b"{" else _Xml(data, base)


def _mark(*parts: str | None) -> str:
    return hashlib.sha256("\0".join(part or "" for part in parts).encode("utf-8", "replace")).hexdigest()[:_MARK]


def _entry(id: str | None, url: str | None, title: str | None, texts: Sequence[str]) -> Entry:
    content = _mark(*texts)
    return Entry(_mark(id or url or content), content, id, url, title)


class _Xml:
    """RSS 0.9x, 1.0 and 2.0, Atom."""

    def __init__(self, data: bytes, base: str) -> None:
        self.entries: list[Entry] = []
        self._data, self._base = data, base
        self._spans: list[tuple[int, int]] = []
        self._path: list[str] = []
        self._root = ""
        self._start = -1
        self._depth = 0  # of the entry's element
        self._said: list[tuple[str, list[str]]] = []
        self._links: list[str] = []
        if b"\0" in data[:200]:
            raise Broken("it is in UTF-16 or UTF-32")
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        try:
            self._parser.Parse(data, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            if self._root in _ROOTS:
                raise Broken(f"it is not well-formed: {error}") from None
            raise NoFeed(f"it is not a feed: {error}") from None
        finally:
            self._parser = None  # type: ignore[assignment]  # it holds this object, and this it

    def only(self, keys: Collection[str]) -> bytes:
        """Return the feed without the bytes of the other entries."""
        kept, at = bytearray(), 0
        for entry, (start, end) in zip(self.entries, self._spans, strict=True):
            if entry.key not in keys:
                kept += self._data[at:start]
                at = end
        return bytes(kept + self._data[at:])

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2].lower()
        if not self._path:
            self._root = name
            if name not in _ROOTS:
                raise NoFeed(f"it is not a feed: its root is <{tag[:50]}>")
        self._path.append(name)
        if self._start < 0 and name in _ENTRIES and len(self._path) in (2, 3):
            self._start, self._depth = self._parser.CurrentByteIndex, len(self._path)
            self._said, self._links = [], []
        elif self._start >= 0 and len(self._path) == self._depth + 1:
            self._said.append((name, []))
            if name == "link" and attributes.get("rel", "alternate") == "alternate" and attributes.get("href"):
                self._links.append(attributes["href"])

    def _text(self, text: str) -> None:
        if self._start >= 0 and len(self._path) > self._depth:
            self._said[-1][1].append(text)

    def _end(self, _: str) -> None:
        self._path.pop()
        if self._start < 0 or len(self._path) >= self._depth:
            return
        end = self._data.find(b">", self._parser.CurrentByteIndex) + 1
        self._spans.append((self._start, end))
        self._start = -1
        self.entries.append(self._made([(name, "".join(parts).strip()) for name, parts in self._said]))

    def _made(self, said: list[tuple[str, str]]) -> Entry:
        first = {name: text for name, text in reversed(said) if text}
        id = next((first[name] for name in _IDS if name in first), None)
        link = next(iter(self._links), first.get("link")) or (id if id and id.startswith(("http:", "https:")) else None)
        url = urljoin(self._base, link) if link else None
        return _entry(id, url, first.get("title"), [text for name, text in said if name in _TEXTS])


class _Json:
    """JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

    def __init__(self, data: bytes, base: str) -> None:
        try:
            self._feed = json.loads(data)
        except (ValueError, RecursionError):
            raise NoFeed("it is not a feed: broken JSON") from None
        version, items = (self._feed.get(name) for name in ("version", "items"))
        if not (isinstance(version, str) and "jsonfeed.org/version" in version and isinstance(items, list)):
            raise NoFeed("it is not a feed: JSON without the version and items of a JSON Feed")
        self._items = [item for item in items if isinstance(item, dict)]
        self.entries = [self._made(item, base) for item in self._items]

    def only(self, keys: Collection[str]) -> bytes:
        """Return the feed with only these items."""
        kept = [item for item, entry in zip(self._items, self.entries, strict=True) if entry.key in keys]
        return json.dumps({**self._feed, "items": kept}, ensure_ascii=False).encode("utf-8", "replace")

    def _made(self, item: Doc, base: str) -> Entry:
        id, url, title = (_string(item.get(name)) for name in ("id", "url", "title"))
        texts = [_string(item.get(name)) or "" for name in
                 ("title", "summary", "content_html", "content_text", "date_published", "date_modified")]  # fmt: skip
        return _entry(id, urljoin(base, url) if url else None, title, texts)


def _string(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) and value != "" else None
