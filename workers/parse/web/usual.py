"""Find class names that most of a page's prose has; on that page they mark nothing, whatever they mark elsewhere."""

from __future__ import annotations

import re
from collections import Counter

from workers.parse.web.blocks import Block

_NEVER = re.compile(
    r"modal|popup|overlay|cookie|consent|gdpr|drawer|promo|offer|footer|nav|menu|signup|subscri|newsletter|related|recommend|disclaimer|syndication",
    re.I,
)
"""Names that mark surroundings even if they are long, such as boxes with the terms of delivery in ten languages."""
_COMMENTS = re.compile(r"comment|disqus|respond|reply", re.I)
_PROSE = 100  # characters; shorter text is not prose


def less_usual_names(blocks: list[Block], thread: bool) -> list[Block]:
    """Return the names to ignore: those that most of the page's prose has, and in a ``thread`` those of comments."""
    held: Counter[tuple[str, str | None]] = Counter()
    total = 0
    for block in blocks:
        if len(block.text) >= _PROSE and block.links < 0.4 and not block.linked:
            total += len(block.text)
            held.update(dict.fromkeys({(each.tag, each.get("class")) for each in block.around}, len(block.text)))
    usual = {
        make
        for make, size in held.items()
        if make[1] and not _NEVER.search(make[1]) and (thread if _COMMENTS.search(make[1]) else 2 * size > total)
    }
    for block in blocks:
        if usual and block.around:
            block.around = tuple(each for each in block.around if (each.tag, each.get("class")) not in usual)
    return blocks
