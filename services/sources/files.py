"""Fetch the files of a place that lists them, such as an FTP server or a bucket; each version of a file once.

The cursor has a mark of each file that is listed: of its path, and of its size and time. A file is taken when it has
not changed for a while, since it may still be written; what ``then`` says is done when it is stored, and the cursor is
written after that.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.sources.kinds import HAUL_BYTES, Failed, Haul, Item, Trip

Doc = dict[str, Any]
UNFINISHED = re.compile(r"(?i)^[.~]|(?:~|\.(?:part|partial|filepart|tmp|temp|crdownload|swp))$")
"""``.wire.xml.Xa81``, ``~$memo.docx``, ``wire.xml.filepart``, ``wire.xml~``; not ``wire.xml``, ``part.txt``."""
MOST_FILES = 50_000
"""Maximum number of files that are marked in the cursor, which MongoDB limits to 16 MB."""
MOST_DEPTH = 10
_MARK = 16


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its path below the source's, with ``/``; ``stamp`` changes when it does; ``changed`` orders files."""

    path: str
    size: int
    stamp: str
    changed: float = 0.0

    @property
    def name(self) -> str:
        return self.shown.rpartition("/")[2]

    @property
    def shown(self) -> str:
        """The path as text; bytes that are not UTF-8 are in ``path`` as surrogates."""
        return self.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    @property
    def key(self) -> str:
        return _mark(self.path)

    @property
    def print(self) -> str:
        return _mark(f"{self.size} {self.stamp}")


class Place(Protocol):
    """Where files are. Every method raises Failed."""

    rests: bool
    """Whether files may be visible while they are written."""

    def look(self) -> list[Found]:
        """Return the files, also those of subfolders; more than `MOST_FILES` need not be returned."""

    def read(self, file: Found, most_bytes: int) -> bytes | None:
        """Return at most ``most_bytes`` of a file, None if it is gone."""

    def move(self, path: str, to: str) -> None:
        """Move a file to another path below the source's; folders on the way are made."""

    def exists(self, path: str) -> bool:
        """Return whether there is a file with this path."""

    def delete(self, path: str) -> None:
        """Delete a file."""


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK]


def fetch(trip: Trip, place: Place) -> Iterator[Haul]:
    """Yield the files that are new or changed, oldest first."""
    files = _listed(trip, place)
    here = {file.key for file in files}
    seen = {key: print for key, print in trip.source["cursor"].get("seen", {}).items() if key in here}
    new = [file for file in files if seen.get(file.key) != file.print]
    ready, resting = _rested(trip, new) if place.rests else (new, {})
    again = trip.settings.source_rest_seconds if resting else None
    left, then = trip.limit, trip.source["then"]
    if not ready:
        yield Haul([], {"seen": seen, "resting": resting}, again_seconds=again)
    while ready and left > 0 and not trip.over:
        haul, taken = _gather(trip, place, ready, left)
        ready = ready[len(taken) :]
        left -= len(haul.items)
        seen |= {file.key: file.print for file, item in taken if item is not None}
        cursor = {"seen": dict(seen), "resting": resting}
        haul.more, haul.again_seconds = bool(ready), again
        if then == "keep":
            haul.cursor = cursor
            yield haul
            continue
        yield haul
        for file, item in taken:
            if item is not None and item.refused is None:
                _settle(trip.source, place, file, item)
        yield Haul([], cursor, haul.more, again)


def _listed(trip: Trip, place: Place) -> list[Found]:
    files = place.look()
    if len(files) > MOST_FILES:
        said = f"there are more than {MOST_FILES} files"
        raise Failed(f"{trip.source['address']}: {said}: move or delete stored files, or give a subfolder")
    if trip.source["then"] == "move":
        target = f"{trip.source['move_to'].strip('/')}/"
        files = [file for file in files if not file.path.startswith(target)]
    named = [file for file in files if not any(UNFINISHED.search(part) for part in file.path.split("/"))]
    return sorted(named, key=lambda file: (file.changed, file.path))


def _rested(trip: Trip, new: Sequence[Found]) -> tuple[list[Found], Doc]:
    """Return the files that have not changed since an earlier run, and how long the others have been known."""
    known, now = trip.source["cursor"].get("resting", {}), time.time()
    ready: list[Found] = []
    resting: Doc = {}
    for file in new:
        print, since = known.get(file.key, (file.print, now))
        if print != file.print:
            since = now
        if trip.peek or now - since >= trip.settings.source_rest_seconds:
            ready.append(file)
        else:
            resting[file.key] = [file.print, since]
    return ready, resting


def _gather(
    trip: Trip, place: Place, files: Sequence[Found], most: int
) -> tuple[Haul, list[tuple[Found, Item | None]]]:
    """Return the files to store together, and each file that was looked at, without a document if it is left alone."""
    haul, size, most_bytes = Haul([]), 0, trip.settings.max_body_bytes
    taken: list[tuple[Found, Item | None]] = []
    for file in files:
        if size > HAUL_BYTES or len(haul.items) >= most or (taken and trip.over):
            break
        item = Item(b"", filename=file.name)
        if file.size > most_bytes:
            item.refused = f"{file.shown} has more than {most_bytes} bytes (COPYDESK_MAX_BODY_BYTES)"
        elif not file.size:
            item.refused = f"{file.shown} has no bytes"
        else:
            data = place.read(file, file.size + 1)
            if data is None or len(data) != file.size:  # it is gone, or being written
                taken.append((file, None))
                continue
            item.data = data
        haul.items.append(item)
        taken.append((file, item))
        size += len(item.data)
    return haul, taken


def _settle(source: Doc, place: Place, file: Found, item: Item) -> None:
    """Move or delete a file that is stored. An existing file is not overwritten."""
    if source["then"] == "delete":
        place.delete(file.path)
        return
    target = f"{source['move_to'].strip('/')}/{file.path}"
    if place.exists(target):
        stem, dot, suffix = target.rpartition(".") if "." in file.name else (target, "", "")
        target = f"{stem}-{hashlib.sha256(item.data).hexdigest()[:8]}{dot}{suffix}"
    place.move(file.path, target)
