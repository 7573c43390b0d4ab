"""Markdown (CommonMark and tables)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.compose import Head, Piece, compose
from workers.parse.encoding import charset_in, decode
from workers.parse.sniff import is_binary, opening

_HEADING = re.compile(rb"^#{1,4} \S", re.M)
_SIGNS = re.compile(rb"\]\(https?:|\*\*\w|^[*+-] \S|^> \S|^```", re.M)


def sniff(source: Source) -> float:
    """A ``#`` heading at the very top, or one further down with other marks of Markdown."""
    head = b"" if is_binary(source) else opening(source)
    if _HEADING.match(head):
        return 0.5
    return 0.3 if _HEADING.search(head) and _SIGNS.search(head) else 0.0


def parse(source: Source) -> Parsed:
    """Raises ParseError ``empty`` where there is nothing to read."""
    text, warnings = decode(source.data, charset_in(b"", source.declared_media_type))
    pieces = list(_pieces(MarkdownIt("commonmark").enable("table").parse(text)))
    if not pieces:
        raise ParseError("empty", "The document has no text.")
    title = pieces.pop(0).text if pieces[0].kind == "heading" else None
    return Parsed("text/markdown", compose(pieces, Head(title=title), format="markdown", warnings=warnings))


def _pieces(tokens: list[Token]) -> Iterator[Piece]:
    """A piece for each inline token, of the kind of the innermost block around it; a table's cells are one piece."""
    around: list[str] = []
    rows: list[list[str]] = []
    for token in tokens:
        if token.nesting == 1:
            around.append(token.type.removesuffix("_open"))
            if around[-1] == "tr":
                rows.append([])
        elif token.nesting == -1:
            if around.pop() == "table":
                yield Piece("table", "\n".join(" | ".join(row) for row in rows))
                rows = []
        elif token.type == "inline":
            said = "".join(child.content or " " for child in token.children or [] if child.type != "html_inline")
            if "table" in around:
                rows[-1].append(said)
            elif "heading" in around:
                yield Piece("heading", said)
            elif "blockquote" in around:
                yield Piece("blockquote", said)
            else:
                yield Piece("list_item" if "list_item" in around else "paragraph", said)


PARSER = Parser("markdown", ("text/markdown",), sniff, parse)
