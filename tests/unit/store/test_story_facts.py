"""What a reader learns about a story: no name, similarity or paragraph from a document that the reader may not see."""

from __future__ import annotations

from typing import Any

from services.store import story_facts
from services.store.filters import mentions

SECRET, GUESS, AGAIN = "665f1f77bcf86cd799439011", "665f1f77bcf86cd799439012", "665f1f77bcf86cd799439013"
FRESH = {"similarity": 0.0, "nearest": None, "new_paragraphs": []}


def record(id: str, story: str, nearest: str | None) -> dict[str, Any]:
    told = {"id": story, "similarity": 0.9, "nearest": nearest, "new_paragraphs": [{"text": "x", "start": 0, "end": 1}]}
    return {"_id": id, "story": told if nearest else {"id": story, **FRESH}}


def masked(*records: dict[str, Any], visible: tuple[str, ...], first: dict[str, str]) -> list[dict[str, Any]]:
    story_facts._mask(records, [{"_id": id} for id in visible], first)
    return [one["story"] for one in records]


def test_a_guess_at_a_secret_document_is_told_as_the_first_of_its_story() -> None:
    [told] = masked(record(GUESS, SECRET, SECRET), visible=(), first={SECRET: GUESS})
    assert told == {"id": GUESS, **FRESH} == record(GUESS, GUESS, None)["story"]


def test_what_follows_a_visible_document_says_so_under_a_name_that_may_be_told() -> None:
    [told] = masked(record(AGAIN, SECRET, GUESS), visible=(GUESS,), first={SECRET: GUESS})
    assert (told["id"], told["nearest"], told["similarity"], len(told["new_paragraphs"])) == (GUESS, GUESS, 0.9, 1)


def test_what_may_be_told_stays_as_it_is() -> None:
    given = record(GUESS, SECRET, SECRET)
    assert masked(record(GUESS, SECRET, SECRET), visible=(SECRET,), first={}) == [given["story"]]
    without = {"_id": GUESS, "story": None}
    story_facts._mask([without, {"_id": GUESS}], [], {})
    assert without["story"] is None


def test_a_part_of_a_story_is_read_with_what_decides_whether_it_may_be_told() -> None:
    assert story_facts.fields({"title": 1, "story.similarity": 1}) == {"title": 1, "story": 1}
    assert story_facts.fields({"title": 1, "story": 1, "terms": 0}) == {"title": 1, "story": 1, "terms": 0}
    read = record(GUESS, SECRET, SECRET)
    story_facts._cut([read], {"title": 1, "story.similarity": 1})
    assert read["story"] == {"similarity": 0.9}


def test_a_filter_that_asks_for_a_story_is_known_however_it_is_written() -> None:
    for where in (
        {"story.nearest": {"$ne": None}},
        {"story": {"$exists": True}},
        {"$or": [{"a": 1}, {"$and": [{"story.similarity": 1}]}]},
    ):
        assert mentions(where, story_facts.FIELD)
    assert not mentions({"title": "story", "stories": 1, "source.tags": {"$in": ["story"]}}, story_facts.FIELD)
