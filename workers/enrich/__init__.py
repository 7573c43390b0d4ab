"""Add annotations to an Article: ``enrich(article) -> Enriched``.

The functions are plain and use neither MongoDB nor Celery. There is one module per annotation; ``registry.py`` orders
them.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any

from services.records import Article, Resource, StageFailure
from services.stages import MODEL
from workers.enrich.base import LONGEST_READ, Guard, Interrupted, Reading, Stage, read_together
from workers.enrich.languages import models
from workers.enrich.names.truecase import truecase
from workers.enrich.registry import STAGES

__all__ = ["Enriched", "Interrupted", "changed", "enrich", "preload", "read_together", "steps"]


STAGE_FAILED = "stage_failed"
NO_REFERENCE_DATE = "no_reference_date"
"""Warning: the text has relative dates, but the document has no date."""


@dataclass(slots=True)
class Enriched:
    """The result. ``models`` were used in this run; ``stages`` has the version of each stage whose annotations the
    article has. ``timings_ms`` has the stages that ran now, and the ``model`` if it ran. ``failures`` are stages that
    raised: their field is empty, and ``article.warnings`` has ``stage_failed:<stage>``.
    """

    article: Article
    models: dict[str, Resource] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)
    failures: list[StageFailure] = field(default_factory=list)


def enrich(
    article: Article,
    *,
    reference: datetime | None = None,
    skip: frozenset[str] = frozenset(),
    languages: frozenset[str] = models.ALL,
    stages: Sequence[Stage] = STAGES,
    earlier: Mapping[str, str] | None = None,
    failed: Sequence[StageFailure] = (),
    entering: Callable[[str], None] = lambda _: None,
    guard: Guard = nullcontext,
) -> Enriched:
    """Run every stage on a copy of ``article``, in order, except those whose field is in ``skip``.

    ``earlier`` gives the versions of the stages whose annotations the article has already: only what is ``changed``
    runs, and annotations that no current stage makes are removed.
    ``reference`` is what relative dates count from; it falls back to ``article.published_at``.
    ``languages`` are those whose model may be used. In any other the stages that need one leave their field empty, and
    ``article.warnings`` has ``no_model:<language>``. ``entering`` is told each stage before it runs, within ``guard``.
    If a stage raises, its field stays empty, and later stages run on what there is. ``failed`` are those of an earlier
    run: one that does not run again stays failed. Raises Interrupted if ``guard`` does.
    """
    return run_through(
        steps(
            article,
            reference=reference,
            skip=skip,
            languages=languages,
            stages=stages,
            earlier=earlier,
            failed=failed,
            entering=entering,
            guard=guard,
        )
    )


def run_through[T](steps: Generator[Reading, None, T]) -> T:
    """Return the result of ``steps``, without doing anything where they pause."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def steps(
    article: Article,
    *,
    reference: datetime | None = None,
    skip: frozenset[str] = frozenset(),
    languages: frozenset[str] = models.ALL,
    stages: Sequence[Stage] = STAGES,
    earlier: Mapping[str, str] | None = None,
    failed: Sequence[StageFailure] = (),
    entering: Callable[[str], None] = lambda _: None,
    guard: Guard = nullcontext,
) -> Generator[Reading, None, Enriched]:
    """Do the same as `enrich`, but yield the reading once, before the model reads the text, so that `read_together` can
    have it read several articles at once.
    """
    enriched = Enriched(article.model_copy(deep=True))
    reading = Reading(enriched.article, reference or article.published_at, languages=languages, recase=truecase)
    anew = changed(stages, earlier or {})
    stopped = False
    for name in anew & set(earlier or {}):
        setattr(reading.article, name, _default(name))
    kept = {stage.field for stage in stages} - anew
    enriched.failures += [failure for failure in failed if failure.stage in kept]
    for stage in stages:
        if stage.field in skip:
            continue
        enriched.stages[stage.field] = stage.full_version
        if stage.field not in anew or not stage.reads(reading.article.language):
            continue
        entering(stage.field)
        if stage.uses_model and not stopped:
            stopped = True
            yield reading
        began, read_before = perf_counter(), reading.model_ms or 0.0
        try:
            with guard(stage.field):
                value = stage.run(reading)
            setattr(reading.article, stage.field, value)
        except Exception as error:
            enriched.failures.append(_failure(stage.field, error))
            setattr(reading.article, stage.field, _default(stage.field))
        took = (perf_counter() - began) * 1000 + read_before - (reading.model_ms or 0.0)
        enriched.timings_ms[stage.field] = round(took, 2)
    if reading.model_ms is not None:
        enriched.timings_ms[MODEL] = round(reading.model_ms, 2)
    enriched.models = {name: models.resources()[name] for name in sorted(reading.models_used)}
    enriched.article.warnings = [
        *filter(_is_parsers, article.warnings),
        *_warnings(reading),
        *(f"{STAGE_FAILED}:{failure.stage}" for failure in enriched.failures),
    ]
    return enriched


def _default(name: str) -> Any:
    return Article.model_fields[name].get_default(call_default_factory=True)


def _failure(stage: str, error: Exception) -> StageFailure:
    """Return the exception's class and where it was raised: the last line in the project's own stages, otherwise the
    last line of all."""
    frames = [
        entry for entry in traceback.walk_tb(error.__traceback__) if entry[0].f_code.co_name != "ring"
    ]  # without frames of a guard
    ours = [entry for entry in frames if str(entry[0].f_globals.get("__name__", "")).startswith("workers.enrich.")]
    frame, line = (ours or frames)[-1]
    return StageFailure(stage=stage, exception=type(error).__name__, place=f"{frame.f_globals.get('__name__')}:{line}")


def changed(stages: Sequence[Stage], earlier: Mapping[str, str]) -> set[str]:
    """Return the fields to rerun: those whose stage has a different version in ``earlier``, no longer exists, or needs
    such a stage."""
    anew = set(earlier) - {stage.field for stage in stages}
    for stage in stages:
        if earlier.get(stage.field) != stage.full_version or stage.needs & anew:
            anew.add(stage.field)
    return anew


def _is_parsers(warning: str) -> bool:
    return not warning.startswith(("no_model:", f"{STAGE_FAILED}:")) and warning not in ("long_text", NO_REFERENCE_DATE)


def _warnings(reading: Reading) -> list[str]:
    found = []
    if any(each.value is None for each in reading.article.dates):
        found.append(NO_REFERENCE_DATE)
    if reading.article.text and reading.model_language is None:
        found.append(f"no_model:{reading.article.language or 'und'}")
    if len(reading.article.text) > LONGEST_READ:
        found.append("long_text")
    return found


WARM_UP = {
    "en": "Warm up, the editor in London said on Monday.",
    "fr": "Échauffement, a dit lundi le rédacteur Paul Martin à Londres.",
    "ru": "Разминка, сказал в понедельник редактор Павел Мартынов в Лондоне.",
}


def preload(languages: frozenset[str] = models.ALL) -> None:
    """Load every table and the models of ``languages``, so that forked workers share their pages."""
    for language, text in WARM_UP.items():
        if language in languages:
            enrich(Article(text=text, language=language))
