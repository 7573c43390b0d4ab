"""Bytes from a case. Markup is written by hand in the case; binary formats are built here from its marked lines."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from xml.sax.saxutils import escape

import ftfy.bad_codecs  # noqa: F401  (registers the codec that browsers mean by windows-1252)
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas

from .case import Case, load
from .cfb import compound_file

BOMS = {
    "utf-8": b"\xef\xbb\xbf",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
    "utf-32-le": b"\xff\xfe\0\0",
    "utf-32-be": b"\0\0\xfe\xff",
}
PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


def build(case: Case) -> bytes:
    """The document's bytes."""
    return BUILDERS.get(case.kind, _encoded)(case)


def _encoded(case: Case) -> bytes:
    text, encoding = case.text, case.options.get("encoding", "utf-8")
    if via := case.options.get("mojibake"):  # UTF-8 read in a wrong encoding and saved again
        text = text.encode("utf-8").decode(via)
    if case.options.get("newline") == "crlf":
        text = text.replace("\n", "\r\n")
    data = text.encode(encoding)
    if case.options.get("bom"):
        data = BOMS[encoding] + data
    if cut := case.options.get("cut"):
        data = data[:cut]
    return data


def _anpa(case: Case) -> bytes:
    controls = {0x2400 + code: code for code in range(32)}
    return case.text.replace("\n", "\r\n").translate(controls).encode(case.options.get("encoding", "ascii"))


def _headers_and_body(case: Case) -> tuple[dict[str, str], str]:
    head, _, body = case.text.partition("\n\n")
    return dict(line.split(": ", 1) for line in head.splitlines()), body


def _eml(case: Case) -> bytes:
    headers, body = _headers_and_body(case)
    charset, transfer = case.options.get("encoding", "utf-8"), case.options.get("transfer")
    message = EmailMessage(policy=SMTP)
    for name, value in headers.items():
        message[name] = value
    subtype = case.options.get("subtype", "plain")
    message.set_content(body, subtype=subtype, charset=charset, cte=transfer)
    if alternative := case.options.get("alternative"):
        message.add_alternative(alternative, subtype="html", charset="utf-8")
    for path, name in case.options.get("attach", {}).items():
        message.add_attachment(build(load()[name]), maintype="application", subtype="octet-stream", filename=path)
    return message.as_bytes()


def _mhtml(case: Case) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = case.options["url"]
    message["Subject"] = case.options.get("subject", "")
    message["MIME-Version"] = "1.0"
    message.set_content(case.text, subtype="html", charset="utf-8", cte="quoted-printable")
    message["Content-Location"] = case.options["url"]
    message.add_related(PIXEL, maintype="image", subtype="gif", cid="<pixel@mhtml.blink>")
    return message.as_bytes()


def _msg(case: Case) -> bytes:
    """An Outlook message: the property streams of [MS-OXMSG] in a compound file."""
    headers, body = _headers_and_body(case)
    strings = {
        0x001A: "IPM.Note",
        0x0037: headers["Subject"],
        0x0C1A: headers["From"].split(" <")[0],
        0x0C1F: headers["From"].split("<")[-1].rstrip(">"),
        0x0E04: headers.get("To", ""),
        0x1000: body.replace("\n", "\r\n"),
        0x007D: f"Date: {headers['Date']}\r\nSubject: {headers['Subject']}\r\nFrom: {headers['From']}\r\n",
    }
    streams = {f"__substg1.0_{tag:04X}001F": value.encode("utf-16-le") for tag, value in strings.items()}
    entries = b"".join(
        (tag << 16 | 0x1F).to_bytes(4, "little")
        + (6).to_bytes(4, "little")
        + (len(value.encode("utf-16-le")) + 2).to_bytes(8, "little")
        for tag, value in strings.items()
    )
    streams["__properties_version1.0"] = bytes(32) + entries
    return compound_file(
        streams,
        storages={
            "__nameid_version1.0": {
                "__substg1.0_00020102": b"",
                "__substg1.0_00030102": b"",
                "__substg1.0_00040102": b"",
            }
        },
    )


# --- office documents ----------------------------------------------------------------------------


def _zip(files: dict[str, str | bytes], *, first: str | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            stored = zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, compress_type=stored)
    return out.getvalue()


def _rows(text: str) -> list[str]:
    return [cell.strip() for cell in text.strip("| ").split("|")]


def _grouped(case: Case) -> list[tuple[str, list[str]]]:
    """Consecutive table rows and list items are one block."""
    blocks: list[tuple[str, list[str]]] = []
    for mark, text in case.lines:
        if not text:
            continue
        if mark in ("|", "•") and blocks and blocks[-1][0] == mark:
            blocks[-1][1].append(text)
        else:
            blocks.append((mark or "~", [text]))
    return blocks


_WORD_STYLES = {"#": "Title", "^": "Subtitle", "§": "Heading2", "▣": "Caption", "•": "ListParagraph", ">": "Quote"}
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _docx(case: Case) -> bytes:
    plain = case.options.get("style") == "plain"  # somebody who has never heard of styles
    rtl = "<w:bidi/>" if "rtl" in case.features else ""

    def paragraph(mark: str, text: str) -> str:
        style = "" if plain or mark not in _WORD_STYLES else f'<w:pStyle w:val="{_WORD_STYLES[mark]}"/>'
        bold = "<w:rPr><w:b/></w:rPr>" if plain and mark in "#§" else ""
        words = text.split(" ")  # Word breaks runs where an editor once stopped
        half = max(1, len(words) // 2)
        runs = [" ".join(words[:half]) + (" " if words[half:] else ""), " ".join(words[half:])]
        spans = "".join(f'<w:r>{bold}<w:t xml:space="preserve">{escape(run)}</w:t></w:r>' for run in runs if run)
        return f"<w:p><w:pPr>{style}{rtl}</w:pPr>{spans}</w:p>"

    body = ""
    for mark, texts in _grouped(case):
        if mark in "HF":
            continue
        if mark == "|":
            rows = (
                "<w:tr>" + "".join(f"<w:tc><w:tcPr/>{paragraph('', cell)}</w:tc>" for cell in _rows(row)) + "</w:tr>"
                for row in texts
            )
            body += "<w:tbl><w:tblPr/><w:tblGrid/>" + "".join(rows) + "</w:tbl>"
        else:
            body += "".join(paragraph(mark, text) for text in texts)
    parts = {"header": [t for m, t in case.lines if m == "H"], "footer": [t for m, t in case.lines if m == "F"]}
    references, relations, overrides, files = "", "", "", {}
    for part, texts in parts.items():
        if texts:
            tag = "hdr" if part == "header" else "ftr"
            files[f"word/{part}1.xml"] = f"<w:{tag} {_W}>" + "".join(paragraph("", t) for t in texts) + f"</w:{tag}>"
            references += f'<w:{part}Reference w:type="default" r:id="{part}1"/>'
            relations += (
                f'<Relationship Id="{part}1" Target="{part}1.xml" '
                f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{part}"/>'
            )
            overrides += (
                f'<Override PartName="/word/{part}1.xml" '
                f'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.{part}+xml"/>'
            )
    names = {"Heading2": "heading 2", "ListParagraph": "List Paragraph", "Caption": "caption"}
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{s}"><w:name w:val="{names.get(s, s)}"/></w:style>'
        for s in _WORD_STYLES.values()
    )
    relns = "http://schemas.openxmlformats.org/package/2006/relationships"
    officens = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return _zip(
        {
            "[Content_Types].xml": '<?xml version="1.0" encoding="UTF-8"?>'
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Override PartName="/word/document.xml" ContentType='
            '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
            '<Override PartName="/word/styles.xml" ContentType='
            '"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>'
            '<Override PartName="/docProps/core.xml" ContentType='
            f'"application/vnd.openxmlformats-package.core-properties+xml"/>{overrides}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{relns}">'
            f'<Relationship Id="rId1" Type="{officens}/officeDocument" Target="word/document.xml"/>'
            '<Relationship Id="rId2" Type='
            '"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" '
            'Target="docProps/core.xml"/></Relationships>',
            "docProps/core.xml": _core_properties(case),
            "word/document.xml": f'<?xml version="1.0" encoding="UTF-8"?><w:document {_W} xmlns:r="{officens}">'
            f"<w:body>{body}<w:sectPr>{references}</w:sectPr></w:body></w:document>",
            "word/styles.xml": f"<w:styles {_W}>{styles}</w:styles>",
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{relns}">'
            f'<Relationship Id="rId1" Type="{officens}/styles" Target="styles.xml"/>{relations}</Relationships>',
            **files,
        }
    )


def _title_and_creator(meta: dict[str, str]) -> str:
    title, creator = escape(meta.get("title", "")), escape(meta.get("creator", ""))
    return f"<dc:title>{title}</dc:title><dc:creator>{creator}</dc:creator>"


def _core_properties(case: Case) -> str:
    meta = case.options.get("meta", {})
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{_title_and_creator(meta)}"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{meta.get("created", "2024-01-01T00:00:00Z")}</dcterms:created>'
        "</cp:coreProperties>"
    )


_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def _odt(case: Case) -> bytes:
    body = ""
    for mark, texts in _grouped(case):
        lines = [escape(text) for text in texts]
        if mark == "|":
            rows = (
                "<table:table-row>"
                + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in _rows(line))
                + "</table:table-row>"
                for line in lines
            )
            body += f'<table:table table:name="T"><table:table-column/>{"".join(rows)}</table:table>'
        elif mark == "•":
            body += (
                "<text:list>"
                + "".join(f"<text:list-item><text:p>{x}</text:p></text:list-item>" for x in lines)
                + "</text:list>"
            )
        elif mark == "§":
            body += f'<text:h text:outline-level="2">{lines[0]}</text:h>'
        elif mark not in "HF":
            style = {"#": "Title", "^": "Subtitle", "▣": "Caption", ">": "Quotations"}.get(mark, "Standard")
            spaced = lines[0].replace(" the ", " <text:span>the</text:span> ", 1)
            body += f'<text:p text:style-name="{style}">{spaced}</text:p>'
    heads = "".join(f"<text:p>{escape(t)}</text:p>" for m, t in case.lines if m == "H")
    feet = "".join(f"<text:p>{escape(t)}</text:p>" for m, t in case.lines if m == "F")
    meta = case.options.get("meta", {})
    ns = " ".join(f'xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "text", "table", "style"))
    return _zip(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {ns} office:version="1.3">'
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
            "styles.xml": f"<office:document-styles {ns}><office:master-styles>"
            f'<style:master-page style:name="Standard"><style:header>{heads}</style:header>'
            f"<style:footer>{feet}</style:footer></style:master-page></office:master-styles></office:document-styles>",
            "meta.xml": f'<office:document-meta xmlns:office="{_ODF}:office:1.0" xmlns:meta="{_ODF}:meta:1.0" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
            f"{_title_and_creator(meta)}"
            f"<meta:creation-date>{meta.get('created', '2024-01-01T00:00:00')}</meta:creation-date>"
            "</office:meta></office:document-meta>",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{_ODF}:manifest:1.0">'
            '<m:file-entry m:full-path="/" m:media-type="application/vnd.oasis.opendocument.text"/>'
            '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>',
        },
        first="mimetype",
    )


def _rtf(case: Case) -> bytes:
    codepage = case.options.get("encoding", "cp1252")

    def run(text: str) -> str:
        out = []
        for char in text:
            if char in "\\{}":
                out.append("\\" + char)
            elif ord(char) < 128:
                out.append(char)
            else:
                try:
                    out.append("".join(f"\\'{byte:02x}" for byte in char.encode(codepage)))
                except UnicodeEncodeError:
                    code = ord(char) if ord(char) < 0x8000 else ord(char) - 0x10000
                    out.append(f"\\u{code}?")
        return "".join(out)

    meta = case.options.get("meta", {})
    info = f"{{\\info{{\\title {run(meta.get('title', ''))}}}{{\\author {run(meta.get('creator', ''))}}}}}"
    body = ""
    for mark, text in case.lines:
        if not text:
            continue
        if mark == "H":
            body = f"{{\\header\\pard\\qr {run(text)}\\par}}" + body
        elif mark == "F":
            body = f"{{\\footer\\pard\\qc {run(text)} \\chpgn\\par}}" + body
        elif mark == "|":
            cells = _rows(text)
            defs = "".join(f"\\cellx{3000 * (n + 1)}" for n in range(len(cells)))
            body += f"\\trowd{defs}" + "".join(f"\\pard\\intbl {run(cell)}\\cell" for cell in cells) + "\\row\n"
        elif mark in ("#", "§"):
            body += f"\\pard{{\\b\\fs{32 if mark == '#' else 26} {run(text)}}}\\par\n"
        elif mark == "•":
            body += f"\\pard\\fi-360\\li720 {{\\pntext\\'95\\tab}}{run(text)}\\par\n"
        else:
            body += f"\\pard\\sa200 {run(text)}\\par\n"
    header = f"{{\\rtf1\\ansi\\ansicpg{codepage.removeprefix('cp')}\\deff0{{\\fonttbl{{\\f0\\froman Times;}}}}{info}\n"
    return (header + body + "}").encode("ascii")


def _epub(case: Case) -> bytes:
    meta = case.options.get("meta", {})
    body = ""
    tags = {"#": "h1", "^": 'p class="standfirst"', "§": "h2", "▣": "figcaption", "~": "p", "¶": "p"}
    for mark, texts in _grouped(case):
        lines = [escape(text) for text in texts]
        if mark == "•":
            body += "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"
        elif mark == "|":
            cells = ("".join(f"<td>{cell}</td>" for cell in _rows(line)) for line in lines)
            body += "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
        elif mark == ">":
            body += f"<blockquote><p>{lines[0]}</p></blockquote>"
        elif mark == "▣":
            body += f'<figure><img src="a.jpg" alt=""/><figcaption>{lines[0]}</figcaption></figure>'
        else:
            tag = tags[mark]
            body += f"<{tag}>{lines[0]}</{tag.split()[0]}>\n"
    title = escape(meta.get("title", "Untitled"))
    return _zip(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": f'<container version="1.0" xmlns="{_ODF}:container"><rootfiles>'
            '<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>'
            "</rootfiles></container>",
            "OEBPS/content.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x:1</dc:identifier>'
            f"<dc:title>{title}</dc:title><dc:creator>{escape(meta.get('creator', ''))}</dc:creator>"
            f"<dc:language>{meta.get('language', 'en')}</dc:language>"
            f"<dc:date>{meta.get('created', '')}</dc:date></metadata>"
            '<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
            '<item id="a1" href="text/article.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="a1"/></spine></package>',
            "OEBPS/nav.xhtml": '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
            '<body><nav epub:type="toc"><ol><li>'
            f'<a href="text/article.xhtml">{title}</a></li></ol></nav></body></html>',
            "OEBPS/text/article.xhtml": '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
            f"<head><title>{title}</title></head><body>{body}</body></html>",
        },
        first="mimetype",
    )


# --- PDF -------------------------------------------------------------------------------------------


def _pdf(case: Case) -> bytes:
    """A page as a newspaper's library sends it. Options: columns, hyphenate, indent, font, page (height in points)."""
    out = io.BytesIO()
    options = case.options
    columns, font, size = options.get("columns", 1), options.get("font", "Times-Roman"), 10
    width, height = A4[0], options.get("page", 842)
    cid = font.startswith(("Heisei", "STSong", "HYSMyeong"))
    if cid:
        registerFont(UnicodeCIDFont(font))
    bold = font if cid else font.replace("-Roman", "") + "-Bold"
    italic = font if cid else ("Times-Italic" if font.startswith("Times") else f"{font}-Oblique")
    canvas = Canvas(out, pagesize=(width, height), invariant=1)
    meta = options.get("meta", {})
    canvas.setTitle(meta.get("title", ""))
    canvas.setAuthor(meta.get("creator", ""))
    if options.get("image_only"):
        canvas.rect(50, 50, 400, 600, fill=1)
        canvas.save()
        return out.getvalue()

    heads = [t for m, t in case.lines if m == "H"]
    feet = [t for m, t in case.lines if m == "F"]
    margin, gutter = 50, 18
    column_width = (width - 2 * margin - gutter * (columns - 1)) / columns
    state = {"page": 0, "column": 0, "y": 0.0, "top": 0.0}

    def new_page() -> None:
        if state["page"]:
            canvas.showPage()
        state["page"] += 1
        canvas.setFont(font, 8)
        for n, head in enumerate(heads):
            canvas.drawString(margin, height - 28 - 9 * n, head)
        for n, foot in enumerate(feet):
            canvas.drawString(margin, 28 - 9 * n, foot)
        if heads or feet:
            canvas.drawRightString(
                width - margin, 28, f"Page {state['page']}" if options.get("folio") else str(state["page"])
            )
        state["column"], state["top"] = 0, height - 64
        state["y"] = state["top"]

    def advance(leading: float) -> float:
        state["y"] -= leading
        if state["y"] < 50:
            state["column"] += 1
            if state["column"] >= columns:
                new_page()
            state["y"] = state["top"] - leading
        return margin + state["column"] * (column_width + gutter)

    def put(text: str, face: str, points: float, wide: bool = False, first_indent: float = 0) -> None:
        room = (width - 2 * margin) if wide else column_width
        indent = first_indent
        for line in wrap(text, face, points, room, first_indent, bool(options.get("hyphenate")) and not wide, cid):
            x = advance(points * 1.25)
            canvas.setFont(face, points)
            canvas.drawString((margin if wide else x) + indent, state["y"], line)
            indent = 0

    new_page()
    for mark, text in case.lines:
        if not text or mark in ("H", "F"):
            continue
        if mark == "#":
            put(text, bold, 22, wide=True)
        elif mark in ("^", "~") and state["page"] == 1 and state["column"] == 0 and state["top"] == height - 64:
            put(text, italic if mark == "^" else font, 13 if mark == "^" else 9, wide=True)
        elif mark == "§":
            advance(6)
            put(text, bold, 12)
        elif mark == "▣":
            advance(4)
            put(text, italic, 8)
            advance(4)
        elif mark == "|":
            x = advance(size * 1.4)
            canvas.setFont(font, size)
            for n, cell in enumerate(_rows(text)):
                canvas.drawString(x + n * column_width / len(_rows(text)), state["y"], cell)
        else:
            if mark == "¶" and state["top"] == height - 64 and state["page"] == 1 and state["column"] == 0:
                state["top"] = state["y"] - 8  # the columns begin under the headline
                state["y"] = state["top"]
            bullet = "• " if mark == "•" else ""
            put(bullet + text, font, size, first_indent=10 if options.get("indent") else 0)
            if not options.get("indent"):
                advance(5)
    canvas.save()
    return out.getvalue()


def wrap(text: str, face: str, points: float, room: float, indent: float, hyphenate: bool, cid: bool) -> list[str]:
    """Lines that fit; a long word is broken with a hyphen where it meets the margin if ``hyphenate``."""
    lines, line = [], ""
    words = list(text) if cid else text.split()
    glue = "" if cid else " "
    for word in words:
        limit = room - (indent if not lines else 0)
        candidate = line + glue + word if line else word
        if stringWidth(candidate, face, points) <= limit:
            line = candidate
            continue
        if hyphenate and len(word) > 7 and word.isalpha():
            for cut in range(len(word) - 3, 3, -1):
                head = f"{line} {word[:cut]}-"
                if word[cut] not in "aeiou" and word[cut - 1] in "aeiou" and stringWidth(head, face, points) <= limit:
                    lines.append(head)
                    line = word[cut:]
                    break
            else:
                lines.append(line)
                line = word
            continue
        lines.append(line)
        line = word
    return [*lines, line] if line else lines


# --- containers --------------------------------------------------------------------------------------


def _files(case: Case) -> dict[str, bytes]:
    return {path: build(load()[name]) for path, name in case.options["files"].items()}


def _zipped(case: Case) -> bytes:
    return _zip({**_files(case), **case.options.get("extra", {})})


def _tar(case: Case) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, data in _files(case).items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _gzip(case: Case) -> bytes:
    if case.options.get("tar"):
        return gzip.compress(_tar(case), mtime=0)
    ((path, data),) = _files(case).items()
    out = io.BytesIO()
    with gzip.GzipFile(path, "wb", fileobj=out, mtime=0) as stream:
        stream.write(data)
    return out.getvalue()


def _warc(case: Case) -> bytes:
    def record(kind: str, uri: str, media_type: str, block: bytes) -> bytes:
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{len(block):012d}>\r\n"
            f"WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Target-URI: {uri}\r\nContent-Type: {media_type}\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        )
        data = head.encode() + block + b"\r\n\r\n"
        return gzip.compress(data, mtime=0) if case.options.get("compressed") else data

    out = record("warcinfo", "urn:x:info", "application/warc-fields", b"software: crawler/1.0\r\n")
    for uri, data in _files(case).items():
        request = b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"
        out += record("request", uri, "application/http; msgtype=request", request)
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(data)
        out += record("response", uri, "application/http; msgtype=response", http + data)
    return out


BUILDERS: dict[str, Callable[[Case], bytes]] = {
    "anpa": _anpa,
    "eml": _eml,
    "mhtml": _mhtml,
    "msg": _msg,
    "docx": _docx,
    "odt": _odt,
    "rtf": _rtf,
    "epub": _epub,
    "pdf": _pdf,
    "zip": _zipped,
    "tar": _tar,
    "gzip": _gzip,
    "warc": _warc,
}
