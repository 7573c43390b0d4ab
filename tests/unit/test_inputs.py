"""A sender's metadata: what is accepted at the limits, and the errors beyond them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.inputs import METADATA_BYTES, METADATA_DEPTH, DocumentIn, SourceIn, explain, in_a_line


def refused(model: type[SourceIn], **given: Any) -> str:
    with pytest.raises(ValidationError) as error:
        model.model_validate(given)
    return in_a_line(explain(error.value.errors(include_url=False, include_context=False)))


def nested(depth: int) -> dict[str, Any]:
    """Return objects nested ``depth`` times."""
    found: dict[str, Any] = {}
    for _ in range(depth - 1):
        found = {"a": found}
    return found


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"metadata": {"a": float("inf")}}, "a number that JSON cannot hold"),
        ({"metadata": {"a": 2**63}}, "an integer of more than 64 bits; send it as a string"),
        ({"metadata": {"a\0": 1}}, "a key with a NUL character"),
        ({"metadata": {"a": ["\ud800"]}}, "half of a surrogate pair"),
        ({"metadata": nested(METADATA_DEPTH + 1)}, f"nested more than {METADATA_DEPTH} deep"),
        ({"metadata": {"a": "é" * (METADATA_BYTES // 2)}}, "send large content as a document"),
        ({"metadata": []}, "metadata: "),
        ({"collection": "../x"}, "collection: "),
        ({"collection": "x" * 101}, "collection: "),
        ({"collection": "wire\n"}, "collection: "),
        ({"tags": [""]}, "tags.0: "),
        ({"tags": ["x"] * 101}, "tags: "),
        ({"published_at": "yesterday"}, "published_at: "),
        ({"published_at": "0001-01-01T00:00:00+14:00"}, "outside the years 1 to 9999 in UTC"),
        ({"titel": "x"}, "titel: unknown field"),
    ],
)
def test_what_cannot_be_kept_is_said(given: dict[str, Any], told: str) -> None:
    assert told in refused(SourceIn, **given)


def test_what_is_at_the_limits_is_kept() -> None:
    metadata = {"least": -(2**63), "most": 2**63 - 1, "deep": nested(METADATA_DEPTH - 1), "نص": "\U0001f6a2"}
    rest = METADATA_BYTES - len(json.dumps({**metadata, "rest": ""}, ensure_ascii=False).encode())
    metadata["rest"] = "x" * rest
    assert SourceIn(metadata=metadata, collection="x" * 100, tags=["é" * 200] * 100).source().metadata == metadata


def test_a_zone_that_the_sender_names_is_remembered_and_none_is_made_up() -> None:
    named = SourceIn(published_at="2024-05-06T09:08:00+05:45").source()  # type: ignore[arg-type]
    assert (named.published_at, named.published_zone) == (datetime(2024, 5, 6, 3, 23, tzinfo=UTC), "+05:45")
    unnamed = SourceIn(published_at="2024-05-06T09:08:00").source()  # type: ignore[arg-type]
    assert (unnamed.published_at, unnamed.published_zone) == (datetime(2024, 5, 6, 9, 8, tzinfo=UTC), None)
    assert SourceIn().source().published_at is None


@pytest.mark.parametrize("given", [{}, {"text": "a", "html": "b"}])
def test_a_document_is_text_or_html(given: dict[str, Any]) -> None:
    assert refused(DocumentIn, **given) == "give the document as either `text` or `html`"


def test_many_faults_are_a_line_of_the_first_three() -> None:
    said = refused(SourceIn, a=1, b=2, c=3, d=4)
    assert said.count("unknown field") == 3 and "\n" not in said
