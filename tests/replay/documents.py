"""Documents of our own that are read again and again: seeds, cases of the quality sets, samples of each format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from services.records import Article, Source
from tests.conftest import ROOT
from tests.quality.enrich import gold
from tests.quality.parse import case as cases
from tests.quality.parse.build import build
from tests.unit.parse.samples import SAMPLES
from workers import pipeline
from workers.enrich import enrich
from workers.parse import ParseError

RECEIVED = datetime(2024, 5, 2, 12, tzinfo=UTC)
"""When each of them is taken to have arrived, so that what is relative to today stays as it is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a document: its fields as JSON holds them, the parser and the stages that made them.

    One that is refused has the code as its only field, ``error``.
    """

    name: str
    fields: dict[str, object]
    parser: str
    stages: dict[str, str]


def read_all() -> Iterator[Outcome]:
    """Read every document. Raises what a stage raises: these are documents that must go through."""
    for path in sorted((ROOT / "seeds").iterdir()):
        yield _of_bytes(f"seeds/{path.name}", path.read_bytes())
    for name, sample in sorted(SAMPLES.items()):
        yield _of_bytes(f"samples/{name}", sample())
    for id, case in sorted(cases.load().items()):
        yield _of_bytes(f"cases/{id}", build(case))
    for half in ("tuning", "test"):
        for one in gold.load_half(half):
            yield _of_article(f"articles/{half}/{one.name}", one.article)


def _of_bytes(name: str, data: bytes) -> Outcome:
    try:
        found = pipeline.run(data, Source(received_at=RECEIVED))
    except ParseError as error:
        return Outcome(name, {"error": error.code}, "", {})
    members = [[member.path, member.media_type] for member in found.members]
    return _outcome(name, found.article, found.parser, found.stages, {"members": members} if members else {})


def _of_article(name: str, article: Article) -> Outcome:
    found = enrich(article, reference=article.published_at or RECEIVED)
    return _outcome(name, found.article, "", found.stages, {})


def _outcome(name: str, article: Article, parser: str, stages: dict[str, str], more: dict[str, object]) -> Outcome:
    return Outcome(name, article.model_dump(mode="json") | more, parser, stages)
