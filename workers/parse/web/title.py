"""Find the title of a web page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workers.parse.article.dates import read_stamps
from workers.parse.article.normalise import tidy
from workers.parse.web.blocks import Block, names
from workers.parse.web.body import is_prose
from workers.parse.web.stated import Page, names_in
from workers.parse.web.words import tokens

_TITLES = ("og:title", "twitter:title", "parsely-title", "dc.title", "headline")
_TITLE_NAME = re.compile(
    r"(?:^|-)(?:title|headline|hed|tit|titulo|titular|titel|titre|titolo|titulek|baslik|nadpis|biaoti)$"
)
_HOME = re.compile(r"(?:https?://[^/]+)?/?(?:index\.\w+)?")
_BESIDE = re.compile(r"(?:title|blog|news|article|opinion|guide|post)\s*:|\([\w.-]+\.\w+\)\s*\d*", re.I)
"""What a heading may contain besides the title: ``Blog:``, ``(gull.example) 87``."""
_COUNT = re.compile(r"\d{1,5}")  # of comments, after the title
_MARKS = re.compile(r"\s+[|•·»«–—-]\s+|\s*[|｜]\s*|\s+::\s+|:\s+")


def find_title(page: Page) -> str | None:
    """Return the heading that the page's metadata repeats; otherwise JSON-LD's headline; otherwise the page's title
    without the site's name."""
    told, title, meta = page.told("headline"), page.said("title"), page.said(*_TITLES)
    stated = [each for each in (told, meta, title) if each]
    site = tokens(page.said("og:site_name") or "")
    headings = [
        block for block in page.blocks
        if block.element.tag in ("h1", "h2", "h3") and not _leads_home(block) and tokens(block.text) != site and not read_stamps(block.text)
    ]  # fmt: skip
    if heading := _repeated(headings, stated) or _only(headings, stated):
        return _written(heading.text, stated, page)
    if told or meta:
        return _less_site(told or meta or "", page)
    tops = [block for block in headings if block.element.tag == "h1"]
    if len(tops) == 1 and len(tokens(tops[0].text)) > 3:
        return tops[0].text
    if called := _called_title(page):
        return called
    less = _less_site(title, page, colon=True) if title else None
    if less and less != title:
        return less
    return _heading_of_story(page.blocks) or title


def _repeated(headings: list[Block], stated: list[str]) -> Block | None:
    """Return the heading whose words are in the metadata, if possible one outside the story's surroundings.

    A heading of the second or third level must be most of what the metadata says; others are headings inside the story.
    """
    names_ = [tokens(each) for each in stated]
    first = any(block.element.tag == "h1" and not block.around and not block.linked for block in headings)
    parts = [] if first else [tokens(part) for each in stated for part in _MARKS.split(each)]
    best: tuple[tuple[bool, bool, bool, bool, bool, int], Block] | None = None
    for block in headings:
        own = tokens(block.text)
        top = block.element.tag == "h1"
        least = 0.6 if len(own) > _SHORT else 1
        share = max((_share(own, set(name)) for name in names_ if len(own) > 1 or own == name), default=0) if own else 0
        if share < least or not (top or own in parts or _is_most(own, names_)):
            continue
        linked = block.linked or block.links > 0.9  # the site's name, or a heading that links to itself
        rank = (not block.around, own in names_[:-1], top, not linked, share > 0.8, len(own))
        if best is None or rank > best[0]:
            best = rank, block
    return best[1] if best and best[0][0] else None


def _is_most(own: Sequence[str], names_: Sequence[Sequence[str]]) -> bool:
    """Return whether the metadata says little more than these words."""
    return any(2 * _share(own, set(name)) * len(own) >= _MOST * (len(own) + len(name)) for name in names_)


def _only(headings: list[Block], stated: list[str]) -> Block | None:
    """Return the only heading of the first level if it shares words with the metadata, because a title may be worded
    differently."""
    tops = [block for block in headings if block.element.tag == "h1" and not block.around and not block.linked]
    if len(tops) != 1 or not 4 <= len(own := tokens(tops[0].text)) <= _LONGEST:
        return None
    return tops[0] if any(_share(own, set(tokens(each))) >= 0.25 for each in stated) else None


def _written(heading: str, stated: list[str], page: Page) -> str:
    """Return the heading without the site's name, and as the metadata writes it if the page has it in capitals or with
    other text."""
    for each in (_less_site(said, page) for said in stated):
        short = len(tokens(heading)) <= _SHORT
        if _holds(heading, each) or (short and each.casefold().startswith(f"{heading.casefold()}: ")):
            return each
    if heading.isupper():
        words = tokens(heading)
        for each in stated:
            if tokens(each)[: len(words)] == words and not each.isupper():
                less = _less_site(each, page)
                return less if tokens(less) == words else heading
    return _less_site(heading, page, seen=False)


def _holds(heading: str, title: str) -> bool:
    """Return whether the heading is the title with a label, a day, a count, or a repetition of the title."""
    if len(tokens(title)) <= _SHORT or len(heading) <= len(title):
        return False
    before, found, after = heading.casefold().partition(title.casefold())
    rest = f"{before} {after}".strip(" /|–—-")
    known = _BESIDE.fullmatch(rest) or read_stamps(rest) or title.casefold() in rest
    return bool(found and rest and (known or (not before and _COUNT.fullmatch(rest))))


def _leads_home(block: Block) -> bool:
    """Return whether the block is only a link to the home page, such as the site's name above the page."""
    links = [*block.element.iter("a"), *(each for each in block.path if each.tag == "a")]
    return block.links > 0.9 and any(_HOME.fullmatch(link.get("href") or "") for link in links)


def _called_title(page: Page) -> str | None:
    """Return the only line that a class or id calls the title."""
    lines = {block.text for block in page.blocks if not block.around and not block.linked and block.links < 0.9}
    called = {
        said for each in page.tree.find("body").iter()
        if isinstance(each.tag, str) and any(map(_TITLE_NAME.search, names(each).split()))
        and (said := tidy("".join(each.itertext()))) in lines and len(tokens(said)) > 2
    } if page.tree.find("body") is not None else set()  # fmt: skip
    return called.pop() if len(called) == 1 else None


def _heading_of_story(blocks: list[Block]) -> str | None:
    """Return the heading right above the first prose."""
    heads = (at for at, each in enumerate(blocks) if each.kind == "heading" and not each.around and each.links < 0.5)
    for at in (at for at in heads if not read_stamps(blocks[at].text)):
        if any(is_prose(each) and not each.around for each in blocks[at + 1 : at + 6]):
            return blocks[at].text
    return None


def _share(words: Sequence[str], of: set[str]) -> float:
    return sum(word in of for word in words) / len(words)


_MOST = 0.8  # F1 of words
_SHORT = 3  # words; a heading this short is the title if the metadata contains all its words
_LONGEST = 40  # words; a longer text is not a heading
MOST_CUTS = 20  # maximum number of parts, because each is tried; a title has three or four


def _less_site(title: str, page: Page, *, seen: bool = True, colon: bool = False) -> str:
    """Return ``Headline | The Site`` without the site: the part that is shown on the page, or is not the site's name.
    With ``colon``, that part may come before or after a colon; a headline may also contain a colon."""
    cuts = [(match.start(), match.end()) for match in _MARKS.finditer(title)]
    if not 0 < len(cuts) <= MOST_CUTS:
        return title
    sites = {tokens(each) for each in (page.said("og:site_name"), *names_in(page.linked.get("publisher"))) if each}
    lines = {
        tokens(block.text)
        for block in page.blocks
        if seen and not block.around and not block.linked and block.links < 0.9
    }
    for start, end in cuts:
        left, right = title[:start].strip(), title[end:].strip()
        seen_is_cut = colon or title[start:end].strip() != ":"
        if tokens(right) in sites or (seen_is_cut and tokens(left) in lines and len(tokens(left)) > 2):
            return left
        if tokens(left) in sites or (seen_is_cut and tokens(right) in lines and len(tokens(right)) > 2):
            return right
    if not seen:
        return title
    start, end = cuts[-1]
    left, right = title[:start].strip(), title[end:].strip()
    if re.fullmatch(r"\s*[|｜»]\s*|\s+[-–—]\s+", title[start:end]) and len(tokens(right)) <= 4 < len(tokens(left)):
        return left
    return title
