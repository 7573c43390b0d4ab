"""Find which language a text is in, as BCP 47."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.text.stopwords import languages, stopwords
from workers.enrich.base import Reading, Stage

LEAST_LETTERS = 20
LEAST_CONFIDENCE = 0.4
MOST_LETTERS = 5_000
LEAST_ENGLISH = 5
SHARE_ENGLISH = 0.25
"""Small words, and the minimum share of all words that shows English; running text has 0.35 to 0.5."""
LIKE_ENGLISH = frozenset(["pcm"])
"""Languages for which lists of results are mistaken: a document is in one of them only if it says so."""
NO_LANGUAGE = "zxx"
MOST_RANKED = 12
"""How far down the model's list a language may be for its small words to count."""

_WORD = re.compile(r"[^\W\d_]+")


@lru_cache
def _identifier() -> Any:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect(text: str) -> str | None:
    """Return the language of ``text`` as an ISO 639-1 code; None if the text is too short or the model unsure."""
    sample = text[:MOST_LETTERS]
    if sum(map(str.isalpha, sample)) < LEAST_LETTERS:
        return None
    if sample.isupper():
        sample = sample.lower()
    ranked = [each for each in _identifier().rank(sample) if each[0] not in LIKE_ENGLISH]
    language, confidence = ranked[0]
    if confidence >= LEAST_CONFIDENCE:
        if language != "en" and _is_english(sample, str(language)):
            return "en"
        return str(language) if language != NO_LANGUAGE else None
    return _by_small_words(sample, [str(language) for language, _ in ranked[:MOST_RANKED]])


def _is_english(sample: str, other: str) -> bool:
    """Return whether the small words are English although names or figures made the model choose ``other``."""
    words = _WORD.findall(sample.lower())
    english, others = (sum(word in stopwords(code) for word in words) for code in ("en", other))
    return english >= max(LEAST_ENGLISH, SHARE_ENGLISH * len(words)) and english > 2 * others


def _by_small_words(sample: str, ranked: list[str]) -> str | None:
    """Return the language with the most stopwords in ``sample``; if several have as many, English, otherwise the
    model's choice. Names mislead the model in a short text; the words between them, ``and`` or ``und``, do not.
    """
    words = _WORD.findall(sample.lower())
    counts = {code: sum(word in stopwords(code) for word in words) for code in languages()}
    most = max(counts.values())
    if not most:
        return ranked[0] if ranked[0] in counts else None
    best = [code for code in ("en", *ranked, *counts) if counts.get(code) == most]
    return best[0]


def _run(reading: Reading) -> str | None:
    """Return the language that the text shows, otherwise the one that the document declares."""
    found = detect(f"{reading.article.title or ''}\n{reading.article.text}")
    declared = reading.article.language
    base = (declared or "").split("-")[0].lower()
    if declared and (found is None or base == found or (found == "en" and base in LIKE_ENGLISH)):
        return declared
    if found:
        reading.models_used.add("py3langid")
    return found


STAGE = Stage("language", 3, _run)
