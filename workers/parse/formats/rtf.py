"""RTF (Microsoft's specification 1.9.1): groups, control words and text, without the destinations that are not text."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field, replace

from workers.parse.article.compose import Piece
from workers.parse.article.normalise import tidy
from workers.parse.base import Parsed, ParseError, Parser, Source
from workers.parse.formats.structured import Run, read_structured

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SKIPPED = {
    b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"headerl", b"headerr", b"headerf",
    b"footer", b"footerl", b"footerr", b"footerf", b"footnote", b"annotation", b"xe", b"tc", b"fldinst", b"themedata",
    b"datastore", b"listtable", b"listoverridetable", b"revtbl", b"rsidtbl", b"generator", b"filetbl", b"bkmkstart",
    b"bkmkend", b"listtext", b"pntext", b"nonshppict", b"objdata", b"latentstyles", b"mmathpr", b"sp",
}  # fmt: skip
_READ_STARRED = {b"shptxt", b"shpinst"}
_SYMBOLS = {
    b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
    b"bullet": "•", b"tab": "\t", b"emspace": " ", b"enspace": " ", b"qmspace": " ",
    b"zwj": "\u200d", b"zwnj": "\u200c", b"line": "\n", b"softline": "\n",
}  # fmt: skip
# \fcharsetN to a code page: the specification's table of character sets.
_CHARSETS = {0: 1252, 77: 10000, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258,
             177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250}  # fmt: skip
_DEPTH = 500


@dataclass(slots=True)
class _State:
    skip: bool = False
    bold: bool = False
    size: int = 24  # half points
    font: int | None = None
    fallback: int = 1  # \uc: how many characters after \u stand for it
    style: int = 0
    hidden: bool = False
    html: bool = False  # inside \htmlrtf, RTF that repeats the HTML it was made from


@dataclass(slots=True)
class Paragraph:
    """``size`` is the largest in half points; ``style`` names the stylesheet's entry."""

    text: str
    size: int
    bold: bool
    style: int = 0
    row: bool = False


@dataclass(slots=True)
class _Outside:
    """The part of a paragraph before the text box anchored in it, and the nesting depth of the box's group."""

    depth: int
    text: list[str]
    cells: list[str]
    in_row: bool
    size: int
    bold: bool


@dataclass(slots=True)
class _Document:
    paragraphs: list[Paragraph] = field(default_factory=list)
    styles: dict[int, str] = field(default_factory=dict)


def sniff(source: Source) -> float:
    return 0.95 if source.data[:64].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rt") else 0.0


def parse(source: Source) -> Parsed:
    document = _Reader(source.data).read()
    if not any(paragraph.text for paragraph in document.paragraphs):
        raise ParseError("empty", "There is no text in the RTF file.")
    runs = [
        Run(_piece(paragraph), paragraph.size / 2, paragraph.bold, document.styles.get(paragraph.style, ""))
        for paragraph in document.paragraphs
        if paragraph.text
    ]
    return Parsed("application/rtf", read_structured(runs, format="rtf"))


def _piece(paragraph: Paragraph) -> Piece:
    if paragraph.row:
        return Piece("table", paragraph.text)
    if paragraph.text.startswith(("•", "·")):
        return Piece("list_item", paragraph.text.lstrip("•· "))
    return Piece("paragraph", paragraph.text)


def rtf_text(data: bytes) -> str:
    """Return the paragraphs of RTF as plain text, a blank line between them."""
    return "\n\n".join(paragraph.text for paragraph in _Reader(data).read().paragraphs if paragraph.text)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._document = _Document()
        self._state = _State()
        self._stack: list[_State] = []
        self._codepage = 1252
        self._fonts: dict[int, int] = {}
        self._table: bytes = b""  # the destination fonttbl or stylesheet, while inside it
        self._entry = 0
        self._style_name: list[str] = []
        self._bytes = bytearray()
        self._text: list[str] = []
        self._cells: list[str] = []
        self._in_row = False
        self._owed = 0  # characters still to be skipped after \u
        self._size, self._bold = 0, True
        self._starred = False
        self._boxes: list[_Outside] = []
        self._boxed: list[Paragraph] = []  # of text boxes, to follow the paragraph that they are anchored in

    def read(self) -> _Document:
        position = 0
        while position < len(self._data):
            token = _TOKEN.match(self._data, position)
            if token is None:
                position += 1
                continue
            position = token.end()
            word, number, code, symbol, brace, text = token.groups()
            if word is not None:
                if word == b"bin" and number:
                    position += max(0, int(number))
                else:
                    self._word(word.lower() if word.isupper() else word, int(number) if number else None)
            elif brace is not None:
                self._brace(brace)
            elif code is not None:
                self._raw(bytes([int(code, 16)]))
            elif symbol is not None:
                self._symbol(symbol)
            elif text is not None:
                self._raw(text)
        while self._boxes:
            self._leave_box()
        self._paragraph()
        return self._document

    def _brace(self, brace: bytes) -> None:
        self._decode()
        self._owed = 0
        if brace == b"{":
            if len(self._stack) > _DEPTH:
                raise ParseError("too_deep", "Groups of the RTF file are nested too deep.")
            self._stack.append(replace(self._state))
        elif self._stack:
            depth = len(self._stack)
            if self._boxes and depth <= self._boxes[-1].depth:
                self._leave_box()
            self._state = self._stack.pop()
            if self._table and not self._state.skip and depth <= self._table_depth:
                self._table = b""
        self._starred = False

    _table_depth = 0

    def _word(self, word: bytes, number: int | None) -> None:
        state = self._state
        if self._table:
            self._table_word(word, number)
            return
        if word in (b"fonttbl", b"stylesheet"):
            self._decode()
            self._table, self._table_depth, state.skip = word, len(self._stack), True
            return
        if word in _SKIPPED or (self._starred and word not in _READ_STARRED):
            self._decode()
            state.skip = True
        self._starred = False
        if word == b"u" and number is not None:
            self._decode()
            if self._shown():
                self._text.append(_utf16(number))
            self._owed = state.fallback
            return
        if word not in (b"f", b"b", b"fs"):
            self._decode()
        if word in _SYMBOLS:
            if self._shown():
                self._text.append(_SYMBOLS[word])
        elif word == b"shptxt" and not state.skip:
            self._enter_box()
        elif word in (b"par", b"sect", b"page"):
            if not state.skip:
                self._paragraph()
        elif word == b"cell" and not state.skip:
            self._cells.append(tidy("".join(self._text)))
            self._text.clear()
        elif word == b"row" and not state.skip:
            self._row()
        else:
            self._format(word, number)

    def _format(self, word: bytes, number: int | None) -> None:
        state = self._state
        if word == b"ansicpg" and number:
            self._codepage = number
        elif word == b"mac":
            self._codepage = 10000
        elif word == b"uc":
            state.fallback = min(number or 0, 8)
        elif word == b"f":
            self._decode()
            state.font = number
        elif word == b"plain":
            state.bold, state.size, state.hidden = False, 24, False
        elif word == b"b":
            self._decode()
            state.bold = number != 0
        elif word == b"fs" and number:
            self._decode()
            state.size = number
        elif word == b"v" or word == b"deleted":
            state.hidden = number != 0
        elif word == b"htmlrtf":
            state.html = number != 0
        elif word == b"s":
            state.style = number or 0
        elif word == b"pard":
            state.style, self._in_row = 0, False
        elif word == b"intbl":
            self._in_row = True

    def _table_word(self, word: bytes, number: int | None) -> None:
        if self._table == b"fonttbl":
            if word == b"f" and number is not None:
                self._entry = number
            elif word == b"fcharset" and number in _CHARSETS:
                self._fonts[self._entry] = _CHARSETS[number]
            elif word == b"cpg" and number:
                self._fonts[self._entry] = number
        elif word == b"s" and number is not None:
            self._entry = number

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
        elif symbol in b"\\{}":
            self._raw(symbol)
        elif symbol in (b"\r", b"\n"):
            self._decode()
            if not self._state.skip:
                self._paragraph()
        elif symbol == b"~":
            self._decode()
            if self._shown():
                self._text.append("\u00a0")
        elif symbol == b"_":
            self._decode()
            if self._shown():
                self._text.append("-")

    def _raw(self, data: bytes) -> None:
        if self._owed:
            passed = min(self._owed, len(data))
            self._owed -= passed
            data = data[passed:]
        if self._table == b"stylesheet":
            name = data.decode("latin-1").strip().rstrip(";").strip()
            if name:
                self._document.styles.setdefault(self._entry, name)
            self._entry = 0
        elif data and self._shown():
            self._bytes += data
            if data.strip():
                self._size = max(self._size, self._state.size)
                self._bold = self._bold and self._state.bold

    def _shown(self) -> bool:
        state = self._state
        return not (state.skip or state.hidden or state.html)

    def _decode(self) -> None:
        """Decode the bytes collected under one font; a character of two bytes may be written as two escapes."""
        if not self._bytes:
            return
        data, self._bytes = bytes(self._bytes), bytearray()
        page = self._fonts.get(self._state.font if self._state.font is not None else -1, self._codepage)
        if page == 1252:
            page = self._codepage
        name = {10000: "mac_roman", 65001: "utf-8", 1361: "johab"}.get(page, f"cp{page}")
        try:
            self._text.append(data.decode(name, "replace"))
        except LookupError:
            self._text.append(data.decode("cp1252", "replace"))

    def _paragraph(self) -> None:
        self._decode()
        if self._in_row:  # a line inside a cell
            self._text.append(" ")
            return
        text = tidy("".join(self._text).encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        paragraph = Paragraph(text, self._size, self._bold and bool(text), self._state.style)
        if self._boxes:
            self._boxed.append(paragraph)
        else:
            self._document.paragraphs += [paragraph, *self._boxed]
            self._boxed.clear()
        self._text.clear()
        self._size, self._bold = 0, True

    def _enter_box(self) -> None:
        outside = _Outside(len(self._stack), self._text, self._cells, self._in_row, self._size, self._bold)
        self._boxes.append(outside)
        self._text, self._cells, self._in_row, self._size, self._bold = [], [], False, 0, True

    def _leave_box(self) -> None:
        self._paragraph()
        outside = self._boxes.pop()
        self._text, self._cells, self._in_row = outside.text, outside.cells, outside.in_row
        self._size, self._bold = outside.size, outside.bold

    def _row(self) -> None:
        text = " | ".join(self._cells)
        kept = self._boxed if self._boxes else self._document.paragraphs
        last = kept[-1] if kept else None
        if any(self._cells):
            if last is not None and last.row:
                last.text += "\n" + text
            else:
                kept.append(Paragraph(text, self._size, False, row=True))
        self._cells.clear()
        self._in_row = False
        self._size, self._bold = 0, True


def _utf16(number: int) -> str:
    """Return a signed 16-bit code unit; surrogate pairs are joined when the paragraph ends."""
    return chr(number & 0xFFFF)


# The dictionary that MS-OXRTFCP 2.1.3.1.2 starts with.
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain"
    b"\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def decompress(data: bytes) -> bytes:
    """Unpack Outlook's compressed RTF (MS-OXRTFCP). Raises ParseError ``corrupt``."""
    if len(data) < 16:
        raise ParseError("corrupt", "The compressed RTF is cut off.")
    _, size, kind = struct.unpack_from("<III", data)
    if kind == 0x414C454D:  # MELA: not compressed
        return data[16 : 16 + size]
    window = bytearray(_DICTIONARY.ljust(4096, b" "))
    write, out, position = len(_DICTIONARY), bytearray(), 16
    while position < len(data) and len(out) < size:
        control, position = data[position], position + 1
        for bit in range(8):
            if control >> bit & 1:
                if position + 1 >= len(data):
                    return bytes(out)
                pair = data[position] << 8 | data[position + 1]
                position += 2
                start, length = pair >> 4, (pair & 15) + 2
                if start == write % 4096:
                    return bytes(out)
                for step in range(length):
                    byte = window[(start + step) % 4096]
                    out.append(byte)
                    window[write % 4096] = byte
                    write += 1
            elif position < len(data):
                out.append(data[position])
                window[write % 4096] = data[position]
                write, position = write + 1, position + 1
    return bytes(out)


PARSER = Parser("rtf", ("application/rtf", "text/rtf"), sniff, parse, isolated=True, version=2)
