"""No run of characters makes a reader's or a stage's time grow much faster than its length."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest

from services.records import Article
from workers import enrich
from workers.parse import isolate
from workers.parse.base import ParseError, Source
from workers.parse.registry import choose

SHORT, TIMES = 2_000, 8
STEEPEST = 4.0 * TIMES  # a time that grows with the square would be 8 x 8 times as long
RUNS = [
    " ", "\t", "\n", " \n", "\u00a0", "a", "A", "é", "1", "_", "-", "—", ".", "(", "[", "{", "<", "“", "\"", "'", "’", "|", "*", "#", "`", "&", "%", "$",
    "\\", "@", "/", "=", "a ", "A ", "Aa ", "Aa, ", "A. ", "A.", "A/", "A’", "1,", "1 ", "1.1 ", "$1 ", "a.", "a-", "a@", "@a", "(a", "a\n", "a\n\n",
    "Aa\n\n", "=\n", "- a\n", "> ", "| a", "**a", "_a_", "[a](", "[]", "<a ", "<b>", "</a>", "<!--", "&#", '{"a":', "“a” ", "“a said ", "by ", "By Aa ",
    "update ", "the A of ", "in Aa, ", "(in ", "1 million ", "$1 to ", "March 1 ", "1 March 2012, ", "10:00 ", "http://a.b/", "(AP) - ", "LONDON - ",
    "Reporting by ", "said that ", "日", "日1", "\u0900", "\u200c", "a\u0301", "=?utf-8?q?a", "\\'00", "{\\a", "\x16\x01", "<REUTERS>", "a;", "a:",
]  # fmt: skip
"""What the patterns in workers/parse and workers/enrich repeat: marks, words, figures and the ends of them."""

FRAMES = {
    "text": "Ships Sail\n\nBERGEN, March 3 (AP) - A ship sailed.\n{}\nThe end.\n",
    "line": "{}",
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
    "nitf": "<nitf><body><body.content><p>{}</p></body.content></body></nitf>",
    "json": '{{"title": "T", "text": "{}"}}',
    "ninjs": '{{"uri": "a", "type": "text", "headline": "T", "body_text": "{}"}}',
    "table": "title,text\nT,{}",
    "reuters": '<REUTERS NEWID="1"><TEXT><TITLE>T</TITLE><BODY>{}</BODY></TEXT></REUTERS>',
    "anpa": "\x16\x16\x01a\x02{}\x03",
}


def growth(work: Callable[[int], object]) -> float:
    """How many times as long ``work`` takes on TIMES the input; the least of three, since others use the machine too."""
    work(SHORT)
    return min(_seconds(work, SHORT * TIMES) / _seconds(work, SHORT) for _ in range(3))


def _seconds(work: Callable[[int], object], size: int) -> float:
    start = time.thread_time()
    work(size)
    return time.thread_time() - start


def steep(work: Callable[[int], object]) -> bool:
    """Whether its time grows too fast, at two lengths: what costs next to nothing at the first says little there."""
    return growth(work) > STEEPEST and growth(lambda size: work(2 * size)) > STEEPEST


@pytest.mark.parametrize("frame", FRAMES)
def test_reading_takes_time_in_proportion(frame: str) -> None:
    def read(run: str, size: int) -> None:
        source = Source(FRAMES[frame].format(run * (size // len(run))).encode())
        with contextlib.suppress(ParseError):
            isolate.read(choose(source), source)

    slow = [run for run in RUNS if steep(lambda size, run=run: read(run, size))]
    assert slow == []


def test_enriching_takes_time_in_proportion() -> None:
    def annotate(run: str, size: int) -> None:
        text = f"Ships sail.\n\nA ship sailed, the minister said. {run * (size // len(run))}"
        enrich.enrich(Article(text=text, language="en"))

    slow = [run for run in RUNS if steep(lambda size, run=run: annotate(run, size))]
    assert slow == []
