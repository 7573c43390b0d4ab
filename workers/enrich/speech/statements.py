"""Find indirect statements with their source in the dependency parse: `X said that …`.

The span is the clause that is stated. A clause that is itself a direct quote is left to ``quotes``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from services.records import Statement
from workers.enrich.base import Reading, Stage
from workers.enrich.speech.parse import SUBJECTS, says, subject_of
from workers.enrich.speech.shapes import abbreviated
from workers.enrich.speech.speakers import Speakers, Who

_ACCORDING = re.compile(r"\baccording to\b", re.IGNORECASE)
SHORTEST = 3
"""Minimum number of words in a clause that counts as a statement."""
LONGEST = 2_000
"""Maximum number of characters in a stated clause. Endless clauses are nested, and would be stored once for each
verb."""
_SUBJECTS = (*SUBJECTS, "csubj", "expl")
_MARKS = re.compile(r"[“”\"«»„]|``|''")


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
        verb = token.head
        if token.dep_ != "ccomp" or verb.pos_ == "NOUN" or not says(verb):
            continue
        if not all(any(child.dep_ in _SUBJECTS for child in each.children) for each in (verb, token)):
            continue
        if (subject := subject_of(verb)) is None:
            continue
        start, end = _trimmed(text, *_beside(text, *_clause(text, token), verb, subject))
        if (
            end - start > LONGEST
            or len(text[start:end].split()) < SHORTEST
            or _MARKS.search(text, start, end)
            or any(low < end and start < high for low, high in quoted)
        ):
            continue
        found.append(_statement(text, start, end, speakers.who(subject), text[verb.idx : verb.idx + len(verb)]))
    return sorted([*found, *_according(reading, speakers)], key=lambda each: each.start)


def _statement(text: str, start: int, end: int, who: Who, cue: str) -> Statement:
    return Statement(text=text[start:end], start=start, end=end, source=who.name, source_text=who.words, cue=cue)


def _according(reading: Reading, speakers: Speakers) -> Iterator[Statement]:
    """Yield the rest of the sentence in `According to X, it rained` and `it rained, according to X`."""
    text = reading.article.text
    for match in _ACCORDING.finditer(reading.truecased):
        token = speakers.token_at(match.start())
        named = token and next((each for each in token.subtree if each.dep_ == "pobj"), None)
        if named is None:
            continue
        sentence, after = token.sent, named.right_edge.idx + len(named.right_edge)
        leads = token.i == sentence.start
        start, end = (after, sentence.end_char) if leads else (sentence.start_char, match.start())
        start, end = _trimmed(text, start, end)
        if 0 < end - start <= LONGEST and not _MARKS.search(text, start, end):
            yield _statement(text, start, end, speakers.who(named), match[0])


def _clause(text: str, token: Any) -> tuple[int, int]:
    """Return the offsets of the token's subtree, without a leading `that`."""
    first = token.left_edge
    if first.lower_ == "that" and first.dep_ == "mark" and first.i + 1 < len(token.doc):
        first = first.nbor()
    last = token.right_edge
    end = _past_stop(text, last)
    if end != last.idx + len(last) and text[end : end + 1] == ",":  # the model ends a sentence at `W.Va.`
        last = token.doc.char_span(end, end + 1, alignment_mode="expand").sent[-1]
        end = _past_stop(text, last)
    return first.idx, end


def _past_stop(text: str, last: Any) -> int:
    """Return where the last word ends, with the full stop of an abbreviation."""
    end: int = last.idx + len(last)
    return end + 1 if text[end : end + 1] == "." and abbreviated(text, end + 1) else end


def _beside(text: str, start: int, end: int, verb: Any, subject: Any) -> tuple[int, int]:
    """Return the clause before or after its attribution: `it rained, said one official` without the last three
    words."""
    low, high = sorted((verb.idx, subject.idx))
    high += len(verb if high == verb.idx else subject)
    low = min(low, subject.left_edge.idx) if subject.left_edge.idx >= start or subject.idx < verb.idx else low
    if not start <= verb.idx < end:
        return start, end
    if start < low and text[start:low].strip(" ,\n"):
        return start, low
    return high, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without the spaces and commas around it, and without the full stop unless it belongs to an
    abbreviation."""
    while start < end and text[start] in " ,\n":
        start += 1
    while end > start and text[end - 1] in " ,.\n" and not (text[end - 1] == "." and abbreviated(text, end)):
        end -= 1
    return start, end


STAGE = Stage(
    "statements",
    10,
    _statements,
    frozenset({"en"}),
    needs=frozenset({"language", "entities", "quotes"}),
    uses_model=True,
)
