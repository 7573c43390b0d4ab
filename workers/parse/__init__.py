"""Bytes in, Article out: ``parse(data, declared_media_type="text/html", filename=None) -> Parsed``.

Plain functions, deterministic, no network, no MongoDB, no Celery. One module per format;
``registry.py`` names them.
"""

from __future__ import annotations

from workers.parse.base import Member, Parsed, ParseError, Parser, Source

__all__ = ["Member", "ParseError", "Parsed", "Parser", "Source", "parse"]


def parse(data: bytes, declared_media_type: str | None = None, filename: str | None = None) -> Parsed:
    """Read one document. Its format is found by content; type and name are hints.

    Raises ParseError with a documented code where the document cannot be read.
    """
    from workers.parse.registry import choose

    source = Source(data, declared_media_type, filename)
    return choose(source).parse(source)
