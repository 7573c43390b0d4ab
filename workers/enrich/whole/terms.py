"""Make the search terms of an article: stems, unique and sorted; stems of the title are repeated as ``title:stem``."""

from __future__ import annotations

from services.text.terms import in_title, search_terms
from workers.enrich.base import Reading, Stage


def run(reading: Reading) -> list[str]:
    """Return the stage: terms of title, deck and text."""
    article = reading.article
    whole = search_terms(
        "\n".join(part for part in (article.title, article.deck, article.text) if part), article.language
    )
    return sorted([*whole, *in_title(search_terms(article.title or "", article.language))])


STAGE = Stage("terms", 3, run, needs=frozenset({"language"}))
