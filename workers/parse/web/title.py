"""The title of a web page."""

from __future__ import annotations

import re

from workers.parse.article.normalise import tidy
from workers.parse.web.blocks import Block, names, tokens
from workers.parse.web.body import is_prose
from workers.parse.web.stated import Page, names_in

_TITLES = ("og:title", "twitter:title", "parsely-title", "dc.title", "headline")
_TITLE_NAME = re.compile(
    r"(?:^|-)(?:title|headline|hed|tit|titulo|titular|titel|titre|titolo|titulek|baslik|nadpis|biaoti)$"
)
_HOME = re.compile(r"(?:https?://[^/]+)?/?(?:index\.\w+)?")
_MARKS = re.compile(r"\s+[|•·»«–—-]\s+|\s*[|｜]\s*|\s+::\s+|:\s+")


def find_title(page: Page) -> str | None:
    """JSON-LD's headline; the ``h1`` that the page's title repeats; the page's title less the site's name."""
    if told := page.told("headline"):
        return told
    title, meta = page.said("title"), page.said(*_TITLES)
    named = {tuple(tokens(each)) for each in (title, meta) if each}
    headings = [block for block in page.blocks if block.element.tag in ("h1", "h2", "h3") and not _leads_home(block)]
    repeated = []
    for block in headings:
        own = tokens(block.text)
        if own and any(_share(own, set(name)) >= 0.6 and (len(own) > 1 or own == list(name)) for name in named):
            linked = block.linked or block.links > 0.9  # the site's name, or a heading that links to itself
            repeated.append(((not block.around, block.element.tag == "h1", not linked, len(own)), block.text))
    if repeated and max(repeated)[0][0]:
        return max(repeated)[1]
    if meta:
        return _less_site(meta, page)
    tops = [block for block in headings if block.element.tag == "h1"]
    if len(tops) == 1 and len(tokens(tops[0].text)) > 3:
        return tops[0].text
    if called := _called_title(page):
        return called
    less = _less_site(title, page) if title else None
    if less and less != title:
        return less
    return _heading_of_story(page.blocks) or title


def _leads_home(block: Block) -> bool:
    """The site's name over the page."""
    links = [*block.element.iter("a"), *(each for each in block.path if each.tag == "a")]
    return block.links > 0.9 and any(_HOME.fullmatch(link.get("href") or "") for link in links)


def _called_title(page: Page) -> str | None:
    """The one line that a class or id calls the title."""
    lines = {block.text for block in page.blocks if not block.around and not block.linked and block.links < 0.9}
    called = {
        said for each in page.tree.find("body").iter()
        if isinstance(each.tag, str) and any(map(_TITLE_NAME.search, names(each).split()))
        and (said := tidy("".join(each.itertext()))) in lines and len(tokens(said)) > 2
    } if page.tree.find("body") is not None else set()  # fmt: skip
    return called.pop() if len(called) == 1 else None


def _heading_of_story(blocks: list[Block]) -> str | None:
    """The heading right above the first prose."""
    heads = (at for at, each in enumerate(blocks) if each.kind == "heading" and not each.around and each.links < 0.5)
    for at in heads:
        if any(is_prose(each) and not each.around for each in blocks[at + 1 : at + 6]):
            return blocks[at].text
    return None


def _share(words: list[str], of: set[str]) -> float:
    return sum(word in of for word in words) / len(words)


MOST_CUTS = 20  # each is tried; a title has three or four


def _less_site(title: str, page: Page) -> str:
    """``Headline | The Site`` without the site: the part that is seen on the page, or is not the site's name."""
    cuts = [(match.start(), match.end()) for match in _MARKS.finditer(title)]
    if not 0 < len(cuts) <= MOST_CUTS:
        return title
    sites = {
        tuple(tokens(each)) for each in (page.said("og:site_name"), *names_in(page.linked.get("publisher"))) if each
    }
    seen = {
        tuple(tokens(block.text))
        for block in page.blocks
        if not block.around and not block.linked and block.links < 0.9
    }
    for start, end in cuts:
        left, right = title[:start].strip(), title[end:].strip()
        if tuple(tokens(right)) in sites or (tuple(tokens(left)) in seen and len(tokens(left)) > 2):
            return left
        if tuple(tokens(left)) in sites or (tuple(tokens(right)) in seen and len(tokens(right)) > 2):
            return right
    start, end = cuts[-1]
    left, right = title[:start].strip(), title[end:].strip()
    if re.fullmatch(r"\s*[|｜»]\s*|\s+[-–—]\s+", title[start:end]) and len(tokens(right)) <= 4 < len(tokens(left)):
        return left
    return title
