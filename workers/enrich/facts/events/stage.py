"""Who did what to whom, where and when, in PLOVER event types, read from the dependency parse.

The types are those of the PLOVER ontology (Political Language Ontology for Verifiable Event Records). What counts as
an event is listed in ``data/events.toml``; ``docs/events.md`` explains the list and how to add to it.
"""

from __future__ import annotations

import re
from typing import Any

from services.records import DateMention, Event, Money
from workers.enrich.base import Reading, Stage
from workers.enrich.facts.events.confidence import LEAST, confidence, subject_matter
from workers.enrich.facts.events.patterns import Patterns, load_patterns
from workers.enrich.facts.events.roles import Found, Roles
from workers.enrich.facts.events.status import status_of
from workers.enrich.facts.events.syntax import clause_of, governing

_ROW = re.compile(
    r"(?:^|[\n;.] ?)[^\W\d_][\w’'-]*(?: [\w’'-]+)?, [A-Z][\w’'.-]*(?: [A-Z][\w’'.-]*)*, \d{1,3}(?=[,;.]|\s*(?:\n|$))"
)
"""``Bell, Pittsburgh, 25``: two of them are rows of a table, not a sentence."""
_PAID = {"AGREE", "COOPERATE", "AID", "SANCTION"}
_SAID = {"REJECT", "THREATEN"}  # who does not deny it, or will not warn, has done nothing
_WHERE = {"in", "at", "near", "outside", "over", "around", "inside", "across"}


def find_events(reading: Reading, patterns: Patterns | None = None) -> list[Event]:
    """Return the events of the article in the order of their sentences; repeated mentions of one event are merged."""
    doc = reading.doc
    if doc is None:
        return []
    patterns = patterns or load_patterns()
    roles = Roles(reading.article, patterns)
    maker = _Maker(reading, patterns)
    events: list[Event] = []
    for sentence in doc.sents:
        if len(_ROW.findall(sentence.text)) > 1:
            continue
        for token in sentence:
            if (found := roles.of(token)) and (event := maker.event(found, sentence)):
                _merge(events, event, found.action in patterns.reciprocal)
    return events


class _Maker:
    """Builds events from what is found: their sentence, date, place, sum, status."""

    def __init__(self, reading: Reading, patterns: Patterns) -> None:
        self.reading = reading
        self.patterns = patterns
        self.subject = subject_matter(reading.article)

    def event(self, found: Found, sentence: Any) -> Event | None:
        """Return the event in its sentence; None for a threat or a refusal without an actor, and for an event with too
        little evidence."""
        status = status_of(found.trigger, self.patterns)
        sure = confidence(found, self.subject)
        if sure < LEAST or (found.action in _SAID and status == "denied"):
            return None
        text = self.reading.article.text
        start, end = sentence.start_char, sentence.end_char
        while end > start and text[end - 1].isspace():
            end -= 1
        dates = [each for each in self.reading.article.dates if each.kind in ("date", "time")]
        date = self._in_clause(found.trigger, dates, start, end)
        money = self._money(found, start, end)
        return Event(
            text=text[start:end],
            start=start,
            end=end,
            actor=found.actor.name if found.actor else None,
            action=found.action,
            target=found.target.name if found.target else None,
            object=found.thing,
            date=date.value if isinstance(date, DateMention) else None,
            place=self._place(found, start, end),
            status=status,
            amount=money.amount if money else None,
            currency=money.currency if money else None,
            confidence=sure,
        )

    def _token(self, offset: int, end: int) -> Any:
        span = self.reading.doc.char_span(offset, end, alignment_mode="expand")
        return span.root if span is not None else None

    def _in_clause(self, trigger: Any, spans: list[DateMention], start: int, end: int) -> DateMention | None:
        inside = [span for span in spans if start <= span.start and span.end <= end]
        governed = [
            (span, governing(token)) for span in inside if (token := self._token(span.start, span.end)) is not None
        ]
        for clause in ({trigger}, clause_of(trigger)):  # its own date before that of the verb it is joined to
            if span := next((span for span, verb in governed if verb in clause), None):
                return span
        return None

    def _place(self, found: Found, start: int, end: int) -> str | None:
        clause = clause_of(found.trigger)
        named = {party.name for party in (found.actor, found.target) if party}
        for place in self.reading.article.places:
            for mention in place.mentions:
                if not (start <= mention.start and mention.end <= end) or place.name in named:
                    continue
                token = self._token(mention.start, mention.end)
                if (
                    token is not None
                    and token.dep_ == "pobj"
                    and token.head.lower_ in _WHERE
                    and governing(token) in clause
                ):
                    return place.name
        return None

    def _money(self, found: Found, start: int, end: int) -> Money | None:
        if found.action not in _PAID:
            return None
        inside = [one for one in self.reading.article.money if start <= one.start and one.end <= end]
        return inside[0] if len(inside) == 1 else None


def _merge(events: list[Event], event: Event, reciprocal: bool) -> None:
    """Add ``event``, or add what an earlier mention of the same event lacks."""
    pair = [event.actor, event.target]
    for earlier in events:
        if earlier.object and event.object and earlier.object != event.object:
            continue
        same = [earlier.actor, earlier.target] in (pair, [event.actor, None][: 2 * (event.action == "PROTEST")]) or (
            reciprocal and [earlier.target, earlier.actor] == pair
        )
        if not same or earlier.action != event.action or earlier.status != event.status:
            continue
        dates = earlier.date, event.date
        if all(dates) and not (str(dates[0]).startswith(str(dates[1])) or str(dates[1]).startswith(str(dates[0]))):
            continue
        earlier.date = max(earlier.date or "", event.date or "", key=len) or None
        earlier.place = earlier.place or event.place
        earlier.target = earlier.target or event.target
        earlier.object = earlier.object or event.object
        earlier.confidence = max(earlier.confidence, event.confidence)
        if earlier.amount is None:
            earlier.amount, earlier.currency = event.amount, event.currency
        return
    events.append(event)


STAGE = Stage(
    "events",
    5,
    find_events,
    frozenset({"en"}),
    needs=frozenset({"language", "entities", "places", "money", "dates", "cites", "quotes", "topics"}),
    uses_model=True,
)
