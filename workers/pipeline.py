"""The pipeline of a document, in order: raw bytes -> Article -> annotations."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from services.records import Article, Record, Resource, Source, StageFailure
from services.stages import PARSE
from workers import enrich, parse
from workers.enrich.base import Guard, Reading, Stage
from workers.enrich.languages import models
from workers.enrich.registry import STAGES
from workers.enrich.whole.language import STAGE as LANGUAGE
from workers.parse.article.normalise import tidy
from workers.parse.base import Limits, Member
from workers.parse.registry import PARSERS

PIPELINE_VERSION = "1"


@dataclass(slots=True)
class Result:
    """The result for one document. ``article`` is complete; ``members`` are documents found inside it, to be stored as
    documents of their own. ``parser``, ``stages`` and ``models`` say what made the article, ``timings_ms`` which stages
    ran now.
    """

    article: Article
    media_type: str | None
    parser: str
    stages: dict[str, str]
    models: dict[str, Resource]
    timings_ms: dict[str, float]
    failures: list[StageFailure] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)


def run(
    data: bytes,
    source: Source,
    *,
    declared_media_type: str | None = None,
    filename: str | None = None,
    limits: Limits | None = None,
    stages: Sequence[Stage] = STAGES,
    languages: frozenset[str] = models.ALL,
    entering: Callable[[str], None] = lambda _: None,
    guard: Guard = nullcontext,
) -> Result:
    """Read one document under ``limits``; ``entering`` is called before each stage. If a stage fails, its field is
    missing: see `workers.enrich.enrich`. Raises workers.parse.ParseError if the document cannot be read,
    workers.enrich.Interrupted if ``guard`` does.
    """
    return enrich.run_through(
        steps(
            data,
            source,
            declared_media_type=declared_media_type,
            filename=filename,
            limits=limits,
            stages=stages,
            languages=languages,
            entering=entering,
            guard=guard,
        )
    )


def steps(
    data: bytes,
    source: Source,
    *,
    declared_media_type: str | None = None,
    filename: str | None = None,
    limits: Limits | None = None,
    stages: Sequence[Stage] = STAGES,
    languages: frozenset[str] = models.ALL,
    entering: Callable[[str], None] = lambda _: None,
    guard: Guard = nullcontext,
) -> Generator[Reading, None, Result]:
    """Do the same as `run`, but stop where `workers.enrich.steps` does."""
    entering(PARSE)
    started = time.perf_counter()
    parsed = parse.parse(data, declared_media_type, filename, limits=limits, depth=source.depth, dialect=source.dialect)
    article = parsed.article or Article(format="container", warnings=parsed.warnings)
    apply_source(article, source)
    parsed_at = time.perf_counter()
    enriched = yield from enrich.steps(article, stages=stages, languages=languages, entering=entering, guard=guard)
    return Result(
        article=enriched.article,
        media_type=parsed.media_type,
        parser=parsed.parser,
        stages=enriched.stages,
        models=enriched.models,
        timings_ms={PARSE: (parsed_at - started) * 1000, **enriched.timings_ms},
        failures=enriched.failures,
        members=parsed.members,
    )


def rerun(
    earlier: Record,
    stages: Sequence[Stage] = STAGES,
    languages: frozenset[str] = models.ALL,
    entering: Callable[[str], None] = lambda _: None,
    guard: Guard = nullcontext,
) -> Result | None:
    """Rerun only the stages that changed. Return None if the document must be read from its bytes, because the parser,
    a model or the language stage (which uses the parser's findings) has changed.
    """
    made = earlier.processing
    kept = {name: version for name, version in made.stages.items() if name in Article.model_fields}
    if made.parser not in parsers() or LANGUAGE.field in enrich.changed(stages, kept):
        return None
    now = models.resources()
    if any(name not in now or now[name].version != used.version for name, used in made.models.items()):
        return None
    article = Article.model_validate({name: getattr(earlier, name) for name in Article.model_fields})
    enriched = enrich.enrich(
        article,
        stages=stages,
        languages=languages,
        earlier=kept,
        failed=made.failures,
        entering=entering,
        guard=guard,
    )
    return Result(
        article=enriched.article,
        media_type=earlier.raw.media_type,
        parser=made.parser or "",
        stages=enriched.stages,
        models=made.models | enriched.models,
        timings_ms=enriched.timings_ms,
        failures=enriched.failures,
    )


def parsers() -> list[str]:
    """Return every parser with its version, as records store it."""
    return [parser.full_version for parser in PARSERS]


def apply_source(article: Article, source: Source) -> None:
    """Replace fields that were read from the document by those that the sender gave."""
    article.url = source.url or article.url
    for name in (
        "title",
        "publisher",
    ):  # as in parsed text: no direction controls
        if value := tidy(getattr(source, name) or ""):
            setattr(article, name, value)
    if source.published_at:
        article.published_at = source.published_at
        article.published_zone = source.published_zone
