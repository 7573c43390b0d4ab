"""``copydesk watch``: show the pipeline live on a terminal, or print one line of JSON per poll in a pipe."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table

from copydesk_client import Copydesk, CopydeskError
from services.cli.client import LOCAL, ApiUrl, connect
from services.cli.printed import printable

NEWEST = 10
out = Console()
err = Console(stderr=True)
_STYLES = {"done": "green", "failed": "red", "processing": "yellow", "canceled": "dim"}


def watch(
    seconds: Annotated[float, typer.Option(min=0.5, help="Seconds between two polls.")] = 2.0,
    looks: Annotated[int, typer.Option(min=0, help="End after this many polls; 0 runs until Ctrl-C.")] = 0,
    api: ApiUrl = LOCAL,
) -> None:
    """Watch processing live: waiting documents, speed, failures, newest documents.

    Example: copydesk watch
    """
    done = 0
    try:
        with (
            connect(api) as desk,
            Live(console=out, auto_refresh=False, screen=True) if out.is_terminal else nullcontext() as live,
        ):
            while True:
                stats = desk.stats()
                if live:
                    live.update(_view(desk, stats, desk.page(limit=NEWEST)["documents"]), refresh=True)
                else:
                    print(json.dumps(stats), flush=True)
                done += 1
                if done == looks:
                    return
                time.sleep(seconds)
    except KeyboardInterrupt:
        return
    except CopydeskError as error:
        err.print(f"copydesk: {error}", markup=False, soft_wrap=True, highlight=False)
        raise typer.Exit(1) from None


def _view(desk: Copydesk, stats: dict[str, Any], newest: list[dict[str, Any]]) -> RenderableType:
    counts = Table("documents", *stats["by_status"], title=f"{desk.url}    Ctrl-C ends")
    counts.add_row(f"{stats['total']:,}", *(f"{count:,}" for count in stats["by_status"].values()))
    pace = Table("messages", "oldest waits", "time left", "finished in 1, 5, 15 min")
    pace.add_row(
        _messages(stats),
        _time(stats["oldest_waiting_seconds"]),
        _time(stats["eta_seconds"]),
        ", ".join(f"{count:,}" for count in stats["finished"].values()),
    )
    last = Table("came last", "title", "state")
    for document in newest:
        state = document["status"]
        why = f" {document['error']['code']}" if document.get("error") else ""
        last.add_row(
            document["source"]["received_at"][11:19],
            printable((document.get("title") or "")[:70]),
            state + why,
            style=_STYLES.get(state),
        )
    tables: list[Table] = [counts, pace, last]
    if stats["failures"]:
        failures = Table("failed with", "documents")
        for code, count in stats["failures"].items():
            failures.add_row(code, f"{count:,}")
        tables.insert(2, failures)
    return Group(*tables)


def _messages(stats: dict[str, Any]) -> str:
    if stats["queue_depth"] is None:
        return "the broker is down"
    bulk = stats["queue_depth_bulk"]
    return f"{stats['queue_depth']:,}" + (f", {bulk:,} of them bulk" if bulk else "")


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "—"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
