"""Article in, the same Article with annotations out: ``enrich(article) -> Enriched``.

Plain functions, no MongoDB, no Celery. One module per annotation; ``registry.py`` orders them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

from services.records import Article
from workers.enrich import models
from workers.enrich.base import LONGEST_READ, Reading, Stage
from workers.enrich.registry import STAGES

__all__ = ["EnrichError", "Enriched", "enrich", "preload"]


@dataclass(slots=True)
class Enriched:
    """``models`` names what was used, with versions; ``stages`` gives the version of each stage that ran."""

    article: Article
    models: dict[str, str] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)


class EnrichError(Exception):
    """A stage failed on this article; ``stage`` names it, ``__cause__`` is what it raised."""

    def __init__(self, stage: str, cause: Exception) -> None:
        super().__init__(f"{stage}: {type(cause).__name__}: {cause}")
        self.stage = stage


def enrich(
    article: Article,
    *,
    reference: datetime | None = None,
    skip: frozenset[str] = frozenset(),
    stages: Sequence[Stage] = STAGES,
) -> Enriched:
    """Run every stage on a copy of ``article``, in order, less those whose field is in ``skip``.

    ``reference`` is what relative dates count from; it falls back to ``article.published_at``.
    In a language without a model the stages that need one leave their field empty, and
    ``article.warnings`` has ``no_model:<language>``. Raises EnrichError.
    """
    enriched = Enriched(article.model_copy(deep=True))
    reading = Reading(enriched.article, reference or article.published_at)
    for stage in stages:
        if stage.field in skip or not stage.reads(reading.article.language):
            continue
        began = perf_counter()
        try:
            setattr(reading.article, stage.field, stage.run(reading))
        except Exception as error:
            raise EnrichError(stage.field, error) from error
        enriched.stages[stage.field] = stage.version
        enriched.timings_ms[stage.field] = round((perf_counter() - began) * 1000, 2)
    enriched.models = reading.models_used
    enriched.article.warnings = [*article.warnings, *_warnings(reading)]
    return enriched


def _warnings(reading: Reading) -> list[str]:
    found = []
    if reading.article.text and models.model_for(reading.article.language) is None:
        found.append(f"no_model:{reading.article.language or 'und'}")
    if len(reading.article.text) > LONGEST_READ:
        found.append("long_text")
    return [warning for warning in found if warning not in reading.article.warnings]


def preload() -> None:
    """Load every model and table, so that forked workers share their pages."""
    enrich(Article(text="Warm up, the editor in London said on Monday.", language="en"))
