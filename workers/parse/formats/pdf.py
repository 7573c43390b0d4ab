"""Read PDFs with a text layer using PDFium, and scanned pages by OCR if that is on."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from workers.parse import warnings as warn
from workers.parse.article.compose import Piece
from workers.parse.article.layout import Line, Page, read_pages
from workers.parse.article.newstext import read_text
from workers.parse.base import Limits, Parsed, ParseError, Parser, Source
from workers.parse.formats.ocr import read_picture
from workers.parse.formats.rtl import in_reading_order, is_unsure
from workers.parse.formats.structured import Run, read_structured
from workers.parse.sniff import opening

MEDIA_TYPE = "application/pdf"

_OCR_DPI = 200
_OCR_LARGEST = 6000  # pixels a side
_FEW_CHARACTERS = 20  # a page with fewer and a picture is a scan with, at most, a stamp
_BOLD = 600  # weight
_ERRORS = {raw.FPDF_ERR_PASSWORD: "encrypted", raw.FPDF_ERR_SECURITY: "encrypted"}


def sniff(source: Source) -> float:
    """Return a high confidence if the header comes first; it may come later (ISO 32000-1, H.3.4.1), but so it does in
    archives that contain a PDF."""
    if opening(source, 64).startswith(b"%PDF-"):
        return 0.97
    return 0.3 if b"%PDF-" in source.data[:1024] else 0.0


def parse(source: Source) -> Parsed:
    document = _open(source.data)
    count = len(document)
    if count > source.limits.pages:
        raise ParseError("too_many_pages", f"The document has {count} pages; the limit is {source.limits.pages}.")
    pages = {number: page for number in range(count) if (page := _page(document, number))}
    if not pages:
        raise ParseError("corrupt", "No page of the document can be read.")
    scanned = _scanned(document, pages)
    if len(scanned) == len(pages) or (scanned and not any(page.lines for page in pages.values())):
        text = "\n\n".join(_ocr(document, scanned, source.limits))
        if not text.strip():
            raise ParseError("empty", "No text was found in the pictures of the pages.")
        return Parsed(MEDIA_TYPE, read_text(text, format="pdf", warnings=[warn.OCR]))
    read = _ocr(document, scanned, source.limits) if scanned and source.limits.ocr else []
    runs = _runs(pages, dict(zip(scanned, read, strict=False)))
    if not runs:
        raise ParseError("empty", "There is no text in the document.")
    warnings = ([warn.OCR] if read else [warn.SCANNED_PAGES]) if scanned else []
    if any(page.rtl_unsure for page in pages.values()):
        warnings.append(warn.RTL_UNSURE)
    return Parsed(MEDIA_TYPE, read_structured(runs, format="pdf", warnings=warnings))


def _scanned(document: pdfium.PdfDocument, pages: dict[int, Page]) -> list[int]:
    """Return the pages that are pictures of text; if the document has no letters at all, every page with any
    drawing."""
    bare = [number for number, page in pages.items() if sum(len(line.text) for line in page.lines) < _FEW_CHARACTERS]
    pictures = [number for number in bare if _draws(document, number, [raw.FPDF_PAGEOBJ_IMAGE])]
    if pictures or any(page.lines for page in pages.values()):
        return pictures
    return [number for number in bare if _draws(document, number, None)]


def _runs(pages: dict[int, Page], read: dict[int, str]) -> list[Run]:
    """Return the blocks of all pages. ``read`` has the text of those that were read from their picture."""
    runs: list[Run] = []
    for pictured, group in groupby(pages, key=read.__contains__):
        if pictured:
            for number in group:
                texts = [" ".join(text.split()) for text in re.split(r"\n\s*\n", read[number])]
                runs += [Run(Piece("paragraph", text, [(number + 1, 0)])) for text in texts if text]
        else:
            numbers = list(group)
            for p in read_pages([pages[number] for number in numbers]):
                stands_on = [(numbers[place] + 1, offset) for place, offset in p.pages]
                runs.append(Run(Piece("paragraph", p.text, stands_on), p.size, p.bold))
    for run in runs:
        if run.piece.text.startswith(("•", "▪", "‣", "●", "◦")):
            text = run.piece.text[1:].lstrip()
            gone = len(run.piece.text) - len(text)
            run.piece = Piece("list_item", text, [(number, max(0, at - gone)) for number, at in run.piece.pages])
    return runs


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = _ERRORS.get(getattr(error, "err_code", None) or raw.FPDF_GetLastError())
        if code == "encrypted" or "assword" in str(error):
            raise ParseError("encrypted", "The document is locked with a password.") from None
        raise ParseError("corrupt", f"The PDF is broken: {error}.") from None


def _page(document: pdfium.PdfDocument, number: int) -> Page | None:
    """Return the lines of a page, or None if it is broken."""
    try:
        page = document[number]
        height = page.get_height()
        text = page.get_textpage()
    except pdfium.PdfiumError:
        return None
    order = _Order()
    lines = list(_lines(text.raw, text.count_chars(), order))
    return Page(lines, height, rtl_unsure=is_unsure(order.pairs, order.wrong))


@dataclass(slots=True)
class _Order:
    """The number of pairs of neighbouring right-to-left words on a page, and how many of them are ordered from left to
    right."""

    pairs: int = 0
    wrong: int = 0


def _lines(page: ctypes.c_void_p, count: int, order: _Order) -> Iterator[Line]:
    """Yield the lines of a page with characters in reading order. A hyphen at a line's end is kept as U+0002."""
    loose = raw.FS_RECTF()
    characters: list[str] = []
    middles: list[float] = []  # of each character, on the line
    last = (0.0, 0.0, 0.0, 0.0)  # where the character before stands
    box = [0.0, 0.0, 0.0, 0.0]
    sizes: list[float] = []  # and boldness: of each word's first character
    bold = 0
    size = 1.0

    def line() -> Iterator[Line]:
        nonlocal bold
        placed, pairs, wrong = in_reading_order(characters, middles)
        order.pairs, order.wrong = order.pairs + pairs, order.wrong + wrong
        text = _surrogates("".join(placed)).strip(" ")
        if text and sizes:
            middle = sorted(sizes)[len(sizes) // 2]
            yield Line(text, box[0], box[1], box[2], box[3], middle, 2 * bold > len(sizes))
        characters.clear()
        middles.clear()
        sizes.clear()
        bold = 0

    for index in range(count):
        code = raw.FPDFText_GetUnicode(page, index)
        char = chr(code) if 0 < code < 0x110000 else "\ufffd"
        if char in "\r\n":
            yield from line()
            continue
        generated = raw.FPDFText_IsGenerated(page, index) == 1
        raw.FPDFText_GetLooseCharBox(page, index, loose)  # as high as the type, not the letter
        spot = (loose.left, loose.bottom, loose.right, loose.top)
        if generated or char.isspace() or spot[2] <= spot[0]:
            if characters:
                characters.append("\x02" if char == "\x02" else " " if char.isspace() or generated else char)
                middles.append(middles[-1])
            continue
        broken = characters[-1:] == ["\x02"] and spot[2] < last[2]
        if sizes and (broken or _apart(box, spot, size)):
            yield from line()
        if not sizes:
            characters.clear()
            middles.clear()
            box[:] = spot
        if not characters or characters[-1] == " ":
            size = _size(page, index, spot)
            sizes.append(size)
            bold += raw.FPDFText_GetFontWeight(page, index) >= _BOLD or _bold_name(page, index)
        box[:] = [min(box[0], spot[0]), min(box[1], spot[1]), max(box[2], spot[2]), max(box[3], spot[3])]
        characters.append(char)
        middles.append((spot[0] + spot[2]) / 2)
        last = spot
    yield from line()


def _apart(box: list[float], spot: tuple[float, float, float, float], size: float) -> bool:
    """Return whether a character does not continue the line: on another level, or beyond a gap as wide as a gutter."""
    middle = (spot[1] + spot[3]) / 2
    if not box[1] - 0.6 * size <= middle <= box[3] + 0.6 * size:
        return True
    return spot[0] - box[2] > 1.2 * size or box[0] - spot[2] > 1.2 * size


def _size(page: ctypes.c_void_p, index: int, spot: tuple[float, float, float, float]) -> float:
    """Return the type size as shown on the page: some producers set 1 point and scale it."""
    size = float(raw.FPDFText_GetFontSize(page, index))
    matrix = raw.FS_MATRIX()
    if raw.FPDFText_GetMatrix(page, index, matrix):
        scale = (matrix.c**2 + matrix.d**2) ** 0.5
        if scale > 0:
            size *= scale
    return round(size, 1) if 1 < size < 500 else max(1.0, round(spot[3] - spot[1], 1))


_BOLD_FONTS: dict[bytes, bool] = {}


def _bold_name(page: ctypes.c_void_p, index: int) -> bool:
    """Return whether the font's name says bold: the descriptor's weight is often missing."""
    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    raw.FPDFText_GetFontInfo(page, index, buffer, 128, flags)
    name = buffer.value
    if name not in _BOLD_FONTS:
        lower = name.lower()
        _BOLD_FONTS[name] = b"bold" in lower or b"black" in lower or b"heavy" in lower
    return _BOLD_FONTS[name]


def _surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _draws(document: pdfium.PdfDocument, number: int, kinds: list[int] | None) -> bool:
    """Return whether there is an object of one of ``kinds``, or any at all, on the page."""
    try:
        return any(True for _ in document[number].get_objects(filter=kinds))
    except pdfium.PdfiumError:
        return False


def _ocr(document: pdfium.PdfDocument, pages: list[int], limits: Limits) -> list[str]:
    """Return the text of each scanned page. Raises ParseError ``needs_ocr``, ``too_many_pages`` or ``timeout``."""
    if not limits.ocr:
        raise ParseError("needs_ocr", "The pages are pictures of text; set COPYDESK_PARSE_OCR=true to have them read.")
    if len(pages) > limits.ocr_pages:
        raise ParseError("too_many_pages", f"{len(pages)} pages are pictures of text; the limit is {limits.ocr_pages}.")
    texts = []
    for number in pages:
        page = document[number]
        scale = min(_OCR_DPI / 72, _OCR_LARGEST / max(*page.get_size(), 1.0))
        bitmap = page.render(scale=scale, grayscale=True)
        width, height, stride = bitmap.width, bitmap.height, bitmap.stride
        pixels = bytes(bitmap.buffer)
        rows = b"".join(pixels[row * stride : row * stride + width] for row in range(height))
        texts.append(read_picture(b"P5 %d %d 255\n" % (width, height) + rows, limits))
    return texts


PARSER = Parser("pdf", (MEDIA_TYPE, "application/x-pdf"), sniff, parse, isolated=True, version=3)
