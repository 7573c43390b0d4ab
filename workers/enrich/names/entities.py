"""Find people, organisations, places and peoples: one entry for each, with all its mentions.

The model proposes; the gazetteer and the rest of the document correct it; aliases are joined.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from services.records import Entity, EntityType, Span
from workers.enrich.base import Reading, Stage
from workers.enrich.languages.wordlists import wordlist
from workers.enrich.names import context, names, people, roles, sport
from workers.enrich.names.gazetteer import known, known_names, towns
from workers.enrich.names.mentions import KnownName, as_place, countries_spoken_of, find_mentions
from workers.enrich.names.settling import FIRM, Mention, is_titled

_AT_TOWN = re.compile(r"\b(?:in|from|at|to|near|with|for) $")
_PART_OF_NAME = re.compile(r" (?:[A-Z]|(?:van|von|de|der|bin|al)\b)")
_NOT_NAMES = wordlist("not_first_names")
_DATELINE = re.compile(r"(?:, [^\n—–(-]{1,40})?(?: \([^)\n]{1,40}\))?\s*(?:—|–|--? )")
_LONGEST_SHORT_FORM = 6  # words
_INSTITUTIONS = frozenset(
    [
        "Committee",
        "Commission",
        "Council",
        "Department",
        "Ministry",
        "Court",
        "Police",
        "Board",
        "Office",
        "Agency",
        "Authority",
        "Bureau",
        "University",
        "College",
        "School",
        "Association",
        "Federation",
        "Union",
        "Party",
        "Parliament",
        "Senate",
        "Assembly",
        "Force",
        "Forces",
        "Army",
        "Navy",
        "Guard",
    ]
)
"""First words that are not a short form of a name: ``House`` of ``House Judiciary Committee``, unlike ``Corvane`` of
``Corvane Systems``."""
_PAIR = re.compile(r"([A-Z][a-z]{3,})-[A-Z][a-z]+$")  # Anheuser-Busch
_ACRONYM = re.compile(r"\s\(([A-Z][A-Z&.-]{1,9})\)")
TOWN_OF_NOTE = 20_000
"""Minimum number of inhabitants for ``with Batumi`` to mean a town, in a country that the text mentions, and not a
person."""
SOFTWARE = 4
"""Minimum number of names of software in a text for each of them to mean it."""
SURE = 10
"""Votes of a mention whose context shows its type; a guess has one vote."""


def _tell(reading: Reading, mentions: list[Mention], short: dict[str, str], listed: list[KnownName]) -> None:
    """Give unknown names the type shown by the words around them, or by GeoNames and the countries that the text
    mentions."""
    text = reading.truecased
    surnames = _surnames(mentions)
    named = {word for m in mentions if m.type == "PERSON" and " " in m.text for word in m.text.split()}
    every = [Mention(start, end, "", "GPE", what) for start, end, what in listed]
    spoken = countries_spoken_of([*mentions, *every])
    sports = sport.is_sport(text)
    titled = {m.text for m in mentions if m.known is None and is_titled(text, m.start) and len(m.text.split()) < 3}
    for m in mentions:
        if m.known is not None or m.sure:
            continue
        if m.type in ("ORG", "GPE", "PERSON") and m.text in titled:
            m.type, m.sure = "PERSON", True
        if m.sure or m.text in short:
            continue
        spots = towns(m.text)
        kind = context.told(text, m.start, m.end, m.type, town=bool(spots), person=m.text in surnames, sports=sports)
        if m.type != "PERSON" and (end := context.facility(text, m.end)) > m.end:
            m.end, m.text, m.type, m.sure = end, reading.article.text[m.start : end], "FAC", True
        elif kind is not None and not (kind == "ORG" and m.text in surnames):
            m.type, m.sure = kind, True
        elif (
            m.type not in ("PERSON", "GPE", "WORK", "EVENT")
            and not sports
            and any(spot.country in spoken for spot in spots)
            and (
                m.type != "ORG"
                or _AT_TOWN.search(text, max(0, m.start - 6), m.start)
                or any(spot.name == m.text and spot.population >= TOWN_OF_NOTE // 4 for spot in spots)
            )
        ):
            m.type = "GPE"
        elif (
            m.type == "PERSON"
            and m.text not in named
            and _AT_TOWN.search(text, max(0, m.start - 6), m.start)
            and any(spot.country in spoken and spot.population >= TOWN_OF_NOTE for spot in spots)
        ):
            m.type, m.sure = "GPE", True


def _surnames(mentions: list[Mention]) -> set[str]:
    full = (m.text for m in mentions if m.type == "PERSON" and people.is_full(m.text))
    return {surname for name in full for surname in people.surnames(name)}


def _as_software(mentions: list[Mention]) -> None:
    """Take names that are also those of places, people and things for software, where a text has several such names."""
    named = {m.text for m in mentions} & wordlist("software")
    if len(named) < SOFTWARE:
        return
    for m in mentions:
        if m.text in named:
            m.type, m.known, m.sure = "PRODUCT", None, True


def _vote(mentions: list[Mention]) -> None:
    """Give each name one type in a document, the one that most of its mentions have; there is no vote on known
    names."""
    counts: dict[str, Counter[EntityType]] = defaultdict(Counter)
    for m in mentions:
        counts[m.text.lower()][m.type] += SURE if m.sure else 1
    for m in mentions:
        if m.known is None:
            m.type = counts[m.text.lower()].most_common(1)[0][0]


def _repeat(text: str, mentions: list[Mention], short: dict[str, str]) -> list[Mention]:
    """Return further mentions: names and surnames that were found once, and initials in brackets after an
    organisation's name, are found in the rest of the text."""
    names: dict[str, EntityType] = {one: "ORG" for one in short if one.isupper() and f"({one})" in text}
    for m in mentions:
        if m.known is None and m.type in ("PERSON", "ORG", "GPE", "LOC", "FAC"):
            names.setdefault(m.text, m.type)
            if m.type == "PERSON" and people.is_full(m.text):
                for surname in people.surnames(m.text):
                    if len(surname) > 2:
                        names.setdefault(surname, "PERSON")
            first = m.text.split()[0]
            if (
                m.type == "PERSON"
                and first != m.text
                and len(first) > 3
                and not known(first)
                and first not in _NOT_NAMES
            ):
                names.setdefault(first, "PERSON")
    taken = sorted((m.start, m.end) for m in mentions)
    if not names:
        return mentions
    ordered = sorted(names, key=len, reverse=True)
    initials = re.escape(
        "".join(sorted({name[0] for name in ordered}))
    )  # so that the pattern is not tried on most words
    pattern = re.compile(rf"(?=[{initials}])(?<![\w-])(?:{'|'.join(map(re.escape, ordered))})(?!\w)")
    added, at = [], 0
    for match in pattern.finditer(text):
        if names[match.group()] == "PERSON" and _PART_OF_NAME.match(text, match.end()):
            continue
        while at < len(taken) and taken[at][1] <= match.start():
            at += 1
        if (at == len(taken) or taken[at][0] >= match.end()) and match.group()[0].isupper():
            added.append(Mention(match.start(), match.end(), match.group(), names[match.group()]))
    return sorted([*mentions, *added], key=lambda m: m.start)


def _with_surname(text: str, mentions: list[Mention]) -> list[Mention]:
    """Return the mentions, a surname that directly follows a person's name being part of it: ``Ana Yancy`` and ``Ruiz``."""
    whole: list[Mention] = []
    for m in mentions:
        last = whole[-1] if whole else None
        people = last is not None and last.type == m.type == "PERSON" and not last.known and not m.known
        if last is not None and people and " " not in m.text and text[last.end : m.start] == " ":
            last.end, last.text = m.end, text[last.start : m.end]
        else:
            whole.append(m)
    return whole


def _short_forms(text: str, mentions: list[Mention]) -> dict[str, str]:
    """Return other names of an organisation: ``IAI`` for ``Israel Aerospace Industries``, ``Corvane`` for ``Corvane
    Systems``."""
    pairs: dict[str, str] = {}
    for m in mentions:
        words = m.text.split()
        if m.type != "ORG":
            continue
        match = _ACRONYM.match(text, m.end)
        if match and match.group(1)[0] == m.text[0].upper():
            pairs[match.group(1)] = m.text
        if m.known is None and (pair := _PAIR.match(words[0])):
            pairs.setdefault(pair[1], m.text)
        if len(words) > 2:
            pairs.setdefault("".join(word[0] for word in words if word[0].isupper()), m.text)
        if m.known is None and len(words) > 1:
            firm = FIRM.search(m.text) or (m.sure and words[-1] not in _INSTITUTIONS)
            for length in range(1 if firm else 2, min(len(words), _LONGEST_SHORT_FORM + 1)):
                short = " ".join(words[:length])
                if (not known(short) or FIRM.search(m.text)) and words[length - 1][0].isupper():
                    pairs.setdefault(short, m.text)
    return {short: pairs.get(whole, whole) for short, whole in pairs.items()}


def _key(m: Mention, whole: dict[int, str], acronyms: dict[str, str]) -> tuple[str, str]:
    if m.known is not None:
        return m.known.type, m.known.name
    if m.type == "PERSON":
        return "PERSON", whole[m.start]
    if m.type == "ORG":
        return "ORG", acronyms.get(m.text, m.text)
    return m.type, m.text


def _join(text: str, mentions: list[Mention], acronyms: dict[str, str]) -> dict[tuple[str, str], list[Mention]]:
    """Return mentions by entity. A surname, or a first name alone, goes to the person of that name who was last named
    in full."""
    whole = people.whole_names(text, [m for m in mentions if m.known is None])
    groups: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for m in mentions:
        groups[_key(m, whole, acronyms)].append(m)
    return groups


def _run(reading: Reading) -> list[Entity]:
    language = reading.model_language
    if language in names.GRAMMARS:
        return names.entities(reading, language)
    text = reading.article.text
    listed = list(known_names(reading.truecased))
    mentions = find_mentions(reading, listed)
    surnames = _surnames(mentions)
    for m in mentions:
        if m.known is None and (m.text in surnames or (m.start == 0 and _DATELINE.match(text, m.end))):
            m.type = "PERSON" if m.text in surnames else "GPE" if m.text.isupper() else m.type
            m.known = as_place(m.text) if m.type == "GPE" else None
        if m.known is None and m.type == "GPE" and m.text.isupper() and known(m.text.title()):
            m.known = as_place(m.text)
    short = _short_forms(text, mentions)
    _tell(reading, mentions, short, listed)
    for m in mentions:
        if m.known is None and m.text in short and not m.sure and m.text not in surnames:
            m.type = "ORG"
    _as_software(mentions)
    _vote(mentions)
    mentions = _with_surname(text, _repeat(text, mentions, short))
    entities = []
    for (kind, name), group in _join(text, mentions, short).items():
        entities.append(
            Entity(
                name=name,
                type=kind,
                aliases=sorted({m.text for m in group} - {name}),
                mentions=[Span(text=m.text, start=m.start, end=m.end) for m in group],
                count=len(group),
            )
        )
    return roles.assign(text, entities, reading.doc)


STAGE = Stage("entities", 23, _run, needs=frozenset({"language"}), uses_model=True)
