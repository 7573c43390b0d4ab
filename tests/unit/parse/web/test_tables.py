"""Tables that are small in a page and huge as a grid are read quickly, and other tables are not changed."""

from __future__ import annotations

import time

import pytest
from lxml import html

from workers.parse.base import Source
from workers.parse.web.page import parse
from workers.parse.web.tables import bounded

PAGE = "<html><body><article><h1>Ships sail</h1><p>A ship sailed on Friday with corn and timber for the towns of the north.</p>{}</article></body></html>"
HUGE = {
    "rows that reach down": "<table>" + "<tr><td rowspan=65534>a</td></tr>" * 1500 + "</table>",
    "cells that reach across": "<table>" + "<tr><td colspan=1000>a</td></tr>" * 300 + "</table>",
    "both": "<table>" + "<tr><td rowspan=65534 colspan=99999999999>a</td></tr>" * 60 + "</table>",
    "one wide row": "<table><tr>" + "<td>a</td>" * 3000 + "</tr>" + "<tr><td>a</td></tr>" * 3000 + "</table>",
}


@pytest.mark.parametrize("table", HUGE.values(), ids=HUGE)
def test_a_small_table_is_no_long_work(table: str) -> None:
    parse(Source(PAGE.format("<table><tr><td>a</td></tr></table>").encode()))  # what is loaded once
    start = time.thread_time()
    article = parse(Source(PAGE.format(table).encode())).article
    assert time.thread_time() - start < 3  # without the limit, from 4 s to minutes
    assert "A ship sailed on Friday" in article.text


def test_a_table_of_a_results_page_stays_as_it_is() -> None:
    rows = "<tr><th rowspan=3>Port</th><td colspan=2>12</td></tr>" + "<tr><td>1</td><td>2</td></tr>" * 2
    page = PAGE.format(f"<table>{rows * 300}</table>")
    assert html.tostring(bounded(html.fromstring(page))) == html.tostring(html.fromstring(page))
    odd = PAGE.format("<table><tr><td rowspan='-1' colspan='x'>a</td><td rowspan=''>b</td></tr></table>")
    assert html.tostring(bounded(html.fromstring(odd))) == html.tostring(html.fromstring(odd))
