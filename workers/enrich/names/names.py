"""Find entities in French and Russian: the model proposes names, the gazetteer corrects them, and forms of one name are
joined.

Countries and regions get their English name, so that they match those of other documents; every other entity keeps its
name in its own language, in the base form (``Марины Кузьминой`` is ``Марина Кузьмина``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

from services.records import Entity, EntityType, Span
from workers.enrich.base import Reading
from workers.enrich.languages import french, russian
from workers.enrich.names import offices
from workers.enrich.names.gazetteer import Known, local_names, towns


class Grammar(Protocol):
    """The functions that names.py needs for a language; the modules ``french`` and ``russian`` provide them."""

    PLACE_WORDS: dict[EntityType, frozenset[str]]
    """Base forms of the common nouns that show a place's type: ``река``, ``университет``."""

    def lemmas(self, word: str) -> frozenset[str]: ...
    def stems(self, word: str) -> frozenset[str]: ...
    def person(self, name: str, surnames: Collection[str] = ()) -> str: ...
    def thing(self, name: str) -> str: ...
    def only_a_name(self, word: str) -> bool: ...
    def is_place(self, word: str) -> bool: ...
    def trimmed(self, text: str, start: int, end: int, label: str) -> tuple[int, int]: ...


GRAMMARS: dict[str, Grammar] = {"fr": french, "ru": russian}
_NO_NAMES = ("CFA",)
_TYPES: dict[str, EntityType] = {"PER": "PERSON", "ORG": "ORG", "LOC": "LOC"}
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_GAP = re.compile(r"[ \u00a0]«?|['’.]")
_ACRONYM = re.compile(r"[»”\"]?\s\((?P<short>[A-ZÀ-ÞА-ЯЁ]{2,10})\)")
_INITIAL = re.compile(r"[^\W\d_]\.?(?:-?[^\W\d_]\.)*")
_PLACED = ("GPE", "LOC", "FAC")


@dataclass(slots=True)
class Mention:
    start: int
    end: int
    text: str
    type: EntityType
    known: Known | None = None


@dataclass(slots=True)
class _Person:
    first: frozenset[str]
    last: frozenset[str]
    initial: str
    mentions: list[Mention] = field(default_factory=list)


def entities(reading: Reading, language: str) -> list[Entity]:
    """Return the entities of ``reading``, whose ``doc`` must be there; ``language`` is a key of ``GRAMMARS``."""
    grammar, text = GRAMMARS[language], reading.article.text
    mentions = _mentions(reading, language, grammar)
    short = _short_forms(text, mentions, grammar)
    groups: dict[tuple[EntityType, str], list[Mention]] = {}
    mentions += _repeated(text, mentions)
    mentions.sort(key=lambda m: m.start)
    for m in mentions:
        if m.type != "PERSON":
            name = m.known.name if m.known else _base(m, grammar)
            groups.setdefault((m.type, short.get(name, name)), []).append(m)
    found = [_entity(name, kind, group) for (kind, name), group in groups.items()]
    people = _people([m for m in mentions if m.type == "PERSON"], grammar)
    taken = [(m.start, m.end) for m in mentions]
    for each in people:
        name = _called(each, grammar)
        again = _again(text, name, taken, grammar) if " " in name else []
        found.append(_entity(name, "PERSON", [*each.mentions, *again]))
    found.sort(key=lambda entity: entity.mentions[0].start)
    if language == "ru":
        reading.models_used.add(russian.DICTIONARY)
    return offices.assign(text, found, language)


def _repeated(text: str, mentions: list[Mention]) -> list[Mention]:
    """Return names of organisations that the model missed, in a form that was found elsewhere in the text."""
    bodies = {m.text: m for m in mentions if m.type == "ORG" and len(m.text) > 3}
    if not bodies:
        return []
    forms = "|".join(map(re.escape, sorted(bodies, key=len, reverse=True)))
    return [
        Mention(*match.span(), match.group(), "ORG", bodies[match.group()].known)
        for match in re.compile(rf"(?<![\w-])(?:{forms})(?![\w-])").finditer(text)
        if not any(m.start < match.end() and match.start() < m.end for m in mentions)
    ]


def _entity(name: str, kind: EntityType, group: list[Mention]) -> Entity:
    return Entity(
        name=name,
        type=kind,
        aliases=sorted({m.text for m in group} - {name}),
        mentions=[Span(text=m.text, start=m.start, end=m.end) for m in sorted(group, key=lambda m: m.start)],
        count=len(group),
    )


def _mentions(reading: Reading, language: str, grammar: Grammar) -> list[Mention]:
    """Return the mentions in order, none overlapping."""
    text, head = reading.article.text, reading.article.dateline
    found = list(_dateline(reading, language, grammar))
    stop = head.end if head else 0
    proposed = []
    for span in reading.doc.ents:
        start, end = grammar.trimmed(text, span.start_char, span.end_char, span.label_)
        kind = _TYPES.get(span.label_)
        if span.label_ == "MISC" and text[start:end].split(" ")[0].lower() in grammar.PLACE_WORDS["ORG"]:
            kind = "ORG"
        if (
            start >= stop
            and start < end
            and kind
            and _begins_name(text, start, end)
            and text[start:end] not in _NO_NAMES
        ):
            proposed.append(Mention(start, end, text[start:end], kind))
    known = list(_known_in(reading.truecased, language, grammar))
    for m in proposed:
        if m.type != "PERSON" or " " not in m.text:
            m.known = next((what for start, end, what, _ in known if (start, end) == (m.start, m.end)), None)
        if m.known and (m.type != "PERSON" or m.known.kind == "country"):
            m.type = m.known.type  # type: ignore[assignment]
        else:
            m.known = None
            if m.type == "LOC":
                m.type = _kind_of_place(text, m, grammar)
            elif m.type == "ORG" and grammar.is_place(m.text) and text[m.start - 1 : m.start] == " ":
                m.type = "GPE"
    for start, end, what, sure in known:
        near = [m for m in proposed if m.start < end and start < m.end]
        if start < stop or any(m.type == "PERSON" or (m.start <= start and end <= m.end) for m in near):
            continue
        if sure or near:
            proposed = [m for m in proposed if m not in near]
            proposed.append(Mention(start, end, text[start:end], what.type, what))  # type: ignore[arg-type]
    found += proposed
    found.sort(key=lambda m: (m.start, -m.end))
    clear: list[Mention] = []
    for m in found:
        if clear and m.start < clear[-1].end:
            continue
        owner = clear[-1] if clear else None
        beside = owner and owner.type == "ORG" and m.type == "GPE" and text[owner.end : m.start] == " "
        if owner and beside and offices.is_ministry(owner.text, language):
            owner.end, owner.text, owner.known = m.end, text[owner.start : m.end], None
            continue
        clear.append(m)
    return clear


_PARTICLE = re.compile(r"(?:ван|фон|де|да|дель|аль|бен|ибн|эль|von|van|de|du|al|el|bin|ben)[ -](?=[A-ZÀ-ÞА-ЯЁ])")


def _begins_name(text: str, start: int, end: int) -> bool:
    return text[start].isupper() or text[start].isdigit() or _PARTICLE.match(text, start, end) is not None


def _dateline(reading: Reading, language: str, grammar: Grammar) -> Iterator[Mention]:
    text, head = reading.article.text, reading.article.dateline
    if head is None:
        return
    for place in head.places:
        match = re.compile(re.escape(place), re.IGNORECASE).search(text, head.start, head.end)
        if match:
            usual = "-".join(part.capitalize() if part.isupper() else part for part in place.split("-"))
            known = _by_lemma(usual, language, grammar)
            usual = _spot(usual, grammar) or " ".join(word.capitalize() for word in usual.split())
            yield Mention(*match.span(), match.group(), "GPE", known or Known(usual, "GPE", "city"))
    if head.credit and (at := text.find(head.credit, head.start, head.end)) >= 0:
        yield Mention(at, at + len(head.credit), head.credit, "ORG", local_names(language).get(head.credit))


def _kind_of_place(text: str, m: Mention, grammar: Grammar) -> EntityType:
    """Return the type from the common noun in the name or before it; otherwise GPE if GeoNames has a town of that
    name."""
    before = _WORD.findall(text[max(0, m.start - 30) : m.start])[-1:]
    if text[m.start - 1 : m.start] not in (" ", "\u00a0", "'", "’"):
        before = []
    spot = _spot(m.text, grammar)
    if any(grammar.lemmas(word) & grammar.PLACE_WORDS["LOC"] for word in before):
        return "LOC"
    for word in () if spot else [*m.text.split(), *before]:
        for kind, nouns in grammar.PLACE_WORDS.items():
            if grammar.lemmas(word) & nouns:
                return kind
    peoples = re.search(r"\b(?:[Ll]es|[Dd]es|[Aa]ux) $", text[max(0, m.start - 5) : m.start])
    if peoples and not spot and m.text.endswith("s") and grammar is french:
        return "NORP"
    return "GPE" if spot else "LOC"


def _spot(name: str, grammar: Grammar) -> str | None:
    """Return the form of ``name`` under which GeoNames knows a town."""
    if towns(name):
        return name
    words = name.split()
    base = [grammar.thing(name), *({_titled(name, form) for form in grammar.lemmas(name)} if len(words) == 1 else ())]
    return next((form for form in base if towns(form)), None)


def _titled(like: str, form: str) -> str:
    return "-".join(part.capitalize() for part in form.split("-")) if "-" in like else form.capitalize()


def _base(m: Mention, grammar: Grammar) -> str:
    if m.type in _PLACED and (spot := _spot(m.text, grammar)):
        return spot
    return grammar.thing(m.text)


@lru_cache
def _index(language: str) -> dict[str, list[tuple[list[frozenset[str]], str, Known]]]:
    """Return the names of the language by the base forms of their first word."""
    grammar, found = GRAMMARS[language], {}  # type: ignore[var-annotated]
    for name, what in local_names(language).items():
        words = [grammar.lemmas(word) for word in _WORD.findall(name)]
        for lemma in words[0]:
            found.setdefault(lemma, []).append((words, name, what))
    return found


def _known_in(text: str, language: str, grammar: Grammar) -> Iterator[tuple[int, int, Known, bool]]:
    """Yield the longest known name at each position, and whether it can be nothing else."""
    tokens = list(_WORD.finditer(text))
    at = 0
    while at < len(tokens):
        best = _known_at(text, tokens, at, language, grammar)
        if best is None:
            at += 1
            continue
        length, what, sure = best
        yield tokens[at].start(), tokens[at + length - 1].end(), what, sure
        at += length


def _known_at(
    text: str, tokens: list[re.Match[str]], at: int, language: str, grammar: Grammar
) -> tuple[int, Known, bool] | None:
    word, best = tokens[at].group(), None
    for lemma in grammar.lemmas(word):
        for words, name, what in _index(language).get(lemma, ()):
            length = len(words)
            run = tokens[at : at + length]
            if len(run) < length or (best and best[0] >= length) or word[0].islower() > name[0].islower():
                continue
            gaps = all(_GAP.fullmatch(text, a.end(), b.start()) for a, b in pairwise(run))
            short = name.isupper() and len(name) < 6
            same = (
                word == name
                if short
                else all(grammar.lemmas(each.group()) & own for each, own in zip(run, words, strict=True))
            )
            if gaps and same:
                quoted = text[tokens[at].start() - 1 : tokens[at].start()] in ("«", "“", '"')
                credited = what.kind not in ("agency", "outlet") or quoted or short
                best = (length, what, length > 1 or short or (grammar.only_a_name(word) and credited))
    return best


def _by_lemma(name: str, language: str, grammar: Grammar) -> Known | None:
    return next((what for start, end, what, _ in _known_in(name, language, grammar) if end - start == len(name)), None)


def _short_forms(text: str, mentions: list[Mention], grammar: Grammar) -> dict[str, str]:
    """Join ``ЦЕИ`` and ``Центр европейских исследований (ЦЕИ)``."""
    pairs = {}
    for m in mentions:
        match = _ACRONYM.match(text, m.end) if m.type == "ORG" else None
        if match and match["short"][0].lower() == m.text[0].lower():
            pairs[match["short"]] = m.known.name if m.known else grammar.thing(m.text)
    return pairs


def _people(mentions: list[Mention], grammar: Grammar) -> list[_Person]:
    """Return one entry for each person: full names are read first, then initials, surnames and first names by
    themselves."""
    people: list[_Person] = []
    parts = {id(m): [word for word in m.text.split() if not word[0].islower()] or m.text.split() for m in mentions}
    for m in sorted(
        mentions, key=lambda m: (-min(2, len(parts[id(m)])), _INITIAL.fullmatch(parts[id(m)][0]) is not None)
    ):
        words = parts[id(m)]
        last, first = grammar.lemmas(words[-1]) | grammar.stems(words[-1]), grammar.lemmas(words[0])
        initial = words[0][0].lower()
        alone, abbreviated = len(words) == 1, _INITIAL.fullmatch(words[0]) is not None
        same = [
            each
            for each in people
            if each.last & last
            and (alone or each.first & first or ((abbreviated or not each.first) and each.initial == initial))
        ] or [each for each in people if alone and each.first & first]
        if not same:
            same = [_Person(frozenset() if alone or abbreviated else first, last, "" if alone else initial)]
            people += same
        max(same, key=lambda each: len(each.mentions)).mentions.append(m)
    for each in people:
        each.mentions.sort(key=lambda m: m.start)
    return people


def _again(text: str, name: str, taken: list[tuple[int, int]], grammar: Grammar) -> list[Mention]:
    """Return mentions of the surname alone that the model missed."""
    surname = name.split()[-1]
    base = grammar.lemmas(surname) & {russian.fold(surname)}
    return [
        Mention(*match.span(), match.group(), "PERSON")
        for match in re.compile(rf"(?<![\w-]){re.escape(surname[:3])}[\w-]*").finditer(text)
        if grammar.lemmas(match.group()) & base and grammar.only_a_name(match.group())
        if not any(start < match.end() and match.start() < end for start, end in taken)
    ]


def _called(person: _Person, grammar: Grammar) -> str:
    """Return the most frequent base form of the fullest mentions."""
    surnames = {grammar.person(m.text) for m in person.mentions if " " not in m.text}
    most = max(len([word for word in m.text.split() if not _INITIAL.fullmatch(word)]) for m in person.mentions)
    fullest = [m for m in person.mentions if len([w for w in m.text.split() if not _INITIAL.fullmatch(w)]) == most]
    return Counter(grammar.person(m.text, surnames) for m in fullest).most_common(1)[0][0]
