"""No run of characters makes a reader's or a stage's time grow much faster than its length."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest

from services.records import Article
from services.text.passages import passages
from tests.deep import of
from workers import enrich
from workers.parse import isolate
from workers.parse.base import ParseError, Source
from workers.parse.registry import choose

LONG = of(1_500, 5_000)  # characters
PART = 4
STEEPEST = 2.5 * PART  # a time that grows with the square would be 4 x 4 times as long
PROSE = "The harbour master said on Monday that two ferries had collided near the northern quay. "

RUNS = [
    " ", "\t", "\n", " \n", "\u00a0", "a", "A", "é", "1", "_", "-", "—", ".", "(", "[", "{", "<", "“", "\"", "'", "’", "|", "*", "#", "`", "&", "%", "$",
    "\\", "@", "/", "=", "a ", "A ", "Aa ", "Aa, ", "A. ", "A.", "A/", "A’", "1,", "1 ", "1.1 ", "$1 ", "a.", "a-", "a@", "@a", "(a", "a\n", "a\n\n",
    "Aa\n\n", "=\n", "- a\n", "> ", "| a", "**a", "_a_", "[a](", "[]", "<a ", "<b>", "</a>", "<!--", "&#", '{"a":', "“a” ", "“a said ", "said John Smith ", "A. B. C. ", "by ", "By Aa ",
    "update ", "the A of ", "in Aa, ", "(in ", "1 million ", "$1 to ", "March 1 ", "1 March 2012, ", "10:00 ", "http://a.b/", "(AP) - ", "LONDON - ",
    "Reporting by ", "said that ", "the minister said that it rained and ", "日", "日1", "\u0900", "\u200c", "a\u0301", "=?utf-8?q?a", "\\'00", "{\\a", "\x16\x01", "<REUTERS>", "a;", "a:",
]  # fmt: skip
"""What the patterns in workers/parse and workers/enrich repeat: marks, words, figures and the ends of them."""

FRAMES = {
    "text": "Ships Sail\n\nBERGEN, March 3 (AP) - A ship sailed.\n{}\nThe end.\n",
    "byline": "Ships Sail\n\nBy {}\n\nBERGEN - A ship sailed.\n",
    "date": "Ships Sail\n\nMarch 3, 2012 {}\n\nBERGEN - A ship sailed.\n",
    "html": "<html><body><article><h1>Ships Sail</h1><p>A ship sailed on Friday. {}</p></article></body></html>",
    "html title": "<html><head><title>{}</title></head><body><p>A ship sailed on Friday.</p></body></html>",
    "html attribute": "<html><body><p class='{}'>A ship sailed on Friday.</p></body></html>",
    "markdown": "# Ships Sail\n\n{}",
    "rtf": "{{\\rtf1 {}}}",
    "mail": "From: a@b.example\nTo: b@b.example\nDate: x\nSubject: {}\n\nA ship sailed.",
    "mail body": "From: a@b.example\nTo: b@b.example\nDate: x\nSubject: s\n\n{}",
    "feed": "<rss version='2.0'><channel><item><title>T</title><description>{}</description></item></channel></rss>",
    "reuters": '<REUTERS NEWID="1"><TEXT><TITLE>T</TITLE><BODY>{}</BODY></TEXT></REUTERS>',
    "anpa": "\x16\x16\x01a\x02{}\x03",
}


def steep(work: Callable[[str], object]) -> list[str]:
    """Return the runs for which ``work`` takes much more time than for prose, and far more than four times as long for
    four times the length.

    The time is the CPU time of this thread. Suspicious runs are measured up to three times, because others use the
    machine too.
    """
    work(PROSE)

    def seconds(run: str, size: int) -> float:
        start = time.thread_time()
        work(run * (size // len(run)))
        return time.thread_time() - start

    usual = max(seconds(PROSE, LONG) for _ in range(3))
    slow = [run for run in RUNS if seconds(run, LONG) > 3 * usual]
    return [
        run for run in slow if not any(seconds(run, LONG * PART) / seconds(run, LONG) <= STEEPEST for _ in range(3))
    ]


@pytest.mark.parametrize("frame", FRAMES)
def test_reading_takes_time_in_proportion(frame: str) -> None:
    def read(content: str) -> None:
        source = Source(FRAMES[frame].format(content).encode())
        with contextlib.suppress(ParseError):
            isolate.read(choose(source), source)

    assert steep(read) == []


def test_enriching_takes_time_in_proportion() -> None:
    def annotate(content: str) -> None:
        enrich.enrich(Article(text=f"Ships sail.\n\nA ship sailed, the minister said. {content}", language="en"))

    assert steep(annotate) == []


def test_passages_take_time_in_proportion() -> None:
    assert steep(lambda content: list(passages(content * 20))) == []
