"""Compute the confidence of an event, from its parties, its words, and the document's topic."""

from __future__ import annotations

from typing import Literal

from services.records import Article
from workers.enrich.facts.events.roles import Found

LEAST = 0.3
"""Events with less confidence are dropped."""
_SOFT: dict[str, Literal["arts", "markets", "sport"]] = {
    "medtop:01000000": "arts",
    "medtop:04000000": "markets",
    "medtop:15000000": "sport",
}
"""IPTC Media Topics in which words for conflict and politics are more often idiom or plot than news."""
_RULED = {"ACCUSE", "CONCEDE", "REJECT"}
"""Event types that companies and clubs also take part in, or that happen to things: reject an offer, resign."""
_IN_SPORT = {"ACCUSE", "CONCEDE", "CONSULT", "REJECT", "SANCTION"}
_OF_PLOTS = {"ASSAULT", "COERCE", "MOBILIZE", "PROTEST", "RETREAT", "THREATEN"}

Subject = Literal["arts", "markets", "sport"] | None


def subject_matter(article: Article) -> Subject:
    """Return the document's first topic if its events need stronger evidence."""
    return _SOFT.get(article.topics[0].code) if article.topics else None


def confidence(found: Found, subject: Subject) -> float:
    """Return a number between 0 and 1 that ranks events by how often such events are right; docs/events.md lists what
    counts."""
    sure = 0.9
    if found.actor is None or found.actor.told:
        sure -= 0.15
    elif found.actor.kind == "group":
        sure -= 0.05
    if found.target is None or found.target.told:
        sure -= 0.1
    if found.trigger.pos_ != "VERB":
        sure -= 0.05
    if found.words:
        sure += 0.05
    if subject and not _is_strong(found, subject):
        sure *= 0.4
    return round(sure, 2)


def _has_state(found: Found) -> bool:
    return any(party is not None and party.kind == "state" for party in (found.actor, found.target))


def _is_strong(found: Found, subject: Subject) -> bool:
    """Return whether the event is world news in a document about something else."""
    parties = [party for party in (found.actor, found.target) if party]
    named = len(parties) == 2 and all(party.kind != "group" for party in parties)
    if subject == "markets":
        return found.action in _RULED or (named and (found.action not in _OF_PLOTS or _has_state(found)))
    if subject == "sport":
        return found.action in _IN_SPORT or bool(found.words)
    return found.action not in _OF_PLOTS or any(party.kind in ("state", "body") for party in parties)
