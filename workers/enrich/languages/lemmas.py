"""Lemmas of English verbs and nouns, one word at a time, by the rules and exceptions the model's package carries."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from spacy.lookups import Lookups

from workers.enrich.languages.models import ENGLISH

_PARTS = {"VERB": "verb", "AUX": "verb", "NOUN": "noun", "PROPN": "noun"}


@lru_cache
def _tables() -> tuple[Any, Any, Any]:
    lookups = Lookups().from_disk(ENGLISH.path / "lemmatizer" / "lookups")
    index = lookups.get_table("lemma_index")
    words = {part: frozenset(index[part]) for part in ("verb", "noun")}
    return lookups.get_table("lemma_rules"), lookups.get_table("lemma_exc"), words


@lru_cache(maxsize=20_000)
def lemma(word: str, part: str) -> str:
    """Return the lemma of a word: ``lemma("shot", "VERB")`` is ``shoot``; ``part`` is a universal part of speech.

    Other words are returned in lower case.

    WordNet's morphy: the exceptions, otherwise the word if it is known, otherwise the first suffix rule that gives a known word. A noun's plural is tried first, because WordNet also knows "talks" and "forces".
    """
    word = word.lower()
    kind = _PARTS.get(part)
    if kind is None:
        return word
    rules, exceptions, known = _tables()
    if word in exceptions[kind]:
        return str(exceptions[kind][word][0])
    if kind == "noun" and len(word) > 3 and word[-1] == "s" and word[-2] not in "su" and word[:-1] in known[kind]:
        return word[:-1]
    if word in known[kind]:
        return word
    for old, new in rules[kind]:
        if word.endswith(old) and (stem := word[: len(word) - len(old)] + new) in known[kind]:
            return str(stem)
    return word
