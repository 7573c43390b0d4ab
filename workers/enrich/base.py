"""What every enriching stage is made of: the reading it is given, and its entry in the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from services.records import Article
from workers.enrich import models
from workers.enrich.digits import fold_digits


@dataclass
class Reading:
    """One article while it is being read. Stages share it, so that no text is read twice.

    ``reference`` is the instant relative dates count from (date of publication, else of receipt), or None.
    """

    article: Article
    reference: datetime | None = None
    models_used: dict[str, str] = field(default_factory=dict)

    @cached_property
    def folded(self) -> str:
        """``article.text`` with every digit as ASCII; the same length, so offsets are shared."""
        return fold_digits(self.article.text)

    @cached_property
    def doc(self) -> Any:
        """spaCy's Doc of ``folded`` by the model of the article's language, or None where there is no model."""
        model = models.model_for(self.article.language)
        if model is None:
            return None
        self.models_used.update(models.describe(self.article.language))
        return model(self.folded)


@dataclass(frozen=True, slots=True)
class Stage:
    """``run`` takes the reading and returns the value of ``article.<field>``; it must not touch anything else.

    Stages run in the registry's order and see what earlier ones found in ``reading.article``.
    ``languages`` None means every language. Raise ``version`` when the output changes.
    """

    field: str
    version: int
    run: Callable[[Reading], Any]
    languages: frozenset[str] | None = None
