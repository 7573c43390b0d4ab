"""Workbooks, slides and old Word documents, as a reader sees them."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time, timedelta

import pytest

from tests.unit.parse import office, samples
from workers.parse import Limits, ParseError, parse
from workers.parse.formats.cells import shown


def code(data: bytes, **limits) -> str:
    with pytest.raises(ParseError) as caught:
        parse(data, limits=Limits(**limits))
    return caught.value.code


def repacked(data: bytes, **parts: bytes) -> bytes:
    """Return the archive with other bytes in some parts, named by the end of their paths with ``_`` for ``.``."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            name = info.filename.rpartition("/")[2].replace(".", "_")
            new.writestr(info.filename, parts.get(name, old.read(info)))
    return out.getvalue()


@pytest.mark.parametrize("name", ["xlsx", "xls", "ods"])
def test_a_sheet_is_a_heading_and_a_table_of_what_its_cells_show(name):
    found = parse(samples.SAMPLES[name]())
    article = found.article
    assert (found.parser.split()[0], article.format) == (name, name)
    assert article.title == office.SHEET_TITLE
    assert article.text == "\n\n".join([office.SHEET, "\n".join(office.SHOWN)])
    assert [block.kind for block in article.blocks] == ["heading", "table"]
    assert "hidden_left_out:Drafts" in article.warnings


@pytest.mark.parametrize("name", ["pptx", "odp"])
def test_a_slide_is_a_heading_what_is_on_it_and_its_notes(name):
    found = parse(samples.SAMPLES[name]())
    article = found.article
    assert found.parser.split()[0] == name
    assert article.title == office.DECK
    assert [author.name for author in article.byline] == ["Jane Roe"]
    assert article.text == "\n\n".join(["What was agreed", *office.AGREED, f"Notes: {office.NOTE}"])
    assert [block.kind for block in article.blocks] == ["heading", "list_item", "list_item", "paragraph"]
    hidden = "3" if name == "pptx" else "Not for the hall"
    assert f"hidden_left_out:{hidden}" in article.warnings


@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_an_old_word_document_is_read(pieces):
    article = parse(office.doc(pieces=pieces)).article
    assert article.title == samples.TITLE
    assert [author.name for author in article.byline] == ["Jane Roe"]
    assert article.published_at is not None and article.published_at.day == 10
    assert article.dateline is not None and article.dateline.places == ["Port Vale"]
    assert samples.SECOND in article.text and samples.THIRD in article.text


def test_fields_and_tables_of_an_old_word_document():
    link = '\x13 HYPERLINK "http://vale.example/" \x14the list\x15'
    article = parse(
        office.doc(f"Ladders\rSee {link} of berths.\rBerth\x07Cost\x07\x07North\x07$80\x07\x07So it was.\r")
    ).article
    assert "See the list of berths." in article.text
    assert "Berth | Cost\nNorth | $80" in article.text
    assert article.text.endswith("So it was.")


def test_old_office_files_that_are_locked_or_not_read_say_what_to_do():
    from tests.quality.parse.cfb import compound_file

    assert code(office.doc(flags=0x100)) == "encrypted"
    assert code(compound_file({"EncryptedPackage": b"x" * 4096}, {})) == "encrypted"
    with pytest.raises(ParseError, match="save them as PPTX"):
        parse(compound_file({"PowerPoint Document": b"x" * 4096}, {}))


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.125, "0%", "12%"),
        (0.5, "0.0%", "50.0%"),
        (1234567.5, '"$"#,##0.00', "$1,234,567.50"),
        (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
        (1234.5, '_("$"* #,##0.00_);_("$"* (#,##0.00)', "$1,234.50"),
        (-1234.5, '_("$"* #,##0.00_);_("$"* (#,##0.00)', "$(1,234.50)"),
        (-3, "0.00", "-3.00"),
        (-0.001, "0.0", "0.0"),
        (0, '0.0;-0.0;"nil"', "nil"),
        (5, '0 "of 10"', "5"),
        (3, '0" km"', "3 km"),
        (2500000, '0.0,,"m"', "2.5m"),
        (1.5, "0.##", "1.5"),
        (7, "0.##", "7"),
        (0.1 + 0.2, "General", "0.3"),
        (12345678901234, "General", "12345678901234"),
        (0.75, "# ?/?", "0.75"),
        (1200, "0.00E+00", "1200"),
        (True, "General", "TRUE"),
        (datetime(2012, 3, 4), "dd/mm/yyyy", "2012-03-04"),
        (datetime(2012, 3, 1), "mmmm yyyy", "2012-03"),
        (datetime(2012, 1, 1), "yyyy", "2012"),
        (datetime(2012, 3, 4, 9, 30), "d/m/yy h:mm", "2012-03-04 09:30"),
        (datetime(2012, 3, 4, 9, 30), "h:mm", "09:30"),
        (time(9, 30), "h:mm", "09:30"),
        (timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
        ("two\nlines", "General", "two lines"),
        (float("nan"), "0", ""),
    ],
)  # fmt: skip
def test_cells_are_written_as_they_are_shown(value, number_format, text):
    assert shown(value, number_format) == text


def test_a_large_workbook_is_read_to_its_limit():
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Long")
    for number in range(300):
        sheet.append([f"row {number}", number])
    out = io.BytesIO()
    book.save(out)
    article = parse(out.getvalue(), limits=Limits(cells=100)).article
    assert "row 49 | 49" in article.text and "row 50" not in article.text
    assert "truncated" in article.warnings


def test_a_sheet_that_says_it_is_as_large_as_can_be_takes_no_time():
    far = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>first</t></is></c></row>'
        '<row r="900000"><c r="B900000" t="inlineStr"><is><t>last</t></is></c></row></sheetData></worksheet>'
    )
    article = parse(repacked(office.xlsx(), sheet1_xml=far.encode()), limits=Limits(seconds=20)).article
    assert article.text == "Ladders\n\nfirst\nlast"
    wide = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="999999999"><text:p>x</text:p></table:table-cell></table:table-row>'
    article = parse(office.ods(wide), limits=Limits(seconds=20, cells=20_000)).article
    assert "truncated" in article.warnings


@pytest.mark.parametrize("name", ["xlsx", "pptx"])
def test_bombs_among_the_parts_are_not_unpacked(name):
    bomb = repacked(samples.SAMPLES[name](), styles_xml=b" " * 30_000_000, theme1_xml=b" " * 30_000_000)
    assert code(bomb) == "expansion_ratio"
    assert code(samples.SAMPLES[name](), expanded_bytes=5000) == "too_large"


def test_entities_of_a_workbook_are_not_expanded():
    laughs = '<!DOCTYPE x [<!ENTITY a "ha ha ha ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    sheet = (
        f'{laughs}]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row></sheetData></worksheet>'
    )
    assert code(repacked(office.xlsx(), sheet1_xml=sheet.encode()), seconds=20) in ("corrupt", "empty")


def test_too_many_slides_and_nothing_on_them():
    assert code(office.pptx(), pages=2) == "too_many_pages"
    assert code(office.opendocument("presentation", "<draw:page/>")) == "empty"
    assert code(office.opendocument("spreadsheet", '<table:table table:name="Empty"/>')) == "empty"


def test_a_slide_show_and_one_with_macros_are_slides():
    with zipfile.ZipFile(io.BytesIO(office.pptx())) as archive:
        types = archive.read("[Content_Types].xml")
    main = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    for other in (
        b"application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
        b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
    ):
        data = repacked(office.pptx(), **{"[Content_Types]_xml": types.replace(main, other)})
        assert parse(data).article.title == office.DECK


def test_an_archive_that_holds_a_workbook_as_it_is_stays_an_archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("figures.xlsx", office.xlsx())
        archive.writestr("story.docx", samples.docx())
    assert [member.path for member in parse(out.getvalue()).members] == ["figures.xlsx", "story.docx"]
