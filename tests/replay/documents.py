"""Our own documents that are read again and again: seeds, cases of the quality sets, samples of each format."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.records import Article, Source, StageFailure
from tests.conftest import ROOT
from tests.quality.enrich import gold
from tests.quality.parse import case as cases
from tests.quality.parse.build import build
from tests.unit.parse import samples
from workers import pipeline
from workers.enrich import enrich
from workers.parse import ParseError

RECEIVED = datetime(2024, 5, 2, 12, tzinfo=UTC)
"""When each of them is taken to have arrived, so that what is relative to today stays as it is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for a document: its fields as JSON, and the parser and the stages that made them.

    ``input`` is a digest of the document itself. A refused document has only the field ``error`` with the code, which
    depends on every parser.
    """

    name: str
    input: str
    fields: dict[str, object]
    parser: str
    stages: dict[str, str]


ASSIGNED = {"entities": {"__all__": {"id", "born"}}}
"""What is assigned when a record is written, and by no stage."""


def read_all() -> Iterator[Outcome]:
    """Read every document. Raises RuntimeError if a stage fails: these documents must pass.

    A sample or a case is identified by its source, because some are built with a random boundary or the time of day.
    """
    for path in sorted((ROOT / "seeds").iterdir()):
        data = path.read_bytes()
        yield _of_bytes(f"seeds/{path.name}", _digest(data), data)
    made_from = _digest(Path(samples.__file__).read_bytes())
    for name, sample in sorted(samples.SAMPLES.items()):
        yield _of_bytes(f"samples/{name}", made_from, sample())
    for id, case in sorted(cases.load().items()):
        yield _of_bytes(f"cases/{id}", _digest(repr((case.kind, case.options, case.text)).encode()), build(case))
    for half in ("tuning", "test"):
        for one in gold.load_half(half):
            yield _of_article(f"articles/{half}/{one.name}", one.article)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]


def _of_bytes(name: str, input: str, data: bytes) -> Outcome:
    try:
        found = pipeline.run(data, Source(received_at=RECEIVED))
    except ParseError as error:
        return Outcome(name, input, {"error": error.code}, " ".join(pipeline.parsers()), {})
    members = [[member.path, member.media_type] for member in found.members]
    _refuse_failures(name, found.failures)
    fields = found.article.model_dump(mode="json", exclude=ASSIGNED) | ({"members": members} if members else {})
    return Outcome(name, input, fields, found.parser, found.stages)


def _of_article(name: str, article: Article) -> Outcome:
    found = enrich(article, reference=article.published_at or RECEIVED)
    _refuse_failures(name, found.failures)
    return Outcome(
        name,
        _digest(article.model_dump_json().encode()),
        found.article.model_dump(mode="json", exclude=ASSIGNED),
        "",
        found.stages,
    )


def _refuse_failures(name: str, failures: list[StageFailure]) -> None:
    if failures:
        told = ", ".join(f"{one.stage} ({one.exception} at {one.place})" for one in failures)
        raise RuntimeError(f"{name}: stages failed: {told}")
