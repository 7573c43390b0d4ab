"""Find the posts of a thread: which blocks each has, who wrote it, and when.

A post is the smallest element around a block that also holds a mark of time: a ``time`` element, microdata, a line that
is a date.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from workers.parse.article.compose import Piece
from workers.parse.article.dates import Stamp, read_stamps
from workers.parse.article.normalise import tidy
from workers.parse.article.parts import Post
from workers.parse.web.blocks import Block, names
from workers.parse.web.dated import read_stated
from workers.parse.web.near import parts_of

_TIMES = frozenset(["time", "relative-time", "faceplate-timeago", "abbr"])
_WRITTEN = frozenset(["datePublished", "dateCreated"])
_SAID = ("datetime", "content", "title", "ts")
"""Attributes that state the time of a ``time`` element, a ``meta``, an ``abbr`` and a ``faceplate-timeago``."""
_USER_PAGE = re.compile(r"(?:^|/)(?:u|users?|members?|profiles?|people|author)(?:\.php)?[/?]|[?&]u(?:id|ser)?=\d", re.I)
_USER_NAME = re.compile(
    r"(?:^|-)(?:user-?name|author(?:-name)?|poster|creator|post-?author|hnuser|nick(?:name)?)(?:-link)?(?:-|$)"
)
_LABEL = re.compile(r"(?:(?:posted |written |asked |answered )?by|u/|@)\s*:?\s*", re.I)
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d\d?:\d\d")
_LABELS = frozenset(["author", "author:", "op", "member", "user", "username", "original poster", "guest", "moderator"])
_LINE = 60  # characters; a longer line is no mark of time, and no name
_MOST = 0.6  # share of the thread's text that is in posts; with less, what was found are not its posts
_UP = 2  # elements above a post in which its author may be named, as in a table with a column for names


def mark_posts(tree: Any, blocks: list[Block], pieces: list[Piece]) -> None:
    """Set the post of each piece. Without two posts that hold most of the text, nothing is set."""
    times = _times(tree, blocks)
    paths = list(_paths(blocks, pieces))
    told = [_nearest(path, times) for piece, path in paths if len(piece.text) >= _LINE]
    makes = Counter(_make(unit) for unit in {unit for unit in told if unit is not None})
    alike = {unit for unit in told if unit is not None and makes[_make(unit)] > 1}
    over = {each for unit in alike for each in unit.iterancestors()}
    beside = {unit.getparent() for unit in alike}
    units = {
        unit: None
        for unit in told
        if unit in alike or (unit is not None and unit not in over and unit.getparent() in beside)
    }
    found = [(piece, unit) for piece, path in paths if (unit := _nearest(path, units)) is not None]
    if len(units) < 2 or sum(len(piece.text) for piece, _ in found) < _MOST * sum(len(each.text) for each in pieces):
        return
    posts = {unit: Post(_author(unit, set(units)), _instant(times[unit])) for unit in units}
    for piece, unit in found:
        piece.post = posts[unit]


def _make(unit: Any) -> tuple[str, str]:
    return unit.tag, next(iter(re.split(r"[\s\d]", (unit.get("class") or "").strip())), "")


def _paths(blocks: list[Block], pieces: list[Piece]) -> Iterator[tuple[Piece, tuple[Any, ...]]]:
    """Yield each piece with the elements over it. Pieces have the order and the texts of their blocks."""
    at = 0
    for piece in pieces:
        found = next((each for each in range(at, len(blocks)) if blocks[each].text == piece.text), None)
        if found is not None:
            at = found + 1
            yield piece, blocks[found].path[:-1]


def _nearest(path: tuple[Any, ...], elements: dict[Any, Any]) -> Any:
    return next((each for each in reversed(path) if each in elements), None)


def _times(tree: Any, blocks: list[Block]) -> dict[Any, Any]:
    """Return the first mark of time in each element that holds one."""
    marks = [
        each
        for each in tree.iter()
        if isinstance(each.tag, str) and (each.tag in _TIMES or not _WRITTEN.isdisjoint(_item(each)))
    ]
    marks += [
        block.element
        for block in blocks
        if len(block.text) < _LINE and block.kind != "blockquote" and any(map(read_stamps, parts_of(block.text)))
    ]
    held: dict[Any, Any] = {}
    for mark in marks:
        if not any(each.tag == "blockquote" or len("".join(each.itertext())) > 2 * _LINE for each in mark.iterancestors("blockquote", "p")):  # fmt: skip
            for element in mark.iterancestors():
                held.setdefault(element, mark)
    return held


def _item(element: Any) -> list[str]:
    return (element.get("itemprop") or "").split()


def _instant(mark: Any) -> Stamp | None:
    said = [*(mark.get(name) for name in _SAID), *parts_of(tidy("".join(mark.itertext())))]
    return next((stamp for text in said if text for stamp in read_stated(text)), None)


def _author(unit: Any, units: set[Any]) -> str | None:
    """Return who wrote a post: as its markup says, as its link to a user's page, or as an element named for users."""
    others = units - {unit}
    for _ in range(_UP + 1):
        if name := next(_named(unit, others), None):
            return name
        unit = unit.getparent()
        if unit is None or sum(each in others for each in unit.iterdescendants()) > 0:
            return None
    return None


def _named(unit: Any, others: set[Any]) -> Iterator[str]:
    own = [each for each in unit.iter() if isinstance(each.tag, str) and not _is_inside(each, unit, others)]
    for each in own:
        if "author" in _item(each):
            inner = next((part for part in each.iter() if "name" in _item(part)), each)
            yield from _name(inner.get("content") or tidy("".join(inner.itertext())))
    yield from (name for each in (unit, *own) for name in _name(each.get("data-author") or ""))
    for each in own:
        if each.tag == "a" and _USER_PAGE.search(each.get("href") or ""):
            yield from _name(tidy("".join(each.itertext())))
    for each in own:
        if each.get("class") and any(map(_USER_NAME.search, names(each).split())):
            yield from _name(tidy("".join(each.itertext())))


def _is_inside(element: Any, unit: Any, others: set[Any]) -> bool:
    """Return whether the element belongs to a reply that is inside the post, or to a quotation."""
    while element is not unit:
        if element in others or element.tag == "blockquote":
            return True
        element = element.getparent()
    return False


def _name(text: str) -> Iterator[str]:
    """Yield the name in a text. A single letter is not a name; it usually replaces a picture."""
    name = _LABEL.sub("", text, count=1).strip() if _LABEL.match(text) else text
    dated = _DAY.search(name) or any(map(read_stamps, parts_of(name)))
    if 1 < len(name) < _LINE and any(map(str.isalnum, name)) and not dated and name.casefold() not in _LABELS:
        yield name
