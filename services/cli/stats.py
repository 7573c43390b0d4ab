"""Print the statistics of ``GET /v1/stats`` for ``copydesk status``."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table


def print_stats(stats: dict[str, Any], out: Console) -> None:
    """Print whether processing is stalled, what waits, what each process works on, and the errors of the last hour."""
    if stats["stalled"]:
        out.print(f"stalled: {stats['stalled']}", style="red", markup=False)
    oldest = stats["oldest_waiting_seconds"]
    waits = f", the oldest for {oldest:.0f} s" if oldest is not None else ""
    out.print(f"{stats['by_status']['queued']} wait{waits}", highlight=False)
    table = Table("worker", "process", "documents", "stage", "seconds")
    for worker in stats["workers"]:
        for process in worker["processes"]:
            seconds = "" if process["seconds"] is None else f"{process['seconds']:.0f}"
            at = str(process["count"]) if process["count"] else "idle"
            table.add_row(worker["name"], str(process["pid"]), at, process["stage"] or "", seconds)
    out.print(table if stats["workers"] else "no worker is running", highlight=False)
    wrong = ", ".join(f"{kind} ×{count}" for kind, count in stats["errors"].items()) or "none"
    out.print(f"task errors in the last hour: {wrong}; retries: {stats['retries']}", highlight=False, markup=False)
    if stats["stages"]:
        times = Table("stage", "documents", "mean ms", title="time spent in the last hour")
        for name, stage in stats["stages"].items():
            times.add_row(name, f"{stage['documents']:,}", f"{stage['mean_ms']:.1f}")
        out.print(times)
