"""``python -m tests.real [--only SET ...] [--sample] [--docs] [--misses] [--raise] [--lower FIGURE REASON]``: score
Copydesk on real documents."""

from __future__ import annotations

import argparse
import logging
import sys
from time import perf_counter

from tests.real import floors, frame, report
from tests.real.scored import Scored


def main() -> int:
    """Score the sets and compare the figures with their floors. Return 1 if one is below its floor."""
    options = _options()
    if reason := frame.missing():
        print(reason)
        return 0
    logging.disable(logging.WARNING)
    kept = floors.read()
    wrong = [line for name in frame.SETS if name in options.only for line in _held(name, options, kept)]
    print(*(f"FAILED {line}" for line in wrong), sep="\n")
    return 1 if wrong else 0


def _held(name: str, options: argparse.Namespace, kept: floors.Floors) -> list[str]:
    """Score a set, write its results at once, and return what is wrong with its figures."""
    scored = _scored(name, options)
    lowered = [(figure, reason) for figure, reason in options.lower if figure in scored.figures]
    for figure, reason in lowered:
        floors.lower(figure, reason, name, scored, kept, sample=options.sample)
    if options.lift:
        floors.lift(name, scored, kept, sample=options.sample)
    if options.lift or lowered:
        floors.write(kept)
    if options.docs:
        report.write({name: scored}, kept)
    return floors.complaints(name, scored, kept, sample=options.sample)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.real", description="Score Copydesk on real documents.")
    parser.add_argument(
        "--only", nargs="+", metavar="SET", choices=frame.SETS, default=frame.SETS, help="only these sets"
    )
    parser.add_argument(
        "--sample", action="store_true", help="only a fixed sample of each set; takes about two minutes in all"
    )
    parser.add_argument("--docs", action="store_true", help=f"write {report.FIGURES.name} and docs/{report.PAGE.name}")
    parser.add_argument("--misses", action="store_true", help="list every wrong result; this quotes the texts")
    parser.add_argument(
        "--raise", dest="lift", action="store_true", help="set floors to the new figures, unless these are worse"
    )
    parser.add_argument(
        "--lower",
        nargs=2,
        action="append",
        default=[],
        metavar=("FIGURE", "REASON"),
        help="lower one floor, and say why",
    )
    options = parser.parse_args()
    if options.sample and options.docs:
        parser.error("--docs needs the whole sets")
    return options


def _scored(name: str, options: argparse.Namespace) -> Scored:
    began = perf_counter()
    scored = frame.score(name, sample=options.sample)
    print(f"\n## {name}: {scored.size}, {perf_counter() - began:.0f} s\n\n{report.table(scored)}\n", flush=True)
    print(*scored.notes, *(scored.misses if options.misses else ()), sep="\n", flush=True)
    return scored


if __name__ == "__main__":
    sys.exit(main())
