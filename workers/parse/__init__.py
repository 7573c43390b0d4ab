"""Turn bytes into an Article: ``parse(data, declared_media_type="text/html", filename=None) -> Parsed``.

The functions are plain and deterministic and use neither network nor MongoDB nor Celery. There is one module per
format; ``registry.py`` names them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from services.records import Article
from workers.parse.base import Limits, Member, Parsed, ParseError, Parser, Source

__all__ = ["Limits", "Member", "ParseError", "Parsed", "Parser", "Source", "parse"]

_HALVES = re.compile("[\ud800-\udfff]")


def parse(
    data: bytes,
    declared_media_type: str | None = None,
    filename: str | None = None,
    *,
    limits: Limits | None = None,
    depth: int = 0,
    dialect: str | None = None,
) -> Parsed:
    """Read one document. Its format is found by content; type and name are hints.

    ``depth`` is how many documents this one is nested in; ``dialect`` names the agency whose dialect it is read in;
    without it, the document itself shows the agency. Formats whose library is native or may not terminate are read in a
    child process under ``limits``. Raises ParseError with a documented code if the document cannot be read.
    """
    from workers.parse import isolate
    from workers.parse.registry import choose

    if not data:
        raise ParseError("empty", "The document has no bytes.")
    source = Source(data, declared_media_type, filename, limits or Limits(), depth, dialect)
    if depth > source.limits.depth:
        raise ParseError("too_deep", f"Nested {depth} documents deep; the limit is {source.limits.depth}.")
    parser = choose(source)
    source = replace(source, limits=source.limits.of(parser.name))
    if len(data) > source.limits.size_bytes:
        raise ParseError("too_large", f"{len(data)} bytes are more than the limit of {source.limits.size_bytes}.")
    parsed = isolate.run(parser, source) if parser.isolated else isolate.read(parser, source)
    parsed.parser = parser.full_version
    return _with_whole_characters(parsed)


def _with_whole_characters(parsed: Parsed) -> Parsed:
    """Replace half surrogate pairs, which JSON and mail headers may contain, by U+FFFD: other programs do not accept
    them as text."""
    if parsed.article is not None:
        try:
            parsed.article.model_dump_json()
        except ValueError:
            parsed.article = Article.model_validate(_whole(parsed.article.model_dump()))
    parsed.members = [replace(member, url=_whole(member.url)) for member in parsed.members]
    return parsed


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return _HALVES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value
