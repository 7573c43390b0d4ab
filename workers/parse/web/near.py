"""Find a page's head: the blocks above its story, the first lines below it, and the parts of such lines."""

from __future__ import annotations

import re
from typing import Any

from workers.parse.article.byline import has_label, label_within
from workers.parse.article.normalise import tidy
from workers.parse.web.blocks import Block, names
from workers.parse.web.body import Body

_PARTS = re.compile(r"\s+[|•·–—/]\s*|\s*[|•·]\s+|(?<=\S)\s+[-–—]\s+(?=\S)|\s*[|｜•·]\s*")
_ABOVE = 14  # blocks above the story in which its head may stand
_BELOW = 4
_WITHIN = 8  # blocks after the beginning of the story, which may be a deck over the byline


def near_story(blocks: list[Block], body: Body) -> list[Block]:
    """Return the blocks that may be the head: those from the last heading to the story, those above that heading, the
    first lines of the story that are bylines, and the first lines below it."""
    heading = max((at for at in range(body.start) if blocks[at].element.tag == "h1"), default=0)
    first = max(0, min(heading, body.start - _ABOVE), body.start - 3 * _ABOVE)
    heading = max(heading, first)
    above = [
        block for block in (*blocks[heading : body.start + 1], *blocks[first:heading])
        if not any(each.tag == "nav" for each in block.around)
        and not (any(each.tag == "aside" for each in block.around) and not block.head)
    ]  # fmt: skip
    end = max(
        (at for at, block in enumerate(blocks) if body.scope is not None and body.scope in block.path),
        default=body.start,
    )
    within = [
        block for block in blocks[body.start + 1 : body.start + _WITHIN] if len(block.text) < 120 and _has_author(block)
    ]
    below = [block for block in blocks[end - 1 : end + _BELOW] if len(block.text) < 160]
    return above + within + below


def _has_author(block: Block) -> bool:
    """Return whether a line below the deck is a byline by its label, or by the name of its element."""
    return has_label(block.text) or any("author" in names(each) or "byline" in names(each) for each in block.path[-2:])


def parts_of(text: str) -> list[str]:
    """Return a line of the head, then its parts: ``By Jane Roe | 3 March 2012``, ``Jane Roe, 3 March 2012``, ``3 March
    2012 by Jane Roe``."""
    if len(text) > 200:
        return []
    parts = [part for part in _PARTS.split(text) if part and part.strip()]
    if len(parts) > 1:
        parts.insert(0, f"{parts[0]} {parts[1]}")  # a day and its hour
    name, comma, rest = text.partition(",")
    if comma and any(map(str.isdigit, rest)):
        parts += [name, rest]
    if (at := label_within(text)) is not None and any(map(str.isdigit, text[:at])):
        parts += [text[:at].strip(), text[at:].strip()]
    return list(dict.fromkeys([text, *parts]))


def block_parts(block: Block) -> list[str]:
    """Return the parts of a block and the elements in it, which may have no space between them."""
    if len(block.text) > 300:
        return []
    inner = [
        tidy("".join(each.itertext()))
        for each in block.element.iter("span", "time", "a", "b", "i", "em", "small", "strong")
    ]
    return list(dict.fromkeys([*parts_of(block.text), *(part for part in inner if len(part) < 120)]))


def spaced(element: Any) -> str:
    """Return the text of an element, with a bar between parts that are not separated by a space: ``Jane Roe | Staff
    Writer``."""
    said = ""
    for text in element.itertext():
        meets = said[-2:].isalnum() and len(said) > 1 and text[:1].isupper()
        said += f" | {text}" if meets else text
    return tidy(said)
