"""Send files, folders and NDJSON to a running API, with bounded concurrency, a progress bar and a summary; safe to
repeat."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from copydesk_client import Copydesk, CopydeskError
from services.bulk.manifest import files_under, media_type_of

HOPELESS = (None, 401, 403)
"""Statuses that every other request would get too; None means no answer."""
PAGE = 200


@dataclass(frozen=True, slots=True)
class Item:
    """A document to send: a file, or a line of NDJSON."""

    name: str
    path: Path | None = None
    line: bytes = b""


@dataclass
class Outcome:
    """The results: ``ids`` in the order of sending; ``refused`` and ``failed`` hold (name, reason)."""

    ids: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.refused and not self.failed


def find_items(paths: Iterable[str], stdin: BinaryIO | None = None) -> Iterator[Item]:
    """Yield the documents under ``paths``: files, folders (recursively, without hidden files), or ``-`` for NDJSON on
    stdin.

    Raises FileNotFoundError.
    """
    for given in paths:
        if given == "-":
            for number, line in enumerate(stdin or sys.stdin.buffer, 1):
                if line.strip():
                    yield Item(f"line {number}", line=line.strip())
            continue
        path = Path(given)
        if path.is_dir():
            yield from (Item(str(file), file) for file in files_under(path))
        elif path.is_file():
            yield Item(given, path)
        else:
            raise FileNotFoundError(f"no such file or folder: {given}")


def _send(api: Copydesk, item: Item, params: dict[str, Any]) -> dict[str, Any]:
    data = item.line if item.path is None else item.path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    known = api.page(collection=params.get("collection", "default"), sha256=sha256, limit=1)["documents"]
    if known:
        return {"id": known[0]["id"], "status": known[0]["status"], "duplicate": True}
    if item.path is None:
        return dict(api.add(data, "application/json", **params))
    return dict(api.add(data, media_type_of(item.path.name), filename=item.path.name, **params))


class Interrupted(KeyboardInterrupt):
    """Ctrl-C was pressed while documents were sent or awaited; ``outcome`` has the results so far."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass
class _Sending:
    """Uploads in progress, and the results of those that ended."""

    api: Copydesk
    params: dict[str, Any]
    advance: Callable[[], None]
    outcome: Outcome = field(default_factory=Outcome)
    names: dict[str, str] = field(default_factory=dict)
    running: dict[Future[dict[str, Any]], str] = field(default_factory=dict)

    def send(self, pool: ThreadPoolExecutor, item: Item) -> None:
        self.running[pool.submit(_send, self.api, item, self.params)] = item.name

    def settle(self, futures: Iterable[Future[dict[str, Any]]]) -> None:
        """Record the answers. Raises CopydeskError if every other upload would get the same answer."""
        for future in futures:
            name = self.running.pop(future)
            self.advance()
            try:
                answer = future.result()
            except (CopydeskError, OSError) as error:
                if isinstance(error, CopydeskError) and error.status in HOPELESS:
                    raise
                self.outcome.refused.append((name, str(error)))
                continue
            self.outcome.counts["already there" if answer["duplicate"] else "accepted"] += 1
            if answer["id"] not in self.names:
                self.outcome.ids.append(answer["id"])
            self.names[answer["id"]] = name


def ingest(
    api: Copydesk, items: Iterable[Item], params: dict[str, Any], *, concurrency: int, follow: bool, console: Console
) -> Outcome:
    """Send every item, at most ``concurrency`` at a time, and, if ``follow``, wait until each is done or failed.

    Raises CopydeskError if the API does not answer or rejects the key, Interrupted at Ctrl-C.
    """
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress, ThreadPoolExecutor(concurrency) as pool:
        bar = progress.add_task("sent", total=0)
        sending = _Sending(api, params, lambda: progress.advance(bar))
        try:
            for found, item in enumerate(items, 1):
                progress.update(bar, total=found)
                if len(sending.running) >= concurrency * 2:
                    sending.settle(wait(sending.running, return_when=FIRST_COMPLETED).done)
                sending.send(pool, item)
            sending.settle(wait(sending.running).done)
            if follow and sending.outcome.ids:
                _follow(api, sending.outcome, sending.names, progress)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise Interrupted(sending.outcome) from None
        except CopydeskError:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sending.outcome


def _follow(api: Copydesk, outcome: Outcome, names: dict[str, str], progress: Progress) -> None:
    """Wait until the documents are done or failed, then wait for the members of archives, which are added to
    ``outcome``."""
    reading = progress.add_task("processed", total=len(outcome.ids))

    def final(document: dict[str, Any]) -> None:
        progress.advance(reading)
        outcome.counts[document["status"]] += 1
        if document["status"] == "failed":
            error = document["error"]
            outcome.failed.append((names[document["id"]], f"{error['code']}: {error['message']}"))

    new = list(outcome.ids)
    while new:
        api.wait(new, final)
        inside = {id: path for id, path in _members(api, new, names) if id not in names}
        names.update(inside)
        new = list(inside)
        outcome.ids += new
        outcome.counts["inside archives"] += len(new)
        progress.update(reading, total=len(outcome.ids))


def _members(api: Copydesk, ids: list[str], names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the id of each document found inside one of ``ids``, with the archive's name and its path in the
    archive."""
    for at in range(0, len(ids), PAGE):
        for archive in api.page(id=ids[at : at + PAGE], fields="members", limit=PAGE)["documents"]:
            for member in archive.get("members") or []:
                yield member["id"], f"{names[archive['id']]}: {member['path']}"


def print_summary(outcome: Outcome, console: Console) -> None:
    table = Table("outcome", "documents", title=None)
    for name in ("accepted", "already there", "inside archives", "done", "failed", "canceled", "deleted"):
        if outcome.counts[name]:
            table.add_row(name, str(outcome.counts[name]))
    if outcome.refused:
        table.add_row("refused", str(len(outcome.refused)))
    console.print(table)
    for name, reason in outcome.refused + outcome.failed:
        console.print(f"{name}: {reason}", style="red", markup=False, soft_wrap=True)
