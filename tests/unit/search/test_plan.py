"""Plans: nobody sees hidden documents, every search that can use an index begins with it, and no condition is
dropped."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.params import Search
from services.search.plan import SELECTIVE, Plan, conditions, plan, words
from services.search.words import read
from services.store.keys import access
from services.store.setup import document_indexes

ASKED: dict[str, Any] = {
    "q": "ferry -strike title:boat",
    "entity": ["Ingrid Solheim", "Norway"],
    "entity_type": "PERSON",
    "place": ["Oslo"],
    "country": ["NO"],
    "bbox": "177,-20,-178,-15",
    "near": "59.91,10.75",
    "speaker": ["Solheim"],
    "money": "USD:1e6..",
    "event": ["ASSAULT"],
    "actor": ["Oslo"],
    "topic": ["medtop:04000000"],
    "published_from": "2024-05-06",
    "language": ["en", "nb"],
    "story": "s1",
    "status": ["done"],
    "collection": ["wire"],
    "publisher": ["NTB"],
    "tag": ["sea"],
    "batch": "b1",
    "id": ["665f1f77bcf86cd799439011"],
    "sha256": "0" * 64,
    "error_code": "poison",
    "failed_stage": "any",
}


def planned(closed: dict[str, Any] | None = None, **asked: Any) -> Plan:
    search = Search.model_validate(asked)
    query = read(search.q or "")
    found = conditions(search, query, ["en"], {}) + words(query, ["en"], [1.0] * len(query.clauses))
    return plan(found, closed or {})


def every(plan: Plan) -> list[dict[str, Any]]:
    return [plan.anchor, *plan.rest.get("$and", [plan.rest])]


@given(st.sets(st.sampled_from(sorted(ASKED))), st.sampled_from([["wire"], ["wire", "desk"], ["desk-*", "wire"]]))
def test_access_is_in_every_plan(names: set[str], collections: list[str]) -> None:
    closed = access(collections)
    assert closed in every(planned(closed, **{name: ASKED[name] for name in names}))


@given(st.sets(st.sampled_from(sorted(ASKED)), min_size=1))
def test_all_that_is_asked_apart_is_asked_together(names: set[str]) -> None:
    """Except parameters that depend on another: the type of an entity, the collection of a SHA-256."""
    together = str(planned(**{name: ASKED[name] for name in names}).stages)
    for name in names - {"entity", "entity_type", "sha256", "collection"}:
        alone = planned(**{name: ASKED[name]})
        for part in every(alone):
            assert not part or str(part) in together or part == alone.anchor, (name, part)


@pytest.mark.parametrize("name", sorted(set(ASKED) - {"entity_type", "topic", "sha256"}))
def test_an_index_begins_each_search_by_one_value(name: str) -> None:
    found = planned(**{name: ASKED[name]})
    assert found.index is not None and found.anchor
    [field] = found.anchor
    keys = {str(index.document["name"]): list(index.document["key"]) for index in document_indexes(False)}
    first = "_id" if found.index == "_id_" else keys[found.index][0]
    assert field == first, "an index is of use where its first field is named"


def test_every_index_that_a_plan_may_name_is_made() -> None:
    assert set(SELECTIVE) - {"_id_"} <= {str(index.document["name"]) for index in document_indexes(False)}


def test_the_rarer_of_two_values_begins() -> None:
    assert planned(status=["done"], speaker=["Solheim"]).index == "speaker"
    assert planned({"source.collection": {"$in": ["wire"]}}, language=["en"]).index == "collection"
    assert planned({"source.collection": {"$regex": "^wire"}}, language=["en"]).index == "language"


def test_nothing_asked_is_everything() -> None:
    assert planned().stages == []
    assert planned(q="the of").stages == [], "stopwords are in every document"


def test_what_is_excluded_is_asked_as_excluded() -> None:
    query = read("-country:NO -strike")
    found = conditions(Search(), query, ["en"], {}) + words(query, ["en"], [1.0])
    assert [one.where for one in found] == [{"$nor": [{"places.country": "NO"}]}, {"$nor": [{"terms": "strike"}]}]
    assert plan(found, {}).index is None, "an index finds what is there, not what is lacking"


def test_an_entity_is_sought_by_every_name_it_goes_by() -> None:
    [found] = conditions(Search(entity=["Azeri envoy"]), read(""), [], {"Azeri envoy": ["Azeri envoy", "J. Akhundov"]})
    assert found.where == {"entities.name": {"$in": ["Azeri envoy", "J. Akhundov"]}}


def test_a_type_is_that_of_the_entity_sought() -> None:
    [found] = conditions(Search(entity=["Jordan"], entity_type="PERSON"), read(""), [], {})  # type: ignore[arg-type]
    assert found.where == {"entities": {"$elemMatch": {"name": "Jordan", "type": "PERSON"}}}


def test_a_box_across_the_date_line_is_both_sides_of_it() -> None:
    [one, other] = planned(bbox="177,-20,-178,-15").rest["$or"]
    spans = [part["places"]["$elemMatch"]["location.coordinates.0"] for part in (one, other)]
    assert spans == [{"$gte": 177.0}, {"$lte": -178.0}]


def test_a_circle_lies_within_the_band_of_latitudes_that_an_index_finds() -> None:
    band = planned(near="60,10", within=111.2).anchor["places.location.coordinates.1"]
    assert band["$gte"] == pytest.approx(59, abs=0.01) and band["$lte"] == pytest.approx(61, abs=0.01)
    assert band["$lte"] - 60 >= 111.2 / 111.32, "a degree is 111.32 km at the most"


def test_bounds_of_dates_meet_without_a_gap_or_a_double() -> None:
    before, after = planned(published_to="2024-05-06").anchor, planned(published_from="2024-05-07").anchor
    assert before["published_at"]["$lt"] == after["published_at"]["$gte"]
