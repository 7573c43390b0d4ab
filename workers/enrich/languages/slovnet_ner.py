"""Find Russian names with slovnet's news model and return them as spaCy Docs with tokens and entities (PER, LOC, ORG)
but no parse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import spacy
from navec import Navec
from slovnet import NER
from spacy.util import filter_spans


class SlovnetNames:
    """Reads texts as a spaCy pipeline does."""

    def __init__(self, data: Path) -> None:
        self._tokens = spacy.blank("ru")
        words = Navec.load(data / "emb" / "navec_news_v1_1B_250K_300d_100q.tar")
        self._names = NER.load(data / "model" / "slovnet_ner_news_v1.tar").navec(words)

    def __call__(self, text: str) -> Any:
        return next(self.pipe([text]))

    def pipe(self, texts: Iterable[str], batch_size: int = 8) -> Iterator[Any]:
        for text in texts:
            doc = self._tokens.make_doc(text)
            names = self._names(text).spans if text.strip() else ()
            spans = (doc.char_span(name.start, name.stop, name.type, alignment_mode="expand") for name in names)
            doc.set_ents(filter_spans([span for span in spans if span is not None]))
            yield doc


def load(data: Path) -> SlovnetNames:
    """Return the model in ``data``, the folder of that name in the package natasha."""
    return SlovnetNames(data)
