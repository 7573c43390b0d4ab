"""Build cases as PDF pages."""

from __future__ import annotations

import io

import ftfy.bad_codecs  # noqa: F401  (registers the codec that browsers mean by windows-1252)
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas

from tests.quality.parse.office import cells_of

from .case import Case


def pdf(case: Case) -> bytes:
    """Return a page as a newspaper's library sends it. Options: columns, hyphenate, indent, font, page (height in
    points)."""
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
            for n, cell in enumerate(cells_of(text)):
                canvas.drawString(x + n * column_width / len(cells_of(text)), state["y"], cell)
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
    """Return lines that fit; with ``hyphenate``, a long word at the margin is broken with a hyphen."""
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
