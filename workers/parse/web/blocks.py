"""Split a web page into blocks: runs of text in reading order, each with information from the markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from services.text.paragraphs import BREAK
from workers.parse.article.compose import PieceKind
from workers.parse.article.normalise import tidy
from workers.parse.web.words import shingles

_SKIPPED = frozenset(
    [
        "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "canvas", "map", "head",
        "button", "select", "input", "textarea", "option", "audio", "video", "dialog", "del", "rp", "rt",
        "amp-sidebar", "amp-consent", "amp-ad", "amp-embed", "amp-social-share", "amp-analytics", "amp-user-notification",
    ]
)  # fmt: skip
_INLINE = frozenset(
    [
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins", "kbd",
        "label", "mark", "nobr", "q", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
        "u", "var", "wbr", "img", "picture", "amp-img",
    ]
)  # fmt: skip
_KINDS: dict[str, PieceKind] = {
    "li": "list_item", "dt": "list_item", "dd": "list_item", "blockquote": "blockquote", "figcaption": "caption",
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
}  # fmt: skip
_NOT_THE_STORY = frozenset(["nav", "aside", "footer", "form"])
_NO_CAPTION = frozenset(["figure", "table", "html", "body", "main", "article"])
_BOLD = frozenset(["b", "strong"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HYPHENS = re.compile(r"[_-]+")
_SPACE = re.compile(r"\s+")
_LINES = re.compile(r"(?<=[.!?…。！？؟\"”»])[^\S\n]*\n(?=[^\n]{60})")
_SENTENCE = re.compile(r"[.!?…。！？؟][\"”»'’)]*\s*$")
_MARK = re.compile(r"\[[^\[\]]{1,25}\]")
_HARDLY = 300  # characters; a page with no more text is still hidden
_FIELD = 500  # characters; an element with more is not a field of the head, whatever its name
_LONG_CAPTION = 1500  # characters
_SHORT = 100  # characters; if all lines are this short, each is a block of its own, as in a head, an address or a poem
_CELL = 100  # characters; a table with longer cells lays out the page

# Class names and ids of the surroundings of a story, as whole words of the name.
_AROUND = re.compile(
    r"(?:^|-)(?:related|recirc|recommend(?:ed|ations?)?|comments?|commentlist|disqus|respond|share|sharing|sharedaddy|social|"
    r"newsletters?|subscri(?:be|ption|ptions)|promos?|promotions?|sponsor(?:ed)?|ads?|advert(?:s|isement|isements|ising)?|"
    r"cookies?|consent|gdpr|popup|modal|sidebar|sidenav|breadcrumbs?|pagination|pager|nav|navbar|navigation|menu|footer|"
    r"toolbar|tags|taglist|trending|popular|outbrain|taboola|teasers?|bio|donate|donation|signup|paylas|relacionad[oa]s?|"
    r"also-read|read-(?:more|also|next)|see-also|most-read|more-(?:on|from|stories|news)|bottom-of-article|about-(?:the-)?author|author-(?:bio|box|info)|"
    r"jp-relatedposts|wp-block-latest-posts|sr-only|visually-hidden|screen-reader-text|screenreader|hatnote|navbox|skip-link|disclaimer|references|reflist|"
    r"paywall-(?:message|prompt|offer|hinweis|banner|box|overlay|teaser|info|cta|notice)|c-paywall|syndication|print-only|infobox|toc|listen|audio-player)(?:-|$)"
)
# Class names and ids of a story's head: author, date, section.
_HEAD = re.compile(
    r"(?:^|-)(?:byline|by|authors?|firma|autor|verfasser|metadata|meta|date|datum|time|timestamp|datetime|pubdate|published|"
    r"posted|updated|kicker|eyebrow|overline|rubric|category|categories|info|tarih|fecha|credits?|readtime|reading-time)(?:-|$)"
)
_DECK = re.compile(
    r"(?:^|-)(?:standfirst|dek|deck|subtitle|subheadline|subhead|sub-title|sub-headline|chapo|chapeau|sottotitolo|bajada|copete|"
    r"entradilla|vorspann|strapline|untertitel|spot)(?:-|$)"
)
_LEAD = re.compile(
    r"(?:^|-)(?:lead|lede|leadin|lead-in|teaser|teaser-text|summary|excerpt|abstract|intro|einleitung|description|anons)(?:-|$)"
)
_CAPTION = re.compile(
    r"(?:^|-)(?:captions?|caption-text|epigrafe|bildunterschrift|bildtext|legende|resimalti|didascalia|cutline|figcaption)(?:-|$)"
)


@dataclass(slots=True, eq=False)
class Block:
    """A block. ``links`` is the share of the text that is links; ``around`` the elements above it that mark
    surroundings of the story, ``head`` those named as a field of its head, ``path`` the elements from the root to
    it."""

    kind: PieceKind
    text: str
    element: Any
    path: tuple[Any, ...]
    links: float = 0.0
    bold: bool = False
    around: tuple[Any, ...] = ()
    head: tuple[Any, ...] = ()
    caption: Any = None
    linked: bool = False  # the block is inside a link
    hidden: bool = False  # until a script shows it, as a panel of tabs
    _shingles: set[tuple[str, ...]] | None = None

    def shingles(self) -> set[tuple[str, ...]]:
        """Return the shingles of its text, which are counted once; do not change the set, or the text afterwards."""
        if self._shingles is None:
            self._shingles = shingles(self.text)
        return self._shingles

    def is_linked(self) -> bool:
        """Return whether nearly all of its text is a link."""
        return self.linked or self.links > 0.9


def names(element: Any) -> str:
    """Return class names and id, each as words joined by hyphens, with spaces between the names: ``entryMeta big`` is
    ``entry-meta big``."""
    return _hyphened(element.get("class") or "", element.get("id") or "")


@lru_cache(8192)
def _hyphened(called: str, id: str) -> str:
    return _HYPHENS.sub("-", _HUMPS.sub("-", f"{called} {id}")).casefold()


@lru_cache(8192)
def _marked(said: str) -> tuple[bool, bool, bool]:
    """Return whether one of these names marks surroundings of the story, a field of its head, or a caption."""
    marks = [_marked_word(word) for word in said.split()]
    return any(each[0] for each in marks), any(each[1] for each in marks), any(each[2] for each in marks)


@lru_cache(8192)
def _marked_word(word: str) -> tuple[bool, bool, bool]:
    return bool(_AROUND.search(word)), bool(_HEAD.search(word)), bool(_CAPTION.search(word))


def deck_name(block: Block) -> int:
    """Return 2 if the markup calls the block a deck, 1 if it calls it a lead, which may be the first paragraph,
    otherwise 0."""
    elements = [block.element]
    parent = block.element.getparent()
    if parent is not None and tidy("".join(parent.itertext())) == block.text:
        elements.append(parent)
    words = [word for each in elements for word in names(each).split()]
    if any(map(_DECK.search, words)) or any(each.get("itemprop") == "alternativeHeadline" for each in elements):
        return 2
    return int(any(map(_LEAD.search, words)) or any(each.get("itemprop") == "description" for each in elements))


def read_blocks(tree: Any) -> list[Block]:
    """Return the blocks of a page. If nearly all of it is hidden until a script shows it, hidden text is read."""
    body = tree.find("body")
    root = tree if body is None else body
    blocks = _read(root, _Reader())
    said = sum(len(block.text) for block in blocks if not block.hidden)
    if said < _HARDLY and sum(len(part) for part in _visible(root)) > 4 * max(said, _HARDLY):
        blocks = _read(root, _Reader(hidden=True))
        for block in blocks:
            block.hidden = False
    return blocks


def _read(root: Any, reader: _Reader) -> list[Block]:
    reader.walk(root, _State())
    reader.flush()
    return reader.blocks


def _visible(root: Any) -> Iterator[str]:
    for element in root.iter():
        if element.tag not in ("script", "style", "noscript", "template"):
            yield (element.text or "").strip()
        yield (element.tail or "").strip()


@dataclass(slots=True, frozen=True)
class _State:
    kind: PieceKind = "paragraph"
    path: tuple[Any, ...] = ()
    around: tuple[Any, ...] = ()
    head: tuple[Any, ...] = ()
    caption: Any = None
    linked: bool = False
    hidden: bool = False


class _Reader:
    def __init__(self, *, hidden: bool = False) -> None:
        self._hidden = hidden
        self.blocks: list[Block] = []
        self._run: list[tuple[str, bool, bool]] = []  # text, in a link, in bold
        self._state = _State()

    def flush(self) -> None:
        if not self._run:
            return
        run, self._run = self._run, []
        parts: list[list[tuple[str, bool, bool]]] = [[]]
        joined = "".join(text for text, _, _ in run)
        if not joined.strip():
            return
        cuts = self._cuts(joined)
        at = 0
        for text, link, bold in run:
            while cuts and cuts[0] <= at + len(text):
                parts[-1].append((text[: cuts[0] - at], link, bold))
                parts.append([])
                text, at = text[cuts[0] - at :], cuts.pop(0)
            parts[-1].append((text, link, bold))
            at += len(text)
        for part in parts:
            self._add(part)

    def _cuts(self, joined: str) -> list[int]:
        """Return where the run's paragraphs end."""
        ends = [match.end() for match in BREAK.finditer(joined)]
        cuts = set(ends)
        for start, end in pairwise([0, *ends, len(joined)]):
            part = joined[start:end].rstrip("\n ")
            lines = [line.strip() for line in part.split("\n")]
            runs_on = bool(_SENTENCE.search(part)) and any(line[:1].islower() for line in lines[1:])
            short = max(map(len, lines)) < _SHORT and not runs_on
            if short and self._state.kind == "paragraph" and self._state.caption is None:
                cuts |= {start + match.end() for match in re.finditer(r"\n", part)}
            else:
                cuts |= {start + match.end() for match in _LINES.finditer(part)}
        return sorted(cuts)

    def _add(self, run: list[tuple[str, bool, bool]]) -> None:
        text = tidy("".join(text for text, _, _ in run))
        if not text:
            return
        state = self._state
        weight = [(len("".join(part.split())), link, bold) for part, link, bold in run]
        total = sum(size for size, _, _ in weight) or 1
        links = sum(size for size, link, _ in weight if link) / total
        bold = all(strong for size, _, strong in weight if size)
        last = self.blocks[-1] if self.blocks else None
        if state.caption is not None and last is not None and last.caption is state.caption:
            last.text += " " + text
            return
        kind: PieceKind = "caption" if state.caption is not None else state.kind
        self.blocks.append(
            Block(
                kind,
                text,
                state.path[-1],
                state.path,
                links,
                bold,
                state.around,
                state.head,
                state.caption,
                state.linked,
                state.hidden,
            )
        )

    def walk(
        self, element: Any, state: _State, link: bool = False, bold: bool = False, *, inside: bool = False
    ) -> None:
        """Read the element; ``inside`` means that it is in an element without blocks."""
        tag = element.tag
        if not isinstance(tag, str) or (tag in _SKIPPED and tag != "button"):
            return
        hidden = tag == "button" or _hidden(element)
        if hidden and not self._hidden and (inside or self._is_amid(element)):
            return
        if tag == "br":
            self._run.append(("\n", link, bold))
            return
        if tag == "hr":
            self.flush()
            return
        if tag in ("sup", "span") and _is_mark(element):
            return
        inline = not hidden and _is_inline(tag) and (inside or not _holds_blocks(element)) and not _is_caption(element)
        link, bold = link or tag == "a", bold or tag in _BOLD
        if inline:
            self._text(element.text, link, bold)
            for child in element:
                self.walk(child, state, link, bold, inside=True)
                self._text(child.tail, link, bold)
            return
        self.flush()
        before, self._state = self._state, _State()
        state = self._state = _enter(element, tag, state, link, hidden)
        if tag == "table" and (rows := _data_table(element)):
            around = state.around
            links = sum(len("".join(a.itertext())) for a in element.iter("a")) / max(
                1, len("".join(element.itertext()))
            )
            for caption in element.iterchildren("caption"):
                if said := tidy("".join(caption.itertext())):
                    self.blocks.append(Block("caption", said, element, state.path, around=around, caption=caption))
            self.blocks.append(Block("table", "\n".join(rows), element, state.path, min(1.0, links), False, around))
        else:
            self._text(element.text, link, bold)
            for child in element:
                self.walk(child, state, link, bold)
                self._state = state
                self._text(child.tail, link, bold)
            self.flush()
        self._state = before

    def _is_amid(self, element: Any) -> bool:
        """Return whether the element stands within a run of text."""
        return self._state.path[-1:] != () and (
            self._state.path[-1].tag == "p"
            or any(t.strip() for t, _, _ in self._run)
            or bool((element.tail or "").strip())
        )

    def _text(self, text: str | None, link: bool, bold: bool) -> None:
        if text:
            self._run.append((" " if text.isspace() else _SPACE.sub(" ", text), link, bold))


def _enter(element: Any, tag: str, state: _State, link: bool, hidden: bool) -> _State:
    is_around, is_head, is_caption = _marked(names(element))
    around = state.around
    if (tag in _NOT_THE_STORY and not (tag == "form" and _holds_story(element))) or (
        is_around
        and tag not in ("body", "main")
        and not (next(element.iterdescendants("h1"), None) is not None and len("".join(element.itertext())) > _FIELD)
    ):  # a name above the headline belongs to the page
        around = (*around, element)
    caption = state.caption
    if caption is None and (tag == "figcaption" or (tag not in _NO_CAPTION and is_caption and _is_short(element))):
        caption = element
    kind = _KINDS.get(tag, state.kind)
    if tag in ("table", "figure", "aside", "section", "article"):
        kind = "paragraph"
    if state.kind == "blockquote" and tag in ("p", "div"):
        kind = "blockquote"
    elif tag in ("p", "div") and state.kind == "heading":
        kind = "paragraph"
    is_head = tag == "address" or (tag != "body" and is_head)
    head = (*state.head, element) if is_head and len("".join(element.itertext())) < _FIELD else state.head
    return _State(kind, (*state.path, element), around, head, caption, state.linked or link, state.hidden or hidden)


def _is_caption(element: Any) -> bool:
    return bool(element.get("class")) and _marked(names(element))[2] and _is_short(element)


def _is_short(element: Any) -> bool:
    """Return whether it is a caption; a whole story in an element named ``with-caption`` is not one."""
    return sum(1 for _ in element.iter("p")) < 4 and len("".join(element.itertext())) < _LONG_CAPTION


def _is_mark(element: Any) -> bool:
    """Return whether it is a bracketed link within the page: a footnote's number, ``[edit]``."""
    return next(element.iter("a"), None) is not None and bool(_MARK.fullmatch(tidy("".join(element.itertext()))))


def _hidden(element: Any) -> bool:
    style = element.get("style")
    return element.get("hidden") is not None or bool(style and _HIDDEN.search(style))


def _holds_blocks(element: Any) -> bool:
    return len(element) > 0 and any(
        isinstance(child.tag, str) and not _is_inline(child.tag) and child.tag not in _SKIPPED and child.tag != "br"
        for child in element.iterdescendants()
    )


def _is_inline(tag: str) -> bool:
    """Return whether the element is inline; a custom element is too, unless it contains blocks."""
    return tag in _INLINE or "-" in tag


def _holds_story(form: Any) -> bool:
    """Return whether the form is not a wrapper: some servers wrap the whole page in a form."""
    return sum(len("".join(each.itertext())) > 80 for each in form.iter("p", "td", "div")) > 2


def _data_table(table: Any) -> list[str]:
    """Return the rows of a table that contains data; [] if the table is layout."""
    if any(True for _ in table.iterdescendants("table", "p", "h1", "h2", "ul", "form", "script")):
        return []
    rows = [[tidy("".join(cell.itertext())) for cell in row.iter("td", "th")] for row in table.iter("tr")]
    rows = [row for row in rows if any(row)]
    cells = [cell for row in rows for cell in row]
    if len(rows) < 2 or max(map(len, rows)) < 2 or max(map(len, cells)) > 3 * _CELL:
        return []
    if sum(map(len, cells)) > _CELL * len(cells):
        return []
    return [" | ".join(row) for row in rows]
