"""Names of stages, as event streams and the console show them."""

from __future__ import annotations

from services.console import words
from services.stages import MODEL, PROCESS, STORY, in_order
from workers.enrich.registry import STAGES

FIELDS = [stage.field for stage in STAGES]


def test_a_document_passes_each_once_whether_stories_are_told_or_not() -> None:
    assert in_order([*FIELDS, STORY]) == in_order(FIELDS) == ["parse", *FIELDS, "story", "store"]


def test_every_stage_has_a_word_on_the_console_and_no_other_has() -> None:
    assert set(words.STAGES) == {*in_order(FIELDS), MODEL}
    assert PROCESS not in in_order(FIELDS)
