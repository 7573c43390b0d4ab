"""Lists every format that can be read. To add a format, write one module with a ``PARSER`` and add one line here."""

from __future__ import annotations

from workers.parse.base import ParseError, Parser, Source
from workers.parse.containers import envelope, feed, jsonfeed, mbox, ndjson, packed, tar, warc
from workers.parse.containers import zip as zipped
from workers.parse.formats import (
    data,
    doc,
    docx,
    eml,
    epub,
    image,
    markdown,
    msg,
    odp,
    ods,
    odt,
    pdf,
    pptx,
    rtf,
    table,
    text,
    tnef,
    xls,
    xlsx,
)
from workers.parse.web import page
from workers.parse.wire import anpa, injson, iptc7901, mapped, newsml, ninjs, nitf, reuters, schemaorg, zczc

PARSERS: list[Parser] = [
    page.PARSER,
    envelope.PARSER,
    markdown.PARSER,
    text.PARSER,
    data.PARSER,
    pdf.PARSER,
    docx.PARSER,
    doc.PARSER,
    odt.PARSER,
    rtf.PARSER,
    xlsx.PARSER,
    xls.PARSER,
    ods.PARSER,
    pptx.PARSER,
    odp.PARSER,
    epub.PARSER,
    image.PARSER,
    eml.PARSER,
    eml.MHTML,
    msg.PARSER,
    tnef.PARSER,
    mbox.PARSER,
    feed.PARSER,
    jsonfeed.PARSER,
    nitf.PARSER,
    newsml.PARSER,
    ninjs.PARSER,
    injson.PARSER,
    schemaorg.PARSER,
    anpa.PARSER,
    iptc7901.PARSER,
    reuters.PARSER,
    zczc.PARSER,
    mapped.PARSER,
    ndjson.PARSER,
    table.PARSER,
    zipped.PARSER,
    tar.PARSER,
    packed.PARSER,
    warc.PARSER,
]


def choose(source: Source) -> Parser:
    """Return the parser with the highest confidence for ``source``; the declared type breaks a tie. Raises ParseError
    ``unsupported_format``."""
    declared = (source.declared_media_type or "").split(";")[0].strip().lower()
    ranked = [(parser.sniff(source), declared in parser.media_types, parser) for parser in PARSERS]
    sure, _, best = max(ranked, key=lambda entry: entry[:2])
    if sure <= 0:
        raise ParseError("unsupported_format", "The bytes are of no format that can be read here.")
    return best
