"""``copydesk enrich FILE``: what a document says and is about, without any server."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from services.records import Article
from workers.enrich import enrich as run


def enrich(
    file: Annotated[Path, typer.Argument(help="Plain text, or an Article as JSON; `-` reads standard input.")],
    language: Annotated[str | None, typer.Option(help="BCP 47; found from the text where not given.")] = None,
    reference: Annotated[datetime | None, typer.Option(help="What relative dates count from.")] = None,
    skip: Annotated[list[str] | None, typer.Option(help="A field not to fill; may be given again.")] = None,
) -> None:
    """Print the annotations of one document as JSON."""
    content = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    article = read_article(content)
    if language:
        article.language = language
    enriched = run(article, reference=reference, skip=frozenset(skip or ()))
    answer = enriched.article.model_dump(mode="json", exclude_defaults=True)
    answer["processing"] = {"models": enriched.models, "stages": enriched.stages, "timings_ms": enriched.timings_ms}
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def read_article(content: str) -> Article:
    """An Article from its JSON, or one whose text is ``content``."""
    if content.lstrip().startswith("{"):
        return Article.model_validate_json(content)
    return Article(text=content.strip())
