"""Who a noun phrase stands for: an entity's name, the country behind "Israeli officials" or "Baku", or a group."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

from services.records import Article, Entity
from workers.enrich.languages.lemmas import lemma
from workers.enrich.names.gazetteer import country_of, polity, tables
from workers.enrich.names.roles import is_calling

_STATES = ("GPE", "NORP", "LOC")
_ACTING = ("PERSON", "ORG", "GPE", "NORP", "LOC", "FAC")
_STORM = re.compile(r"\b(?:Typhoon|Hurricane|Cyclone|Storm)\b")
_SEATED = ("GPE", "LOC", "FAC", "ORG")
_MODIFIERS = ("poss", "amod", "compound", "nmod")
_NEAR = 600  # characters within which "he" is who was named last
_MANY = frozenset(
    ["hundred", "thousand", "dozen", "score", "ten", "number", "group", "crowd", "handful", "majority", "million"]
)
_GENERIC = frozenset(["people", "person", "man", "woman", "youth", "one", "other"])
_ARMED = frozenset(["rebel", "militant", "insurgent", "fighter", "gunman", "guerrilla"])
_NOT_OWN = {"made", "built", "backed", "born", "based", "led", "-"}  # an "Israeli-made drone" is not Israel's


def _in_common_words(text: str) -> bool:
    """Whether a mention is a reference: ``mayor``, ``Azeri ambassador``; its nation is named inside it."""
    return text.split()[-1].islower() or bool(re.search(r"['’]s ", text))


class Actors:
    """Names for the noun phrases of one article."""

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
        self._starts = [start for start, _, _ in self._mentions]
        self._countries = {
            country: entity.name
            for entity in reversed(article.entities)
            if entity.type == "GPE" and entity.name in tables().names and (country := polity(entity.name))
            if tables().names[entity.name].kind == "country"
        }

    def past_dateline(self, subject: Any, verb: Any) -> Any:
        """In "SYDNEY (Copy) - Australia rejected" the dateline is parsed as the subject: give what follows it."""
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
        """The entity that ``token`` belongs to. ``acting`` reads a capital or a seat of government as its country."""
        entity = self._entity(token)
        word = entity.name if entity else self._text[token.idx : token.idx + len(token)]
        made = tables()
        if word in made.demonyms or (acting and word in made.seats and (entity is None or entity.type in _SEATED)):
            country = country_of(word)
            if country is not None and (entity is not None or token.text[:1].isupper()):
                return self._countries.get(country.name, country.name)
        if entity is None or (acting and (entity.type not in _ACTING or _STORM.search(entity.name))):
            return None
        if acting and entity.type == "FAC" and word not in made.seats:
            return None
        return entity.name

    def country(self, token: Any) -> str | None:
        """The state, people or body named beside a representative: "Azerbaijan's ambassador to Iran" -> Azerbaijan."""
        for child in sorted(token.children, key=lambda one: one.dep_ != "poss"):
            if child.lower_ in ("its", "their") and (name := self._pronoun(child)):
                return name
            if self._dateline and self._dateline.start <= child.idx < self._dateline.end:
                continue
            if child.dep_ in _MODIFIERS and not any(one.lower_ in _NOT_OWN for one in child.children):
                entity = self._entity(child)
                if (entity is None or entity.type != "PERSON") and (name := self.named(child, acting=True)):
                    return name
        entity = self._entity(token)
        return entity.name if entity is not None and entity.type in _STATES else None

    def name(self, token: Any, *, acting: bool, loose: bool = False) -> str | None:
        """The name for the noun phrase headed by ``token``, or None. ``loose`` gives any other noun as written."""
        if token.pos_ == "PRON":
            return self._pronoun(token)
        if token.pos_ not in ("NOUN", "PROPN", "ADJ", "NUM"):
            return None
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
            return self.written(counted)
        if word in self._representatives or (loose and not self._acts(word)):
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
        if self._acts(word) or (loose and token.pos_ in ("NOUN", "PROPN")):
            return self.written(token)
        return None

    def _beside(self, token: Any) -> str | None:
        """``Ana Ruiz`` of ``a lawyer for the bank, Ana Ruiz, denied``."""
        after, edge = token.idx + len(token), token.right_edge.idx + len(token.right_edge)
        for start, end, entity in self._mentions[bisect_right(self._starts, after) :]:
            if end > edge:
                return None
            if entity.type == "PERSON" and self._text[start - 2 : start] == ", " and self._text[end : end + 1] == ",":
                return entity.name
        return None

    def _acts(self, word: str) -> bool:
        """Whether the noun is a group or a person that acts without a name."""
        return word in self._groups or is_calling(word)

    def _counted(self, token: Any) -> Any:
        """``Haitians`` of ``hundreds of Haitians``."""
        of = next((child for child in token.children if child.dep_ == "prep" and child.lower_ == "of"), None)
        return None if of is None else next((child for child in of.children if child.dep_ == "pobj"), None)

    def _is_party(self, token: Any) -> bool:
        entity = self._entity(token)
        return entity is not None and entity.type in ("PERSON", "ORG")

    def written(self, token: Any) -> str:
        """The phrase as it stands, from its first modifier to its head, without the article."""
        first = token
        for child in token.children:
            modifies = child.dep_ in ("amod", "compound", "nummod", "nmod") and child.lower_ != "dead"
            if modifies and child.i < first.i and child.ent_type_ != "DATE":
                first = min(child.subtree, key=lambda one: one.i)
        return self._text[first.idx : token.idx + len(token)].strip()

    def _pronoun(self, token: Any) -> str | None:
        """I and we: who is quoted; he and she: who was named last; it and they: the subject before."""
        word = token.lower_
        if word in ("i", "we", "me", "us"):
            return next((one.speaker for one in self._quotes if one.start <= token.idx < one.end), None)
        if word in ("he", "she", "him", "her"):
            earlier = self._mentions[: bisect_right(self._starts, token.idx)]
            near = [entity for start, _, entity in earlier if entity.type == "PERSON" and token.idx - start < _NEAR]
            return near[-1].name if near else None
        if word in ("it", "they", "its", "their"):
            before = token.sent.start - 1
            above = [*token.head.ancestors, *([token.doc[before].sent.root] if before >= 0 else [])]
            for clause in above:
                for child in clause.children:
                    if child.dep_ in ("nsubj", "nsubjpass") and child.i < token.i and child.pos_ in ("NOUN", "PROPN"):
                        child = self.past_dateline(child, clause)
                        return self.name(child, acting=True) if child is not None else None
        return None
