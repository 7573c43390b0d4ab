"""Names of the stages, used in records, settings, metrics, traces and the console. A stage of enrichment has the name
of the field that it fills; this module names the other stages.
"""

from __future__ import annotations

from collections.abc import Iterable

PARSE = "parse"
MODEL = "model"
"""The run of the language model, which several stages share; it has its own timing but no field."""
STORY = "story"
"""The last annotation. It needs the store, so `workers.stories` runs it."""
STORE = "store"
PROCESS = "process"
"""Stands for all stages if it is unknown which one."""


def in_order(annotations: Iterable[str]) -> list[str]:
    """Return every stage of a document, in order; ``annotations`` are those of enrichment, with or without `STORY`."""
    return [PARSE, *(name for name in annotations if name != STORY), STORY, STORE]
