"""Estimate how likely each block of a page is to be part of its content, and choose the blocks.

The estimate comes from a forest: small decision trees over the numbers of ``traits``, each of which corrects the sum of
those before it. On articles, `grown` uses the same weights. ``make weights`` learns them from half of the benchmark's
development pages. The file holds thresholds and weights, but no words of the pages.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from workers.parse.article.compose import Piece
from workers.parse.web.blocks import Block
from workers.parse.web.body import Body, is_prose, scope_of
from workers.parse.web.calls import is_call
from workers.parse.web.traits import make_of
from workers.parse.web.words import tokens

WEIGHTS = Path(__file__).with_name("weights.npz")
LEVELS = 8  # no tree is deeper
MOST = 10_000
"""Maximum blocks of a page; one with more is not weighed, as its table of numbers would need too much memory."""
_AT_ONCE = 1000  # rows
_REPEATED = 60  # characters; a longer text is not repeated
_ALIKE = 4  # blocks; fewer may differ
_SURE = 0.8  # F1; about the mean of the benchmark's pages that are not articles


@cache
def _forest() -> dict[str, Any]:
    """Return the trees' nodes one after another: each asks whether a number is at most a threshold, and names the next
    node for yes and for no; a leaf names itself."""
    with np.load(WEIGHTS) as stored:
        return {name: stored[name] for name in stored.files}


def weigh(rows: Any) -> Any:
    """Return the probability that a block is content for each row of ``traits.describe``."""
    return np.concatenate([_weighed(rows[at : at + _AT_ONCE]) for at in range(0, len(rows), _AT_ONCE)])


def _weighed(rows: Any) -> Any:
    forest = _forest()
    columns, thresholds, values = forest["columns"], forest["thresholds"], forest["values"]
    yes, no = forest["yes"], forest["no"]
    flat, lines = np.ravel(rows), np.arange(len(rows))[:, None] * rows.shape[1]
    at = np.broadcast_to(forest["roots"], (len(rows), len(forest["roots"])))
    for _ in range(LEVELS):
        below = flat.take(lines + columns.take(at)) <= thresholds.take(at)
        at = np.where(below, yes.take(at), no.take(at))
    return 1 / (1 + np.exp(-(forest["base"] + values.take(at).sum(axis=1))))


def likeliest(chances: Any, sizes: Any) -> tuple[list[int], float]:
    """Return the blocks whose F1 is expected to be highest, in order, and that F1.

    ``sizes`` are the words of the blocks, ``chances`` their probabilities: the likeliest are taken as long as each
    raises the expected F1: twice the words expected to be right, over the words taken plus those expected on the page.
    """
    order = np.argsort(-chances, kind="stable")
    right = np.cumsum((chances * sizes)[order])
    expected = 2 * right / (np.cumsum(sizes[order]) + right[-1] + 1e-9)
    count = int(np.argmax(expected)) + 1
    return sorted(order[:count].tolist()), float(expected[count - 1])


def expected_f1(chances: Any, sizes: Any, chosen: list[int]) -> float:
    """Return the F1 that is expected of a choice of blocks, as in `likeliest`."""
    right = (chances * sizes)[chosen].sum()
    return float(2 * right / (sizes[chosen].sum() + (chances * sizes).sum() + 1e-9))


def _leveled(chances: Any, blocks: list[Block], cards: set[Any]) -> Any:
    """Give blocks that are alike and in cards or posts the mean of their probabilities, so that each keeps the same
    parts."""
    alike: dict[Any, list[int]] = defaultdict(list)
    for at, block in enumerate(blocks):
        if not cards.isdisjoint(block.path):
            alike[make_of(block)].append(at)
    for group in alike.values():
        if len(group) >= _ALIKE:
            chances[group] = chances[group].mean()
    return chances


def read_weighed(blocks: list[Block], rows: Any, seen: list[Block], title: str | None, cards: set[Any]) -> Body:
    """Return the body of a page that is not a story: the blocks most likely to be its content, without its title.

    ``cards`` are the elements of its cards and posts, ``seen`` the blocks in which the page's head is looked for.
    Panels that a script shows are read with the rest; a copy of a longer text is left out.
    """
    chances = _leveled(weigh(rows), blocks, cards)
    sizes = np.array([len(tokens(block.text)) for block in blocks])
    chosen, expected = likeliest(chances, sizes)
    said = tokens(title or "")
    head = next((at for at, block in enumerate(blocks) if said and tokens(block.text) == said), 0)
    chosen = [at for at in chosen if at >= head or is_prose(blocks[at])] or chosen  # leaves out menus above the heading
    pieces: list[Piece] = []
    shown: set[str] = set()
    for block in (blocks[at] for at in chosen):
        if tokens(block.text) == said or (len(block.text) >= _REPEATED and block.text in shown):
            continue
        shown.add(block.text)
        pieces.append(
            Piece(
                "notice" if is_call(block.text) else "paragraph" if block.kind == "caption" else block.kind, block.text
            )
        )
    kept = {id(blocks[at]) for at in chosen}
    at = {at for at, block in enumerate(seen) if id(block) in kept}
    start = next((each for each in sorted(at) if is_prose(seen[each])), min(at, default=0))
    return Body(pieces, start, expected < _SURE, scope_of(seen, at), expected)
