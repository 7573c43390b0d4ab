"""Names of what happens to a document, as records, settings, metrics, traces and the console call it.

A stage of enrichment bears the name of the field that it fills. The names here are those of the others.
"""

from __future__ import annotations

from collections.abc import Iterable

PARSE = "parse"
MODEL = "model"
"""The reading of the language model, which several stages share: it has a time of its own and no field."""
STORY = "story"
"""The last of the annotations. It needs the store, so `workers.stories` runs it."""
STORE = "store"
PROCESS = "process"
"""All of them, where it is not known which."""


def in_order(annotations: Iterable[str]) -> list[str]:
    """Return every stage that a document passes, in order; ``annotations`` are those of enrichment, `STORY` among them or not."""
    return [PARSE, *(name for name in annotations if name != STORY), STORY, STORE]
