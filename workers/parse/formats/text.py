"""Plain text."""

from __future__ import annotations

from workers.parse.article.newstext import read_text
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import charset_in, decode
from workers.parse.sniff import is_binary


def sniff(source: Source) -> float:
    """Return a low confidence: anything that is not binary may be text."""
    return 0.0 if is_binary(source) else 0.1


def parse(source: Source) -> Parsed:
    """Read the document. Raises ParseError ``empty`` if there is nothing to read."""
    text, warnings = decode(source.data, charset_in(b"", source.declared_media_type))
    if not text.strip():
        raise ParseError("empty", "The document has no text.")
    return Parsed("text/plain", read_text(text, warnings=warnings))


PARSER = Parser("text", ("text/plain",), sniff, parse)
