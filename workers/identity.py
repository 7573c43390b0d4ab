"""Say who the people and organizations of a document are, when its record is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from services import identity
from services.records import Article, Entity

_AGE_AFTER = re.compile(r",? (?:aged )?(\d{1,3})(?=[,.;)]| \w+ (?:years?|months?) )|\s?\((\d{1,3})\)")
"""``Ana Ruiz, 43,`` and ``Ana Ruiz (43)``, but not ``Ana Ruiz, 43 years later``."""
_AGE_BEFORE = re.compile(r"\b(\d{1,3})-year-old (?:[\w-]+ ){0,3}$")  # 43-year-old teacher Ana Ruiz
_BORN = re.compile(r",? \((?:born |b\. ?)?(1[5-9]\d\d|20\d\d)(?:\s?[-–—]\s?(?:1[5-9]\d\d|20\d\d)?)?\)")
"""``Ana Ruiz (1912-1987)`` and ``Ana Ruiz (born 1950)``."""
_LIVES = range(5, 111)  # years


def assign(articles: Iterable[tuple[Article, datetime]]) -> None:
    """Set ``id`` and ``born`` of the entities of each article; the time is that of its receipt."""
    for article, received_at in articles:
        year = (article.published_at or received_at).year
        for entity in article.entities:
            if entity.type in identity.KINDS:
                entity.id = identity.of_name(entity.type, entity.name)
                entity.born = born(article.text, entity, year) if entity.type == "PERSON" and entity.id else None


def born(text: str, entity: Entity, year: int) -> int | None:
    """Return the year of birth that the text gives beside a mention, or that follows from an age there in ``year``; it
    may be one year off."""
    for span in entity.mentions:
        if found := _BORN.match(text, span.end, span.end + 40):
            return int(found[1])
        after = _AGE_AFTER.match(text, span.end, span.end + 30)
        before = _AGE_BEFORE.search(text, max(0, span.start - 60), span.start)
        age = next((int(one) for match in (after, before) if match for one in match.groups() if one), None)
        if age is not None and age in _LIVES:
            return year - age
    return None
