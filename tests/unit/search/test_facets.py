"""Facets: each counts what its parameter finds, and a document once for each value."""

from __future__ import annotations

from typing import Any

import pytest

from services.search.facets import DEFAULT, FACETS, MOST_COUNTED, pipeline
from services.search.params import Search
from services.search.plan import Plan, conditions, plan
from services.search.words import read

ALL = Plan(None, {}, {})
LINK = {"date": "published_from"}
PARAMETERS = [name for name in FACETS if LINK.get(name, name) in Search.model_fields]


def facet(name: str, interval: Any = "month") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pipeline(ALL, [name], 10, interval)[-1]["$facet"][name]
    return found


def test_all_but_the_format_can_be_narrowed_by() -> None:
    assert set(FACETS) - set(PARAMETERS) == {"format"}
    assert set(DEFAULT) <= set(FACETS)


@pytest.mark.parametrize("name", [name for name in PARAMETERS if name != "date"])
def test_a_facet_reads_the_field_that_its_parameter_seeks(name: str) -> None:
    value = {
        "entity_type": "PERSON",
        "country": "NO",
        "currency": "USD",
        "status": "done",
        "event": "ASSAULT",
        "pub_status": "usable",
        "subject": "medtop:04000000",
    }.get(name, "x")
    kind = Search.model_fields[name].annotation
    given = [value] if "list" in str(kind) else value
    [condition] = conditions(Search.model_validate({name: given}), read(""), [], {})
    [path] = [one for one in condition.where if one != "status" or name == "status"]  # an error is that of a failed one
    field = path.rpartition(".")[2]
    said = str(facet(name))
    assert f"${path.partition('.')[0]}" in said and field in said
    projected = pipeline(ALL, [name], 10, "month")[-2]["$project"]
    assert any(path == one or path.startswith(f"{one}.") for one in projected if one != "_id"), "else it counts nothing"


def test_the_newest_are_counted_where_no_index_chooses() -> None:
    stages = pipeline(ALL, ["tag"], 10, "month")
    assert stages[:2] == [{"$sort": {"_id": -1}}, {"$limit": MOST_COUNTED}]
    chosen = plan(conditions(Search(tag=["sea"]), read(""), [], {}), {})
    assert pipeline(chosen, ["tag"], 10, "month")[:2] == [{"$match": {"source.tags": "sea"}}, {"$limit": MOST_COUNTED}]


def test_no_more_values_than_asked_for_come_the_most_frequent_first() -> None:
    for name in FACETS:
        said = facet(name)
        assert {"$limit": 10} in said
        first = said[said.index({"$limit": 10}) - 1]
        assert first == {"$sort": {"_id": -1} if name == "date" else {"count": -1, "_id": 1}}, name


def test_weeks_begin_on_monday() -> None:
    [group] = [stage["$group"]["_id"] for stage in facet("date", "week") if "$group" in stage]
    assert group["$dateTrunc"] == {"date": "$published_at", "unit": "week", "startOfWeek": "monday"}
