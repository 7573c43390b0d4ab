"""Convert headlines and text in capitals to normal case, letter for letter, so that a model trained on prose can read
them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from workers.enrich.names.gazetteer import known_names

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LINE = re.compile(r"[^\n]+")
SHOUTED = 0.8
"""Minimum share of capitals for a line to count as written in capitals."""


def truecase(text: str, headings: Iterable[tuple[int, int]] = ()) -> str:
    """Return ``text`` with lines in capitals and ``headings`` (offsets) in normal case; the length does not change.

    A word keeps its capital if the rest of the document capitalises it inside sentences, or if it is a known name.
    """
    stretches = sorted({*headings, *_shouted_lines(text)})
    if not stretches:
        return text
    usual = _usual_forms(text, stretches)
    pieces, at = [], 0
    for start, end in stretches:
        if start >= at:
            pieces += [text[at:start], _recase(text[start:end], usual)]
            at = end
    return "".join([*pieces, text[at:]])


def shouted(line: str) -> bool:
    letters = [letter for letter in line if letter.isalpha()]
    return len(_WORD.findall(line)) >= 3 and sum(map(str.isupper, letters)) >= SHOUTED * len(letters)


def _shouted_lines(text: str) -> Iterator[tuple[int, int]]:
    for line in _LINE.finditer(text):
        if shouted(line.group()):
            yield line.span()


def _usual_forms(text: str, stretches: list[tuple[int, int]]) -> dict[str, str]:
    """Return the most frequent form of each word inside the sentences of the running text."""
    forms: dict[str, Counter[str]] = {}
    at = 0
    for start, end in [*stretches, (len(text), len(text))]:
        running = text[at:start]
        for word in _WORD.finditer(running):
            if re.search(r"[^\W\d_][,;]? $", running[max(0, word.start() - 3) : word.start()]):
                forms.setdefault(word.group().lower(), Counter())[word.group()] += 1
        at = max(at, end)
    return {word: counted.most_common(1)[0][0] for word, counted in forms.items()}


def _recase(line: str, usual: dict[str, str]) -> str:
    caps = shouted(line)
    letters = list(line.lower() if len(line.lower()) == len(line) else line)
    for word in _WORD.finditer(line):
        form = usual.get(word.group().lower())
        if form:
            letters[word.start() : word.end()] = form
        elif not caps and word.group().isupper() and len(word.group()) > 1:
            letters[word.start() : word.end()] = word.group()
    for start, end, what in known_names(line, any_case=caps):
        said = line[start:end]
        short = len(said) <= 4 and what.type in ("ORG", "GPE") and said.isupper() and what.kind != "city"
        named = said if short or not caps else what.name if what.name.lower() == said.lower() else said.title()
        if caps and said.lower() in ("us", "who", "un", "car", "dawn", "bild", "mehr", "fed", "trend"):
            continue
        letters[start:end] = named
    first = _WORD.search(line)
    if first:
        letters[first.start()] = letters[first.start()].upper()
    recased = "".join(letters)
    return recased if len(recased) == len(line) else line
