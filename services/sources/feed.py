"""Fetch a feed in RSS, Atom or JSON Feed, and store its new entries or the pages that they link to.

The feed is stored without known entries, and the workers' parser makes a document of each remaining one. An entry is
identified by its id, otherwise by its link; if its title, text or date has changed, it is new.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services import outbound
from services.settings import Settings
from services.sources import entries
from services.sources.entries import Entry, Feed
from services.sources.kinds import HAUL_BYTES, Failed, Haul, Item, Trip, Wrong
from services.sources.model import Coming
from services.sources.web import Forbidden, Web

Doc = dict[str, Any]
ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
REMEMBERED = 3000
"""Minimum number of entries to remember; those that the feed has now are always remembered."""
TRIES = 3
"""After this many failed fetches of the page that an entry links to, the entry itself is stored."""
_PAGES_AT_ONCE = 10


def check(plan: Doc, settings: Settings) -> str:
    """Return the address. Raises Wrong if it may not be fetched."""
    try:
        outbound.resolve(plan["address"], outbound.of_sources(settings))
    except outbound.Refused as error:
        raise Wrong(str(error)) from None
    return str(plan["address"])


def fetch(trip: Trip) -> Iterator[Haul]:
    """Yield what is new in the feed. Raises Failed."""
    known: Doc = trip.source["cursor"]
    address = trip.source["address"]
    asked = {"Accept": ACCEPT}
    if known.get("etag"):
        asked["If-None-Match"] = known["etag"]
    if known.get("modified"):
        asked["If-Modified-Since"] = known["modified"]
    with Web(trip.settings, trip.reserve) as web:
        answer = web.get(address, asked)
        if answer.status == 304:
            yield Haul([])
            return
        stamp = {"etag": answer.headers.get("etag"), "modified": answer.headers.get("last-modified")}
        try:
            feed = entries.take_apart(answer.body, answer.url)
        except entries.NoFeed as error:
            raise Failed(f"{address}: {error}") from None
        except entries.Broken as error:
            yield _whole(trip, answer, {**known, **stamp}, str(error))
            return
        visit = _Visit(trip, feed, known, stamp, answer.headers.get("content-type", ""))
        yield from visit.pages(web) if trip.source["take"] == "page" else visit.whole()


def _whole(trip: Trip, answer: outbound.Answer, cursor: Doc, why: str) -> Haul:
    """Return the unchanged feed, because it cannot be split: the workers' parser repairs what it can."""
    problems = [f"the feed is stored as it is, because {why}"]
    item = Item(
        answer.body,
        answer.headers.get("content-type"),
        url=trip.source["address"],
        coming=[Coming(title="the whole feed")],
    )
    return Haul([item], cursor, problems=problems)


class _Visit:
    """What one answer of the feed contains: ``new`` are the entries that are not known, up to the limit."""

    def __init__(self, trip: Trip, feed: Feed, known: Doc, stamp: Doc, media_type: str) -> None:
        self._media_type = media_type if "xml" in media_type or "json" in media_type else None
        self._trip, self._feed, self._stamp = trip, feed, stamp
        self._seen: dict[str, str] = dict(known.get("seen", {}))
        self._tries: dict[str, int] = dict(known.get("tries", {}))
        unique = {entry.key: entry for entry in feed.entries}
        new = [entry for entry in unique.values() if self._seen.get(entry.key) != entry.print]
        self._new, self._left = new[: trip.limit], len(new) > trip.limit
        self._now = list(unique)

    def whole(self) -> Iterator[Haul]:
        """Yield the feed with only its new entries."""
        if self._new:
            yield Haul([self._of(self._new)], self._cursor(self._new), more=self._left)
        else:
            yield Haul([], self._cursor([]))

    def pages(self, web: Web) -> Iterator[Haul]:
        """Yield the pages that the new entries link to, a few at a time, and entries without a page unchanged. Raises
        Failed."""
        waiting = list(self._new)
        if not waiting:
            yield Haul([], self._cursor([]))
        while waiting:
            haul, done, busy = self._gather(web, waiting)
            haul.more = self._left or bool(waiting)
            haul.cursor = self._cursor(done, complete=not (haul.more or self._tries))
            yield haul
            if busy is not None:
                raise busy
            if self._trip.over:
                return

    def _gather(self, web: Web, waiting: list[Entry]) -> tuple[Haul, list[Entry], Failed | None]:
        """Take as many entries from ``waiting`` as are stored together, and fetch their pages.

        Also returns the entries that are then known, and the error of a server that asks for a later attempt.
        """
        haul = Haul([])
        done: list[Entry] = []
        plain: list[Entry] = []
        busy, size = None, 0
        while waiting and size < HAUL_BYTES and len(done) < _PAGES_AT_ONCE and not self._trip.over:
            entry = waiting[0]
            try:
                item = self._page(web, entry)
            except Failed as error:
                if error.retry_seconds:
                    busy = error
                    break
                haul.problems.append(str(error))
                self._tries[entry.key] = tries = self._tries.get(entry.key, 0) + 1
                if tries < TRIES and not error.gone:
                    waiting.pop(0)
                    continue
                item = None
            waiting.pop(0)
            done.append(entry)
            if item is None:
                plain.append(entry)
            else:
                haul.items.append(item)
                size += len(item.data)
        if plain:
            haul.items.append(self._of(plain))
        return haul, done, busy

    def _page(self, web: Web, entry: Entry) -> Item | None:
        """Return the page that an entry links to; None if it has none, or robots.txt disallows it."""
        if entry.url is None:
            return None
        try:
            answer = web.get(entry.url)
        except Forbidden:
            return None
        if not answer.body:
            return None
        return Item(
            answer.body, answer.headers.get("content-type"), url=answer.url[:4000], external_id=(entry.id or "")[:200] or None,
            coming=[Coming(title=entry.title, url=answer.url, media_type=answer.headers.get("content-type"), size_bytes=len(answer.body))],
        )  # fmt: skip

    def _of(self, some: list[Entry]) -> Item:
        data = self._feed.only({entry.key for entry in some})
        coming = [Coming(title=entry.title, url=entry.url) for entry in some]
        return Item(data, self._media_type, url=self._trip.source["address"], coming=coming)

    def _cursor(self, stored: list[Entry], *, complete: bool | None = None) -> Doc:
        """Return the cursor for when these entries are stored. The ETag is kept only if all of this answer has been
        fetched."""
        for entry in stored:
            self._seen.pop(entry.key, None)
            self._seen[entry.key] = entry.print
            self._tries.pop(entry.key, None)
        here = set(self._now)
        kept = here | set([key for key in self._seen if key not in here][-REMEMBERED:])
        self._seen = {key: print for key, print in self._seen.items() if key in kept}
        if complete is None:
            complete = not self._left
        stamp = self._stamp if complete else {"etag": None, "modified": None}
        return {**stamp, "seen": dict(self._seen), "tries": {key: n for key, n in self._tries.items() if key in here}}
