"""``python -m tests.quality.parse [--split tuning] [--only TEXT] [--misses] [--json FILE] [--docs]``: score the parser
on its cases."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from workers.parse import parse

from .case import load
from .report import as_json, markdown
from .score import score

DOCS = Path(__file__).parents[3] / "docs" / "quality-parse.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def main() -> None:
    options = argparse.ArgumentParser(
        prog="python -m tests.quality.parse", description="Score the parser on its cases."
    )
    options.add_argument("--split", choices=("tuning", "test"))
    options.add_argument("--only", default="", help="only the cases whose id contains this")
    options.add_argument("--misses", action="store_true", help="list what was missed instead of the tables")
    options.add_argument("--json", type=Path, help="write one object for each case to this file")
    options.add_argument("--docs", action="store_true", help="write the tables into docs/quality-parse.md")
    chosen = options.parse_args()
    cases = [c for c in load().values() if chosen.split in (None, c.split) and chosen.only in c.id]
    results = [score(case, parse) for case in cases]
    if chosen.json:
        chosen.json.write_text(json.dumps(as_json(results), ensure_ascii=False, indent=1), "utf-8")
    if chosen.misses:
        for result in results:
            for name, (found, wanted) in result.misses.items():
                print(f"{result.case.id} {name} {result.scores[name]:.2f}")
                print(f"   got      {found!s:.600}\n   expected {wanted!s:.600}")
        return
    report = markdown(results)
    print(report)
    if chosen.docs:
        page = DOCS.read_text("utf-8")
        head, _, rest = page.partition(BEGIN)
        DOCS.write_text(f"{head}{BEGIN}\n\n{report}\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
