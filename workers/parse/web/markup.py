"""Blocks of text from marked-up elements: XHTML in an e-book or a NewsML item, the HTML of a mail, NITF's body.

This is for content that is entirely the article. The parser ``html`` reads web pages, in which the article must be
found first.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree
from lxml import html as lxml_html

from services.text.paragraphs import BREAK
from workers.parse.article.compose import Piece, PieceKind
from workers.parse.article.normalise import normalise, tidy
from workers.parse.base import ParseError
from workers.parse.xml import Element, children, every, name

_SKIPPED = {
    "script", "style", "head", "title", "noscript", "template", "svg", "math", "iframe", "object", "embed", "form",
    "button", "select", "input", "textarea", "nav", "audio", "video", "canvas", "map", "del", "rp", "rt",
}  # fmt: skip
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "hl1", "hl2"}
_KINDS: dict[str, PieceKind] = {
    "li": "list_item", "dt": "list_item", "dd": "list_item", "blockquote": "blockquote", "bq": "blockquote",
    "figcaption": "caption", "figure": "caption", "caption": "caption", "media-caption": "caption", "pre": "paragraph", "p": "paragraph",
    **dict.fromkeys(_HEADINGS, "heading"),
}  # fmt: skip
_CONTAINERS = {
    "address", "article", "aside", "block", "body", "body.content", "center", "details", "div", "dl", "fieldset",
    "footer", "header", "hgroup", "html", "hr", "main", "media", "ol", "section", "summary", "tbody",
    "table", "tfoot", "thead", "ul", "fn", "note",
}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d])")
_ENDASH = re.compile(r"<endash>\s*-?\s*</endash>")  # a mark of the agency STT, escaped as text
_ESCAPED = re.compile(r"\s*<(?:div|script|iframe|blockquote)\b[^<>]*>.*>\s*", re.DOTALL)  # code to embed, shown as text
_LONG_CELL = 200  # characters; a table with a longer cell lays out a page


def read_html(text: str) -> Element:
    """Return the tree of an HTML page or fragment. Raises ParseError ``empty`` if it has no element and no text."""
    parser = lxml_html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise ParseError("empty", "There is no text in the HTML.") from None


def pieces(root: Element, *, skip: Callable[[Element], bool] | None = None) -> list[Piece]:
    """Return the blocks of ``root`` in reading order. Elements for which ``skip`` is true are left out with all their
    content."""
    reader = _Reader(skip or (lambda element: False))
    reader.walk(root, "paragraph")
    reader.flush("paragraph")
    return reader.pieces


class _Reader:
    def __init__(self, skip: Callable[[Element], bool]) -> None:
        self.pieces: list[Piece] = []
        self._skip = skip
        self._run: list[str] = []

    def flush(self, kind: PieceKind) -> None:
        """End a block. Two line breaks in a row end a paragraph, one is white space."""
        run, self._run = "".join(self._run), []
        for part in BREAK.split(normalise(run)):
            if _ESCAPED.fullmatch(part):
                if self.pieces and self.pieces[-1].kind == "heading":
                    self.pieces.pop()
            elif text := tidy(_ENDASH.sub("–", part)):
                self.pieces.append(Piece(kind, text))

    def walk(self, element: Element, kind: PieceKind) -> None:
        tag = name(element)
        if not tag or tag in _SKIPPED or _hidden(element) or self._skip(element):
            return
        if tag == "br":
            self._run.append("\n")
        elif tag in ("table", "nitf-table") and not _is_layout(element):
            self.flush(kind)
            self._table(element)
        elif tag == "tr":
            self.flush(kind)
            self._inside(element, kind)
            self.flush(kind)
        elif tag in _KINDS or tag in _CONTAINERS or tag in ("td", "th"):
            self.flush(kind)
            inner = _KINDS.get(tag, kind)
            if tag == "p" and kind != "heading":
                inner = kind  # a paragraph of a quotation, of a list item
            self._inside(element, inner, keep_lines=tag == "pre")
            self.flush(inner)
        else:
            self._inside(element, kind)

    def _inside(self, element: Element, kind: PieceKind, *, keep_lines: bool = False) -> None:
        def add(text: str | None) -> None:
            if text:
                self._run.append(text if keep_lines else " ".join(re.split(r"[\n\r]+", text)))

        add(element.text)
        for child in element:
            self.walk(child, kind)
            add(child.tail)

    def _table(self, table: Element) -> None:
        for caption in every(table, "caption"):
            if text := _cell(caption):
                self.pieces.append(Piece("caption", text))
        rows = []
        for row in every(table, "tr"):
            cells = [_cell(cell) for cell in children(row, "td", "th")]
            if any(cells):
                rows.append(" | ".join(cells))
        if rows:
            self.pieces.append(Piece("table", "\n".join(rows)))


def _cell(element: Element) -> str:
    return tidy(" ".join(element.itertext()))


def _hidden(element: Element) -> bool:
    if element.get("hidden") is not None:
        return True
    return bool(_HIDDEN.search((element.get("style") or "").lower()))


def _is_layout(table: Element) -> bool:
    """Return whether a table is only layout, as often in mails: nested, of one column, or with blocks or long text in
    its cells.

    The class of a table that Copydesk wrote says that it contains data.
    """
    if table.get("class") == "copydesk-table":
        return False
    columns = 0
    for element in table.iter():
        tag = name(element)
        if tag in ("td", "th"):
            if len(_cell(element)) > _LONG_CELL:
                return True
        elif tag == "tr":
            columns = max(columns, len(children(element, "td", "th")))
        elif element is not table and tag in ("table", "div", "ul", "ol", "blockquote", "h1", "h2", "h3", "img"):
            return True
    return columns < 2
