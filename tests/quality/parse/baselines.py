"""Other extractors on the same bytes, for the comparison. One that is not installed is left out."""

from __future__ import annotations

from collections.abc import Callable

import trafilatura

try:
    import newspaper
except ImportError:
    newspaper = None


def _trafilatura(data: bytes) -> str:
    return trafilatura.extract(data, include_comments=False) or ""


def _newspaper(data: bytes) -> str:
    article = newspaper.Article("https://example.org/")
    article.download(input_html=data.decode("utf-8", "replace"))
    article.parse()
    return article.text or ""


EXTRACTORS: dict[str, Callable[[bytes], str]] = {"trafilatura": _trafilatura}
if newspaper is not None:
    EXTRACTORS["newspaper4k"] = _newspaper
