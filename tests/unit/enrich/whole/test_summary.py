from __future__ import annotations

from services.records import Article, Block, Dateline, Section
from workers.enrich import enrich

LEAD = "Fishermen in the strait rescued forty sailors from a burning tanker on Friday, the coast guard said."
TEXT = f"""VARNA (Our Staff) — {LEAD} They were taken to a hospital in the port.

How it began

The tanker had left the port with a cargo of fuel, and a fire broke out in the engine room at about 3 a.m. But nobody saw it. Dr. Petrov of the port hospital said all forty sailors were in good health after the rescue.

The coast guard has opened an inquiry into the fire on the tanker. It will report in May."""


def article() -> Article:
    heading = "How it began"
    start = TEXT.index(heading)
    credit = "VARNA (Our Staff) — "
    return Article(
        text=TEXT,
        language="en",
        dateline=Dateline(text=credit.strip(), start=0, end=len(credit.strip()), places=["Varna"]),
        sections=[Section(heading=heading, start=start, end=start + len(heading), body_end=len(TEXT))],
        blocks=[Block(kind="heading", start=start, end=start + len(heading))],
    )


def test_whole_sentences_in_order_with_offsets() -> None:
    summary = enrich(article()).article.summary
    assert 2 <= len(summary) <= 4
    assert summary[0].text == LEAD
    assert all(TEXT[one.start : one.end] == one.text for one in summary)
    assert [one.start for one in summary] == sorted(one.start for one in summary)


def test_no_heading_no_dateline_no_dangling_start() -> None:
    for sentence in enrich(article()).article.summary:
        assert "How it began" not in sentence.text and "VARNA" not in sentence.text
        assert not sentence.text.startswith(("They", "But", "It "))


def test_a_title_or_an_initial_does_not_end_a_sentence() -> None:
    text = "Dr. Petrov of the port hospital said that J. Ivanova and all the other sailors were in good health."
    assert [one.text for one in enrich(Article(text=text, language="en")).article.summary] == [text]


def test_a_text_without_sentences() -> None:
    assert enrich(Article(text="Results\n\nTable of results", language="en")).article.summary == []
