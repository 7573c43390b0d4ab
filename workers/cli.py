"""Commands that read documents without any server."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.errors import die
from services.records import Processing, Source
from services.settings import settings
from workers import pipeline
from workers.enrich.registry import WrongStage, configured
from workers.limits import limits
from workers.parse import ParseError, dialects
from workers.parse import parse as parse_bytes

File = Annotated[str, typer.Argument(help="A file, or - for standard input.")]
MediaType = Annotated[str | None, typer.Option(help="The media type that the sender gives.")]


def parse(file: File, media_type: MediaType = None) -> None:
    """Parse one document and print the result as JSON, without any server.

    Example: copydesk parse article.html
    """
    data, name = _read(file)
    _use_dialects()
    try:
        parsed = parse_bytes(data, media_type, name, limits=limits(settings()))
    except ParseError as error:
        die(f"{file}: {error.code}: {error.message}")
    article = parsed.article.model_dump(mode="json", exclude_defaults=True) if parsed.article else None
    members = [member.path for member in parsed.members]
    found = {"media_type": parsed.media_type, "article": article, "members": members}
    _print(found | ({"warnings": parsed.warnings} if parsed.warnings else {}))


def enrich(file: File, media_type: MediaType = None) -> None:
    """Parse and enrich one document and print the result as JSON, without any server.

    Example: copydesk enrich article.txt
    """
    data, name = _read(file)
    _use_dialects()
    try:
        result = pipeline.run(
            data,
            Source(received_at=datetime.now(UTC)),
            declared_media_type=media_type,
            filename=name,
            limits=limits(settings()),
            stages=configured(settings()),
            languages=settings().enrich_languages,
        )
    except WrongStage as error:
        die(str(error))
    except ParseError as error:
        die(f"{file}: {error.code}: {error.message}")
    answer = result.article.model_dump(mode="json", exclude_defaults=True)
    made = Processing(
        parser=result.parser, stages=result.stages, models=result.models, timings_ms=result.timings_ms
    ).model_dump(include={"parser", "stages", "models", "timings_ms"})
    _print(answer | {"processing": made})


def _use_dialects() -> None:
    try:
        dialects.use(settings().dialects)
    except dialects.WrongDialect as error:
        die(f"COPYDESK_DIALECTS: {error}")


def _read(file: str) -> tuple[bytes, str | None]:
    try:
        return (sys.stdin.buffer.read(), None) if file == "-" else (Path(file).read_bytes(), Path(file).name)
    except OSError as error:
        die(f"{file}: {error.strerror}")


def _print(answer: dict[str, Any]) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
