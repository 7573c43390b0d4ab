"""Read a page that is not a story: all text in its main part, not one run of prose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from workers.parse.article.compose import Piece
from workers.parse.web.blocks import Block
from workers.parse.web.body import Body, is_prose
from workers.parse.web.calls import is_call
from workers.parse.web.words import tokens

_ROLES = frozenset(
    [
        "dialog", "alertdialog", "navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar",
        "tooltip", "listbox", "toolbar", "status", "alert",
    ]
)  # fmt: skip
"""Roles of WAI-ARIA for the surroundings of a page's main part."""
_LABEL, _OFTEN = 30, 3  # characters; a line that is repeated in each card is a button: Book Now
_LEAST = 0.4  # share of the text; a main part with less of it is ignored


def read_broad(blocks: list[Block], title: str | None) -> Body | None:
    """Return a body of all blocks of the page except its title and those marked as surroundings; None if none is
    left."""
    kept = _main([at for at, block in enumerate(blocks) if not block.around and not _is_apart(block)], blocks)
    heading = next((at for at in kept if blocks[at].element.tag == "h1"), None)
    if heading is not None:
        kept = _believed([at for at in kept if at >= heading], kept, blocks)
    if not kept:
        return None
    said = tokens(title or "")
    times = Counter(blocks[at].text for at in kept if len(blocks[at].text) < _LABEL)
    pieces = [
        Piece("notice" if is_call(each.text) else each.kind, each.text)
        for each in (blocks[at] for at in kept)
        if tokens(each.text) != said and times[each.text] < _OFTEN
    ]
    return Body(pieces, next((at for at in kept if is_prose(blocks[at])), kept[0]))


def beside(tree: Any) -> Iterator[Any]:
    """Yield the elements whose role places them beside the page's main part, unless they contain its headline."""
    for element in tree.iterfind(".//*[@role]"):
        if element.get("role") in _ROLES and element.find(".//h1") is None:
            yield element


def is_story(body: Body, broad: Body, blocks: list[Block]) -> bool:
    """Return whether a page should be read as a story rather than whole: the story has nearly all of its prose, and
    prose is most of the page.

    The shares are those at which neither listings nor news pages lose.
    """
    return _prose(body, blocks) >= 0.85 * _prose(broad, blocks) and is_prosy(broad, blocks)


def is_prosy(broad: Body, blocks: list[Block]) -> bool:
    """Return whether most of a page is prose."""
    return _prose(broad, blocks) >= 0.6 * sum(len(each.text) for each in broad.pieces)


def _prose(body: Body, blocks: list[Block]) -> int:
    prose = {block.text for block in blocks if is_prose(block)}
    return sum(len(each.text) for each in body.pieces if each.text in prose)


def _is_apart(block: Block) -> bool:
    return any(each.get("role") in _ROLES or (each.tag == "header" and _is_masthead(each)) for each in block.path)


def _is_masthead(header: Any) -> bool:
    """Return whether it is the header of the site, not of the page's main part or one of its sections."""
    return next(header.iterancestors("main", "article", "section"), None) is None and header.find(".//h1") is None


def _main(kept: list[int], blocks: list[Block]) -> list[int]:
    """Return the blocks in the element that the page marks as its main part."""
    inside = [at for at in kept if any(each.tag == "main" or each.get("role") == "main" for each in blocks[at].path)]
    return _believed(inside, kept, blocks)


def _believed(fewer: list[int], kept: list[int], blocks: list[Block]) -> list[int]:
    """Return ``fewer``, unless they have too little of the text of ``kept``."""
    size = sum(len(blocks[at].text) for at in kept)
    return fewer if sum(len(blocks[at].text) for at in fewer) > _LEAST * size else kept
