"""The marked text is the text, however annotations overlap."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.console.highlight import Mark, blocks, hits, pieces

LETTERS = "ab 🚢é\u200fש\n"


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    text = draw(st.text(LETTERS, max_size=40))
    offset = st.integers(0, len(text) + 3)
    spans = draw(st.lists(st.tuples(offset, offset), max_size=8))
    kinds = ("person", "quote", "event")
    return text, [Mark(f"x-{n}", kinds[n % 3], min(span), max(span)) for n, span in enumerate(spans)]


@given(marked())
def test_pieces_are_the_text_and_each_is_under_the_marks_that_cover_it(found: tuple[str, list[Mark]]) -> None:
    text, marks = found
    made = list(pieces(text, 0, len(text), marks))
    assert "".join(piece.text for piece in made) == text
    covered = {
        (at, mark.id)
        for piece in made
        for at in range(piece.start, piece.start + len(piece.text))
        for mark in piece.marks
    }
    assert covered == {(at, mark.id) for mark in marks for at in range(mark.start, min(mark.end, len(text)))}
    for piece in made:
        lengths = [mark.end - mark.start for mark in piece.marks]
        assert lengths == sorted(lengths)


@given(marked(), st.lists(st.integers(0, 45), max_size=6))
def test_no_letter_is_lost_between_blocks(found: tuple[str, list[Mark]], cuts: list[int]) -> None:
    text, marks = found
    bounds = sorted({min(cut, len(text)) for cut in cuts})
    record: dict[str, Any] = {
        "text": text,
        "blocks": [{"kind": "paragraph", "start": a, "end": b} for a, b in pairwise(bounds)][::2],
        "summary": [{"start": mark.start, "end": mark.end} for mark in marks],
    }
    shown = "".join(piece.text for block in blocks(record) for piece in block.pieces)
    assert "".join(shown.split()) == "".join(text.split())


def test_speakers_stand_beside_the_block_in_which_they_begin() -> None:
    text = "“Yes,” said Ana. “No,” said Bo.\n\nNobody answered."
    quotes = [
        {"text": "Yes,", "start": 1, "end": 5, "speaker": "Ana", "kind": "speech"},
        {"text": "No,", "start": 18, "end": 21, "speaker": "Bo", "kind": "speech"},
        {"text": "answered", "start": 40, "end": 48, "speaker": None, "kind": "scare"},
    ]
    record = {
        "text": text,
        "quotes": quotes,
        "blocks": [{"kind": "paragraph", "start": 0, "end": 31}, {"kind": "paragraph", "start": 33, "end": 49}],
    }
    assert [[quote["speaker"] for quote in block.speakers] for block in blocks(record)] == [["Ana", "Bo"], []]


def test_hits_are_the_words_sought_in_any_of_their_forms_and_phrases_in_a_row() -> None:
    text = "The cranes of Riga. The price of oil rose; oil’s price, the prices in oil."
    found = lambda *sought: [text[mark.start : mark.end] for mark in hits(text, "en", sought)]  # noqa: E731
    assert found("crane") == ["cranes"]
    assert found("oil prices") == []
    assert found("PRICE of oil") == ["price of oil"]
    assert found("Riga", "rose") == ["Riga", "rose"]
    assert found("the", "") == []
