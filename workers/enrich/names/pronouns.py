"""Resolve ``he`` and ``she``, by the parse and by titles before names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from workers.enrich.languages.lemmas import lemma

NEAR = 600
"""How many characters before a pronoun the person may be named."""
_MALE, _FEMALE = re.compile(r"\bMr\.? $"), re.compile(r"\b(?:Mrs|Ms|Miss)\.? $")
_OBJECTS = ("dobj", "pobj", "dative")


def person(token: Any, people: Sequence[tuple[int, str]], text: str) -> str | None:
    """Return whom the pronoun ``token`` means: the last person named shortly before as a subject, otherwise the last
    one named.

    ``people`` are the offsets of their mentions before it, in order, with their names. ``Mr.`` or ``Ms.`` before a name
    counts for the whole text.
    """
    ours, others = (_MALE, _FEMALE) if token.lower_ in ("he", "him", "his") else (_FEMALE, _MALE)
    titled = {
        title: {name for start, name in people if title.search(text[max(0, start - 6) : start])}
        for title in (ours, others)
    }
    is_object = token.dep_ in _OBJECTS or token.lower_ == "him"
    near = [
        (start, name)
        for start, name in people
        if token.idx - start < NEAR and name not in titled[others] and not (is_object and _does(start, token))
    ]
    near = [one for one in near if one[1] in titled[ours]] or near
    acting = [name for start, name in near if _is_subject(token.doc, start)]
    return acting[-1] if acting else near[-1][1] if near else None


def _head(doc: Any, at: int, climbed: tuple[str, ...]) -> Any:
    """Return the word that the name at ``at`` depends on through one of the dependencies ``climbed``, or None."""
    span = doc.char_span(at, at + 1, alignment_mode="expand")
    if span is None:
        return None
    head = span[0]
    while head.dep_ in climbed:
        head = head.head
    return head


def _is_subject(doc: Any, at: int) -> bool:
    """Return whether the name at ``at`` is the subject of a clause or the subject's owner, and not the person who
    reports it."""
    head = _head(doc, at, ("compound", "poss", "appos"))
    return head is not None and head.dep_ in ("nsubj", "nsubjpass") and lemma(head.head.text, "VERB") != "report"


def _does(at: int, token: Any) -> bool:
    """Return whether the name at ``at`` is the subject of the verb that governs ``token``: not ``him`` of ``Ruiz called
    on him``."""
    verbs = [one for one in token.ancestors if one.pos_ in ("VERB", "AUX")]
    verb = next(iter(verbs[token.dep_ == "nsubj" :]), None)
    head = _head(token.doc, at, ("compound", "appos"))
    return verb is not None and head is not None and head.dep_ in ("nsubj", "nsubjpass") and head.head == verb
