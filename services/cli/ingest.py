"""Send files, folders and NDJSON to a running API: bounded, resumable, with a progress bar and a summary."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from copydesk_client import Copydesk, CopydeskError
from services.bulk.manifest import files_under, media_type_of


@dataclass(frozen=True, slots=True)
class Item:
    """A document to send: a file, or a line of NDJSON."""

    name: str
    path: Path | None = None
    line: bytes = b""


@dataclass
class Outcome:
    """``ids`` in the order of sending; ``refused`` and ``failed`` hold (name, reason)."""

    ids: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.refused and not self.failed


def find_items(paths: Iterable[str], stdin: BinaryIO | None = None) -> Iterator[Item]:
    """The documents under ``paths``: files, folders (recursively, hidden files left out), ``-`` for NDJSON on stdin.

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


def ingest(
    api: Copydesk, items: Iterable[Item], params: dict[str, Any], *, concurrency: int, follow: bool, console: Console
) -> Outcome:
    """Send every item, at most ``concurrency`` at a time, and, if ``follow``, wait until each is done or failed."""
    outcome = Outcome()
    names: dict[str, str] = {}
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress, ThreadPoolExecutor(concurrency) as pool:
        sending = progress.add_task("sent", total=0)

        def settle(futures: Iterable[Future[dict[str, Any]]], of: dict[Future[dict[str, Any]], str]) -> None:
            for future in futures:
                name = of.pop(future)
                progress.advance(sending)
                try:
                    answer = future.result()
                except (CopydeskError, OSError) as error:
                    outcome.refused.append((name, str(error)))
                    continue
                outcome.counts["already there" if answer["duplicate"] else "accepted"] += 1
                if answer["id"] not in names:
                    outcome.ids.append(answer["id"])
                names[answer["id"]] = name

        running: dict[Future[dict[str, Any]], str] = {}
        for found, item in enumerate(items, 1):
            progress.update(sending, total=found)
            if len(running) >= concurrency * 2:
                settle(wait(running, return_when=FIRST_COMPLETED).done, running)
            running[pool.submit(_send, api, item, params)] = item.name
        settle(wait(running).done, running)
        if follow and outcome.ids:
            reading = progress.add_task("processed", total=len(outcome.ids))

            def final(document: dict[str, Any]) -> None:
                progress.advance(reading)
                outcome.counts[document["status"]] += 1
                if document["status"] == "failed":
                    error = document["error"]
                    outcome.failed.append((names[document["id"]], f"{error['code']}: {error['message']}"))

            api.wait(outcome.ids, final)
    return outcome


def print_summary(outcome: Outcome, console: Console) -> None:
    table = Table("outcome", "documents", title=None)
    for name in ("accepted", "already there", "done", "failed", "canceled", "deleted"):
        if outcome.counts[name]:
            table.add_row(name, str(outcome.counts[name]))
    if outcome.refused:
        table.add_row("refused", str(len(outcome.refused)))
    console.print(table)
    for name, reason in outcome.refused + outcome.failed:
        console.print(f"{name}: {reason}", style="red", markup=False, soft_wrap=True)
