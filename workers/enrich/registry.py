"""The stages in the order they run. Each module of an annotation ends in its ``STAGE``."""

from __future__ import annotations

<<<<<<< HEAD
from workers.enrich import events, keywords, language, summary, terms, topics
=======
from workers.enrich import entities, language, places
>>>>>>> ents
from workers.enrich.base import Stage

# language, entities, places, money, quantities, dates, cites, quotes, statements, events, keywords,
# summary, topics, terms: later stages read what earlier ones found.
<<<<<<< HEAD
STAGES: tuple[Stage, ...] = (
    language.STAGE,
    events.STAGE,
    keywords.STAGE,
    summary.STAGE,
    topics.STAGE,
    terms.STAGE,
)
=======
STAGES: tuple[Stage, ...] = (language.STAGE, entities.STAGE, places.STAGE)
>>>>>>> ents
