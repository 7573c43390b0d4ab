"""Ask trafilatura for the text of a page."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import trafilatura

from workers.parse.article.normalise import tidy
from workers.parse.web.tables import bounded


def extract(tree: Any, *, recall: bool, thread: bool = False) -> list[str]:
    """Return the lines that trafilatura takes for the page's text; those of a ``thread`` include its comments. With
    ``recall``, it prefers to take more."""
    document = trafilatura.bare_extraction(
        bounded(deepcopy(tree)), include_comments=thread, include_tables=True, favor_recall=recall, with_metadata=False
    )
    bodies = (getattr(document, name, None) for name in ("body", "commentsbody"))
    return [line for body in bodies if body is not None for element in body for line in _lines(element)]


def _lines(element: Any) -> Iterator[str]:
    for part in element.iter("item") if element.tag == "list" else [element]:
        if text := tidy(" ".join(part.itertext()) if element.tag == "table" else "".join(part.itertext())):
            yield text
