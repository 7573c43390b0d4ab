"""Read from /proc the CPU seconds and memory of a process and all its children, and set the core they run on."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def _group(leader: int) -> list[int]:
    """Return the processes of the process group that ``leader`` leads."""
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
    """Make the group, and whatever it starts later, run on this core."""
    for pid in _group(leader):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})


def cpu_seconds(leader: int) -> float:
    """Return the user and system time of the group, including members that have ended and were waited for."""
    ticks = 0
    for pid in _group(leader):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICK


def memory_mib(leader: int) -> list[float]:
    """Return the memory in MiB that each process of the group except the leader adds (its proportional set size),
    largest first."""
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
