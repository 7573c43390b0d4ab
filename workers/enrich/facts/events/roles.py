"""Find the actor and the target of an event, from a verb or noun of a pattern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.records import Article
from workers.enrich.facts.events.patterns import Pattern, Patterns
from workers.enrich.facts.events.syntax import (
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
from workers.enrich.names.actors import Actors, Party
from workers.enrich.names.sport import is_sport

_BODILY = {"ASSAULT", "COERCE", "MOBILIZE"}  # affects the place itself, not the country it stands for
_OF_PARTIES = {"CONSULT", "AGREE", "COOPERATE", "SANCTION"}  # between parties: a bare verb needs both
_ALSO_NATURE = {"kill", "injure", "wound", "hit", "strike", "destroy", "evacuate"}
_OWN_FORCES = {"MOBILIZE", "RETREAT"}
_OF_THINGS = {"AID", "PROTEST"}  # the object is what is given, or the strike that is called
_PLAYED = frozenset(
    ["beat", "host", "visit", "travel", "hit", "strike", "shoot", "down", "sink", "kill", "destroy", "fight", "storm"]
)
_NAMED_AS = {"ACCUSE", "REJECT"}
_GIVE = {"sell", "supply", "provide", "give", "send", "deliver", "export", "lend"}
_ASKED = {"ask", "press", "petition", "lobby", "beg", "challenge"}
_ROUTES = {"through", "to", "outside", "in", "on", "of"}  # marched through the capital: no target
_TIMES = frozenset(["second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade", "time", "period"])


@dataclass(slots=True)
class Found:
    """What a trigger expresses: ``thing`` is the object if it is not a party; ``words`` is how many of the pattern's
    words, besides its head, are not prepositions."""

    action: str
    trigger: Any
    actor: Party | None
    target: Party | None
    thing: str | None
    words: int


class Roles:
    """Finds the events of one article's words."""

    def __init__(self, article: Article, patterns: Patterns) -> None:
        self.patterns = patterns
        self.sport = is_sport(article.text)
        self.outlets = {each.source for each in article.cites}
        self.actors = Actors(article, patterns.words["representatives"], patterns.words["groups"])

    def of(self, token: Any) -> Found | None:
        """Return the event that ``token`` expresses, if any."""
        if token.pos_ == "VERB":
            return self.verb(token)
        return self.noun(token) if token.pos_ in ("NOUN", "PROPN") else None

    def verb(self, verb: Any) -> Found | None:
        word = lemma_of(verb)
        if any(self._is_nothing(verb, words) for words in self.patterns.nothing.get(word, ())):
            return None
        for pattern in self.patterns.verbs.get(word, ()):
            if self.sport and word in _PLAYED:
                continue
            matched = match_words(verb, pattern.words)
            if matched is None:
                continue
            found = self._verb_roles(verb, pattern, matched)
            if found is not None:
                return found
        return None

    def _is_nothing(self, verb: Any, words: tuple[frozenset[str], ...]) -> bool:
        if match_words(verb, words) is not None:
            return True
        head = verb.head if verb.dep_ == "acl" else None  # a statement released by the Kremlin
        return head is not None and len(words) == 1 and lemma_of(head) in words[0]

    def _verb_roles(self, verb: Any, pattern: Pattern, matched: list[Any]) -> Found | None:
        action, word = pattern.action, lemma_of(verb)
        if action == "PROTEST" and not pattern.words and word != "protest" and object_of(verb, set()) is not None:
            return None  # demonstrated its strength
        subject = self.actors.past_dateline(subject_of(verb), verb)
        actor = self.actors.party(subject, acting=True) if subject is not None else None
        target, thing, given = None, None, False
        for object_ in self._objects(verb, pattern, matched):
            object_ = named_beside(object_)
            if object_.pos_ == "NUM" or self.actors.is_sum(object_):
                continue  # appealed for 20 million
            given = True
            if lemma_of(object_) in _TIMES or self.actors.is_time(object_):
                continue  # it voted for two years
            if action in _OWN_FORCES and object_ in matched:
                thing = self.actors.written(object_)
                break  # sends troops
            if target := self.actors.party(object_, acting=action not in _BODILY):
                thing = None
                break
            if thing := self.actors.thing(object_) or thing:
                target = self.actors.owner(object_)
            if target:
                break
        if given and target is None and thing is None:
            return None
        if thing and target is None and not pattern.words and word in self.patterns.words["to_somebody"]:
            target, thing = Party(thing, "group", False), None
        if actor and target and target.name == actor.name:
            if action in _BODILY:
                return None  # destroyed its missiles
            target = None  # Turkey withdrew its rescue team
        if pattern.gives_actor and actor is None:
            actor, target = target, self.actors.party(object_of(verb, set()), acting=True) if is_passive(verb) else None
        if action == "CONSULT" and target and target.name in self.outlets:
            return None
        if not given and action in self.patterns.reciprocal and subject is not None:
            target = self._partner(subject)
        if action == "REQUEST" and not given and matched and matched[-1].dep_ == "prt":
            return None  # a listener called in
        said = sum(one.dep_ == "prt" or one.lower_ == "for" or one.pos_ not in ("ADP", "SCONJ") for one in matched)
        found = Found(action, verb, actor, target, thing, said)
        return found if self._holds(found, subject, word) else None

    def _holds(self, found: Found, subject: Any, word: str) -> bool:
        """Return whether the event has the parties that its type needs."""
        listed = self.patterns.words
        if found.actor is None:
            harmless = word in _ALSO_NATURE  # "31 people were killed" in a storm
            if subject is not None or harmless or found.action not in self.patterns.unnamed or found.target is None:
                return False
            return is_passive(found.trigger) and word not in listed["need_actor"]
        if found.target is not None:
            return found.thing is None or word not in listed["need_direct"]
        bare = not found.words or found.thing is None
        if word in listed["need_direct"]:
            return False
        if bare and (word in listed["need_target"] or found.action in _OF_PARTIES):
            return False
        return found.thing is not None or found.action in self.patterns.alone

    def _objects(self, verb: Any, pattern: Pattern, matched: list[Any]) -> Iterator[Any]:
        """Yield the possible targets, the likeliest first."""
        if pattern.action == "PROTEST" and matched and matched[-1].lower_ in _ROUTES:
            return
        if matched and matched[-1].dep_ in ("prep", "dative", "mark") and (inner := pobj(matched[-1])) is not None:
            if (
                lemma_of(verb) in _ASKED
                and not is_passive(verb)
                and (asked := object_of(verb, set(matched))) is not None
            ):
                yield asked  # asked the pilot for details
            yield inner
            return
        if pattern.action in _OF_THINGS and matched:
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
        if pattern.action in _NAMED_AS:  # condemned as false reports from X
            yield from (inner for one in verb.children if one.lower_ == "as" and (inner := pobj(one)) is not None)

    def noun(self, noun: Any) -> Found | None:
        for pattern in self.patterns.nouns.get(lemma_of(noun), ()):
            marks = pattern.words[-1] if pattern.words else frozenset()
            actor, target = self._noun_roles(noun, marks)
            if pattern.gives_actor:
                actor, target = self._noun_given(noun, marks)
            if actor and target is None and pattern.action == "ACCUSE":  # allegations by X that Y knew
                told = [
                    one
                    for child in noun.children
                    if child.dep_ == "acl"
                    for one in child.children
                    if one.dep_ == "nsubj"
                ]
                target = self.actors.party(told[0], acting=True) if told else None
            if actor and target is None and pattern.action in self.patterns.reciprocal:
                verb = top_noun(noun).head
                subject = subject_of(verb) if verb.pos_ == "VERB" else None
                target = self._partner(subject) if subject is not None else None
            if actor and target:
                return Found(pattern.action, noun, actor, target, None, 0)
        return None

    def _noun_given(self, noun: Any, marks: frozenset[str]) -> tuple[Party | None, Party | None]:
        """Return who pressure comes from and who faces it: ``Obama faces pressure from Congress``."""
        verb = noun.head
        if noun.dep_ != "dobj" or lemma_of(verb) not in ("face", "receive", "get", "draw", "meet"):
            return None, None
        givers = [
            pobj(child)
            for above in (noun, verb)
            for child in above.children
            if child.dep_ == "prep" and child.lower_ in marks
        ]
        subject = self.actors.past_dateline(subject_of(verb), verb)
        if not givers or givers[0] is None or subject is None:
            return None, None
        return self.actors.party(givers[0], acting=True), self.actors.party(subject, acting=True)

    def _partner(self, subject: Any) -> Party | None:
        """Return the second of two: "X and Y signed", "the presidents of X and Y signed"."""
        inner = [pobj(child) for child in subject.children if child.dep_ == "prep" and child.lower_ == "of"]
        for first in (subject, *(one for one in inner if one is not None)):
            for child in first.children:
                if child.dep_ == "conj" and (party := self.actors.party(child, acting=True)):
                    return party
        return None

    def _given_to(self, verb: Any, marks: frozenset[str]) -> Party | None:
        """Return ``Kenya`` in ``to sell trucks and spare parts to Kenya``: the parser often attaches it to the
        parts."""
        things = [one for one in verb.subtree if one.dep_ in ("dobj", "conj") and one.i > verb.i]
        for one in (mark for head in (verb, *things) for mark in head.children):
            if one.dep_ in ("prep", "dative") and one.lower_ in marks and (inner := pobj(one)) is not None:
                return self.actors.party(inner, acting=True)
        return None

    def _noun_roles(self, noun: Any, marks: frozenset[str]) -> tuple[Party | None, Party | None]:
        def party(token: Any) -> Party | None:
            return self.actors.party(token, acting=True)

        actor = target = None
        for child in noun.children:
            word = child.lower_
            if child.dep_ == "prep" and (inner := pobj(child)) is not None:
                if word == "between":
                    partner = next((one for one in inner.children if one.dep_ == "conj"), None)
                    if partner is not None:
                        return party(inner), party(partner)
                elif word == "by":
                    actor = party(inner)
                elif word in marks:
                    target = target or party(inner)
            elif child.dep_ in ("acl", "relcl") and child.tag_ == "VB":
                target = target or self._given_to(child, marks)
            elif child.dep_ in ("poss", "amod", "compound", "nmod") and actor is None:
                actor = self.actors.beside(child)
        top = top_noun(noun)
        verb = top.head
        if target is None and lemma_of(verb) in self.patterns.words["support_verbs"]:
            for child in verb.children:  # the parser often attaches "with Y" to the verb
                if child.dep_ in ("prep", "dative") and child.lower_ in marks and child.i > noun.i:
                    inner = pobj(child)
                    target = party(inner) if inner is not None else None
                elif child.dep_ == "advcl" and child.i > noun.i and lemma_of(child) in _GIVE:
                    target = target or self._given_to(child, marks)
        supported = verb.pos_ == "VERB" and lemma_of(verb) in self.patterns.words["support_verbs"]
        if actor is None and supported:
            governed = top.dep_ in ("dobj", "nsubjpass", "pobj") or (top.dep_ == "ccomp" and top.i > verb.i)
            subject = self.actors.past_dateline(subject_of(verb), verb) if governed else None
            if governed:
                actor = party(subject) if subject is not None and subject.i != top.i else None
        saying = reporter_of(top) if actor is None and target is not None else None
        source = self.actors.past_dateline(subject_of(saying), saying) if saying is not None else None
        if source is not None:
            # "Azerbaijan's ambassador said a deal with Israel was made": a party speaks of its own deal
            actor = self.actors.state_of(source) if "with" in marks else None
        return actor, target
