"""The estimate of a backfill: the arithmetic, and the page that shows it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.bulk.estimate import Assumed, Linear, Measured, estimate, markdown, measured, processes_to_clear
from tests.bench.footprint import NEWS, OPERATIONS, PAGE

COPYDESK = str(Path(sys.executable).parent / "copydesk")
FIGURES = Measured(
    when="2026-01-01", commit="abc", machine="2 cores", server="a server", documents=100, words=(100, 1000),
    worker_cpu_seconds=Linear(fixed=0.1, per_1000_words=0.5),
    load_seconds=Linear(fixed=0.002, per_1000_words=0),
    raw_bytes=Linear(fixed=0, per_1000_words=6_000),
    record_bytes=Linear(fixed=1_000, per_1000_words=20_000),
    record_index_bytes=Linear(fixed=1_000, per_1000_words=9_000),
    story_bytes=Linear(fixed=2_000, per_1000_words=0),
    story_index_bytes=Linear(fixed=1_000, per_1000_words=0),
    message_bytes=1_000, operations=10, worker_memory_mib=300,
)  # fmt: skip


def shown(page: Path, part: str) -> str:
    """Return the text between the page's markers of that name."""
    return page.read_text().partition(f"<!-- {part} -->")[2].partition(f"<!-- /{part} -->")[0].strip()


def test_the_page_shows_what_the_calculator_gives_for_the_measured_figures() -> None:
    assert shown(PAGE, "estimate") == markdown(measured(), Assumed())


def test_the_page_of_operations_shows_the_processes_for_the_measured_figures() -> None:
    assert shown(OPERATIONS, "processes") == processes_to_clear(measured(), Assumed(words=NEWS))


def test_processes_to_clear_a_queue_are_what_one_reckons_by_hand() -> None:
    text = processes_to_clear(FIGURES, Assumed(words=800, efficiency=0.5))
    # 0.1 + 0.8 · 0.5 = 0.5 s of a core, of which a process has half: one document a second
    assert "takes 1.00 s for a document of 800 words" in text
    assert "800 words a second" in text
    assert "| 1,000 | 2 | 1 |" in text
    assert "| 100,000 | 167 | 28 |" in text


def test_hours_machines_and_money_are_what_one_reckons_by_hand() -> None:
    given = Assumed(
        documents=1e6, words=800, workers_per_machine=10, efficiency=0.5, price_per_hour=2, operations_per_second=100
    )
    found = estimate(FIGURES, given)
    # 0.1 + 0.8 · 0.5 = 0.5 s a document, so 10 documents/s of a machine and 27.8 hours; 100 operations/s are one shard
    assert found.plans[0] == ("1", "10", "27.8 hours", "1", "1", "56", "42")
    assert found.plans[2] == ("16", "160", "1.7 hours", "1", "16", "56", "42")
    sizes = {what: figure for what, figure, _ in found.sizes}
    assert sizes["records"] == "17.0 kB a document, 17 GB"
    assert sizes["indexes"] == "9.2 kB a document, 9 GB"
    assert sizes["disks of MongoDB"] == "50 GB"  # (4.8 + 17 + 2 + 9.2) kB · 1e6 · 0.5 · 3
    assert sizes["Redis"] == "90 MB"


def test_costs_lie_on_a_line_through_both_lengths() -> None:
    line = Linear.through((1000, 30), (200, 14))
    assert [line.at(words) for words in (200, 1000, 0)] == pytest.approx([14, 30, 10])
    assert Linear.through((200, 10), (1000, 9)).at(5000) == 10  # noise does not count as a gain


def test_the_command_takes_what_the_reader_knows_better() -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([COPYDESK, "bulk", "estimate", *arguments], capture_output=True, text=True, check=False)

    one, two = (json.loads(run("--documents", count).stdout)["plans"][0] for count in ("50e6", "100e6"))
    cost = [float(plan["cost of workers"].replace(",", "")) for plan in (one, two)]
    assert cost[1] == pytest.approx(2 * cost[0], rel=0.01)
    wrong = run("--efficiency", "2")
    assert (wrong.returncode, wrong.stderr) == (1, "copydesk: efficiency is a ratio of at most 1\n")
