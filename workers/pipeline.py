"""What happens to a document, in order: raw bytes -> Article -> annotations. The one place to read it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from services.records import Article, Source
from workers import enrich, parse
from workers.parse.base import Limits, Member

PIPELINE_VERSION = "1"


@dataclass(slots=True)
class Result:
    """``article`` is complete; ``members`` are documents found inside this one, to be stored on their own."""

    article: Article
    media_type: str
    members: list[Member]
    models: dict[str, str]
    timings_ms: dict[str, float]


def run(
    data: bytes,
    source: Source,
    *,
    declared_media_type: str | None = None,
    filename: str | None = None,
    limits: Limits | None = None,
) -> Result:
    """Read one document under ``limits``. Raises workers.parse.ParseError where it cannot be read."""
    started = time.perf_counter()
    parsed = parse.parse(data, declared_media_type, filename, limits=limits, depth=source.depth)
    article = parsed.article or Article(format="container")
    apply_source(article, source)
    parsed_at = time.perf_counter()
    enriched = enrich.enrich(article, reference=article.published_at or source.received_at)
    return Result(
        article=enriched.article,
        media_type=parsed.media_type,
        members=parsed.members,
        models=enriched.models,
        timings_ms={"parse": (parsed_at - started) * 1000, **enriched.timings_ms},
    )


def apply_source(article: Article, source: Source) -> None:
    """What the sender said of the document stands over what was read from it."""
    for field in ("title", "url", "publisher"):
        if value := getattr(source, field):
            setattr(article, field, value)
    if source.published_at:
        article.published_at = source.published_at
        article.published_zone = source.published_zone
