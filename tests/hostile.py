"""Documents made to do harm, each built in code. ``url`` is a place that must not be asked."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

WORDS = "The harbour master said on Monday that two ferries had collided near the northern quay."


def zipped(parts: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(
                zipfile.ZipInfo(name), data, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            )
    return out.getvalue()


# --- archive bombs --------------------------------------------------------------------------------


def nested_zip(levels: int, mark: str) -> bytes:
    data = zipped({"a.txt": f"{WORDS} {mark}"})
    for level in range(levels):
        data = zipped({f"level-{level}.zip": data})
    return data


def overlapping_zip(entries: int = 1000) -> bytes:
    """Many entries of the directory share one deflated file, as in Fifield's "A better zip bomb" (2019)."""
    plain = bytes(1024 * 1024)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(plain) + packer.flush()
    sizes = struct.pack("<III", zlib.crc32(plain), len(packed), len(plain))
    local = struct.pack("<4sHHHHH", b"PK\3\4", 20, 0, 8, 0, 0) + sizes + struct.pack("<HH", 1, 0) + b"a" + packed
    directory = b"".join(
        struct.pack("<4sHHHHHH", b"PK\1\2", 20, 20, 0, 8, 0, 0) + sizes
        + struct.pack("<HHHHHII", 4, 0, 0, 0, 0, 0, 0) + b"%04d" % number
        for number in range(entries)
    )  # fmt: skip
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, entries, entries, len(directory), len(local), 0)
    return local + directory + end


def zeros_gzip(mebibytes: int = 2000) -> bytes:
    """One stream of that many MiB of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1024 * 1024)
    return b"".join([*(packer.compress(zeros) for _ in range(mebibytes)), packer.flush()])


def million_members_tar() -> bytes:
    """A packed tar of a million empty files: a thousand gzip streams, each of a thousand heads."""
    return gzip.compress(tarfile.TarInfo("a.txt").tobuf(tarfile.USTAR_FORMAT) * 1000) * 1000


def many_members_tar(members: int = 5500) -> bytes:
    return b"".join(tarfile.TarInfo(f"{n}.txt").tobuf(tarfile.USTAR_FORMAT) for n in range(members)) + bytes(1024)


def quine_zip() -> bytes:
    """A ZIP archive whose only member is the archive itself.

    Cox, "Zip Files All The Way Down" (2010): a deflate stream of literals and repeats, each head of five bytes, that prints
    itself between a given prefix and suffix.
    """
    name = b"a-zip-archive-whose-only-member-is-itself.zip"  # its length makes the repeats fill five bytes

    def literal(data: bytes) -> bytes:
        return struct.pack("<BHH", 0, len(data), len(data) ^ 0xFFFF) + data

    def repeat(size: int, parts: list[int], last: int | None = None, final: bool = False) -> bytes:
        """The last ``size`` bytes again, in matches of those lengths and perhaps one byte as it is, in a fixed-code block."""
        bits = [int(final), 1, 0]
        for length in parts:
            bits += _match(length, size)
        if last is not None:
            bits += _bits(0x30 + last, 8) if last < 144 else _bits(0x190 + last - 144, 9)
        bits += [0] * 7
        assert len(bits) == 40
        return bytes(sum(bit << at for at, bit in enumerate(bits[start : start + 8])) for start in range(0, 40, 8))

    def archive(crc: int) -> bytes:
        packed, size = 0, 0
        while True:
            sizes = struct.pack("<III", crc, packed, size)
            prefix = (
                struct.pack("<4sHHHHH", b"PK\3\4", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", len(name), 0) + name
            )
            entry = struct.pack("<4sHHHHHH", b"PK\1\2", 20, 20, 0, 8, 0, 33) + sizes
            entry += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
            end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(prefix) + packed, 0)
            suffix = entry + end
            head, tail = len(prefix) + 5, len(suffix) + 5
            l0, l1, l4 = (literal(bytes(5 * units))[:5] for units in (0, 1, 4))
            lp, ls = literal(bytes(head))[:5], literal(bytes(tail))[:5]
            rp, r4 = repeat(head, [head - 1], last=0xFF), repeat(20, [10, 10])
            rs = repeat(tail, [tail - 1], last=0, final=True)
            stream = (
                literal(prefix + lp) + rp + literal(rp) + literal(l1) + literal(rp + l1 + l1 + l4) + r4
                + literal(r4 + l4 + r4 + l4) + r4 + literal(r4 + l0 + l0 + ls) + r4 + l0 + l0 + literal(rs + suffix) + rs
            )  # fmt: skip
            whole = prefix + stream + suffix
            if (packed, size) == (len(stream), len(whole)):
                return whole
            packed, size = len(stream), len(whole)

    return archive(_fixed_point(lambda crc: zlib.crc32(archive(crc))))


def _bits(value: int, count: int) -> list[int]:
    """Most significant first, as Huffman codes are packed."""
    return [value >> at & 1 for at in reversed(range(count))]


def _match(length: int, distance: int) -> list[int]:
    """A match in deflate's fixed code (RFC 1951, 3.2.5 and 3.2.6)."""
    bits: list[int] = []
    code, base, extra = 257, 3, 0
    while length >= base + (1 << extra):
        base += 1 << extra
        code += 1
        extra = 0 if code < 265 else (code - 261) // 4
    bits += _bits(code - 256, 7) if code < 280 else _bits(0xC0 + code - 280, 8)
    bits += reversed(_bits(length - base, extra))
    code, base, extra = 0, 1, 0
    while distance >= base + (1 << extra):
        base += 1 << extra
        code += 1
        extra = 0 if code < 2 else code // 2 - 1
    return bits + _bits(code, 5) + list(reversed(_bits(distance - base, extra)))


def _fixed_point(affine: Callable[[int], int]) -> int:
    """The x of 32 bits with affine(x) == x, by elimination over GF(2)."""
    constant = affine(0)
    columns = [affine(1 << bit) ^ constant ^ (1 << bit) for bit in range(32)]
    rows = [
        sum((columns[bit] >> row & 1) << bit for bit in range(32)) | (constant >> row & 1) << 32 for row in range(32)
    ]
    pivots: list[int] = []
    for bit in range(32):
        pivot = next(row for row in range(32) if row not in pivots and rows[row] >> bit & 1)
        pivots.append(pivot)
        rows = [rows[row] ^ (rows[pivot] if row != pivot and rows[row] >> bit & 1 else 0) for row in range(32)]
    return sum((rows[pivot] >> 32) << bit for bit, pivot in enumerate(pivots))


NAMES = {
    "../../../etc/cron.d/x": "etc/cron.d/x",
    "/etc/passwd": "etc/passwd",
    "..\\..\\Windows\\x.txt": "Windows/x.txt",
    "C:\\Windows\\y.txt": "Windows/y.txt",
    "c:/z.txt": "z.txt",
    "a/./b/../c.txt": "a/b/c.txt",
    "\\\\server\\share\\u.txt": "server/share/u.txt",
    "nul\x01\x1f\x7f.txt": "nul.txt",
    "....//dots.txt": "..../dots.txt",
    "d/" * 2000 + "deep.txt": ("d/" * 500)[:-1],
    "long" * 5000: ("long" * 250),
}
"""Names of members, each with the path that it is to have in the record."""


def traversing_zip(mark: str) -> bytes:
    return zipped({name: f"{WORDS} {mark} {number}" for number, name in enumerate(NAMES)})


def traversing_tar(mark: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number, name in enumerate(NAMES):
            data = f"{WORDS} tar {mark} {number}".encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            link = tarfile.TarInfo(f"link-{kind.decode()}")
            link.type, link.linkname = kind, "/etc/passwd"
            archive.addfile(link)
        device = tarfile.TarInfo("device")
        device.type, device.devmajor, device.devminor = tarfile.CHRTYPE, 1, 5
        archive.addfile(device)
    return out.getvalue()


# --- XML ------------------------------------------------------------------------------------------


def nitf(text: str, doctype: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{doctype}<nitf xmlns:xi="http://www.w3.org/2001/XInclude"><body><body.head><hedline>'
        f"<hl1>Ferries collide</hl1></hedline></body.head><body.content><p>{text}</p></body.content></body></nitf>"
    ).encode()


def billion_laughs(mark: str) -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return nitf(f"{WORDS} &l9; {mark}", f'<!DOCTYPE nitf [<!ENTITY l0 "laugh">{levels}]>')


def quadratic_blowup(mark: str) -> bytes:
    return nitf(f"{WORDS} {'&x;' * 20_000} {mark}", f'<!DOCTYPE nitf [<!ENTITY x "{"x" * 100_000}">]>')


def docx_with(document: str, relationships: str = "") -> bytes:
    main = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    return zipped({
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": document.replace("<w:document", f"<w:document {main}", 1),
        "word/_rels/document.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships">{relationships}</Relationships>',
    })  # fmt: skip


def docx_laughs(mark: str) -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return docx_with(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "laugh">{levels}]><w:document><w:body><w:p><w:r>'
        f"<w:t>{WORDS} &l9; {mark}</w:t></w:r></w:p></w:body></w:document>"
    )


# --- references -----------------------------------------------------------------------------------


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
