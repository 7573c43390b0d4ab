"""``python -m tests.quality.enrich [--errors tuning] [--docs] [--articles FOLDER]``: print the figures of enrichment
beside those of the baselines."""

from __future__ import annotations

import argparse
import logging
import re
from pathlib import Path

from tests.quality.enrich import measure
from tests.quality.enrich.gold import load_folder

PAGE = Path(__file__).parents[3] / "docs" / "quality-enrich.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.enrich", description=__doc__)
    parser.add_argument("--errors", metavar="HALF", help="also list what was wrong and what was missed in this half")
    parser.add_argument("--docs", action="store_true", help=f"write the tables to docs/{PAGE.name}")
    parser.add_argument(
        "--articles", metavar="FOLDER", type=Path, help="measure the marked articles of this folder instead"
    )
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    if options.articles:
        print(measure.markdown(options.articles.name, measure.measured(load_folder(options.articles))))
        return
    halves = {half: measure.measure(half) for half in ("tuning", "test")}
    tables = "\n\n".join(measure.markdown(f"{half} half", figures) for half, figures in halves.items())
    print(tables)
    if options.docs:
        page = PAGE.read_text(encoding="utf-8")
        page = re.sub(f"(?s){BEGIN}.*{END}", lambda _: f"{BEGIN}\n\n{tables}\n\n{END}", page)
        PAGE.write_text(page, encoding="utf-8")
    if options.errors:
        for row, tally in sorted(halves[options.errors].ours.items()):
            print(f"\n## {row}\n")
            print("\n".join(tally.errors))


if __name__ == "__main__":
    main()
