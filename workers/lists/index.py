"""Hold the names of all lists in memory, to find those that a name in a text may be.

A name is found by the consonants of its words (`workers.lists.names`). The words themselves are kept as one string for
each name, so that 100,000 names need a few dozen megabytes.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import Any

from workers.lists.names import Kind, Likeness, Word, compare, words

Doc = dict[str, Any]
MOST_CANDIDATES = 400
"""Maximum number of names compared with one name; if there are more, only those that share two words with it."""
MOST_REMEMBERED = 20_000
_NO_VOWELS = "\u2026"
LOWEST = 0.70
"""Names less alike than this are not candidates, whatever else agrees."""

KINDS: dict[str, tuple[Kind, ...]] = {
    "PERSON": ("person", "any"),
    "ORG": ("organization", "ship", "any"),
    "GPE": ("place", "any"),
    "LOC": ("place", "ship", "any"),
    "FAC": ("place", "ship", "organization", "any"),
    "PRODUCT": ("ship", "any"),
    "WORK": ("ship", "any"),
}
"""The kinds of entry that an entity of a document can be. The model calls ships all kinds of things."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list, without its names. ``list`` is the list's id."""

    list: str
    id: str
    kind: Kind
    countries: tuple[str, ...] = ()
    born: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that a name may be, with the entry's name that is most like it."""

    entry: Entry
    name: str
    likeness: Likeness


class Index:
    """The names of all lists. ``revision`` is the state of the lists that was loaded."""

    def __init__(self, revision: int = 0) -> None:
        self.revision = revision
        self.collections: dict[str, tuple[str, ...]] = {}
        self._entries: list[Entry] = []
        self._kinds: set[Kind] = set()
        self._names: list[str] = []
        self._words: list[str] = []
        self._of: array[int] = array("I")
        self._by_key: dict[str, array[int]] = {}
        self._known: OrderedDict[tuple[str, str], list[Candidate]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._names)

    def add(self, entry: Entry, names: Iterable[str]) -> None:
        """Add an entry with its names. A person's name of one word is left out: a surname alone never matches."""
        at = len(self._entries)
        self._entries.append(entry)
        self._kinds.add(entry.kind)
        for name in dict.fromkeys(names):
            found = words(name, entry.kind)
            if not found or (entry.kind == "person" and len(found) < 2):
                continue
            number = len(self._names)
            self._names.append(name)
            self._words.append(" ".join(_as_text(one) for one in found))
            self._of.append(at)
            for key in {one.key for one in found}:
                self._by_key.setdefault(intern(key), array("I")).append(number)

    def find(self, name: str, type: str) -> list[Candidate]:
        """Return the entries that a name in a text may be, each once, for an entity of this type."""
        if not self._names:
            return []
        asked = (name, type)
        if (known := self._known.get(asked)) is not None:
            self._known.move_to_end(asked)
            return known
        found: dict[int, Candidate] = {}
        kinds = [kind for kind in KINDS.get(type, ()) if kind in self._kinds]
        forms: dict[Kind, tuple[Word, ...]] = {kind: words(name, kind) for kind in kinds}
        for kind in kinds:
            form = forms[kind]
            if not form or (type == "PERSON" and len(form) < 2):
                continue
            for number in self._sharing(form):
                at = self._of[number]
                entry = self._entries[at]
                if entry.kind != kind:
                    continue
                like = compare(
                    form, _read(self._words[number]), "person" if kind == "any" and type == "PERSON" else kind
                )
                if like and like.score >= LOWEST and (at not in found or like.score > found[at].likeness.score):
                    found[at] = Candidate(entry, self._names[number], like)
        candidates = [*found.values()]
        self._known[asked] = candidates
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return candidates

    def _sharing(self, form: Sequence[Word]) -> Iterable[int]:
        """Return the names that share a word with this one, or two if its words are common. At most one word of a name
        that is alike has other consonants, so one of the two rarest is shared."""
        keys = {one.key for one in form if not one.is_initial}
        lists = sorted((numbers for key in keys if (numbers := self._by_key.get(key))), key=len)
        if not lists:
            return ()
        if len(lists) == 1:
            return lists[0] if len(lists[0]) <= MOST_CANDIDATES or len(keys) == 1 else ()
        near = set(lists[0])
        if len(keys) == 2:
            return near.intersection(lists[1])
        if len(near) + len(lists[1]) <= MOST_CANDIDATES:
            return near.union(lists[1])
        return near.intersection(lists[1])


def _as_text(one: Word) -> str:
    """Return a word with its forms in one string: a new look-up of the forms would take longer than the comparison."""
    return f"{'' if one.vowels else _NO_VOWELS}{one.form}|{one.spelling}|{one.key}"


@lru_cache(maxsize=65_536)
def _of_text(text: str) -> Word:
    form, spelling, key = text.removeprefix(_NO_VOWELS).split("|")
    return Word(form, spelling, key, not text.startswith(_NO_VOWELS))


def _read(text: str) -> tuple[Word, ...]:
    return tuple(map(_of_text, text.split()))
