"""Which language a text is in, as BCP 47."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from workers.enrich.base import Reading, Stage

LEAST_LETTERS = 20
LEAST_CONFIDENCE = 0.4
MOST_LETTERS = 5_000


@lru_cache
def _identifier() -> Any:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect(text: str) -> str | None:
    """The language of ``text`` as an ISO 639-1 code; None where the text is too short or the model unsure."""
    sample = text[:MOST_LETTERS]
    if sum(map(str.isalpha, sample)) < LEAST_LETTERS:
        return None
    if sample.isupper():
        sample = sample.lower()
    language, confidence = _identifier().classify(sample)
    return str(language) if confidence >= LEAST_CONFIDENCE else None


def _run(reading: Reading) -> str | None:
    """What the text shows, else what the document declares."""
    found = detect(f"{reading.article.title or ''}\n{reading.article.text}")
    declared = reading.article.language
    if declared and (found is None or declared.split("-")[0].lower() == found):
        return declared
    if found:
        reading.models_used["py3langid"] = version("py3langid")
    return found


STAGE = Stage("language", 1, _run)
