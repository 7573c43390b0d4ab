"""What every enriching stage is made of: the reading it is given, and its entry in the registry."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

from spacy.tokens import Doc

from services.records import Article
from workers.digits import fold_digits
from workers.enrich import models
from workers.enrich.truecase import truecase

LONGEST_READ = 400_000
"""Characters that the model reads: about 15 seconds on one core. What follows is left to the other stages."""

_NO_WORD = re.compile(r"\S{200,}")  # spaCy takes marks off a word's ends one by one, each time copying what is left
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


@dataclass
class Reading:
    """One article while it is being read. Stages share it, so that no text is read twice.

    ``reference`` is the instant relative dates count from (date of publication, else of receipt), or None.
    A stage adds to ``models_used`` the names, as in ``models.resources()``, of what it uses.
    """

    article: Article
    reference: datetime | None = None
    models_used: set[str] = field(default_factory=set)

    @cached_property
    def folded(self) -> str:
        """``article.text`` with every digit as ASCII; the same length, so offsets are shared."""
        return fold_digits(self.article.text)

    @cached_property
    def truecased(self) -> str:
        """``folded`` with headlines and stretches in capitals as in running text; the same length again."""
        return truecase(self.folded, [(section.start, section.end) for section in self.article.sections])

    @cached_property
    def block_starts(self) -> list[int]:
        """Where blocks begin, 0 included: by the parser's blocks and headings, and after each blank line."""
        starts = {0, *(match.end() for match in _BLANK_LINES.finditer(self.article.text))}
        starts.update(block.start for block in self.article.blocks)
        if self.article.dateline:
            starts.add(self.article.dateline.end)
        for section in self.article.sections:
            starts.update((section.start, section.end))
        return sorted(start for start in starts if start < len(self.article.text))

    @cached_property
    def doc(self) -> Any:
        """A spaCy Doc of ``truecased`` by the model of the article's language, or None where there is no model.

        Token offsets are offsets into ``article.text``; take words from there, not from the tokens.
        The model reads block by block, so no sentence crosses a block, up to ``LONGEST_READ``.
        """
        language = models.reads(self.article.language)
        if language is None:
            return None
        model = models.model_for(language)
        self.models_used.add(models.MODELS[language].name)
        text = _NO_WORD.sub(lambda run: " " * len(run[0]), self.truecased[:LONGEST_READ])
        starts = [start for start in self.block_starts if start < len(text)]
        blocks = [text[start:end] for start, end in pairwise([*starts, len(text)])]
        if not blocks:
            return model("")
        return Doc.from_docs(list(model.pipe(blocks, batch_size=64)), ensure_whitespace=False)


@dataclass(frozen=True, slots=True)
class Stage:
    """``run`` takes the reading and returns the value of ``article.<field>``; it must not touch anything else.

    Stages run in the registry's order and see what earlier ones found in ``reading.article``; ``needs`` names the fields
    of those it reads, so that it runs again when they do. ``languages`` (primary subtags, ``en``) None means every
    language. Raise ``version`` when the output changes. ``origin`` says where a stage comes from that is not ours.
    """

    field: str
    version: int
    run: Callable[[Reading], Any]
    languages: frozenset[str] | None = None
    needs: frozenset[str] = frozenset()
    origin: str = ""

    @property
    def full_version(self) -> str:
        """As the record keeps it: ``"2"``, or ``"mypackage.module:stage 2"``."""
        return f"{self.origin} {self.version}".strip()

    def reads(self, language: str | None) -> bool:
        return self.languages is None or (language or "").split("-")[0] in self.languages
