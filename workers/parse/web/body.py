"""Find which blocks of a page are the article.

Three sources are compared: trafilatura, the densest element of the page, and the ``articleBody`` in the page's JSON-LD.
If they agree, trafilatura's choice is used, without parts that the markup excludes; its words are located in the page's
own blocks, which keep their order, captions and headings.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from workers.parse.article.byline import has_label, read_byline
from workers.parse.article.compose import Piece
from workers.parse.article.dates import read_stamps
from workers.parse.article.normalise import tidy
from workers.parse.article.notices import notice_kind
from workers.parse.web.blocks import Block, deck_name, names
from workers.parse.web.calls import is_call
from workers.parse.web.extracted import extract
from workers.parse.web.scripts import paragraphs, scripted
from workers.parse.web.words import shingles, tokens

_FEW = 250  # characters; a shorter extraction has probably missed the article
_AGREED = 0.75  # minimum F1 of shingles for two sources to agree
_SURE = 0.93  # below this F1, more than half of the articles that were tried had lost text
_SAME = 0.9  # above this F1, trafilatura's choice needs no other source
_KEPT = 0.5  # share of the words that trafilatura takes; a choice with fewer has lost the story
_TEASER = 0.5  # a stated body shorter than this share of the visible one is a teaser
_REPEATED = 60  # characters; a longer text is not repeated
_SENTENCE_END = re.compile(r"[.!?…。！？؟।۔][\"”»'’)」』\]]*$")
_LISTS = frozenset(["ul", "ol", "dl", "table"])
_TAIL = 20  # blocks of a list that may follow the last paragraph
_COMMENTS = re.compile(r"comment|disqus|respond")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(slots=True)
class Body:
    """A body. ``start`` is its first block's number, ``unsure`` says that the sources disagree, ``expected`` the F1 of
    a choice; ``voted`` and ``dense`` are the blocks that trafilatura chose, and those in the densest element."""

    pieces: list[Piece]
    start: int = 0
    unsure: bool = False
    scope: Any = None
    expected: float | None = None
    voted: set[int] = field(default_factory=set)
    dense: set[int] = field(default_factory=set)


def find_body(tree: Any, blocks: list[Block], stated: str | None, title: str | None, *, thread: bool = False) -> Body:
    """Return the article's pieces in order, captions among them. ``stated`` is the text of ``articleBody``, HTML or
    plain."""
    told = paragraphs(stated or "")
    said = shingles(" ".join(told))
    extracted = extract(tree, recall=False, thread=thread)
    if sum(map(len, extracted)) < max(_FEW, sum(map(len, told)) // 2):
        extracted = max(extracted, extract(tree, recall=True, thread=thread), key=lambda lines: sum(map(len, lines)))
    voted = _voted(blocks, extracted)
    first = _less_furniture(blocks, voted, said, title)
    dense = _densest(blocks)
    second = _less_furniture(blocks, dense, said, title)
    third = _less_furniture(blocks, _voted(blocks, told), said, title) if len(said) > 20 else set()
    chosen, unsure = _choose(blocks, [first, second, third], said)
    shown = _shingles_of(blocks, chosen)
    if told and len(said) > 20 and len(shown & said) < 0.5 * len(said) and len(said) > _TEASER * len(shown):
        return Body([Piece("paragraph", part) for part in told], 0, bool(shown) and len(shown) > 0.2 * len(said))
    if not told and _prose(blocks, chosen) < _FEW and sum(map(len, kept := scripted(tree))) > _FEW:
        return Body([Piece("paragraph", part) for part in kept], 0, bool(chosen))
    grams = shingles(" ".join(extracted))
    lost = len(grams) > 40 and len(_shingles_of(blocks, voted) & grams) < 0.5 * len(grams)
    if not chosen or (lost and len(shown) < 0.5 * len(grams)):  # hidden text, or words that only trafilatura sees
        return Body([Piece("paragraph", line) for line in extracted], 0, bool(extracted))
    if _much_lost(blocks, chosen, extracted):
        taken = {at for at in voted if blocks[at].caption is None}
        if len(tokens(" ".join(blocks[at].text for at in taken))) < _KEPT * len(tokens(" ".join(extracted))):
            return Body([Piece("paragraph", line) for line in extracted], 0, True)
        chosen, unsure = _less_head(blocks, taken, title), True
    scope = scope_of(blocks, chosen)
    return Body(_pieces(blocks, chosen, scope, title), min(chosen), unsure, scope, voted=voted, dense=dense)


def _much_lost(blocks: list[Block], chosen: set[int], extracted: list[str]) -> bool:
    """Return whether the choice is little more than a part of trafilatura's."""
    own, theirs = (Counter(tokens(" ".join(each))) for each in ((blocks[at].text for at in chosen), extracted))
    return own.total() < _KEPT * theirs.total() and (own & theirs).total() > 0.8 * own.total()


def _less_head(blocks: list[Block], chosen: set[int], title: str | None) -> set[int]:
    begin = next((at for at in sorted(chosen) if is_prose(blocks[at])), min(chosen))
    return {at for at in chosen if at >= begin or not _is_head(blocks, at, begin, title)} or chosen


# --- witnesses -----------------------------------------------------------------------------------


def _voted(blocks: list[Block], lines: list[str]) -> set[int]:
    """Return the blocks whose words are in ``lines``. Of a repeated block, the one near the other lines counts."""
    grams: set[tuple[str, ...]] = set()
    whole = set()
    for line in lines:
        grams |= shingles(line)
        whole.add(tokens(line))
    voted: set[int] = set()
    for at, block in enumerate(blocks):
        words = tokens(block.text)
        if len(words) < 4:
            if tuple(words) in whole:
                voted.add(at)
        elif len((own := block.shingles()) & grams) >= 0.6 * len(own):
            voted.add(at)
    scope = scope_of(blocks, voted)
    inside = {tokens(blocks[at].text) for at in voted if scope in blocks[at].path}
    return {at for at in voted if scope in blocks[at].path or tokens(blocks[at].text) not in inside}


def _densest(blocks: list[Block]) -> set[int]:
    """Return the prose under the deepest element that holds most of the page's prose."""
    prose = {at for at, block in enumerate(blocks) if is_prose(block) and block.caption is None}
    held: Counter[Any] = Counter()
    for at in prose:
        held.update(dict.fromkeys(blocks[at].around, len(blocks[at].text)))
    whole = 0.7 * sum(len(blocks[at].text) for at in prose)
    prose = {
        at
        for at in prose
        if all(held[each] > whole and not _COMMENTS.search(names(each)) for each in blocks[at].around)
    }
    scope = scope_of(blocks, prose)
    return {
        at for at, block in enumerate(blocks) if scope in block.path and block.links < 0.6 and block.caption is None
    }


def scope_of(blocks: list[Block], chosen: set[int]) -> Any:
    """Return the deepest element that holds four fifths of the chosen text."""
    held: Counter[Any] = Counter()
    for at in chosen:
        for element in blocks[at].path:
            held[element] += len(blocks[at].text)
    total = sum(len(blocks[at].text) for at in chosen)
    deepest, depth = None, -1
    for at in chosen:
        for level, element in enumerate(blocks[at].path):
            if level > depth and held[element] >= 0.8 * total:
                deepest, depth = element, level
    return deepest


def _choose(blocks: list[Block], choices: list[set[int]], said: set[tuple[str, ...]]) -> tuple[set[int], bool]:
    """Return one of the choices of blocks (trafilatura's, the densest, the stated), and whether it is in doubt."""
    first, second, _ = choices
    one, other = _shingles_of(blocks, first), _shingles_of(blocks, second)
    if len(said) > max(20, _TEASER * len(one)):
        scores = [_f1(_shingles_of(blocks, choice), said) for choice in choices]
        best = 0 if scores[0] > _SAME else scores.index(max(scores))
        return choices[best], scores[best] < _AGREED
    agreed = _f1(one, other)
    if agreed >= _AGREED:
        return first, agreed < _SURE
    fuller = len(one & other) > 0.8 * len(one) and _prose(blocks, second) > 1.5 * _prose(blocks, first)
    return (second if fuller else first), True


def _shingles_of(blocks: list[Block], chosen: set[int]) -> set[tuple[str, ...]]:
    return shingles(" ".join(blocks[at].text for at in sorted(chosen)))


def _f1(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _prose(blocks: list[Block], chosen: set[int]) -> int:
    return sum(len(blocks[at].text) for at in chosen if is_prose(blocks[at]))


def is_prose(block: Block) -> bool:
    """Return whether the block has sentences, not labels or links."""
    if block.links >= 0.4 or block.linked:
        return False
    size = len(block.text) if block.text.isascii() else len(block.text) + 2 * len(_CJK.findall(block.text))
    return size >= 60 and (size >= 200 or bool(_SENTENCE_END.search(block.text)))


# --- what is not the story ----------------------------------------------------------------------


def _less_furniture(blocks: list[Block], chosen: set[int], said: set[tuple[str, ...]], title: str | None) -> set[int]:
    """Return ``chosen`` without the head, related stories and links, and with missed paragraphs among them."""
    if not chosen:
        return chosen
    scope = scope_of(blocks, chosen)
    over = {scope, *scope.iterancestors()}
    chosen = {at for at in chosen if not _is_furniture(blocks[at], over, said)}
    chosen -= _behind(blocks, chosen, scope, said)
    prose = [at for at in sorted(chosen) if is_prose(blocks[at]) and not _inside(blocks[at].head, over)]
    if not prose:
        return chosen
    chosen |= _missed(blocks, chosen, over, said)
    begin = next(at for at in sorted(chosen) if is_prose(blocks[at]) and not _inside(blocks[at].head, over))
    chosen = {at for at in chosen if at >= begin or not _is_head(blocks, at, begin, title)}
    order = sorted(chosen)
    for at, following in pairwise(order[:3]):
        if not _is_deck(blocks[at], blocks[following]):
            break
        chosen.discard(at)
    return _less_loose_headings(blocks, chosen)


def _behind(blocks: list[Block], chosen: set[int], scope: Any, said: set[tuple[str, ...]]) -> set[int]:
    """Return the blocks after the element that contains the story, unless it was split into several similar
    elements."""
    last = max((at for at in chosen if scope in blocks[at].path), default=None)
    if last is None:
        return set()
    make = (scope.tag, scope.get("class"))
    return {
        at
        for at in chosen
        if at > last
        and not _told(blocks[at], said)
        and not any((each.tag, each.get("class")) == make for each in blocks[at].path)
    }


def _told(block: Block, said: set[tuple[str, ...]]) -> bool:
    own = block.shingles() if said else set()
    return len(own) > 3 and len(own & said) > 0.7 * len(own)


def _inside(elements: tuple[Any, ...], over: set[Any]) -> bool:
    return any(element not in over for element in elements)


def _is_furniture(block: Block, over: set[Any], said: set[tuple[str, ...]]) -> bool:
    if block.caption is not None and block.caption not in over:
        return True
    if not tokens(block.text):
        return True
    if _told(block, said):
        return False
    if _inside(block.around, over):
        return True
    if block.linked or block.links > 0.9:
        return len(block.text) < 250 and block.kind != "heading"
    return _inside(block.head, over) and len(block.text) < 160 and not _SENTENCE_END.search(block.text)


def _is_head(blocks: list[Block], at: int, begin: int, title: str | None) -> bool:
    """Return whether a chosen block before the first prose belongs to the head: title, section, date, authors."""
    block = blocks[at]
    if title and tidy(title).casefold() == block.text.casefold():
        return True
    if block.kind in ("list_item", "table", "blockquote"):
        return False
    if block.element.tag == "h1" or any(each.element.tag == "h1" for each in blocks[at + 1 : begin]):
        return True
    if block.kind == "heading" and any(map(read_stamps, re.split(r"\s[|•·]\s", block.text))):
        return True
    if bool(block.head) or is_head_line(block.text):
        return len(block.text) < 160
    label = block.kind == "paragraph" and len(block.text) < 60  # a section, a place, a reading time
    return label and not _SENTENCE_END.search(block.text) and not block.text.endswith((":", "："))


def _is_deck(block: Block, following: Block) -> bool:
    """Return whether a lead is a deck: it is separate from the paragraphs that follow."""
    called = deck_name(block) if len(block.text) <= 500 else 0
    return called == 2 or (called == 1 and block.element.getparent() is not following.element.getparent())


def is_head_line(text: str) -> bool:
    """Return whether the block is a date line or a byline."""
    return bool(read_stamps(text)) or (has_label(text) and len(text) < 120 and bool(read_byline(text)))


def _missed(blocks: list[Block], chosen: set[int], over: set[Any], said: set[tuple[str, ...]]) -> set[int]:
    """Return prose, headings and lists among the chosen blocks that are siblings of them."""
    parents = {
        blocks[at].element.getparent() for at in chosen if blocks[at].element.tag == "p" and is_prose(blocks[at])
    }
    first, last = min(chosen), max(chosen)
    quotes = {quote for at in chosen if (quote := _quote(blocks[at])) is not None}
    found = {at for at, block in enumerate(blocks) if _quote(block) in quotes}  # also the speaker of a quote
    for at, block in enumerate(blocks):
        if at in chosen or _is_furniture(block, over, said) or _inside(block.head, over):
            continue
        if (block.element.tag == "p" and is_prose(block) and block.element.getparent() in parents) or (
            first < at < last and _is_heading(block) and at + 1 in chosen and not block.links
        ) or (first < at < last + _TAIL and _is_listed(block, parents)) or (first < at < last and block.element.tag == "p" and not block.links and block.element.getparent() in parents):  # fmt: skip
            found.add(at)
    return found


def _is_listed(block: Block, parents: set[Any]) -> bool:
    """Return whether the block is in a list or a table beside paragraphs of the story."""
    plain = block.links <= 0.5 and not block.linked and block.kind in ("list_item", "table")
    return plain and any(each.tag in _LISTS and each.getparent() in parents for each in block.path)


def _quote(block: Block) -> Any:
    return next((each for each in block.path if each.tag == "blockquote"), None)


def _less_loose_headings(blocks: list[Block], chosen: set[int]) -> set[int]:
    """Return the blocks without headings that have no text before the next heading of the same level, or the end."""
    kept = set(chosen)
    order = sorted(chosen)
    if 2 * sum(blocks[at].kind == "heading" for at in chosen) > len(chosen):  # a page set in headings
        return kept
    for at, following in zip(reversed(order), reversed([*order[1:], -1]), strict=True):
        if not _is_heading(blocks[at]):
            continue
        after = next((each for each in order if each > at and each in kept), None)
        if after is None or (
            blocks[at].kind == blocks[after].kind == "heading" and blocks[after].element.tag <= blocks[at].element.tag
        ) or (following - at > 1 and any(_skipped_text(block) for block in blocks[at + 1 : after])):  # fmt: skip
            kept.discard(at)
    return kept


def _skipped_text(block: Block) -> bool:
    return block.caption is None and (block.links > 0.9 or block.linked)


# --- pieces -------------------------------------------------------------------------------------


def _pieces(blocks: list[Block], chosen: set[int], scope: Any, title: str | None) -> list[Piece]:
    over = {scope, *scope.iterancestors()}
    first, last = min(chosen), max(chosen)
    start = max((at for at in range(first) if blocks[at].element.tag == "h1"), default=None)
    pieces = []
    shown: set[str] = set()
    said: set[str] = set()
    for at, block in enumerate(blocks):
        if at in chosen:
            if len(block.text) >= _REPEATED and block.text in said:  # a copy for small screens
                continue
            said.add(block.text)
            heading = first < at < last and _is_heading(block)
            pieces.append(Piece("notice" if is_call(block.text) else "heading" if heading else block.kind, block.text))
        elif block.caption is not None:
            if not block.linked and not _inside(block.around, over) and block.text not in shown and (
                scope in block.path or (at < last and ((start is not None and start < at) or _adjacent(block, scope)))
            ):  # fmt: skip
                shown.add(block.text)
                pieces.append(Piece("caption", block.text))
        elif (
            first < at <= last + 8
            and (scope in block.path or _adjacent(block, scope))
            and not _inside(block.around, over)
            and block.links < 0.5
            and notice_kind(block.text) in ("correction", "update", "contact")
        ):
            pieces.append(Piece("notice", block.text))
    return pieces


def _is_heading(block: Block) -> bool:
    """Return whether the block is a heading, or a paragraph of a few bold words."""
    if block.kind == "heading":
        return True
    words = len(tokens(block.text))
    return (
        block.kind == "paragraph"
        and block.bold
        and not block.links
        and words < 12
        and not _SENTENCE_END.search(block.text)
    )


def _adjacent(block: Block, scope: Any) -> bool:
    """Return whether the caption's figure is in the same article element as the text, or right beside it."""
    for element in scope.iterancestors("article", "main"):
        if element in block.path:
            return True
    parent = scope.getparent()
    return parent is not None and parent.tag not in ("body", "html") and parent in block.path[-4:]
