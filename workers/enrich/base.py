"""The parts of every stage of enrichment: its input, the reading, and its entry in the registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice, pairwise
from time import perf_counter
from typing import Any

from spacy.tokens import Doc

from services.records import Article
from services.text.digits import fold_digits
from services.text.paragraphs import BREAK
from workers.enrich.languages import models

LONGEST_READ = 400_000
"""The maximum number of characters that the model reads, which takes about 15 seconds on one core. Only the other
stages read the rest."""

_UNREAD = object()
_NO_WORD = re.compile(r"\S{200,}")  # spaCy takes marks off a word's ends one by one, each time copying what is left


def _as_it_is(text: str, headings: Iterable[tuple[int, int]]) -> str:
    return text


@dataclass
class Reading:
    """One article while it is being read. Stages share it, so that no text is read twice.

    ``reference`` is the instant relative dates count from (the date of publication), or None.
    A stage adds to ``models_used`` the names, as in ``models.resources()``, of what it uses.
    """

    article: Article
    reference: datetime | None = None
    models_used: set[str] = field(default_factory=set)
    model_ms: float | None = None
    """Milliseconds that the model took; None until it has read the text."""
    languages: frozenset[str] = models.ALL
    """The languages whose model may be used, as keys of ``models.MODELS``."""
    recase: Callable[[str, Iterable[tuple[int, int]]], str] = _as_it_is
    """The function that rewrites headlines and capitals as running text of the same length. By default, it changes
    nothing."""
    _doc: Any = field(default=_UNREAD, repr=False)

    @cached_property
    def folded(self) -> str:
        """``article.text`` with every digit as ASCII; the same length, so offsets are shared."""
        return fold_digits(self.article.text)

    @cached_property
    def truecased(self) -> str:
        """``folded`` with headlines and capitals rewritten as running text, also of the same length."""
        return self.recase(self.folded, [(section.start, section.end) for section in self.article.sections])

    @cached_property
    def block_starts(self) -> list[int]:
        """The offsets at which blocks begin, including 0: those of the parser's blocks and headings, and after each
        blank line."""
        starts = {0, *(match.end() for match in BREAK.finditer(self.article.text))}
        starts.update(block.start for block in self.article.blocks)
        if self.article.dateline:
            starts.add(self.article.dateline.end)
        for section in self.article.sections:
            starts.update((section.start, section.end))
        return sorted(start for start in starts if start < len(self.article.text))

    @property
    def model_language(self) -> str | None:
        """The language whose model reads this article, or None."""
        return models.reads(self.article.language, self.languages)

    @property
    def doc(self) -> Any:
        """A spaCy Doc of ``truecased`` by the model of the article's language, or None if there is no model.

        Token offsets are offsets into ``article.text``; take words from there, not from the tokens.
        The model reads block by block, so no sentence crosses a block, up to ``LONGEST_READ``.
        """
        if self._doc is _UNREAD:
            self._doc = None  # a model that fails is not asked again by every stage after this one
            read_together([self])
        return self._doc

    def _blocks(self) -> list[str]:
        text = _NO_WORD.sub(lambda run: " " * len(run[0]), self.truecased[:LONGEST_READ])
        starts = [start for start in self.block_starts if start < len(text)]
        return [text[start:end] for start, end in pairwise([*starts, len(text)])] or [""]


def read_together(readings: Sequence[Reading]) -> None:
    """Have the models read several articles, all of one language together, because a short text takes less time in a
    batch."""
    by_language: dict[str | None, list[Reading]] = {}
    for reading in readings:
        by_language.setdefault(reading.model_language, []).append(reading)
    for reading in by_language.pop(None, ()):
        reading._doc = None
    for language, some in by_language.items():
        assert language is not None
        began = perf_counter()
        blocks = [reading._blocks() for reading in some]
        docs = iter(models.loaded(language).pipe([text for texts in blocks for text in texts], batch_size=64))
        for reading, texts in zip(some, blocks, strict=True):
            reading._doc = Doc.from_docs(list(islice(docs, len(texts))), ensure_whitespace=False)
            reading.models_used.add(models.MODELS[language].name)
        spent = (perf_counter() - began) * 1000
        characters = sum(len(reading.article.text) for reading in some) or 1
        for reading in some:
            reading.model_ms = spent * len(reading.article.text) / characters


class Interrupted(BaseException):
    """The exception with which a guard ends the whole reading at any stage, because the document's time is up and not
    only the stage's.

    Not an Exception, so that no stage treats it as its own error. ``cause`` is the exception that ended the reading.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


Guard = Callable[[str], AbstractContextManager[object]]
"""A function that returns the context in which a stage runs, by the name of its field; the context may raise inside the
stage. By default, it does nothing."""


@dataclass(frozen=True, slots=True)
class Stage:
    """``run`` takes the reading and returns the value of ``article.<field>``; it must not touch anything else.

    Stages run in the registry's order and see what earlier ones found in ``reading.article``; ``needs`` names the
    fields that it reads, so that it runs again when they change. ``languages`` (primary subtags, ``en``) None means
    every language. Raise ``version`` when the output changes. ``origin`` names the module of a stage that is not built
    in. ``uses_model`` says that the stage reads ``reading.doc``, so that the model may read several articles together
    first.
    """

    field: str
    version: int
    run: Callable[[Reading], Any]
    languages: frozenset[str] | None = None
    needs: frozenset[str] = frozenset()
    origin: str = ""
    uses_model: bool = False

    @property
    def full_version(self) -> str:
        """The version as the record stores it: ``"2"``, or ``"mypackage.module:stage 2"``."""
        return f"{self.origin} {self.version}".strip()

    def reads(self, language: str | None) -> bool:
        return self.languages is None or (language or "").split("-")[0] in self.languages
