"""Markdown (CommonMark and tables), with or without front matter in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from workers.parse.article.compose import Head, Piece, compose
from workers.parse.article.newstext import read_lead
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.encoding import charset_in, decode
from workers.parse.sniff import is_binary, opening
from workers.parse.wire.fields import known, read_head

MEDIA_TYPES = ("text/markdown", "text/x-markdown")

_HEADING = re.compile(rb"^#{1,4} \S|^\S[^\r\n]*\r?\n={3,}\s*$", re.M)
_SIGNS = re.compile(rb"\]\(https?:|\*\*\w|^[*+-] \S|^> \S|^```|^#{2,4} \S|^\S[^\r\n]*\r?\n-{3,}\s*$", re.M)
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\n(.{1,16384}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_BYTES = re.compile(rb"---[ \t]*\r?\n[A-Za-z][\w -]*:(?:.{0,4000}?\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_NAMES = (".md", ".markdown", ".mdown", ".mkd")
_LEAD = 15  # paragraphs that may be of the head
_SHORT = 140  # characters; the lines of a shorter paragraph may each say something of their own


def sniff(source: Source) -> float:
    """Return how sure it is: front matter or a heading at the very top, or a heading further down with other marks of
    Markdown.

    Without these, the sender must have declared it as Markdown.
    """
    if is_binary(source):
        return 0.0
    head = opening(source)
    if _HEADING.match(head) or _FRONT_BYTES.match(head):
        return 0.5
    if _HEADING.search(head) and _SIGNS.search(head):
        return 0.3
    declared = (source.declared_media_type or "").split(";")[0].strip().lower()
    named = (source.filename or "").lower().endswith(_NAMES)
    return 0.2 if declared in MEDIA_TYPES or named else 0.0


def parse(source: Source) -> Parsed:
    """Read the document. Raises ParseError ``empty`` if there is nothing to read."""
    text, warnings = decode(source.data, charset_in(b"", source.declared_media_type))
    head, more, text = _front_matter(text.replace("\r\n", "\n"))
    pieces = list(_pieces(MarkdownIt("commonmark").enable("table").parse(text)))
    if not pieces:
        raise ParseError("empty", "The document has no text.")
    title = None
    if pieces[0].kind == "heading" and head.title in (None, pieces[0].text):
        title = pieces.pop(0).text
    head, notices, doubts, pieces = _take_lead(pieces, title or head.title, head)
    warned = [*warnings, *more, *doubts]
    return Parsed("text/markdown", compose([*notices, *pieces], head, format="markdown", warnings=warned))


def _front_matter(text: str) -> tuple[Head, list[str], str]:
    """Return the values of YAML front matter between two lines ``---``, warnings, and the rest of the text."""
    found = _FRONT.match(text)
    if found is None:
        return Head(), [], text
    try:
        said = yaml.load(found[1], Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but strings, lists and dicts
    except (yaml.YAMLError, ValueError, RecursionError):
        return Head(), [], text
    if not isinstance(said, dict):
        return Head(), [], text
    fields = known(name for name in said if isinstance(name, str))
    head, warnings = read_head({field: said[name] for field, name in fields.items()})
    return head, warnings, text[found.end() :]


def _take_lead(pieces: list[Piece], title: str | None, head: Head) -> tuple[Head, list[Piece], list[str], list[Piece]]:
    """Return the head, notices, warnings, and the pieces without those of the head."""
    lines: list[str] = []
    places: list[int] = []
    for place, piece in enumerate(pieces[:_LEAD]):
        if piece.kind != "paragraph":
            break
        for line in piece.text.split("\n") if len(piece.text) <= _SHORT else [piece.text]:
            lines.append(line)
            places.append(place)
    head, notices, warnings, count = read_lead(lines, title, head)
    if count == len(lines):
        return head, notices, warnings, pieces[places[-1] + 1 :] if places else pieces
    place = places[count]
    rest = [line for line, at in zip(lines[count:], places[count:], strict=True) if at == place]
    return head, notices, warnings, [Piece("paragraph", " ".join(rest)), *pieces[place + 1 :]]


def _pieces(tokens: list[Token]) -> Iterator[Piece]:
    """Yield a piece for each inline token, with the kind of the innermost block around it; a table is one piece."""
    around: list[str] = []
    rows: list[list[str]] = []
    number = ""  # of an item in an ordered list
    picture: Piece | None = None  # the caption of the paragraph before, which was a picture
    for token in tokens:
        if token.nesting == 1:
            around.append(token.type.removesuffix("_open"))
            if around[-1] == "list_item":
                number = f"{token.info}. " if token.info else ""
            elif around[-1] == "tr":
                rows.append([])
        elif token.nesting == -1:
            if around.pop() == "table":
                yield Piece("table", "\n".join(" | ".join(row) for row in rows))
                rows = []
        elif token.type == "inline":
            children = token.children or []
            said = _said(children)
            if picture is not None:
                if _is_emphasised(children):
                    picture, said = Piece("caption", said), ""
                if picture.text:
                    yield picture
                picture = None
            if "table" in around:
                rows[-1].append(said)
            elif "heading" in around:
                yield Piece("heading", said)
            elif "blockquote" in around:
                yield Piece("blockquote", said)
            elif children and children[0].type == "image" and (not said.strip() or children[1].type == "softbreak"):
                alone = str(children[0].attrGet("title") or "") or children[0].content
                if said.strip():
                    yield Piece("caption", said)
                else:
                    picture = Piece("caption", alone)
            elif said.strip():
                if "list_item" in around:
                    yield Piece("list_item", number + said.strip())
                    number = ""
                else:
                    yield Piece("paragraph", said.strip())
    if picture is not None and picture.text:
        yield picture


def _said(children: list[Token]) -> str:
    """Return the words of a block without pictures; lines stay separate."""
    words = ""
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            words += "\n"
        elif child.type not in ("html_inline", "image"):
            words += child.content
    return words


def _is_emphasised(children: list[Token]) -> bool:
    """Return whether all of it is in italics or bold."""
    kept = [child for child in children if child.type != "text" or child.content.strip()]
    return (
        len(kept) > 1
        and kept[0].type in ("em_open", "strong_open")
        and kept[-1].type == kept[0].type.replace("open", "close")
    )


PARSER = Parser("markdown", MEDIA_TYPES, sniff, parse)
