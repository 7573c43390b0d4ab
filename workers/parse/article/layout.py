"""Put the lines of a page into reading order: columns, running heads, paragraphs, hyphens. Pages are divided into bands
by lines that run across (a headline over two columns), and each band into columns at gutters, vertical strips without
text; each column is divided again in the same way.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

_DIGITS = re.compile(r"\d+")
# 3 · – 3 – · [3] · Page 3 of 10 · Page | 3 · 3/10 · стр. 3 · xiv, but not "3 May" nor "civil"
_PAGE_NUMBER = re.compile(
    r"(?:[-–—|•·(\[]\s*)?(?:(?:page|p\.|seite|s\.|página|pagina|pág\.|стр\.?|صفحه|صفحة|ص)\s*[|:]?)?\s*"
    r"(?P<number>\d{1,4}|(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3}))(?:\s*(?:/|of|von|de|sur|di|из|از|من)\s*\d{1,4})?(?:\s*[-–—|•·)\]])?",
    re.I,
)
_HYPHENS = "-\u00ad\u2010\x02"
_WORD_END = re.compile(rf"([^\W\d_]+)[{_HYPHENS}]$")
_WORD_START = re.compile(r"([^\W\d_]+)")
# Compounds that keep their hyphen: well-known, self-help, long-term, twenty-three; not "long-ing", "well-being",
# "self-ish"
_COMPOUND = re.compile(
    r"well-(?:\w{3,}(?:ed|wn|en|ing)|off|known|kept|paid|read|run)|so-called|self-(?!(?:ish|less|hood)\b)\w+"
    r"|(?:long|short|medium)-(?:term|time|range|run|standing|awaited|lasting|distance|serving|haul|lived|lost|held)"
    r"|(?:high|low|mid|top|entry)-(?:level|speed|profile|ranking|tech|end|rise|risk|quality|cost|income|key|lying|paid)"
    r"|(?:full|part)-(?:time|scale|fledged|blown)|half-(?:hour|dozen|century|brother|sister|mast)"
    r"|far-(?:reaching|right|left|flung)|best-(?:selling|known)|better-(?:known|off)|ill-(?:advised|fated|equipped|timed)"
    r"|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-(?:one|two|three|four|five|six|seven|eight|nine|first|second|\w+th|third)"
)
_BULLET = re.compile(r"[•▪‣◦●–—*]\s|\d{1,2}[.)]\s")
_SENTENCE_END = tuple(".!?:…。！？؟۔”\"’')»")
_EDGE = 0.12  # share of the page's height in which running heads and page numbers are found
_MARGIN = 0.07
_OFTEN = 0.25  # share of the pages; left and right pages have different heads, and the first page may have none
_DEPTH = 12


@dataclass(slots=True)
class Line:
    """A line of text; x grows to the right, y upwards, in points, as in PDF. ``size`` is the type size."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool = False

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(slots=True)
class Page:
    """A page. ``rtl_unsure``: words of a right-to-left script may not be in the order in which they are read."""

    lines: list[Line]
    height: float
    rtl_unsure: bool = False


@dataclass(slots=True)
class Paragraph:
    """A paragraph. ``pages``: the indexes of its pages among the pages that are read, and where in its text each
    begins."""

    text: str
    size: float
    bold: bool
    pages: list[tuple[int, int]] = field(default_factory=list)


def read_pages(pages: list[Page]) -> list[Paragraph]:
    """Return the paragraphs of all pages in reading order, without running heads and page numbers."""
    repeated, counted = _running(pages), _counted(pages)
    sizes = [line.size for page in pages for line in page.lines for _ in range(len(line.text) // 20)]
    body = median(sizes) if sizes else 0.0
    columns: list[tuple[int, list[Line]]] = []
    for at, page in enumerate(pages):
        lines = [
            line
            for line in page.lines
            if not (_is_running(line, page, repeated, body) or _number(line, page) in counted.get(at, ()))
        ]
        columns += ((at, column) for column in _columns(_joined(lines), 0))
    words = _hyphenated([column for _, column in columns])
    found: list[Paragraph] = []
    for at, column in columns:
        paragraphs = _paragraphs(column, words)
        if found and paragraphs and _goes_on(found[-1], paragraphs[0]):
            last, first = found[-1], paragraphs.pop(0)
            last.text = _join(last.text, first.text, words)
            last.pages.append((at, len(last.text) - len(first.text)))
        for paragraph in paragraphs:
            paragraph.pages = [(at, 0)]
        found += paragraphs
    return found


# --- running heads ------------------------------------------------------------------------------


def _key(line: Line) -> str:
    return _DIGITS.sub("#", line.text.strip().casefold())


def _at_edge(line: Line, page: Page) -> bool:
    return line.middle > page.height * (1 - _EDGE) or line.middle < page.height * _EDGE


def _apart(line: Line, page: Page) -> bool:
    """Return whether no line of the same type size follows towards the middle of the page: the last line of a column is
    not a running head."""
    inwards = -1 if line.middle > page.height / 2 else 1
    return not any(
        0 < (other.middle - line.middle) * inwards < 1.6 * line.size
        and abs(other.size - line.size) < 0.5
        and other.left < line.right
        and line.left < other.right
        for other in page.lines
    )


def _running(pages: list[Page]) -> set[str]:
    """Return the text at the top or bottom of at least a quarter of the pages and of at least two, ignoring numbers."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_key(line) for line in page.lines if _at_edge(line, page) and _apart(line, page)})
    return {key for key, count in seen.items() if count >= max(2, len(pages) * _OFTEN)}


def _number(line: Line, page: Page) -> int | None:
    """Return the number in a line at the edge that may be a page number, in Arabic figures."""
    found = _PAGE_NUMBER.fullmatch(line.text.strip()) if _at_edge(line, page) else None
    return int(found["number"]) if found and found["number"].isdecimal() else None


def _counted(pages: list[Page]) -> dict[int, set[int]]:
    """Return the page numbers by the page's index: the number on the next page is higher by one, or that on the page
    before lower by one."""
    seen = [{_number(line, page) for line in page.lines} - {None} for page in pages]
    found: dict[int, set[int]] = {}
    for at, (here, there) in enumerate(pairwise(seen)):
        for number in here:
            if number is not None and number + 1 in there:
                found.setdefault(at, set()).add(number)
                found.setdefault(at + 1, set()).add(number + 1)
    return found


def _is_running(line: Line, page: Page, repeated: set[str], body: float) -> bool:
    """Return whether the line is a page number, a repeated line, or small type at the very edge, which is a running
    head even on a document's only page."""
    if not _at_edge(line, page) or not _apart(line, page):
        return False
    if _PAGE_NUMBER.fullmatch(line.text.strip()) or _key(line) in repeated:
        return True
    outermost = line.bottom > page.height * (1 - _MARGIN) or line.top < page.height * _MARGIN
    return outermost and line.size < 0.9 * body


# --- columns ------------------------------------------------------------------------------------


def _joined(lines: list[Line], reach: float = 0.9) -> list[Line]:
    """Join pieces on one level whose distance is at most ``reach`` times the type size."""
    found: list[Line] = []
    for level in _levels(lines):
        found.append(level[0])
        for line in level[1:]:
            size, gap = max(line.size, found[-1].size), line.left - found[-1].right
            if gap < reach * size:
                found[-1] = _one(found[-1], line, " " if gap > 0.12 * line.size else "")
            else:
                found.append(line)
    return found


def _levels(lines: list[Line]) -> list[list[Line]]:
    """Return groups of lines beside each other, from left to right, from the top down."""
    levels: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -line.middle):
        if levels and levels[-1][0].middle - line.middle < 0.35 * max(line.size, levels[-1][0].size):
            levels[-1].append(line)
        else:
            levels.append([line])
    return [sorted(level, key=lambda line: line.left) for level in levels]


def _one(left: Line, right: Line, space: str) -> Line:
    """Join two pieces of a line in the order of their script."""
    first, second = (right, left) if _right_to_left([left, right]) else (left, right)
    return Line(
        f"{first.text.rstrip()}{space}{second.text.lstrip()}",
        left.left,
        min(left.bottom, right.bottom),
        right.right,
        max(left.top, right.top),
        max(left.size, right.size),
        left.bold and right.bold,
    )


def _columns(lines: list[Line], depth: int) -> list[list[Line]]:
    """Return ``lines`` divided into columns, in reading order."""
    gutter = _gutter(lines) if len(lines) >= 4 and depth <= _DEPTH else None
    if gutter is None:
        return [_down(_joined(lines, reach=1000))] if lines else []  # justified lines may have wide gaps between words
    across = [line for line in lines if line.left < gutter < line.right]
    found: list[list[Line]] = []
    rest = [line for line in lines if not line.left < gutter < line.right]
    for crossing in [*_down(across), None]:
        band = [line for line in rest if crossing is None or line.middle > crossing.middle]
        rest = [line for line in rest if crossing is not None and line.middle <= crossing.middle]
        sides = [[line for line in band if line.right <= gutter], [line for line in band if line.left >= gutter]]
        if _right_to_left(band):
            sides.reverse()
        for side in sides:
            found += _columns(side, depth + 1)
        if crossing is not None:
            if found and band == [] and found[-1] and found[-1][-1] in across:
                found[-1].append(crossing)
            else:
                found.append([crossing])
    return found


def _down(lines: list[Line]) -> list[Line]:
    return [line for level in _levels(lines) for line in level]


def _gutter(lines: list[Line]) -> float | None:
    """Return the x of a strip that few lines cross and that has lines on both sides; or None."""
    size = median(line.size for line in lines)
    edges = sorted({round(line.right, 1) for line in lines})
    best: tuple[int, float, float] | None = None
    for edge in edges[:-1]:
        starts = [line.left for line in lines if line.left >= edge]
        if not starts:
            continue
        for start in {min(starts), median(starts)}:
            x = (edge + start) / 2
            crossing = sum(1 for line in lines if line.left < x < line.right)
            left = [line for line in lines if line.right <= x]
            right = [line for line in lines if line.left >= x]
            if min(len(left), len(right)) < 2 or crossing > 0.4 * len(lines):
                continue
            width = min(line.left for line in right) - max(line.right for line in left)
            if width < 0.8 * size or not _side_by_side(left, right):
                continue
            score = (crossing, -width, x)
            if best is None or score < best:
                best = score
    return best[2] if best else None


def _side_by_side(left: list[Line], right: list[Line]) -> bool:
    """Return whether two columns share most of their height, unlike a margin note or the end of a short line."""
    top = min(max(line.top for line in left), max(line.top for line in right))
    bottom = max(min(line.bottom for line in left), min(line.bottom for line in right))
    if top <= bottom:
        return False
    beside = min(
        sum(1 for line in left if bottom <= line.middle <= top),
        sum(1 for line in right if bottom <= line.middle <= top),
    )
    wide = [line for line in (*left, *right) if line.right - line.left > 6 * line.size]
    return beside >= 2 and len(wide) >= 0.5 * (len(left) + len(right))


def _right_to_left(lines: list[Line]) -> bool:
    letters = [char for line in lines[:20] for char in line.text if char.isalpha()]
    return sum("\u0590" <= char <= "\u08ff" or "\ufb1d" <= char <= "\ufefc" for char in letters) > len(letters) / 2


# --- paragraphs ---------------------------------------------------------------------------------


def _paragraphs(lines: list[Line], words: set[str]) -> list[Paragraph]:
    if not lines:
        return []
    gaps = [above.middle - below.middle for above, below in pairwise(lines) if abs(above.size - below.size) < 0.5]
    leading = median(gaps) if gaps else lines[0].size * 1.2
    leading = min(leading, 2 * median(line.size for line in lines))
    left = min(line.left for line in lines)
    right = max(line.right for line in lines)
    found: list[Paragraph] = []
    previous: Line | None = None
    for line in lines:
        if previous is not None and not _starts(line, previous, leading, left, right):
            found[-1].text = _join(found[-1].text, line.text.strip(), words)
            found[-1].bold = found[-1].bold and line.bold
        else:
            found.append(Paragraph(line.text.strip(), line.size, line.bold))
        previous = line
    return found


def _starts(line: Line, previous: Line, leading: float, left: float, right: float) -> bool:
    """Return whether a paragraph starts with ``line``: it has space before it, is indented, is in another type, or
    follows a short last line."""
    if abs(line.size - previous.size) > 0.6 or (line.bold != previous.bold and (line.bold or previous.bold)):
        return not (abs(line.size - previous.size) <= 0.6 and previous.text.rstrip()[-1:].isalpha() and line.text[:1].islower())  # fmt: skip
    if previous.middle - line.middle > 1.35 * max(leading, line.size):
        return True
    if _BULLET.match(line.text.strip()):
        return True
    rtl = _right_to_left([line, previous])
    indent = right - line.right if rtl else line.left - left
    indent_before = right - previous.right if rtl else previous.left - left
    if 0.7 * line.size < indent < 5 * line.size and indent - indent_before > 0.5 * line.size:
        return True
    short = previous.left - left if rtl else right - previous.right
    if short > 0.3 * (right - left) and previous.text.rstrip().endswith(_SENTENCE_END):
        return True
    words = line.text.split()
    letter = (line.right - line.left) / max(1, len(line.text))
    fits = bool(words) and short > 2 * letter * (len(words[0]) + 1)  # the line did not end because the column was full
    return fits and short > 0.45 * (right - left) and previous.text[-1:] not in _HYPHENS


def _goes_on(last: Paragraph, following: Paragraph) -> bool:
    """Return whether a paragraph continues after the end of its column or page."""
    if abs(last.size - following.size) > 0.6 or last.bold != following.bold or len(last.text) < 40:
        return False
    if last.text.rstrip().endswith(_SENTENCE_END):
        return False
    start = following.text[:1]
    return start.islower() or (last.text[-1] in _HYPHENS) or last.text.rstrip().endswith(",") or _unicameral(start)


def _unicameral(char: str) -> bool:
    return char.isalpha() and char.lower() == char.upper()


def _hyphenated(columns: list[list[Line]]) -> set[str]:
    """Return compounds that appear with their hyphen inside a line: ``anti-aircraft``."""
    found: set[str] = set()
    for column in columns:
        for line in column:
            found.update(re.findall(r"[^\W\d_]+-[^\W\d_]+", line.text.casefold()))
    return found


def _join(text: str, line: str, words: set[str]) -> str:
    """Remove a hyphen at the end of a line, unless the word is a compound that is hyphenated elsewhere, or a name."""
    ended, started = _WORD_END.search(text), _WORD_START.match(line)
    if ended and started:
        compound = f"{ended[1]}-{started[1]}".casefold()
        keep = compound in words or _COMPOUND.fullmatch(compound) or (text[-1] in "-\u2010" and started[1][0].isupper())
        return text[:-1] + ("-" if keep else "") + line
    if text.endswith("\u00ad") or text.endswith("\x02"):
        return text[:-1] + "-" + line
    wide = text[-1:] >= "\u3040" and line[:1] >= "\u3040" and not "\uac00" <= line[:1] <= "\ud7a3"
    wide = wide and text[-1:] < "\ufb00"
    return text + ("" if wide else " ") + line
