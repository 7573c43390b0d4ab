"""Stages as a user configures them, and which stages a change of version reruns."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from billiard.exceptions import SoftTimeLimitExceeded

from services.records import Article, Processing, Raw, Record, Source, Status
from services.settings import Settings
from workers import pipeline
from workers.enrich import Interrupted, enrich
from workers.enrich.base import Reading, Stage
from workers.enrich.languages.models import resources
from workers.enrich.registry import STAGES, STORY, WrongStage, configured

ROOT = Path(__file__).parents[3]
NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
TEXT = (
    "Quay plan costs $3 million\n\nGDANSK, May 6 (AP) - Mayor Ewa Lis said on Monday the quay will cost $3 million. "
    "“We will pay for it twice over,” said Lis. Poland agreed to lend 250,000 euros, according to AP."
)


@pytest.fixture(scope="module")
def first() -> pipeline.Result:
    return pipeline.run(TEXT.encode(), Source(received_at=NOON))


def record(result: pipeline.Result, **processing: Any) -> Record:
    made = {"parser": result.parser, "stages": result.stages, "models": result.models, **processing}
    raw = Raw(sha256="0" * 64, size_bytes=1, media_type=result.media_type)
    source = Source(received_at=NOON)
    rest = {"status": Status.DONE, "raw": raw, "source": source, "processing": Processing(**made)}
    return Record(**dict(result.article), **rest)


def with_stage(changed: Stage) -> tuple[Stage, ...]:
    return tuple(changed if stage.field == changed.field else stage for stage in STAGES)


def test_the_documented_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/stages.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "newsroom").mkdir()
    (tmp_path / "newsroom/stages.py").write_text("\n".join(blocks), "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        for name, version in (("large_sums", 1), ("LARGE_SUMS", 2)):
            monkeypatch.setenv("COPYDESK_ENRICH_REPLACE", f"money=newsroom.stages:{name}")
            result = pipeline.run(TEXT.encode(), Source(received_at=NOON), stages=configured(Settings()))
            assert {found.text for found in result.article.money} == {"$3 million"}
            assert result.stages["money"] == f"newsroom.stages:{name} {version}"
    finally:
        for module in ("newsroom.stages", "newsroom"):
            sys.modules.pop(module, None)


def test_the_documented_table_is_the_registry() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", (ROOT / "docs/stages.md").read_text("utf-8"), re.MULTILINE)
    told = {name: frozenset(re.findall(r"`(\w+)`", needs)) for name, needs in rows}
    assert {name: told[name] for name in told if name in {stage.field for stage in STAGES}} == {
        stage.field: stage.needs for stage in STAGES
    }
    assert STORY in told


def test_the_documented_licences_are_those_of_the_record() -> None:
    docs = (ROOT / "docs/stages.md").read_text("utf-8")
    for name, used in resources().items():
        assert re.search(rf"^\| `{name}`.*\| {re.escape(used.licence or '')} \|$", docs, re.MULTILINE), name


def test_stages_are_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_ENRICH_SKIP", "money, topics")
    result = pipeline.run(TEXT.encode(), Source(received_at=NOON), stages=configured(Settings()))
    assert result.article.money == [] and "money" not in result.stages
    assert result.article.dates and result.article.entities


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("SKIP", "topic", "no stage 'topic'"),
        ("REPLACE", "sums=math:sqrt", "no stage 'sums'"),
        ("REPLACE", "money", "not of the form"),
        ("REPLACE", "money=math.sqrt", "not of the form"),
        ("REPLACE", "money=no_such_package.x:y", "ModuleNotFoundError"),
        ("REPLACE", "money=math:no_such_name", "no attribute 'no_such_name'"),
        ("REPLACE", "money=math:pi", "neither a function nor a Stage"),
        ("REPLACE", "money=workers.enrich.facts.dates:STAGE", "a stage for 'dates'"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(
    setting: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"COPYDESK_ENRICH_{setting}", value)
    with pytest.raises(WrongStage, match=message) as caught:
        configured(Settings())
    assert str(caught.value).startswith(f"COPYDESK_ENRICH_{setting}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", [TEXT, "Der Hafen kostet 3 Millionen Euro, sagte Ewa Lis am Montag in Berlin der dpa."]
)
def test_a_stage_declares_every_annotation_it_reads(text: str) -> None:
    fields = {stage.field for stage in STAGES}
    seen: set[str] = set()

    class Watched(Article):
        def __getattribute__(self, name: str) -> Any:
            if name in fields:
                seen.add(name)
            return super().__getattribute__(name)

    article = enrich(pipeline.parse.parse(text.encode()).article or Article(), reference=NOON).article
    for stage in STAGES:
        watched = Watched(**dict(article))
        seen.clear()
        if stage.reads(article.language):
            stage.run(Reading(watched, NOON))
        assert seen - {stage.field} <= stage.needs, stage.field


def test_what_has_not_changed_is_kept(first: pipeline.Result) -> None:
    again = pipeline.rerun(record(first))
    assert again is not None
    assert again.timings_ms == {}
    assert again.article == first.article
    assert (again.stages, again.models, again.parser) == (first.stages, first.models, first.parser)


def test_a_new_version_runs_its_stage_and_those_that_need_it(first: pipeline.Result) -> None:
    def no_sums(reading: Reading) -> list[Any]:
        return []

    money = next(stage for stage in STAGES if stage.field == "money")
    again = pipeline.rerun(record(first), with_stage(replace(money, version=99, run=no_sums)))
    assert again is not None
    assert set(again.timings_ms) == {"model", "money", "quantities", "dates", "events"}
    assert again.article.money == []
    assert again.article.quotes == first.article.quotes
    assert again.stages["money"] == "99"


def test_a_stage_switched_off_since_leaves_nothing_behind(first: pipeline.Result) -> None:
    again = pipeline.rerun(record(first), [stage for stage in STAGES if stage.field != "quotes"])
    assert again is not None
    assert first.article.quotes and again.article.quotes == []
    assert "quotes" not in again.stages
    assert set(again.timings_ms) == {"model", "statements", "events"}


@pytest.mark.parametrize(
    "earlier",
    [
        {"parser": "text 0.1"},
        {"parser": None},
        {"models": {"en_core_web_md": {"version": "0.1"}}},
        {"stages": {"language": "0"}},
        {"stages": {}},
    ],
)
def test_another_parser_model_or_language_stage_reads_the_bytes_again(
    first: pipeline.Result, earlier: dict[str, Any]
) -> None:
    assert pipeline.rerun(record(first, **earlier)) is None


def stumbling(reading: Reading) -> list[Any]:
    raise ZeroDivisionError("a secret of the document")


def test_a_stage_that_fails_costs_its_field_alone() -> None:
    article = pipeline.parse.parse(TEXT.encode()).article or Article()
    sound = enrich(article, reference=NOON).article
    money = next(stage for stage in STAGES if stage.field == "money")
    found = enrich(article, reference=NOON, stages=with_stage(replace(money, run=stumbling)))
    (failure,) = found.failures
    assert (failure.stage, failure.exception) == ("money", "ZeroDivisionError")
    assert failure.place.startswith(f"{__name__}:")
    assert "secret" not in failure.model_dump_json()
    assert found.article.money == []
    assert found.article.warnings == [*sound.warnings, "stage_failed:money"]
    assert sound.money and found.article.entities == sound.entities and found.article.quotes == sound.quotes


def test_a_stage_whose_value_is_of_no_shape_fails() -> None:
    money = next(stage for stage in STAGES if stage.field == "money")
    wrong = replace(money, run=lambda reading: [{"amount": "much"}])
    found = enrich(Article(text=TEXT, language="en"), stages=with_stage(wrong))
    assert [failure.exception for failure in found.failures] == ["ValidationError"]
    assert found.article.money == []


def test_a_model_that_fails_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(readings: Any) -> None:
        raise RuntimeError("the model")

    monkeypatch.setattr("workers.enrich.base.read_together", broken)
    found = enrich(Article(text="LONDON (AP) - The bank paid $5 million on Monday.", language="en"), reference=NOON)
    assert [(failure.stage, failure.exception) for failure in found.failures] == [("entities", "RuntimeError")]
    assert [each.text for each in found.article.money] == ["$5 million"]
    assert [each.text for each in found.article.dates] == ["Monday"]


def test_a_stage_that_failed_stays_so_until_its_version_is_raised(first: pipeline.Result) -> None:
    money = next(stage for stage in STAGES if stage.field == "money")
    broken = with_stage(replace(money, version=98, run=stumbling))
    failed = pipeline.rerun(record(first), broken)
    assert failed is not None and [failure.stage for failure in failed.failures] == ["money"]
    earlier = record(failed, failures=failed.failures)
    kept = pipeline.rerun(earlier, broken)
    assert kept is not None and kept.timings_ms == {}
    assert kept.failures == failed.failures and "stage_failed:money" in kept.article.warnings
    mended = pipeline.rerun(earlier, with_stage(replace(money, version=99)))
    assert mended is not None and mended.failures == []
    assert mended.article.money == first.article.money and "stage_failed:money" not in mended.article.warnings


def test_a_guard_ends_a_stage_or_the_whole_reading() -> None:
    from workers.guard import StageTimeout, within

    def endless(reading: Reading) -> list[Any]:
        while True:
            pass

    money = next(stage for stage in STAGES if stage.field == "money")
    found = enrich(
        Article(text=TEXT, language="en"), stages=with_stage(replace(money, run=endless)), guard=lambda _: within(0.2)
    )
    assert [(failure.stage, failure.exception) for failure in found.failures] == [("money", StageTimeout.__name__)]

    def over(reading: Reading) -> list[Any]:
        raise SoftTimeLimitExceeded

    with pytest.raises(Interrupted) as ended:
        enrich(
            Article(text=TEXT, language="en"), stages=with_stage(replace(money, run=over)), guard=lambda _: within(5)
        )
    assert isinstance(ended.value.cause, SoftTimeLimitExceeded)


def test_however_many_stages_are_slow_the_document_is_done_in_its_time() -> None:
    from workers.guard import allotted

    assert allotted(30, 60, 0) == 30 and allotted(4, 60, 0) == 4, "a quick document has what the setting says"
    for document, before in ((60, 0.0), (60, 30.0), (8, 0.0)):
        spent = before
        for _ in range(15):  # stages that use all their time
            spent += allotted(30, document, spent)
        assert spent < 0.95 * document + 1


def test_a_field_of_the_head_that_cannot_be_read_costs_that_field(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise IndexError

    monkeypatch.setattr("workers.parse.article.compose.read_dateline", broken)
    article = pipeline.parse.parse(b"Ships sail\n\nLONDON (AP) - Ships sailed on Friday. Nobody was hurt.").article
    assert article is not None and article.title == "Ships sail"
    assert article.dateline is None and "field_failed:dateline" in article.warnings
