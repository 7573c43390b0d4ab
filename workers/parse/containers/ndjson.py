"""Read NDJSON: each line is a JSON object and a document."""

from __future__ import annotations

import json

from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.members import ENVELOPE, Collector

_SNIFFED_LINES = 5
_HEAD_BYTES = 1 << 18


def sniff(source: Source) -> float:
    """Return how sure it is: there are two lines or more, and the first few are objects, unlike one JSON value over
    several lines."""
    if not source.data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return 0.0
    head, cut = source.data[:_HEAD_BYTES], len(source.data) > _HEAD_BYTES
    lines = [line for line in head.splitlines() if line.strip()]
    if cut and len(lines) > 1:
        lines.pop()
    named = (source.filename or "").lower().endswith((".ndjson", ".jsonl"))
    if len(lines) < (1 if named or cut else 2):
        return 0.0
    return 0.96 if all(_is_object(line) for line in lines[:_SNIFFED_LINES]) else 0.0


def parse(source: Source) -> Parsed:
    text, _ = decode(source.data)
    found = Collector(source.limits, len(source.data))
    broken = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if _is_object(line):
            found.add(f"line-{number}", line.strip().encode("utf-8", "replace"), ENVELOPE)
        else:
            broken += 1
    if broken and not found.members:
        raise ParseError("corrupt", "No line of the file is a JSON object.")
    return Parsed("application/x-ndjson", members=found.result())


def _is_object(line: bytes | str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


PARSER = Parser(
    "ndjson", ("application/x-ndjson", "application/jsonl", "application/x-jsonlines"), sniff, parse, isolated=True
)
