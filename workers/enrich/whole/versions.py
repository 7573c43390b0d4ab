"""Decide whether two documents are versions of one story, from their fingerprints (`workers.enrich.whole.story`).

Texts from one template (dividends, bond issues, results) share most of their words and differ in a company, a town or a
figure. So it takes more than shared words: the names and numbers of the text and the words of the title count, too, and
the less text is shared, the more of them have to be the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

WHOLE = 128
"""How many numbers at the start of a signature are from the whole text."""

MOST_TEXT, SOME_FACTS = 0.75, 0.7
SOME_TEXT, MOST_FACTS = 0.4, 0.85
"""Two documents are one story if at least this much of the shorter text is in the longer one and at least this much of
the facts is shared: most of the text and some of the facts, as in a report that went on, or some of the text and most
of the facts, as in one that was written again. Tuned on half of the marked pairs of Reuters stories,
docs/quality-real.md."""

AGAIN_TEXT, AGAIN_FACTS, AGAIN_SECONDS = 0.35, 0.75, 12 * 3600
"""These are enough for titles that begin with the same word within a short time: a rewrite on the same subject."""

NEARLY_ALL = 0.9
"""Texts that are less similar are not versions if both titles contain figures and share none: 478 mln, 168 mln."""

SAME_TITLE, TITLE_WORDS = 0.85, 3
"""A flash shares this much of the shorter title with its report, if the title has this many words."""


class Numbers(Protocol):
    """``size``: shingles of the text, 0 if it is too short to tell anything; ``at`` in seconds, None if unknown.

    ``title`` has the hashes of its words in order; those of figures are below zero.
    """

    @property
    def signature(self) -> Sequence[int]: ...
    @property
    def size(self) -> int: ...
    @property
    def facts(self) -> Sequence[int]: ...
    @property
    def title(self) -> Sequence[int]: ...
    @property
    def at(self) -> float | None: ...


def same(one: Numbers, other: Numbers, within: float | None = None) -> float:
    """Return how similar two versions of one story are, from 0 to 1; 0 if they are not versions of one story.

    ``within`` are the seconds that may lie between them.
    """
    apart = abs(one.at - other.at) if one.at is not None and other.at is not None else 0.0
    if within is not None and apart > within:
        return 0.0
    if not one.size or not other.size:
        shorter = min(len(one.title), len(other.title))
        shared = len(set(one.title) & set(other.title)) / max(1, shorter)
        return shared if shorter >= TITLE_WORDS and shared >= SAME_TITLE else 0.0
    text, facts = containment(one, other), shared_facts(one, other)
    if text < NEARLY_ALL and _other_figures(one, other):
        return 0.0
    alike = (text >= MOST_TEXT and facts >= SOME_FACTS) or (text >= SOME_TEXT and facts >= MOST_FACTS)
    if one.title and other.title and one.title[0] == other.title[0] and apart <= AGAIN_SECONDS:
        alike = alike or (text >= AGAIN_TEXT and facts >= AGAIN_FACTS)
    return text if alike else 0.0


def _other_figures(one: Numbers, other: Numbers) -> bool:
    """Return whether both titles contain figures and have none in common."""
    figures = [{word for word in numbers.title if word < 0} for numbers in (one, other)]
    return all(figures) and figures[0].isdisjoint(figures[1])


def containment(one: Numbers, other: Numbers) -> float:
    """Estimate the share of the shorter document's shingles that are in the longer one, from 0 to 1.

    With Jaccard similarity j = i / (m + n - i), the intersection i of m and n shingles is j (m + n) / (1 + j).
    """
    pairs = zip(one.signature[:WHOLE], other.signature[:WHOLE], strict=True)
    equal = sum(a == b for a, b in pairs) / WHOLE
    both = equal * (one.size + other.size) / (1 + equal)
    return float(min(1.0, both / min(one.size, other.size)))


def shared_facts(one: Numbers, other: Numbers) -> float:
    """Return the share of the facts that both have: of the texts', the smaller set, and of the titles'; 1 where there are
    none."""
    shared = len(set(one.facts) & set(other.facts)) + len(set(one.title) & set(other.title))
    smaller = min(len(one.facts), len(other.facts)) + min(len(one.title), len(other.title))
    return shared / smaller if smaller else 1.0
