"""Read JSON with NITF or NewsML in one of its strings, as some senders wrap an agency's files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.members import Collector
from workers.parse.wire import newsml, ninjs, nitf

MEDIA_TYPE = "application/json"

_HELD = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:nitf|newsItem|newsMessage|packageItem|NewsML)[\\\s>]")
_DEEPEST = 12


def sniff(source: Source) -> float:
    start = source.data[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    held = start.startswith((b"{", b"[", b'"')) and _HELD.search(source.data[: 256 * 1024])
    return 0.94 if held and not ninjs.sniff(source) else 0.0


def parse(source: Source) -> Parsed:
    """Read documents inside strings of JSON. Raises ParseError ``corrupt`` for broken JSON, ``empty`` if no string is a
    document."""
    text, _ = decode(source.data)
    try:
        held = list(_documents(json.loads(text, strict=False), 0))
    except (ValueError, RecursionError) as error:
        raise ParseError("corrupt", f"The JSON is broken: {error}.") from None
    if not held:
        raise ParseError("empty", "No string of the JSON is a whole NITF or NewsML document.")
    if len(held) == 1:
        parser, inner = held[0]
        return parser.parse(inner)
    found = Collector(source.limits, len(source.data))
    for number, (parser, inner) in enumerate(held, 1):
        found.add(f"item-{number}", inner.data, parser.media_types[0])
    return Parsed(MEDIA_TYPE, members=found.result())


def _documents(value: Any, depth: int) -> Iterator[tuple[Parser, Source]]:
    """Yield the strings that are documents, each with its parser."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        inner = Source(value.strip().encode("utf-8", "replace"))
        parser = max((nitf.PARSER, newsml.PARSER), key=lambda each: each.sniff(inner))
        if parser.sniff(inner):
            yield parser, inner
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _documents(each, depth + 1)


PARSER = Parser("wire-json", (MEDIA_TYPE,), sniff, parse, isolated=True)
