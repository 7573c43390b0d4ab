"""mbox: the mails of a folder in one file, each after a line that begins with ``From ``."""

from __future__ import annotations

import re

from workers.parse.base import Parsed, Parser, Source
from workers.parse.members import Collector

MEDIA_TYPE = "application/mbox"

# From ann@port.example Tue Dec 17 10:01:00 2019, at the start or after an empty line, then a header field;
# not "From there it was a mile to the quay in 2019".
_ENVELOPE = re.compile(
    rb"(?:\A\s*|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]{0,300}\d{2}:\d{2}[^\r\n]{0,60}\r?\n(?=[!-9;-~]{1,60}:)"
)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def sniff(source: Source) -> float:
    """Return how sure it is: there must be two mails or more, because one with its envelope line is a mail."""
    if not source.data[:512].lstrip().startswith(b"From "):
        return 0.0
    envelopes = _ENVELOPE.finditer(source.data)
    first, second = next(envelopes, None), next(envelopes, None)
    return 0.96 if first and second and not source.data[: first.start()].strip() else 0.0


def parse(source: Source) -> Parsed:
    found = Collector(source.limits, len(source.data))
    envelopes = list(_ENVELOPE.finditer(source.data))
    ends = [envelope.start() for envelope in envelopes[1:]] + [len(source.data)]
    for number, (envelope, end) in enumerate(zip(envelopes, ends, strict=True), 1):
        mail = _QUOTED.sub(rb"\1", source.data[envelope.end() : end])
        found.add(f"message-{number}.eml", mail, "message/rfc822")
    return Parsed(MEDIA_TYPE, members=found.result())


PARSER = Parser("mbox", (MEDIA_TYPE, "application/x-mbox"), sniff, parse, isolated=True)
