"""Who did what to whom, where and when, in PLOVER event types, read from the dependency parse.

The types are those of the PLOVER ontology (Political Language Ontology for Verifiable Event Records). What counts as
an event stands in ``data/events.toml``; ``docs/events.md`` explains it and how to add to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from services.records import DateMention, Event, Money
from workers.enrich.base import Reading, Stage
from workers.enrich.facts.events.patterns import Patterns, load_patterns
from workers.enrich.facts.events.syntax import (
    clause_of,
    governing,
    is_negated,
    is_passive,
    lemma_of,
    match_words,
    named_beside,
    object_of,
    pobj,
    reporter_of,
    subject_of,
    top_noun,
)
from workers.enrich.names.actors import Actors
from workers.enrich.names.sport import is_sport

Status = Literal["happened", "planned", "denied", "alleged"]
_BODILY = {"ASSAULT", "COERCE", "MOBILIZE"}  # done to a place itself, not to the country it speaks for
_ALSO_NATURE = {"kill", "injure", "wound", "hit", "strike", "destroy", "evacuate"}
_OF_THINGS = {"AID", "PROTEST"}  # the object is what is given, or the strike that is called
_PLAYED = {
    "beat",
    "host",
    "visit",
    "travel",
    "hit",
    "strike",
    "shoot",
    "down",
    "sink",
    "kill",
    "destroy",
    "fight",
    "storm",
}
_ROUTES = {"through", "to", "outside", "in", "on", "of"}  # marched through the capital: no target
_PAID = {"AGREE", "COOPERATE", "AID", "SANCTION"}
_MODALS = {"will", "would", "could", "may", "might", "should", "shall", "must", "'ll", "can", "’ll"}
_CONDITIONS = {"if", "unless", "whether"}
_AHEAD = {"planned", "proposed", "upcoming", "possible", "potential", "future", "expected", "threatened"}
_INNER = {"xcomp", "ccomp", "pcomp", "acl", "prep"}
_WHERE = {"in", "at", "near", "outside", "over", "around", "inside", "across"}


@dataclass(slots=True)
class _Found:
    action: str
    trigger: Any
    actor: str | None
    target: str | None


def find_events(reading: Reading, patterns: Patterns | None = None) -> list[Event]:
    """The events of the article in the order of their sentences; repeats of one happening are one event."""
    doc = reading.doc
    if doc is None:
        return []
    patterns = patterns or load_patterns()
    finder = _Finder(reading, patterns)
    events: list[Event] = []
    for sentence in doc.sents:
        for found in finder.sentence(sentence):
            _merge(events, finder.event(found, sentence), found.action in patterns.reciprocal)
    return events


_TIMES = frozenset(["second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade", "time", "period"])


class _Finder:
    def __init__(self, reading: Reading, patterns: Patterns) -> None:
        self.reading = reading
        self.patterns = patterns
        self.sport = is_sport(reading.article.text)
        self.outlets = {each.source for each in reading.article.cites}
        self.actors = Actors(reading.article, patterns.words["representatives"], patterns.words["groups"])

    def sentence(self, sentence: Any) -> Iterator[_Found]:
        for token in sentence:
            if token.pos_ == "VERB":
                found = self.verb(token)
            elif token.pos_ in ("NOUN", "PROPN"):
                found = self.noun(token)
            else:
                continue
            if found is None or found.actor == found.target:
                continue
            if found.action == "THREATEN" and self._status(found.trigger) == "denied":
                continue  # it will not warn the other
            yield found

    def verb(self, verb: Any) -> _Found | None:
        word = lemma_of(verb)
        if any(match_words(verb, words) is not None for words in self.patterns.nothing.get(word, ())):
            return None
        for pattern in self.patterns.verbs.get(word, ()):
            if self.sport and word in _PLAYED:
                continue
            matched = match_words(verb, pattern.words)
            if matched is None:
                continue
            found = self._verb_roles(verb, pattern.action, matched)
            if found is not None:
                return found
        return None

    def _verb_roles(self, verb: Any, action: str, matched: list[Any]) -> _Found | None:
        target, given = None, False
        subject = self.actors.past_dateline(subject_of(verb), verb)
        for object_ in self._objects(verb, action, matched):
            given = True
            object_ = named_beside(object_)
            if lemma_of(object_) in _TIMES:
                continue  # it voted for two years
            if target := self.actors.name(object_, acting=action not in _BODILY, loose=True):
                break
        actor = self.actors.name(subject, acting=True) if subject is not None else None
        if given and actor and target == actor and object_.pos_ in ("NOUN", "PROPN"):
            target = self.actors.written(object_)  # Turkey withdrew its rescue team
        if action == "CONSULT" and target in self.outlets:
            return None
        if not given and action in self.patterns.reciprocal and subject is not None:
            target = self._partner(subject)
        if actor is None:
            harmless = lemma_of(verb) in _ALSO_NATURE  # "31 people were killed" in a storm
            if subject is not None or harmless or action not in self.patterns.unnamed or not is_passive(verb):
                return None
        alone = action in self.patterns.alone and lemma_of(verb) not in self.patterns.words["need_target"]
        if target is None and (not alone or actor is None):
            return None
        return _Found(action, verb, actor, target)

    def _objects(self, verb: Any, action: str, matched: list[Any]) -> Iterator[Any]:
        """Who it may be done to, the likeliest first."""
        if action == "PROTEST" and matched and matched[-1].lower_ in _ROUTES:
            return
        if matched and matched[-1].dep_ in ("prep", "dative") and (inner := pobj(matched[-1])) is not None:
            yield inner
            return
        if action in _OF_THINGS and matched:
            return
        if (object_ := object_of(verb, set(matched))) is not None:
            yield object_
            return
        for child in verb.children:  # threatened to attack Y, but not: helped to fight Y
            if (
                child.dep_ == "xcomp"
                and lemma_of(verb) not in ("help", "assist")
                and (object_ := object_of(child, set())) is not None
            ):
                yield object_
        if matched and matched[-1].pos_ == "NOUN":
            yield matched[-1]

    def noun(self, noun: Any) -> _Found | None:
        for pattern in self.patterns.nouns.get(lemma_of(noun), ()):
            marks = pattern.words[-1] if pattern.words else frozenset()
            actor, target = self._noun_roles(noun, marks)
            if actor and target is None and pattern.action in self.patterns.reciprocal:
                verb = top_noun(noun).head
                subject = subject_of(verb) if verb.pos_ == "VERB" else None
                target = self._partner(subject) if subject is not None else None
            if actor and target:
                return _Found(pattern.action, noun, actor, target)
        return None

    def _partner(self, subject: Any) -> str | None:
        """The second of two: "X and Y signed", "the presidents of X and Y signed"."""
        inner = [pobj(child) for child in subject.children if child.dep_ == "prep" and child.lower_ == "of"]
        for first in (subject, *(one for one in inner if one is not None)):
            for child in first.children:
                if child.dep_ == "conj" and (name := self.actors.name(child, acting=True)):
                    return name
        return None

    def _noun_roles(self, noun: Any, marks: frozenset[str]) -> tuple[str | None, str | None]:
        name = self.actors.name
        actor = target = None
        for child in noun.children:
            word = child.lower_
            if child.dep_ == "prep" and (inner := pobj(child)) is not None:
                if word == "between":
                    partner = next((one for one in inner.children if one.dep_ == "conj"), None)
                    if partner is not None:
                        return name(inner, acting=True), name(partner, acting=True)
                elif word == "by":
                    actor = name(inner, acting=True)
                elif word in marks:
                    target = target or name(inner, acting=True)
            elif child.dep_ in ("acl", "relcl") and child.tag_ == "VB":
                for mark in child.children:
                    if mark.dep_ in ("prep", "dative") and mark.lower_ in marks and (inner := pobj(mark)) is not None:
                        target = target or name(inner, acting=True)
            elif child.dep_ in ("poss", "amod", "compound", "nmod") and actor is None:
                actor = self.actors.named(child, acting=True)
        top = top_noun(noun)
        verb = top.head
        if target is None and lemma_of(verb) in self.patterns.words["support_verbs"]:
            for child in verb.children:  # the parser often hangs "with Y" on the verb
                if child.dep_ in ("prep", "dative") and child.lower_ in marks and child.i > noun.i:
                    inner = pobj(child)
                    target = name(inner, acting=True) if inner is not None else None
        supported = verb.pos_ == "VERB" and lemma_of(verb) in self.patterns.words["support_verbs"]
        if actor is None and supported:
            governed = top.dep_ in ("dobj", "nsubjpass", "pobj") or (top.dep_ == "ccomp" and top.i > verb.i)
            subject = self.actors.past_dateline(subject_of(verb), verb) if governed else None
            if governed:
                actor = name(subject, acting=True) if subject is not None and subject.i != top.i else None
        saying = reporter_of(top) if actor is None and target is not None else None
        source = self.actors.past_dateline(subject_of(saying), saying) if saying is not None else None
        if source is not None:
            # "Azerbaijan's ambassador said a deal with Israel was made": a party speaks of its own deal
            named = self.actors.country(source)
            actor = named if "with" in marks else None
        return actor, target

    def event(self, found: _Found, sentence: Any) -> Event:
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
            actor=found.actor,
            action=found.action,
            target=found.target,
            date=date.value if isinstance(date, DateMention) else None,
            place=self._place(found, start, end),
            status=self._status(found.trigger),
            amount=money.amount if money else None,
            currency=money.currency if money else None,
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

    def _place(self, found: _Found, start: int, end: int) -> str | None:
        clause = clause_of(found.trigger)
        for place in self.reading.article.places:
            for mention in place.mentions:
                if not (start <= mention.start and mention.end <= end) or place.name in (found.actor, found.target):
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

    def _money(self, found: _Found, start: int, end: int) -> Money | None:
        if found.action not in _PAID:
            return None
        inside = [one for one in self.reading.article.money if start <= one.start and one.end <= end]
        return inside[0] if len(inside) == 1 else None

    def _marched(self, verb: Any) -> bool:
        """Whether the verb tells of a protest: who marched to protest has protested."""
        return any(pattern.action == "PROTEST" for pattern in self.patterns.verbs.get(lemma_of(verb), ()))

    def _status(self, trigger: Any) -> Status:
        """From the words around the trigger, then from what governs it."""
        words = self.patterns.words
        children = {child.lower_ for child in trigger.children}
        if "no" in children or "never" in children or is_negated(trigger):
            return "denied"
        if children & words["doubt_words"]:
            return "alleged"
        status: Status = "happened"
        if children & (_MODALS | _CONDITIONS | _AHEAD) or (
            trigger.tag_ == "VB" and trigger.dep_ in ("acl", "relcl", "advcl") and not self._marched(trigger.head)
        ):
            status = "planned"
        is_noun = trigger.pos_ != "VERB"
        node = trigger
        while node.dep_ in _INNER or (
            is_noun and (node.dep_ in ("dobj", "nsubjpass", "pobj") or (node.dep_ == "conj" and node.pos_ != "VERB"))
        ):
            head, link = node.head, node.dep_
            word = lemma_of(head)
            inner = link in ("xcomp", "acl", "pcomp", "prep") or (link == "ccomp" and node.tag_ == "VB")
            if word in words["deny_words"] and link != "pobj":
                return "denied"
            if word in words["accuse_words"] and (inner or link == "ccomp"):
                return "alleged"
            own = link == "xcomp" or link == "dobj" or (link == "nsubjpass" and word in words["support_verbs"])
            if own and is_negated(head):
                return "denied"
            if own and any(child.lower_ in _MODALS for child in head.children):
                status = "planned"
            if word in words["plan_words"] and (inner or (is_noun and link in ("dobj", "nsubjpass"))):
                status = "planned"
            node = head
        if node.dep_ == "conj" and node.tag_ == "VB" and any(child.lower_ in _MODALS for child in node.head.children):
            status = "planned"
        return status


def _merge(events: list[Event], event: Event, reciprocal: bool) -> None:
    """Add ``event``, or its missing parts to the earlier telling of the same happening."""
    pair = [event.actor, event.target]
    for earlier in events:
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
        if earlier.amount is None:
            earlier.amount, earlier.currency = event.amount, event.currency
        return
    events.append(event)


STAGE = Stage(
    "events",
    3,
    find_events,
    frozenset({"en"}),
    needs=frozenset({"language", "entities", "places", "money", "dates", "cites", "quotes"}),
    uses_model=True,
)
