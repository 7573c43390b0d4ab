"""Which records today's code would make differently."""

from __future__ import annotations

from typing import Any

from services.store.current import Current, behind, of

NOW = Current(["html-3", "text-2"], {"language": "1", "names": "7"}, {"en_core_web_md": "3.8.0"})


def test_a_worker_of_a_later_version_may_say_more() -> None:
    entry: dict[str, Any] = {"_id": "pipeline", "parsers": [], "stages": {}, "models": {}, "later": 1}
    assert of(entry) == Current([], {}, {})


def test_records_of_another_parser_stage_or_model_are_behind_and_no_unfinished_ones() -> None:
    found = behind(NOW)
    assert found["status"] == "done"
    assert {"processing.parser": {"$nin": NOW.parsers}} in found["$or"]
    assert {"processing.stages": {"$ne": NOW.stages}} in found["$or"]
    model = found["$or"][2]["processing.models.en_core_web_md.version"]
    assert model == {"$exists": True, "$ne": "3.8.0"}, (
        "a record that was read without a model is not out of date because of a model"
    )
