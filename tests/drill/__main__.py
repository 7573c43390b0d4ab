"""The fault drill: `python -m tests.drill --docs 1000 --seed 1`. Exit status 1 if anything was lost, duplicated or
stuck."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from tests.drill.compose import Compose
from tests.drill.embedded import Embedded
from tests.drill.report import print_table, write
from tests.drill.run import Result, drill
from tests.drill.system import System

STACKS: dict[str, Callable[[Path], System]] = {"embedded": Embedded, "compose": Compose}


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    options.add_argument(
        "--seed", type=int, nargs="*", help="what orders and moments are drawn from; drawn itself if not given"
    )
    options.add_argument("--docs", type=int, default=1000, help="documents to send in each run")
    options.add_argument("--stack", choices=sorted(STACKS), default="embedded", help="what to drill")
    options.add_argument("--write", action="store_true", help="put the result into docs/drill.md")
    given = options.parse_args()
    console = Console(highlight=False)
    results: list[Result] = []
    for seed in given.seed or [secrets.randbelow(10_000)]:
        folder = Path(tempfile.mkdtemp(prefix="drill-"))
        system = STACKS[given.stack](folder)
        console.print(f"seed {seed}, {given.docs} documents, logs in {system.logs}")
        try:
            system.start()
            results.append(drill(system, seed, given.docs, tell=lambda line: console.print(line, markup=False)))
        finally:
            system.stop()
        print_table(results[-1:], console)
        if given.write:
            write(results, given.stack)
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
