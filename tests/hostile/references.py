"""Documents that refer to ``url``, a place that must not be asked."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.hostile.base import WORDS, docx_with, nitf, zipped


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """An HTTP server on loopback: its URL, and the targets that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_POST = do_PROPFIND = do_OPTIONS = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def _html(url: str) -> bytes:
    return f"""<!DOCTYPE html SYSTEM "{url}/dtd"><html manifest="{url}/manifest"><head><base href="{url}/base/">
    <title>Ferries collide</title><link rel=stylesheet href="{url}/css"><link rel=canonical href="{url}/canonical">
    <link rel=amphtml href="{url}/amp"><link rel=alternate type="application/json+oembed" href="{url}/oembed">
    <link rel=alternate type="application/rss+xml" href="{url}/feed">
    <link rel="preload prefetch dns-prefetch" href="{url}/preload"><meta http-equiv=refresh content="0; url={url}/refresh">
    <meta property="og:image" content="{url}/og"><meta property="og:url" content="{url}/ogurl">
    <script src="{url}/js"></script><style>@import url({url}/import);body{{background:url({url}/bg)}}</style>
    <script type="application/ld+json">{{"@context":"{url}/context","@type":"NewsArticle","url":"{url}/ld","image":"{url}/i"}}
    </script></head><body background="{url}/body"><article><h1>Ferries collide</h1><p>{WORDS} {WORDS}</p>
    <img src="{url}/img" srcset="{url}/srcset 2x"><iframe src="{url}/iframe"></iframe><embed src="{url}/embed">
    <object data="{url}/object"></object><video src="{url}/video" poster="{url}/poster"></video><audio src="{url}/audio"></audio>
    <svg><image xlink:href="{url}/svg"/><use href="{url}/use#a"/></svg><form action="{url}/form"></form>
    <a href="{url}/next" rel=next ping="{url}/ping">Next page</a></article></body></html>""".encode()


def _xml_entity(url: str) -> bytes:
    return nitf(f"{WORDS} &x;", f'<!DOCTYPE nitf [<!ENTITY x SYSTEM "{url}/entity">]>')


def _xml_parameter_entity(url: str) -> bytes:
    return nitf(WORDS, f'<!DOCTYPE nitf [<!ENTITY % x SYSTEM "{url}/parameter"> %x;]>')


def _xml_dtd(url: str) -> bytes:
    return nitf(WORDS, f'<!DOCTYPE nitf PUBLIC "-//x//y" "{url}/dtd">')


def _xinclude(url: str) -> bytes:
    return nitf(f'{WORDS} <xi:include href="{url}/xinclude" parse="text"/>').replace(
        b"<nitf ", f'<?xml-stylesheet href="{url}/xsl" type="text/xsl"?><nitf xsi:schemaLocation="x {url}/xsd" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '.encode()
    )  # fmt: skip


def _svg(url: str) -> bytes:
    return f"""<?xml version="1.0"?><!DOCTYPE svg SYSTEM "{url}/dtd"><svg xmlns="http://www.w3.org/2000/svg"
    xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{url}/image"/><use href="{url}/use"/><text>{WORDS}</text>
    <script href="{url}/script"/><foreignObject><iframe src="{url}/iframe"/></foreignObject></svg>""".encode()


def _rss(url: str) -> bytes:
    return f"""<rss version="2.0"><channel><title>Wire</title><link>{url}/home</link><image><url>{url}/image</url></image>
    <item><title>Ferries collide</title><link>{url}/item</link><description>{WORDS}</description>
    <enclosure url="{url}/enclosure" type="audio/mpeg" length="1"/><comments>{url}/comments</comments>
    <source url="{url}/source">x</source></item></channel></rss>""".encode()


_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _docx(url: str) -> bytes:
    kinds = ("image", "attachedTemplate", "hyperlink", "oleObject", "frame", "subDocument")
    return docx_with(
        f'<?xml version="1.0"?><w:document><w:body><w:p><w:r><w:t>{WORDS}</w:t></w:r></w:p></w:body></w:document>',
        "".join(
            f'<Relationship Id="r{kind}" Type="{_RELATIONSHIPS}/{kind}" Target="{url}/{kind}" TargetMode="External"/>'
            for kind in kinds
        ),
    )


def _odt(url: str) -> bytes:
    return zipped({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"""<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
        xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
        xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"><office:body><office:text>
        <text:p>{WORDS} <text:a xlink:href="{url}/a">a</text:a><draw:frame><draw:image xlink:href="{url}/image"
        xlink:actuate="onLoad"/></draw:frame></text:p><text:section><text:section-source xlink:href="{url}/section"/>
        </text:section></office:text></office:body></office:document-content>""",
    })  # fmt: skip


def _xlsx(url: str) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(
        [WORDS, f'=WEBSERVICE("{url}/webservice")', f'=HYPERLINK("{url}/formula")', f"='{url}/[a.xlsx]A'!A1"]
    )
    book.active["A1"].hyperlink = f"{url}/cell"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _pptx(url: str) -> bytes:
    import pptx

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Ferries collide"
    run = slide.placeholders[1].text_frame.paragraphs[0].add_run()
    run.text, run.hyperlink.address = WORDS, f"{url}/run"
    for kind in ("image", "oleObject", "video"):
        slide.part.relate_to(f"{url}/{kind}", f"{_RELATIONSHIPS}/{kind}", is_external=True)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _epub(url: str) -> bytes:
    return zipped({
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="c.opf"/></rootfiles></container>',
        "c.opf": f"""<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>
        <item id="r" href="{url}/chapter" media-type="application/xhtml+xml"/>
        <item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>
        <spine><itemref idref="r"/><itemref idref="a"/></spine></package>""",
        "a.xhtml": _html(url),
    })  # fmt: skip


def _mhtml(url: str) -> bytes:
    page = _html(url).decode()
    return (
        f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {url}/snapshot\r\nSubject: Ferries collide\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n--b\r\n'
        f"Content-Type: text/html\r\nContent-Location: {url}/location\r\n\r\n{page}\r\n--b\r\n"
        f"Content-Type: image/png\r\nContent-Location: {url}/part\r\n\r\nx\r\n--b--\r\n"
    ).encode()


def _eml(url: str) -> bytes:
    return (
        f"From: a@x.example\r\nTo: b@x.example\r\nSubject: Ferries collide\r\nDate: Mon, 05 Mar 2012 10:00:00 +0000\r\n"
        f"List-Unsubscribe: <{url}/unsubscribe>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f'--b\r\nContent-Type: message/external-body; access-type=URL; URL="{url}/external"\r\n\r\n'
        f"Content-Type: text/plain\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n{_html(url).decode()}\r\n--b--\r\n"
    ).encode()


def _pdf(url: str) -> bytes:
    """A page of text that opens an address by itself, by every action that names one."""
    actions = (
        f"/OpenAction << /S /URI /URI ({url}/open) >> /AA << /WC << /S /SubmitForm /F << /FS /URL /F ({url}/submit) >> >> "
        f"/DS << /S /JavaScript /JS (app.launchURL\\('{url}/js'\\)) >> >> /URI << /Base ({url}/base) >>"
    )
    content = f"BT /F1 12 Tf 40 700 Td ({WORDS}) Tj ET"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {actions} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> "
        f"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 600 850] /A << /S /URI /URI ({url}/link) >> >>] "
        f"/AA << /O << /S /GoToR /F << /FS /URL /F ({url}/remote) >> /D [0 /Fit] >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + end.encode()


def _rtf(url: str) -> bytes:
    return (
        rf'{{\rtf1\ansi{{\*\template {url}/template}}{{\field{{\*\fldinst INCLUDEPICTURE "{url}/picture" \\d}}'
        rf'{{\fldrslt x}}}}{{\field{{\*\fldinst HYPERLINK "{url}/link"}}{{\fldrslt y}}}}{WORDS}\par}}'
    ).encode()


def _markdown(url: str) -> bytes:
    return f"# Ferries collide\n\n{WORDS} ![x]({url}/image) [y]({url}/link)\n\n<img src='{url}/html'>\n\n[r]: {url}/ref\n".encode()


def _newsml(url: str) -> bytes:
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x:1" version="1">
    <catalogRef href="{url}/catalog"/><itemMeta/><contentMeta><headline>Ferries collide</headline></contentMeta><contentSet>
    <inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{WORDS}</p></body>
    </html></inlineXML><remoteContent href="{url}/remote"/></contentSet></newsItem>""".encode()


def _ninjs(url: str) -> bytes:
    return (
        f'{{"uri": "{url}/uri", "type": "text", "headline": "Ferries collide", "body_text": "{WORDS}", '
        f'"$schema": "{url}/schema", "renditions": {{"main": {{"href": "{url}/main"}}}}, '
        f'"associations": {{"a": {{"uri": "{url}/a", "type": "picture"}}}}}}'
    ).encode()


def _warc(url: str) -> bytes:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + _html(url)
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}/target\r\nWARC-Date: 2012-03-05T10:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {len(page)}\r\n\r\n"
    )
    return head.encode() + page + b"\r\n\r\n"


def _envelope(url: str) -> bytes:
    return f'{{"html": "<img src={url}/img><p>{WORDS}</p>", "url": "{url}/url", "image": "{url}/image"}}'.encode()


REFERRING: dict[str, Callable[[str], bytes]] = {
    "html": _html,
    "xml-entity": _xml_entity,
    "xml-parameter-entity": _xml_parameter_entity,
    "xml-dtd": _xml_dtd,
    "xinclude": _xinclude,
    "svg": _svg,
    "rss": _rss,
    "docx": _docx,
    "xlsx": _xlsx,
    "pptx": _pptx,
    "odt": _odt,
    "epub": _epub,
    "mhtml": _mhtml,
    "eml": _eml,
    "pdf": _pdf,
    "rtf": _rtf,
    "markdown": _markdown,
    "newsml": _newsml,
    "ninjs": _ninjs,
    "warc": _warc,
    "envelope": _envelope,
}
"""Documents that refer to ``url`` in every way that their format has."""
