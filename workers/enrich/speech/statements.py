"""Indirect statements with their source, from the dependency parse: `X said that …`.

The span is the clause that is stated. A clause that is itself a direct quote is left to ``quotes``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from services.records import Statement
from workers.enrich.base import Reading, Stage
from workers.enrich.speech.cues import CUE
from workers.enrich.speech.speakers import Speakers

_ACCORDING = re.compile(r"\baccording to\b", re.IGNORECASE)
_MARKS = '“”"«»„'


def _statements(reading: Reading) -> list[Statement]:
    if reading.doc is None:
        return []
    text, quoted = (
        reading.article.text,
        [(each.start, each.end) for each in reading.article.quotes if each.kind == "speech"],
    )
    speakers = Speakers(reading, quoted)
    found = []
    for token in reading.doc:
        if token.dep_ != "ccomp" or not CUE.fullmatch(token.head.text.lower()):
            continue
        subject = next((child for child in token.head.children if child.dep_ in ("nsubj", "nsubjpass")), None)
        start, end = _clause(token)
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1] in " ,.\n":
            end -= 1
        stated = text[start:end]
        verb = token.head
        if subject is None or not stated or any(mark in stated for mark in _MARKS) or start <= verb.idx < end:
            continue
        if any(low < end and start < high for low, high in quoted):
            continue
        source = speakers.meant(subject)
        cue = text[verb.idx : verb.idx + len(verb)]
        found.append(Statement(text=stated, start=start, end=end, source=source, cue=cue))
    return sorted([*found, *_according(reading, speakers)], key=lambda each: each.start)


def _according(reading: Reading, speakers: Speakers) -> Iterator[Statement]:
    """`According to X, it rained` and `it rained, according to X`: the rest of the sentence."""
    text = reading.article.text
    for match in _ACCORDING.finditer(reading.truecased):
        token = speakers.token_at(match.start())
        named = token and next((each for each in token.subtree if each.dep_ == "pobj"), None)
        if named is None:
            continue
        sentence, after = token.sent, named.right_edge.idx + len(named.right_edge)
        leads = token.i == sentence.start
        start, end = (after, sentence.end_char) if leads else (sentence.start_char, match.start())
        while start < end and text[start] in " ,\n":
            start += 1
        while end > start and text[end - 1] in " ,.\n":
            end -= 1
        if start < end and not any(mark in text[start:end] for mark in _MARKS):
            yield Statement(text=text[start:end], start=start, end=end, source=speakers.meant(named), cue=match[0])


def _clause(token: Any) -> tuple[int, int]:
    """Offsets of the token's subtree, less a leading `that`."""
    first = token.left_edge
    if first.lower_ == "that" and first.dep_ == "mark" and first.i + 1 < len(token.doc):
        first = first.nbor()
    return first.idx, token.right_edge.idx + len(token.right_edge)


STAGE = Stage(
    "statements",
    5,
    _statements,
    frozenset({"en"}),
    needs=frozenset({"language", "entities", "quotes"}),
    uses_model=True,
)
