"""Processes by /proc: CPU seconds and memory of a process and all it started, and the core they run on."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def _group(leader: int) -> list[int]:
    """The processes of the process group that ``leader`` leads."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader:
            found.append(int(stat.parent.name))
    return found


def pin(leader: int, core: int) -> None:
    """Have the group run on this core, with what it starts later."""
    for pid in _group(leader):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})


def cpu_seconds(leader: int) -> float:
    """User and system time of the group, with that of its members that have ended and were waited for."""
    ticks = 0
    for pid in _group(leader):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICK


def memory_mib(leader: int) -> list[float]:
    """Proportional set size of each process of the group but the leader, MiB, largest first: what each adds."""
    sizes = []
    for pid in _group(leader):
        if pid == leader:
            continue
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        sizes += [int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")]
    return sorted(sizes, reverse=True)
