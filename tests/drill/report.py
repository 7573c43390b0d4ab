"""Write the drill's table, on a terminal and in docs/drill.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.drill.run import Result

PAGE = Path(__file__).parents[2] / "docs" / "drill.md"


def rows(result: Result) -> list[tuple[str, str]]:
    """Return the rows of the result."""
    slowest = max(result.recovery_seconds.items(), key=lambda found: found[1], default=("", 0.0))
    found = result.reckoning
    return [
        ("seed", str(result.seed)),
        ("documents sent", f"{result.sent} in {result.tries} tries"),
        ("faults injected", str(result.faults.total())),
        ("faults that could not be injected", _counted(result.not_injected)),
        ("accepted", str(result.accepted)),
        ("fetched from a watched folder", str(result.fetched)),
        ("done", str(found.done)),
        ("failed", _counted(found.failed)),
        ("lost", str(len(found.lost))),
        ("duplicated", str(len(found.duplicated))),
        ("stuck", str(len(found.stuck))),
        ("without an alert", str(len(result.untold))),
        ("with two alerts", str(len(result.told_twice))),
        ("bytes left over", str(result.left_over)),
        ("the server itself forgot", "{} of {:,} acknowledged writes".format(*result.forgotten)),
        ("parts that ended by themselves", _counted(result.ended)),
        ("longest until a document was finished again", f"{slowest[1]} s ({slowest[0]})"),
        ("longest gap: documents waited, none was finished", f"{result.longest_gap_seconds} s"),
        ("last fault to last document", f"{result.settle_seconds} s"),
        ("whole drill", f"{result.seconds:.0f} s"),
    ]


def print_table(results: Sequence[Result], console: Console) -> None:
    for result in results:
        table = Table("what", "how many", title=result.servers)
        for row in rows(result):
            table.add_row(*row)
        console.print(table)
        for what in ("lost", "duplicated", "stuck"):
            for id in getattr(result.reckoning, what):
                console.print(f"{what}: {id}", style="red", markup=False)


def write(results: Sequence[Result], stack: str) -> None:
    """Write the results between the stack's markers in docs/drill.md."""
    begin, end = f"<!-- {stack} -->", f"<!-- /{stack} -->"
    columns = [rows(result) for result in results]
    head = f"| | {' | '.join('run ' + str(number) for number, _ in enumerate(columns, 1))} |"
    lines = [f"On {results[0].servers}:", "", head, "| --- |" + " --- |" * len(columns)]
    for cells in zip(*columns, strict=True):
        lines.append(f"| {cells[0][0]} | {' | '.join(cell[1] for cell in cells)} |")
    lines += ["", "| fault | times | seconds until a document was finished again |", "| --- | --- | --- |"]
    faults = sum((result.faults for result in results), Counter[str]())
    for name in sorted(faults):
        seconds = [f"{result.recovery_seconds[name]}" for result in results if name in result.recovery_seconds]
        lines.append(f"| {name} | {faults[name]} | {', '.join(seconds) or 'none was left to do'} |")
    page = PAGE.read_text()
    before, _, rest = page.partition(begin)
    after = rest.partition(end)[2]
    PAGE.write_text(f"{before}{begin}\n\n{'\n'.join(lines)}\n\n{end}{after}")


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{name} ×{times}" for name, times in sorted(found.items())) or "0"
