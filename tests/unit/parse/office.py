"""Build workbooks, slides and old Word documents; they report the same strike as the other samples."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from tests.quality.parse.cfb import compound_file

SHEET = "Ladders"
SHEET_TITLE = "Ladders of the northern quay, by berth"
ROWS: list[list[object]] = [
    ["Berth", "Replaced", "Cost", "Inspected"],
    ["North 1", 0.125, 1234.5, datetime(2012, 3, 4)],
    ["North 2", 0.4, -80, datetime(2012, 3, 9)],
]
FORMATS = {1: "0.0%", 2: '"$"#,##0.00', 3: "dd/mm/yyyy"}
SHOWN = [
    "Berth | Replaced | Cost | Inspected",
    "North 1 | 12.5% | $1,234.50 | 2012-03-04",
    "North 2 | 40.0% | -$80.00 | 2012-03-09",
]
DECK = "Dockers of Port Vale end nine-day strike"
AGREED = ["Two hundred ladders by June", "Pay for the days that were lost"]
NOTE = "Thank Maria Anders here."


def xlsx() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append([SHEET_TITLE])
    sheet.append([])
    for row in ROWS:
        sheet.append(row)
        for column, number_format in FORMATS.items():
            if not isinstance(row[column], str):
                sheet.cell(sheet.max_row, column + 1).number_format = number_format
    hidden = book.create_sheet("Drafts")
    hidden.append(["A figure that nobody was to see"])
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- XLS: [MS-XLS], BIFF8 -------------------------------------------------------------------------


def xls(rows: Sequence[Sequence[object]] | None = None) -> bytes:
    """Return a workbook with a visible sheet and a hidden one. The cells of each column have its format in
    ``FORMATS``."""
    rows = [[SHEET_TITLE], [], *ROWS] if rows is None else rows
    font = _record(0x31, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + _text("Arial", "<B"))
    formats = [_record(0x41E, struct.pack("<H", 164 + column) + _text(said, "<H")) for column, said in FORMATS.items()]
    looks = [_record(0xE0, struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5, 0, 0, 0, 0, 0, 0, 0))] * 15
    looks += [
        _record(0xE0, struct.pack("<HHHBBBBIIH", 0, 164 + column if column in FORMATS else 0, 1, 0, 0, 0, 0, 0, 0, 0))
        for column in range(4)
    ]
    begin = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 6))
    head = begin + _record(0x42, struct.pack("<H", 1200)) + font * 5 + b"".join(formats + looks)
    sheets = [(SHEET, 0, rows), ("Drafts", 1, [["A figure that nobody was to see"]])]
    names = [_record(0x85, struct.pack("<IBB", 0, hidden, 0) + _text(name, "<B")) for name, hidden, _ in sheets]
    start = len(head) + sum(map(len, names)) + 4
    body = b""
    for (name, hidden, cells), at in zip(sheets, range(2), strict=True):
        names[at] = _record(0x85, struct.pack("<IBB", start + len(body), hidden, 0) + _text(name, "<B"))
        body += _record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 1997, 0, 6))
        body += b"".join(_cell(y, x, value) for y, row in enumerate(cells) for x, value in enumerate(row))
        body += _record(0x0A, b"")
    stream = head + b"".join(names) + _record(0x0A, b"") + body
    return compound_file({"Workbook": stream.ljust(4096, b"\0")}, {})


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _text(said: str, count: str) -> bytes:
    return struct.pack(count, len(said)) + b"\x01" + said.encode("utf-16-le")


def _cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HHH", row, column, 15 + min(column, 3))
    if isinstance(value, str):
        return _record(0x204, place + _text(value, "<H"))
    if isinstance(value, datetime):
        value = (value - datetime(1899, 12, 30)).total_seconds() / 86400
    return _record(0x203, place + struct.pack("<d", value))


# --- OpenDocument -----------------------------------------------------------------------------------

_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (
        ("office", "office"), ("text", "text"), ("style", "style"), ("table", "table"), ("draw", "drawing"),
        ("presentation", "presentation"), ("svg", "svg-compatible"),
    )
)  # fmt: skip


def opendocument(kind: str, body: str, styles: str = "") -> bytes:
    """Return a document of this kind: ``spreadsheet``, ``presentation``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr(
            "content.xml",
            f"<office:document-content {_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
            zipfile.ZIP_DEFLATED,
        )
    return out.getvalue()


def ods(rows: str | None = None) -> bytes:
    def cell(value: object, shown: str) -> str:
        date = f' office:value-type="date" office:date-value="{value:%Y-%m-%d}"' if isinstance(value, datetime) else ""
        return f"<table:table-cell{date}><text:p>{escape(shown)}</text:p></table:table-cell>"

    if rows is None:
        lines = [
            "".join(cell(value, f"{value:%d/%m/%Y}" if isinstance(value, datetime) else said)
                    for value, said in zip(row, shown.split(" | "), strict=True))
            for row, shown in zip(ROWS, SHOWN, strict=True)
        ]  # fmt: skip
        rows = f'<table:table-row>{cell("", SHEET_TITLE)}<table:table-cell table:number-columns-repeated="1023"/></table:table-row>'
        rows += '<table:table-row table:number-rows-repeated="7"><table:table-cell/></table:table-row>'
        rows += "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
        rows += '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    hidden = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    draft = f"<table:table-row>{cell('', 'A figure that nobody was to see')}</table:table-row>"
    return opendocument(
        "spreadsheet",
        f'<table:table table:name="{SHEET}">{rows}</table:table>'
        f'<table:table table:name="Drafts" table:style-name="ta2">{draft}</table:table>',
        hidden,
    )


def odp() -> bytes:
    def frame(kind: str, y: int, *lines: str) -> str:
        text = "".join(f"<text:p>{escape(line)}</text:p>" for line in lines)
        return (
            f'<draw:frame presentation:class="{kind}" svg:y="{y}cm"><draw:text-box>{text}</draw:text-box></draw:frame>'
        )

    hidden = (
        '<style:style style:name="dp2"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    notes = f"<presentation:notes>{frame('notes', 1, NOTE)}</presentation:notes>"
    return opendocument(
        "presentation",
        f"<draw:page>{frame('subtitle', 5, 'By Jane Roe')}{frame('title', 2, DECK)}</draw:page>"
        f"<draw:page>{frame('title', 2, 'What was agreed')}{frame('footer', 20, 'The Vale Courier')}"
        f"{frame('outline', 5, *AGREED)}{notes}</draw:page>"
        f'<draw:page draw:style-name="dp2">{frame("title", 2, "Not for the hall")}</draw:page>',
        hidden,
    )


# --- PPTX -------------------------------------------------------------------------------------------


def pptx() -> bytes:
    import pptx as library
    from pptx.util import Inches

    deck = library.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = DECK
    first.placeholders[1].text = "By Jane Roe"
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "What was agreed"
    second.placeholders[1].text = "\n".join(AGREED)
    second.notes_slide.notes_text_frame.text = NOTE
    hidden = deck.slides.add_slide(deck.slide_layouts[6])
    hidden._element.set("show", "0")
    hidden.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(1)).text_frame.text = "Not for the hall"
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


# --- DOC: [MS-DOC] ----------------------------------------------------------------------------------


def doc(text: str | None = None, *, pieces: int = 2, flags: int = 0) -> bytes:
    """Return a document of Word 97 in this many pieces, alternately in code page 1252 and in UTF-16, as editing leaves
    it."""
    from tests.unit.parse import samples

    text = text if text is not None else "\r".join([samples.TITLE, "By Jane Roe", "10 March 2012", *samples.BODY, ""])
    start, body, table = 0x800, b"", b""
    bounds = [len(text) * number // pieces for number in range(pieces + 1)]
    for number in range(pieces):
        part = text[bounds[number] : bounds[number + 1]]
        body += b"\0" * (len(body) % 2)
        at = start + len(body)
        narrow = number % 2 == 1 and part.isascii()
        body += part.encode("cp1252" if narrow else "utf-16-le")
        table += struct.pack("<HIH", 0, at * 2 | 0x40000000 if narrow else at, 0)
    places = b"".join(struct.pack("<I", bound) for bound in bounds) + table
    clx = b"\x02" + struct.pack("<I", len(places)) + places
    head = bytearray(start)
    struct.pack_into("<HHHHHH", head, 0, 0xA5EC, 0xC1, 0, 0x409, 0, 0x1200 | flags)
    struct.pack_into("<II", head, 24, start, start + len(body))
    struct.pack_into("<H", head, 32, 14)
    struct.pack_into("<H", head, 62, 22)
    struct.pack_into("<II", head, 64, start + len(body), 0)
    struct.pack_into("<I", head, 76, len(text))
    struct.pack_into("<H", head, 152, 93)
    struct.pack_into("<II", head, 154 + 33 * 8, 0, len(clx))
    return compound_file(
        {"WordDocument": (bytes(head) + body).ljust(4096, b"\0"), "1Table": clx.ljust(4096, b"\0")}, {}
    )
