"""Add to a story what the rules missed and the weights take for content: folded answers, lists, paragraphs in cards.

The weights see what the rules chose, beside the numbers of ``traits``. They add blocks, and take none away. What they
expect of the result is the confidence in it.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np

from workers.parse.article.compose import Piece
from workers.parse.web.around import Around
from workers.parse.web.blocks import Block
from workers.parse.web.body import Body
from workers.parse.web.calls import is_call
from workers.parse.web.weigh import expected_f1, weigh
from workers.parse.web.words import tokens

VOICES = 4
"""Columns of ``voices``."""
_WITHIN, _APART = 0.6, 0.9
"""The least probability of a block, and of one in a card that the structure takes for another story."""
_DOUBTED = 0.93
"""Where less is expected, three in eight of the benchmark's articles have an F1 under 0.9, of all others one in thirty."""
_FEW = 200  # words; what is expected of a shorter story says little
_MATCHED = 0.5  # share of the story; with less in blocks of the page, it came from elsewhere
_CONFIDENCE = ((0.0, 0.0), (0.6, 0.25), (0.85, 0.56), (0.95, 0.75), (1.0, 0.95))
"""The F1 that is expected of a story, and the confidence in it. Articles under 0.5 have a mean F1 under 0.8."""


def voices(blocks: list[Block], page: list[Block], body: Body | None) -> Any:
    """Return a row for each block: whether trafilatura chose it, whether it is in the densest element, whether it is
    shown outside the surroundings of the story, whether the rules chose it. Without a ``body``, all are zero."""
    table = np.zeros((len(blocks), VOICES))
    if body is not None:
        at = {id(block): number for number, block in enumerate(blocks)}
        told = {piece.text for piece in body.pieces}
        shown = [at.get(id(block)) for block in page]
        for column, chosen in enumerate((body.voted, body.dense, range(len(page)))):
            table[[number for each in chosen if (number := shown[each]) is not None], column] = 1
        table[:, 3] = [block.text in told for block in blocks]
    return table


def grow(body: Body, blocks: list[Block], rows: Any, around: Around) -> Body:
    """Return the story with the blocks that were missed, its confidence, and a doubt where little is expected of it.
    Nothing of the readers' posts is added."""
    places = _places(body.pieces, blocks)
    pairs = zip(body.pieces, places, strict=True)
    inside = [at for piece, at in pairs if at is not None and piece.kind not in ("caption", "notice")]
    size = sum(len(piece.text) for piece in body.pieces)
    if not inside or sum(len(blocks[at].text) for at in inside) < _MATCHED * size:
        return body
    chances, sizes = weigh(rows), np.array([len(tokens(block.text)) for block in blocks])
    told = {piece.text for piece in body.pieces}
    added = _added(blocks, chances, min(inside), max(inside), told)
    added = [
        at
        for at in added
        if around.posts.isdisjoint(blocks[at].path)
        and (chances[at] > _APART or around.apart.isdisjoint(blocks[at].path))
    ]
    taken = sorted({*added, *(at for at, block in enumerate(blocks) if block.text in told)})
    expected = expected_f1(chances, sizes, taken)
    for at in reversed(added):
        block = blocks[at]
        before = next((n for n, place in enumerate(places) if place is not None and place > at), len(places))
        body.pieces.insert(before, Piece("notice" if is_call(block.text) else block.kind, block.text))
        places.insert(before, at)
    if sizes[taken].sum() >= _FEW:
        body.unsure = body.unsure or expected < _DOUBTED
        body.expected = _confidence(expected)
    return body


def _places(pieces: list[Piece], blocks: list[Block]) -> list[int | None]:
    """Return the number of each piece's block. Pieces have the order and the texts of their blocks."""
    where: dict[str, list[int]] = {}
    for at, block in enumerate(blocks):
        where.setdefault(block.text, []).append(at)
    places: list[int | None] = []
    last = -1
    for piece in pieces:
        found = where.get(piece.text, [])
        next_ = bisect_left(found, last + 1)
        places.append(found[next_] if next_ < len(found) else None)
        last = found[next_] if next_ < len(found) else last
    return places


def _added(blocks: list[Block], chances: Any, first: int, last: int, told: set[str]) -> list[int]:
    """Return the blocks that are missing between the first of the story and the last, each text once, without captions.
    Before them is the head, after them are other stories."""
    seen, added = set(told), []
    for at in range(first + 1, last):
        block = blocks[at]
        if chances[at] > _WITHIN and block.caption is None and block.text not in seen:
            seen.add(block.text)
            added.append(at)
    return added


def _confidence(expected: float) -> float:
    known, sure = zip(*_CONFIDENCE, strict=True)
    return float(np.interp(expected, known, sure))
