"""Find the actor that a noun phrase refers to: an entity's name, the country of "Israeli officials" or "Baku", or a
group."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any, Literal, NamedTuple

from services.records import Article, Entity
from workers.enrich.languages.lemmas import lemma
from workers.enrich.names.gazetteer import country_of, polity, tables
from workers.enrich.names.pronouns import person
from workers.enrich.names.roles import is_calling

_STATES = ("GPE", "NORP", "LOC")
_ACTING = ("PERSON", "ORG", "GPE", "NORP", "LOC", "FAC")
_STORM = re.compile(r"\b(?:Typhoon|Hurricane|Cyclone|Storm)\b")
_PARTIES = ("PERSON", "ORG", "GPE", "NORP", "LOC")
_SEATED = ("GPE", "LOC", "FAC", "ORG")
_MODIFIERS = ("poss", "amod", "compound", "nmod")
_AGED = re.compile(r", \d{1,3}, $")
_MANY = frozenset(
    ["hundred", "thousand", "dozen", "score", "ten", "number", "group", "crowd", "handful", "majority", "million"]
)
_GENERIC = frozenset(["people", "person", "man", "woman", "youth", "one", "other"])
_ARMED = frozenset(["rebel", "militant", "insurgent", "fighter", "gunman", "guerrilla"])
_NOT_OWN = {"made", "built", "backed", "born", "based", "led", "-"}  # an "Israeli-made drone" is not Israel's
_PRIVATE = frozenset(
    [
        "exile",
        "opposition",
        "rebel",
        "dissident",
        "union",
        "party",
        "student",
        "religious",
        "church",
        "business",
        "company",
        "ex",
        "former",
        "separatist",
        "guerrilla",
        "militant",
        "community",
        "tribal",
        "labor",
        "labour",
        "industry",
        "bank",
        "student",
        "fan",
        "youth",
        "civic",
    ]
)
"""Nouns that, beside a nation, mean people and not its state: ``Cuban exile leaders``."""

Kind = Literal["state", "person", "body", "group"]


class Party(NamedTuple):
    """An actor or target. ``group`` means that it has no name of its own; ``told`` that the text has a pronoun for
    it."""

    name: str
    kind: Kind
    told: bool


def _in_common_words(text: str) -> bool:
    """Return whether a mention is a reference: ``mayor``, ``Azeri ambassador``; its nation is named inside it."""
    return text.split()[-1].islower() or bool(re.search(r"['’]s ", text))


class Actors:
    """Finds names for the noun phrases of one article."""

    def __init__(self, article: Article, representatives: set[str], groups: set[str]) -> None:
        self._text = article.text
        self._representatives = representatives
        self._groups = groups
        self._mentions = sorted(
            (
                (mention.start, mention.end, entity)
                for entity in article.entities
                for mention in entity.mentions
                if entity.type != "PERSON" or not _in_common_words(mention.text)
            ),
            key=lambda one: one[:2],
        )
        self._dateline = article.dateline
        self._quotes = [quote for quote in article.quotes if quote.kind == "speech"]
        self._kinds = {entity.name: entity.type for entity in article.entities}
        self._times = {at for span in article.dates for at in range(span.start, span.end)}
        self._sums = {at for span in article.money for at in range(span.start, span.end)}
        self._starts = [start for start, _, _ in self._mentions]
        self._countries = {
            country: entity.name
            for entity in reversed(article.entities)
            if entity.type == "GPE" and entity.name in tables().names and (country := polity(entity.name))
            if tables().names[entity.name].kind == "country"
        }

    def past_dateline(self, subject: Any, verb: Any) -> Any:
        """Return what follows a dateline that the parser took for the subject, as in "SYDNEY (Copy) - Australia
        rejected"."""
        if subject is None or self._dateline is None or not self._dateline.start <= subject.idx < self._dateline.end:
            return subject
        between = [one for one in verb.doc[subject.i : verb.i] if one.idx >= self._dateline.end]
        inside = {one.i for one in between}
        return next((one for one in between if one.head.i not in inside and one.pos_ in ("NOUN", "PROPN")), None)

    def _entity(self, token: Any) -> Entity | None:
        at = bisect_right(self._starts, token.idx)
        for start, end, entity in reversed(self._mentions[max(0, at - 4) : at]):
            if start <= token.idx < end:
                return entity
        return None

    def named(self, token: Any, *, acting: bool) -> str | None:
        """Return the entity that ``token`` belongs to. ``acting`` reads a capital or a seat of government as its
        country."""
        entity = self._entity(token)
        word = entity.name if entity else self._text[token.idx : token.idx + len(token)]
        made = tables()
        if entity is None and any(child.pos_ == "PROPN" for child in token.lefts):
            return None  # a Ford Crown Victoria
        if word in made.demonyms or (acting and word in made.seats and (entity is None or entity.type in _SEATED)):
            country = country_of(word)
            if country is not None and (entity is not None or token.text[:1].isupper()):
                return self._countries.get(country.name, country.name)
        if entity is not None and entity.type == "NORP" and token.text.islower():
            return None  # other Arab leaders
        if entity is None or (acting and (entity.type not in _ACTING or _STORM.search(entity.name))):
            return None
        if acting and entity.type == "FAC" and word not in made.seats:
            return None
        return entity.name if entity.type in _PARTIES else None

    def is_time(self, token: Any) -> bool:
        """Return whether the token is part of a date or a time."""
        return token.idx in self._times

    def is_sum(self, token: Any) -> bool:
        """Return whether the token is part of a sum of money."""
        return token.idx in self._sums

    def party(self, token: Any, *, acting: bool) -> Party | None:
        """Return the actor that the noun phrase headed by ``token`` stands for."""
        if self.is_time(token):  # the parser takes "Sununu Sunday" for one name
            token = next((child for child in token.lefts if child.pos_ == "PROPN" and not self.is_time(child)), None)
            if token is None:
                return None
        if aged := _AGED.search(self._text, max(0, token.idx - 8), token.idx):  # Ana Ruiz, 41, Madrid, was held
            name = next(
                (one.name for _, end, one in self._mentions if end == aged.start() and one.type == "PERSON"), None
            )
            if name:
                return Party(name, "person", False)
        name = self._name(token, acting=acting)
        return Party(name, self._kind(name), token.pos_ == "PRON") if name else None

    def owner(self, thing: Any) -> Party | None:
        """Return the owner or origin of a thing: ``Iran's offer``, ``an offer from Iran``, ``a part of Aleppo``, ``a
        Syrian airfield``."""
        name = self._owner(thing)
        return Party(name, self._kind(name), any(child.pos_ == "PRON" for child in thing.children)) if name else None

    def thing(self, token: Any) -> str | None:
        """Return the thing, not a person or body, that the noun phrase names: ``agreement``, ``two villages``."""
        if (
            token.pos_ not in ("NOUN", "PROPN")
            or self.is_time(token)
            or self.is_sum(token)
            or self._acts(lemma(token.text, "NOUN"))
        ):
            return None
        entity = self._entity(token)
        if entity is not None:
            return entity.name if entity.type not in _PARTIES else None
        if any(one.type == "PERSON" for child in token.lefts if (one := self._entity(child)) and child.dep_ != "poss"):
            return None
        counted = self._counted(token) if lemma(token.text, "NOUN") in _MANY else None
        return self.written(token if counted is None else counted)

    def beside(self, token: Any) -> Party | None:
        """Return the actor that a modifier names: ``an Israeli attack``; not ``a pro-Israeli attack``, nor ``a Monday
        attack``."""
        if self.is_time(token) or self._text[token.idx - 1 : token.idx] == "-":
            return None
        if token.lower_ in ("its", "their"):
            return None
        name = self._name(token, acting=True) if token.pos_ == "PRON" else self.named(token, acting=True)
        return Party(name, self._kind(name), token.pos_ == "PRON") if name else None

    def state_of(self, token: Any) -> Party | None:
        """Return the state or body that a representative speaks for."""
        name = self.country(token)
        return Party(name, self._kind(name), False) if name else None

    def _kind(self, name: str) -> Kind:
        if name in tables().names and tables().names[name].kind == "country":
            return "state"
        kind = self._kinds.get(name)
        return "person" if kind == "PERSON" else "state" if kind == "GPE" else "body" if kind == "ORG" else "group"

    def _owner(self, token: Any) -> str | None:
        for child in token.children:
            if child.dep_ == "poss" and (name := self._name(child, acting=True)):
                return name
        if name := self.country(token):
            return name
        for child in token.children:
            if child.dep_ == "prep" and child.lower_ in ("of", "from", "by", "with", "in"):
                for inner in child.children:
                    if inner.dep_ == "pobj" and not self.is_time(inner) and (name := self.named(inner, acting=True)):
                        return name
        return None

    def _is_people(self, token: Any, *, acting: bool) -> bool:
        """Return whether a nation's noun means some of its people: ``two Libyans``, but ``the Israelis`` negotiate."""
        word, nations = token.text, tables().demonyms
        if token.dep_ in _MODIFIERS or token.pos_ not in ("NOUN", "PROPN") or not word[:1].isupper():
            return False
        if word not in nations or (word in tables().names and tables().names[word].kind == "country"):
            return False
        those = [child for child in token.children if child.dep_ in ("det", "nummod", "amod", "compound")]
        return not (acting and [child.lower_ for child in those] == ["the"])

    def country(self, token: Any) -> str | None:
        """Return the state, people or body named beside a representative: "Azerbaijan's ambassador to Iran" ->
        Azerbaijan."""
        if any(child.text in _PRIVATE for child in token.children if child.dep_ in ("amod", "compound")):
            return None
        for child in sorted(token.children, key=lambda one: one.dep_ != "poss"):
            if child.lower_ in ("its", "their") and (name := self._pronoun(child)):
                return name
            if self._dateline and self._dateline.start <= child.idx < self._dateline.end:
                continue
            if child.dep_ in _MODIFIERS and not any(one.lower_ in _NOT_OWN for one in child.children):
                entity = self._entity(child)
                if self._text[child.idx - 1 : child.idx] == "-" or (entity is not None and entity.type == "PERSON"):
                    continue  # pro-British towns
                name = self.named(child, acting=True)
                if name and (entity is None or entity.type != "NORP" or self._kind(name) == "state"):
                    return name
        entity = self._entity(token)
        if entity is None or entity.type not in _STATES:
            return None
        return entity.name if entity.type != "NORP" or self._kind(entity.name) == "state" else None

    def _name(self, token: Any, *, acting: bool) -> str | None:
        if token.pos_ == "PRON":
            return self._pronoun(token)
        if token.pos_ not in ("NOUN", "PROPN", "ADJ", "NUM") or self.is_time(token) or self.is_sum(token):
            return None
        if self._is_people(token, acting=acting):
            return self.written(token)
        if name := self.named(token, acting=acting):
            return name
        if holder := next((one for one in token.children if one.dep_ == "appos" and self._is_party(one)), None):
            return self.named(holder, acting=False)
        if token.dep_ == "appos" and (name := self.named(token.head, acting=acting)):
            return name
        if person := self._beside(token):
            return person
        word = lemma(token.text, "NOUN")
        if word in _GENERIC and not any(
            child.dep_ in ("nummod", "amod", "compound", "relcl") for child in token.children
        ):
            return None
        if word in _MANY and (counted := self._counted(token)) is not None:
            return self._name(counted, acting=False)
        if word in self._representatives:
            if name := self.country(token):
                return name
            for child in token.children:
                if child.dep_ == "prep" and child.lower_ == "of":
                    for inner in child.children:
                        if inner.dep_ == "pobj" and (name := self.named(inner, acting=True)):
                            return name
        if word in _ARMED:
            bands = (self._entity(child) for child in token.children if child.dep_ == "compound")
            if band := next((entity.name for entity in bands if entity is not None and entity.type == "ORG"), None):
                return band
        return self.written(token) if self._acts(word) else None

    def _beside(self, token: Any) -> str | None:
        """Return ``Ana Ruiz`` in ``a lawyer for the bank, Ana Ruiz, denied``."""
        after, edge = token.idx + len(token), token.right_edge.idx + len(token.right_edge)
        for start, end, entity in self._mentions[bisect_right(self._starts, after) :]:
            if end > edge:
                return None
            if entity.type == "PERSON" and self._text[start - 2 : start] == ", " and self._text[end : end + 1] == ",":
                return entity.name
        return None

    def _acts(self, word: str) -> bool:
        """Return whether the noun is a group or a person that acts without a name."""
        return word in self._groups or is_calling(word)

    def _counted(self, token: Any) -> Any:
        """Return ``Haitians`` in ``hundreds of Haitians``."""
        of = next((child for child in token.children if child.dep_ == "prep" and child.lower_ == "of"), None)
        return None if of is None else next((child for child in of.children if child.dep_ == "pobj"), None)

    def _is_party(self, token: Any) -> bool:
        entity = self._entity(token)
        return entity is not None and entity.type in ("PERSON", "ORG")

    def written(self, token: Any) -> str:
        """Return the phrase as written, from its first modifier to its head, without the article."""
        first = token
        for child in token.children:
            modifies = child.dep_ in ("amod", "compound", "nummod", "nmod") and child.lower_ != "dead"
            if (
                modifies
                and child.i < first.i
                and child.ent_type_ != "DATE"
                and not (self.is_time(child) or self.is_sum(child))
            ):
                first = min(child.subtree, key=lambda one: one.i)
        return self._text[first.idx : token.idx + len(token)].strip()

    def _pronoun(self, token: Any) -> str | None:
        """Resolve a pronoun: `I` and `we` are the person quoted; `he` and `she` the person named last; `it` and `they`
        the previous subject if that is not a person."""
        word = token.lower_
        if word in ("i", "we", "me", "us"):
            return next((one.speaker for one in self._quotes if one.start <= token.idx < one.end), None)
        if word in ("he", "she", "him", "her", "his"):
            people = [
                (start, one.name)
                for start, _, one in self._mentions[: bisect_right(self._starts, token.idx)]
                if one.type == "PERSON"
            ]
            return person(token, people, self._text)
        if word in ("they", "their") and self._several(token):
            return None
        if word in ("it", "they", "its", "their"):
            before = token.sent.start - 1
            above = [*token.head.ancestors, *([token.doc[before].sent.root] if before >= 0 else [])]
            for clause in above:
                for child in clause.children:
                    if child.dep_ in ("nsubj", "nsubjpass") and child.i < token.i and child.pos_ in ("NOUN", "PROPN"):
                        child = self.past_dateline(child, clause)
                        if word in ("it", "its") and child is not None and child.tag_ in ("NNS", "NNPS"):
                            return None
                        name = self._name(child, acting=True) if child is not None else None
                        return name if name and self._kind(name) != "person" else None
        return None

    def _several(self, token: Any) -> bool:
        """Return whether ``they`` could mean somebody other than the previous subject: ``police kept them from the
        Catholics as they marched``."""
        heads = [one for one in token.head.ancestors if one.pos_ in ("VERB", "AUX")]
        if not heads:
            return False
        within = token.doc[heads[-1].left_edge.i : token.i]
        many = [
            one
            for one in within
            if one.tag_ in ("NNS", "NNPS")
            and one.dep_ in ("dobj", "pobj")
            and (self._acts(lemma(one.text, "NOUN")) or one.tag_ == "NNPS")
        ]
        return bool(many)
