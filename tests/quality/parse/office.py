"""Build cases as office files: DOCX, ODT, RTF, EPUB."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

import ftfy.bad_codecs  # noqa: F401  (registers the codec that browsers mean by windows-1252)

from .case import Case


def zip_of(files: dict[str, str | bytes], *, first: str | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            stored = zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, compress_type=stored)
    return out.getvalue()


def cells_of(text: str) -> list[str]:
    return [cell.strip() for cell in text.strip("| ").split("|")]


def _grouped(case: Case) -> list[tuple[str, list[str]]]:
    """Group consecutive table rows and list items into blocks."""
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


def docx(case: Case) -> bytes:
    plain = case.options.get("style") == "plain"  # as written by somebody who does not use styles
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
                "<w:tr>" + "".join(f"<w:tc><w:tcPr/>{paragraph('', cell)}</w:tc>" for cell in cells_of(row)) + "</w:tr>"
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
    return zip_of(
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


def odt(case: Case) -> bytes:
    body = ""
    for mark, texts in _grouped(case):
        lines = [escape(text) for text in texts]
        if mark == "|":
            rows = (
                "<table:table-row>"
                + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells_of(line))
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
    return zip_of(
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


def rtf(case: Case) -> bytes:
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
            cells = cells_of(text)
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


def epub(case: Case) -> bytes:
    meta = case.options.get("meta", {})
    body = ""
    tags = {"#": "h1", "^": 'p class="standfirst"', "§": "h2", "▣": "figcaption", "~": "p", "¶": "p"}
    for mark, texts in _grouped(case):
        lines = [escape(text) for text in texts]
        if mark == "•":
            body += "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"
        elif mark == "|":
            cells = ("".join(f"<td>{cell}</td>" for cell in cells_of(line)) for line in lines)
            body += "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
        elif mark == ">":
            body += f"<blockquote><p>{lines[0]}</p></blockquote>"
        elif mark == "▣":
            body += f'<figure><img src="a.jpg" alt=""/><figcaption>{lines[0]}</figcaption></figure>'
        else:
            tag = tags[mark]
            body += f"<{tag}>{lines[0]}</{tag.split()[0]}>\n"
    title = escape(meta.get("title", "Untitled"))
    return zip_of(
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
