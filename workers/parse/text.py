"""Plain text."""

from __future__ import annotations

from workers.parse.base import Parsed, Parser, Source
from workers.parse.encoding import decode
from workers.parse.newstext import read_text


def sniff(source: Source) -> float:
    return 0.1


def parse(source: Source) -> Parsed:
    text, warnings = decode(source.data)
    return Parsed("text/plain", read_text(text, warnings=warnings))


PARSER = Parser("text", ("text/plain",), sniff, parse)
