"""Build one small valid document in each format; all tell the same invented story."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from tests.quality.parse.cfb import compound_file
from tests.unit.parse import office, pictures
from tests.unit.parse.told import BODY as BODY
from tests.unit.parse.told import HEADING as HEADING
from tests.unit.parse.told import LEAD as LEAD
from tests.unit.parse.told import SECOND as SECOND
from tests.unit.parse.told import THIRD as THIRD
from tests.unit.parse.told import TITLE as TITLE
from tests.unit.parse.web_samples import atom as atom
from tests.unit.parse.web_samples import json_feed as json_feed
from tests.unit.parse.web_samples import json_list as json_list
from tests.unit.parse.web_samples import mhtml as mhtml
from tests.unit.parse.web_samples import rss as rss
from tests.unit.parse.web_samples import warc as warc
from tests.unit.parse.web_samples import wordpress_post as wordpress_post
from tests.unit.parse.web_samples import wxr as wxr
from tests.unit.parse.wire_samples import anpa as anpa
from tests.unit.parse.wire_samples import json_ld as json_ld
from tests.unit.parse.wire_samples import newsmessage as newsmessage
from tests.unit.parse.wire_samples import newsml as newsml
from tests.unit.parse.wire_samples import newsml_item as newsml_item
from tests.unit.parse.wire_samples import ninjs as ninjs
from tests.unit.parse.wire_samples import ninjs2 as ninjs2
from tests.unit.parse.wire_samples import nitf as nitf
from tests.unit.parse.wire_samples import rbnews as rbnews
from tests.unit.parse.wire_samples import reuters as reuters
from tests.unit.parse.wire_samples import reuters_story as reuters_story
from tests.unit.parse.wire_samples import telex as telex
from tests.unit.parse.wire_samples import wire_json as wire_json


def zipped(parts: dict[str, bytes | str], *, stored_first: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(parts.items()):
            kind = zipfile.ZIP_STORED if stored_first and number == 0 else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), data, kind)
    return buffer.getvalue()


def tarred(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


# --- office documents ---------------------------------------------------------------------------

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx_paragraph(text: str, style: str = "", properties: str = "") -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{look}<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def docx(body: str | None = None) -> bytes:
    if body is None:
        body = (
            docx_paragraph(TITLE, "Title")
            + docx_paragraph("By Jane Roe")
            + docx_paragraph("10 March 2012")
            + docx_paragraph(LEAD)
            + docx_paragraph(SECOND)
            + docx_paragraph(HEADING, "Heading1")
            + docx_paragraph(THIRD)
        )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in (("Title", "Title"), ("Heading1", "heading 1"), ("Quote", "Quote"), ("Caption", "caption"))
    )
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "word/document.xml": f'<?xml version="1.0"?><w:document {_W}><w:body>{body}</w:body></w:document>',
            "word/styles.xml": f"<w:styles {_W}>{styles}</w:styles>",
        }
    )


_ODF = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (
        ("office", "office"), ("text", "text"), ("style", "style"), ("table", "table"), ("fo", "xsl-fo-compatible"),
    )
)  # fmt: skip


def odt(body: str | None = None) -> bytes:
    if body is None:
        body = (
            f'<text:p text:style-name="Title">{TITLE}</text:p><text:p>By Jane Roe</text:p><text:p>10 March 2012</text:p>'
            f"<text:p>{LEAD}</text:p><text:p>{SECOND}</text:p>"
            f'<text:h text:outline-level="2">{HEADING}</text:h><text:p>{THIRD}</text:p>'
        )
    content = f"<office:document-content {_ODF}><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    return zipped(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content.encode()}, stored_first=True
    )


def rtf() -> bytes:
    def coded(text: str) -> str:
        return "".join(char if ord(char) < 128 else f"\\u{ord(char)}?" for char in text)

    return (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}{\f1\fcharset204 Times;}}{\info{\title none}}"
        rf"\pard\b\fs36 {TITLE}\par\b0\fs24 By Jane Roe\par 10 March 2012\par {coded(LEAD)}\par {coded(SECOND)}\par"
        rf"\b {HEADING}\b0\par {coded(THIRD)}\par}}"
    ).encode("ascii")


def epub() -> bytes:
    container = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    opf = (
        '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>{TITLE}</dc:title><dc:creator>Jane Roe</dc:creator><dc:date>2012-03-10</dc:date>"
        "<dc:publisher>The Vale Courier</dc:publisher><dc:language>en</dc:language></metadata><manifest>"
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="b%20two.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OPS/book.opf": opf,
            "OPS/nav.xhtml": "<html><body><p>Contents</p></body></html>",
            "OPS/b two.xhtml": f"<html><body><h2>{HEADING}</h2><p>{THIRD}</p></body></html>",
            "OPS/a.xhtml": f'<?xml version="1.0" encoding="utf-8"?><html><body><h1>{TITLE}</h1><p>{LEAD}</p><p>{SECOND}</p></body></html>',
        },
        stored_first=True,
    )


def pdf(columns: int = 2, paragraphs: list[str] | None = None, pages: int = 1, encrypt: str | None = None) -> bytes:
    """Return a PDF with ``columns`` of text under a headline on the first page, and a running head and a number on
    every page."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import BaseDocTemplate, Frame, FrameBreak, PageBreak, PageTemplate, Paragraph

    width, height = A4
    gap = 20.0
    each = (width - 100 - gap * (columns - 1)) / columns

    def frames(top: float) -> list[Frame]:
        return [Frame(50 + n * (each + gap), 60, each, top - 60, 0, 0, 0, 0) for n in range(columns)]

    def furniture(canvas: object, document: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)  # type: ignore[attr-defined]
        canvas.drawString(50, height - 30, "THE VALE COURIER")  # type: ignore[attr-defined]
        canvas.drawCentredString(width / 2, 25, str(document.page))  # type: ignore[attr-defined]

    buffer = io.BytesIO()
    document = BaseDocTemplate(buffer, pagesize=A4, encrypt=encrypt)
    first = [Frame(50, height - 180, width - 100, 120, 0, 0, 0, 0), *frames(height - 190)]
    document.addPageTemplates(
        [
            PageTemplate("first", first, onPage=furniture, autoNextPageTemplate="later"),
            PageTemplate("later", frames(height - 80), onPage=furniture),
        ]
    )
    body = ParagraphStyle("body", fontName="Times-Roman", fontSize=10, leading=12, firstLineIndent=12, alignment=4)
    large = ParagraphStyle("large", fontName="Times-Bold", fontSize=22, leading=26)
    middle = ParagraphStyle("middle", fontName="Helvetica-Bold", fontSize=12, leading=18, spaceBefore=6)
    story: list[object] = [Paragraph(TITLE, large), Paragraph("By Jane Roe", body), Paragraph("10 March 2012", body)]
    story.append(FrameBreak())
    for text in paragraphs or BODY:
        story.append(Paragraph(text, middle if text == HEADING else body))
    for _ in range(pages - 1):
        story += [PageBreak(), Paragraph(THIRD, body)]
    document.build(story)
    return buffer.getvalue()


def scanned_pdf(pages: list[Any] | None = None) -> bytes:
    """Return a PDF with a page for each picture or line of text; by default one page that is a picture."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(600, 800))
    for page in pages or [_picture()]:
        if isinstance(page, str):
            canvas.drawString(50, 700, page)
        else:
            canvas.drawInlineImage(page, 0, 0, 600, 600 * page.height / page.width)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def drawn_pdf(drawn: bool = True) -> bytes:
    """Return a page of lines and areas, as if letters had been converted to outlines."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(200, 200))
    if drawn:
        canvas.rect(50, 50, 90, 90, fill=1)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def blank_pdf() -> bytes:
    return drawn_pdf(False)


def _picture() -> Any:
    from PIL import Image

    return Image.new("L", (50, 50), 200)


def printed(lines: list[str]) -> Any:
    """Return a picture of lines of text, black on white."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(40)
    picture = Image.new("L", (1400, 100 + 70 * len(lines)), 255)
    for number, line in enumerate(lines):
        ImageDraw.Draw(picture).text((50, 50 + 70 * number), line, fill=0, font=font)
    return picture


def png(picture: Any = None) -> bytes:
    buffer = io.BytesIO()
    (picture or _picture()).save(buffer, "PNG")
    return buffer.getvalue()


# --- messages -----------------------------------------------------------------------------------


def eml(html: bool = True) -> bytes:
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"] = "Jane Roe <jane.roe@valecourier.example>"
    message["To"] = "desk@example.org"
    message["Subject"] = TITLE
    message["Date"] = "Sat, 10 Mar 2012 13:11:00 +0300"
    message.set_content("\n\n".join([LEAD, SECOND, THIRD]))
    if html:
        page = f"<table><tr><td><h1>{TITLE}</h1><p>{LEAD}</p><p>{SECOND}</p><h2>{HEADING}</h2><p>{THIRD}</p></td></tr></table>"
        message.add_alternative(page, subtype="html")
    message.add_attachment(b"name,age\nAnn,7\n", maintype="text", subtype="csv", filename="figures.csv")
    return message.as_bytes()


def msg() -> bytes:
    """Return a compound file (MS-CFB, version 3) with the streams of an Outlook message."""
    sent = (
        (datetime(2012, 3, 10, 10, 11, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10
    )
    properties = bytes(32) + struct.pack("<IIQ", 0x00390040, 6, sent)
    streams = {
        "__substg1.0_0037001F": TITLE.encode("utf-16-le"),
        "__substg1.0_0C1A001F": "Jane Roe".encode("utf-16-le"),
        "__substg1.0_5D01001F": "jane.roe@valecourier.example".encode("utf-16-le"),
        "__substg1.0_1000001F": "\r\n\r\n".join([LEAD, SECOND, THIRD]).encode("utf-16-le"),
        "__properties_version1.0": properties,
    }
    attachment = {
        "__substg1.0_3707001F": "figures.csv".encode("utf-16-le"),
        "__substg1.0_37010102": b"name,age\nAnn,7\n",
        "__properties_version1.0": bytes(8),
    }
    return compound_file(streams, {"__attach_version1.0_#00000000": attachment})


# --- containers ---------------------------------------------------------------------------------


def ndjson() -> bytes:
    rows = [{"title": TITLE, "text": LEAD}, {"title": "Ladders arrive", "text": THIRD}]
    return "\n".join(json.dumps(row) for row in rows).encode()


def csv() -> bytes:
    return f'Headline,Body Text,Pub Date,Author\n"{TITLE}","{LEAD}\n\n{THIRD}",2012-03-10,Jane Roe\n'.encode()


def tsv() -> bytes:
    return f"title\tcontent\tlink\n{TITLE}\t{LEAD}\thttps://courier.example/strike\n".encode()


def zip_of_texts() -> bytes:
    return zipped({"2012/strike.txt": LEAD, "2012/ladders.html": f"<html><p>{THIRD}</p></html>", "__MACOSX/._x": b"x"})


def tar() -> bytes:
    return tarred({"2012/strike.txt": LEAD.encode(), "2012/ladders.txt": THIRD.encode()})


def page() -> bytes:
    story = f"<h1>{TITLE}</h1><p>{LEAD}</p><p>{THIRD}</p>"
    return f"<html><head><title>{TITLE}</title></head><body><article>{story}</article></body></html>".encode()


def markdown() -> bytes:
    return f"# {TITLE}\n\n{LEAD}\n\n## {HEADING}\n\n{THIRD}\n".encode()


SAMPLES: dict[str, Callable[[], bytes]] = {
    "pdf": pdf, "docx": docx, "odt": odt, "rtf": rtf, "epub": epub, "image": png, "eml": eml, "mhtml": mhtml, "msg": msg,
    "nitf": nitf, "newsml-g2": newsml, "newsmessage": newsmessage, "ninjs": ninjs, "ninjs2": ninjs2, "anpa-1312": anpa,
    "json-ld": json_ld, "zczc": telex, "wire-json": wire_json, "rbnews": rbnews, "reuters-21578": reuters, "rss": rss, "atom": atom, "wxr": wxr, "json-feed": json_feed, "json-list": json_list, "wordpress-post": wordpress_post, "ndjson": ndjson, "csv": csv, "tsv": tsv, "zip": zip_of_texts,
    "tar": tar, "gzip": lambda: gzip.compress(LEAD.encode()), "tar.gz": lambda: gzip.compress(tar()),
    "bz2": lambda: bz2.compress(LEAD.encode()), "xz": lambda: lzma.compress(LEAD.encode()), "warc": warc,
    "warc.gz": lambda: gzip.compress(warc()),
    "text": lambda: "\n\n".join([TITLE, "By Jane Roe", *BODY]).encode(),
    "html": page, "markdown": markdown,
    "xlsx": office.xlsx, "xls": office.xls, "ods": office.ods, "pptx": office.pptx, "odp": office.odp, "doc": office.doc,
    "photo": lambda: pictures.picture("jpeg", iim=pictures.iim(pictures.IIM), xmp=pictures.xmp()),
    "json": lambda: json.dumps({"title": TITLE, "text": f"{LEAD}\n\n{THIRD}"}).encode(),
}  # fmt: skip
