from __future__ import annotations

import pytest

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


def summed_up(text: str, title: str | None = None) -> list[str]:
    return [one.text for one in enrich(Article(text=text, title=title, language="en")).article.summary]


def test_a_quote_is_not_cut() -> None:
    text = (
        '"The bridge of the port is old. The engineers of the port will close the bridge in May," said the harbour master of '
        "Varna. The engineers of the port found rust on every beam of the bridge."
    )
    assert all(one.count('"') in (0, 2) for one in summed_up(text))


@pytest.mark.parametrize("mark", ["Inc.", "W.Va.", "Calif.", "p.m.", "Jr."])
def test_an_abbreviation_does_not_end_a_sentence(mark: str) -> None:
    text = f"Engineers of the port company at {mark} Harbour Street closed the old bridge in March after a storm."
    assert summed_up(text) == [text]


def test_neither_the_title_nor_a_caption_nor_sixty_words() -> None:
    title = "Engineers close the old harbour bridge in Varna"
    caption = "Engineers look at the old harbour bridge in Varna (file photo)."
    long = f"Engineers of the old harbour bridge in Varna found {' and '.join(['rust'] * 60)}."
    lead = "Ferries will carry commuters over the strait until the bridge can bear lorries again, the port said."
    assert summed_up(f"{title}.\n\n{caption} {lead} {long}", title) == [lead]
