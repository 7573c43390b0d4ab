"""Watch a folder: store its files and move them to ``done/``, or to ``failed/`` if they cannot be stored.

A file that may still be written is left alone: it is taken when it has not changed for ``source_rest_seconds``, and
only if it did not change while it was read. Hidden files, files with the name of an unfinished transfer, links, and
anything that is not a file are left where they are.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.settings import Settings
from services.sources.files import UNFINISHED
from services.sources.kinds import HAUL_BYTES, Failed, Haul, Item, Trip, Wrong

Doc = dict[str, Any]
DONE, FAILED = "done", "failed"


def check(plan: Doc, settings: Settings) -> str:
    """Return the folder's path below ``source_folder``. It need not exist yet. Raises Wrong."""
    if settings.source_folder is None:
        raise Wrong("no folder may be watched: set COPYDESK_SOURCE_FOLDER to the folder that they are under")
    root = settings.source_folder.resolve()
    try:
        path = (root / plan["address"]).resolve()
    except (OSError, ValueError) as error:  # a NUL, links in a circle
        raise Wrong(f"{plan['address']!r} is not a folder: {error}") from None
    if not path.is_relative_to(root):
        raise Wrong(f"the folder {plan['address']!r} is not under COPYDESK_SOURCE_FOLDER")
    below = path.relative_to(root)
    if {DONE, FAILED} & set(below.parts):
        raise Wrong(
            f"{DONE}/ and {FAILED}/ hold what was taken from a watched folder: give the folder that contains them"
        )
    return str(below)


def fetch(trip: Trip) -> Iterator[Haul]:
    """Yield the files that are complete, oldest first; move them when they are stored."""
    root = Path(trip.settings.source_folder or "").resolve()
    folder = root / check(trip.source, trip.settings)
    try:
        files, resting = _look(folder, trip.settings.source_rest_seconds)
        for name in (DONE, FAILED) if files and not trip.peek else ():
            (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise Failed(f"the folder cannot be used: {error.strerror}: {error.filename}") from None
    again = trip.settings.source_rest_seconds if resting else None
    left = trip.limit
    began_empty = not files
    while files and left > 0 and not trip.over:
        haul, looked = _read(folder, files, left, trip.settings.max_body_bytes)
        files = files[len(looked) :]
        left -= len(haul.items)
        haul.more, haul.again_seconds = bool(files), again
        yield haul
        for path, item in looked:
            if item is not None:
                _move(folder, path, DONE if item.refused is None else FAILED)
    if began_empty:
        yield Haul([], again_seconds=again)


def _look(folder: Path, rest_seconds: float) -> tuple[list[Path], bool]:
    """Return the files to take, the oldest first, and whether others are still being written. Raises OSError."""
    found: list[tuple[float, Path]] = []
    resting = False
    now = time.time()
    folders = [folder]
    while folders:
        here = folders.pop()
        with os.scandir(here) as entries:
            for entry in entries:
                if UNFINISHED.search(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if here != folder or entry.name not in (DONE, FAILED):
                        folders.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    about = entry.stat(follow_symlinks=False)
                    changed = max(about.st_mtime, about.st_ctime)  # a copy may keep the time of the original
                    if now - changed >= rest_seconds:
                        found.append((changed, Path(entry.path)))
                    else:
                        resting = True
    return [path for _, path in sorted(found)], resting


def _read(folder: Path, files: list[Path], most: int, most_bytes: int) -> tuple[Haul, list[tuple[Path, Item | None]]]:
    """Return the documents of these files that are stored together, and each file that was looked at; a file without a
    document is left alone."""
    haul = Haul([])
    looked: list[tuple[Path, Item | None]] = []
    size = 0
    for path in files:
        if size > HAUL_BYTES or len(haul.items) >= most:
            break
        name = str(path.relative_to(folder))
        try:
            data = _whole(path, most_bytes)
        except OSError as error:
            haul.problems.append(f"{name} cannot be read and is left: {error.strerror}")
            looked.append((path, None))
            continue
        if data is None:
            looked.append((path, None))
            continue
        item = Item(data, filename=os.fsencode(path.name).decode("utf-8", "replace"))
        if len(data) > most_bytes:
            item.refused = f"{name} has more than {most_bytes} bytes (COPYDESK_MAX_BODY_BYTES)"
        elif not data:
            item.refused = f"{name} has no bytes"
        haul.items.append(item)
        looked.append((path, item))
        size += len(data)
    return haul, looked


def _whole(path: Path, most_bytes: int) -> bytes | None:
    """Return the file's bytes, at most one more than ``most_bytes``; None if it changed in the meantime or is not a
    file."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            return None
        data = file.read(most_bytes + 1)
        after = os.fstat(file.fileno())
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return data if same and len(data) == min(after.st_size, most_bytes + 1) else None


def _move(folder: Path, path: Path, to: str) -> None:
    """Move the file to ``done/`` or ``failed/``, under another name if its name exists there. Raises Failed."""
    target = folder / to / path.relative_to(folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number = 1
        while os.path.lexists(target):
            number += 1
            target = target.with_name(f"{path.stem}-{number}{path.suffix}")
        path.rename(target)
    except FileNotFoundError:  # somebody took it away
        return
    except OSError as error:
        raise Failed(f"a file that is stored cannot be moved to {to}/: {error.strerror}: {path}") from None
