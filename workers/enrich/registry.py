"""The stages in the order they run. Each module of an annotation ends in its ``STAGE``."""

from __future__ import annotations

from workers.enrich import (
    cites,
    dates,
    entities,
    events,
    keywords,
    language,
    money,
    places,
    quantities,
    quotes,
    statements,
    summary,
    terms,
    topics,
)
from workers.enrich.base import Stage

# language, entities, places, money, quantities, dates, cites, quotes, statements, events, keywords,
# summary, topics, terms: later stages read what earlier ones found.
STAGES: tuple[Stage, ...] = (
    language.STAGE,
    entities.STAGE,
    places.STAGE,
    money.STAGE,
    quantities.STAGE,
    dates.STAGE,
    cites.STAGE,
    quotes.STAGE,
    statements.STAGE,
    events.STAGE,
    keywords.STAGE,
    summary.STAGE,
    topics.STAGE,
    terms.STAGE,
)
