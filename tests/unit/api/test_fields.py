"""The names of fields and facets that a search may give."""

from __future__ import annotations

import pytest

from services.api.search import read_facets, read_fields
from services.records import Record


def test_a_field_stands_over_its_parts_and_once() -> None:
    """MongoDB refuses a field beside a part of it."""
    assert read_fields("title, story.id ,story,title,,source.metadata.desk-1") == [
        "title",
        "story",
        "source.metadata.desk-1",
    ]
    assert read_fields("id,score,snippet") == ["id", "score", "snippet"]
    assert read_fields("") == []


def test_every_field_of_the_record_may_be_asked_for() -> None:
    assert read_fields(",".join(Record.model_fields)) == list(Record.model_fields)


@pytest.mark.parametrize(
    "name",
    ["secret", "title.", ".title", "title..x", "title.$x", "$title", "titel", "processing.lease", "títle", "_id"],
)
def test_another_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="GET /v1/schema lists the fields"):
        read_fields(f"title,{name}")


def test_a_facet_that_there_is_not_is_answered_with_those_there_are() -> None:
    assert read_facets("entity, entity,date,") == ["entity", "date"]
    with pytest.raises(ValueError, match="no facet 'colour'; facets are entity, entity_type"):
        read_facets("entity,colour")
