"""Read telex messages: ``ZCZC`` with a number, the story, ``NNNN``.

Lines of the head may begin with a sign: ``^`` the headline, ``:`` the keyword, ``=`` the take, ``$`` the category,
``%`` the byline; otherwise the head below the routing line is read as in any plain text.
"""

from __future__ import annotations

import re

from services.records import Wire
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head
from workers.parse.article.newstext import read_text
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import decode
from workers.parse.members import Collector
from workers.parse.wire.coded import stated

MEDIA_TYPE = "text/x-zczc"

_MESSAGE = re.compile(
    rb"^ZCZC\b[ \t]*(?P<number>[^\r\n]{0,60})\r?\n(?P<text>.*?)(?:^NNNN\b[^\r\n]*|(?=^ZCZC\b)|\Z)",
    re.DOTALL | re.MULTILINE,
)
_SIGNED = re.compile(r"(?P<sign>[\^:=$%])\s?(?P<value>.*?)\^?")
_ROUTING = re.compile(r"[A-Z]{2,4}\d{3,5}(?: [A-Z0-9/-]{1,12}){0,8}")
"""``GRS0123 4 I 0123 TAS``"""


def sniff(source: Source) -> float:
    return 0.97 if re.match(rb"[\s\x00-\x1f]*ZCZC\b[^\r\n]{0,60}\r?\n", source.data[:200]) else 0.0


def parse(source: Source) -> Parsed:
    """Read the messages. Raises ParseError ``empty`` if none has text."""
    messages = [found for found in _MESSAGE.finditer(source.data.lstrip(b"\x00\r\n ")) if found["text"].strip()]
    if not messages:
        raise ParseError("empty", "No message between ZCZC and NNNN holds text.")
    if len(messages) == 1:
        return _message(messages[0])
    found = Collector(source.limits, len(source.data))
    for at, message in enumerate(messages, 1):
        found.add(f"message-{at}", message[0].rstrip() + b"\n", MEDIA_TYPE)
    return Parsed(MEDIA_TYPE, members=found.result())


def _message(message: re.Match[bytes]) -> Parsed:
    text, warnings = decode(message["text"])
    head, wire = Head(code=decode(message["number"])[0].strip() or None), Wire()
    lines = text.replace("\r\n", "\n").lstrip("\n").split("\n")
    while lines and (_ROUTING.fullmatch(lines[0].strip()) or _take(lines[0].strip(), head, wire)):
        lines.pop(0)
    wire.slugline = wire.slugline or head.code
    head.code = wire.slugline
    head.wire = stated(wire)
    body = "\n".join(lines)
    article = read_text(body, has_head=head.title is None, head=head, format="zczc", warnings=warnings)
    return Parsed(MEDIA_TYPE, article)


def _take(line: str, head: Head, wire: Wire) -> bool:
    """Read a line that begins with a sign into the head."""
    found = _SIGNED.fullmatch(line)
    if not found:
        return False
    value = found["value"].strip()
    match found["sign"]:
        case "^":
            head.title = head.title or value or None
        case ":":
            wire.slugline = value or None
        case "=" if value:
            wire.signals.append(value)
        case "$":
            wire.category = value or None
        case "%":
            head.byline = read_byline(value)
    return True


PARSER = Parser("zczc", (MEDIA_TYPE,), sniff, parse, isolated=True)
