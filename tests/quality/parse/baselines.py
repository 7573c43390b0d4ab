"""Other extractors on the same bytes, for the comparison. One that is not installed is left out."""

from __future__ import annotations

from collections.abc import Callable

import trafilatura
from trafilatura.utils import decode_file

try:
    import newspaper
except ImportError:
    newspaper = None


def _trafilatura(data: bytes) -> str:
    return trafilatura.extract(data, include_comments=False) or ""


def _newspaper(data: bytes) -> str:
    page = decode_file(data)  # it takes text, not bytes
    for language in (None, "en"):  # some languages need extras of it that weigh more than the comparison is worth
        article = newspaper.Article("https://example.org/", language=language)
        article.download(input_html=page)
        try:
            article.parse()
        except ImportError:
            continue
        return article.text or ""
    return ""


EXTRACTORS: dict[str, Callable[[bytes], str]] = {"trafilatura": _trafilatura}
if newspaper is not None:
    EXTRACTORS["newspaper4k"] = _newspaper
