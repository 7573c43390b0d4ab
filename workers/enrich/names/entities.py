"""People, bodies, places and peoples: one entry for each, with all its mentions.

The model proposes; the gazetteer and the rest of the document correct it; aliases are joined.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from services.records import Entity, EntityType, Span
from services.text.stopwords import stopwords
from workers.enrich.base import Reading, Stage
from workers.enrich.languages.wordlists import wordlist
from workers.enrich.names import context, names, roles
from workers.enrich.names.gazetteer import Known, Spot, country_of, known, known_names, tables
from workers.enrich.names.shapes import shapes

MODEL_TYPES: dict[str, EntityType] = {
    "PERSON": "PERSON", "ORG": "ORG", "GPE": "GPE", "LOC": "LOC", "FAC": "FAC", "NORP": "NORP",
    "EVENT": "EVENT", "WORK_OF_ART": "WORK", "LAW": "LAW", "PRODUCT": "PRODUCT",
}  # fmt: skip
LONGEST_NAME = 200
_NOWHERE = Spot("", "city", "GPE", None, 0.0, 0.0, 0, None)
_AT_TOWN = re.compile(r"\b(?:in|from|at|to|near|with|for) $")
_PLACED = re.compile(r"\b(?:in|from|at|to|near|of) $", re.IGNORECASE)
_LEADING = re.compile(r"(?:(?:the|a|an|this|that)\s+|[\s\"'“”‘’«»(\[,.;:–—-]+)+", re.IGNORECASE)
_TRAILING = re.compile(r"(?:['’]s?|[\s\"“”‘’«»)\],;:–—-]+)$")
_TITLE = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Sgt|Capt|Sen|Rep|Gov|Rev|St)\.?|Sir|Lord|Lady|Dame|President|Minister|"
    r"Chancellor|King|Queen|Prince|Princess|General|Colonel|Senator|Ambassador|Judge|Pope|Sheikh|Ayatollah|Governor|"
    r"Mayor|Professor|Captain|Sheriff|Secretary|Chairman|Inspector|Detective|Sergeant|Officer|Major|Bishop|Archbishop|"
    r"Advocate|CEO|CFO|Ven|(?:Rt )?Rev|(?:Rt )?Hon) $"
)
_FIRM = re.compile(r" (?:Motors?|Corp|Corporation|Inc|Ltd|Co|Company|Group|Holdings|AG|PLC|Plc)\b")
_TITLES = re.compile(
    r"(?:(?:Foreign|Prime|Vice|Deputy|Interior|Defence|Defense|Finance) )?" + _TITLE.pattern.rstrip("$")
)
_PART_OF_NAME = re.compile(r" (?:[A-Z]|(?:van|von|de|der|bin|al)\b)")
_SURNAMES = wordlist("surnames")
_NOT_NAMES = wordlist("not_first_names")
_AMOUNT = re.compile(r"[A-Za-z]{0,3}[.$€£]? ?\d[\d.,]*")
_NO_WORDS = wordlist("currency_codes") | wordlist("no_names")
"""Words with a capital that name nobody, and codes of currencies."""
_CALLED = re.compile(r"(?:[A-Z][\w’'-]* )?(?:[a-z][\w-]+ )+(?=[A-Z])|[A-Z][\w’'-]*-(?:based|owned|backed) ")
"""What may stand before a firm's name: ``Swiss biotech Helvion``, ``California-based Luma Holdings``."""
_PARTICLES = frozenset(
    ["de", "du", "des", "la", "le", "van", "von", "der", "den", "al", "bin", "y", "e", "di", "da", "dos", "without"]
)
_HOLDER = re.compile(rf"(?:[A-Z]\w+ )?(?i:{roles.NOUNS}|bishop|archdeacon|archbishop) (?:of|for|to) ")
_PORTFOLIO = re.compile(
    r"(?:^| )(?:Defen[cs]e|Finance|Interior|Foreign|Justice|Health|Regional|Country|Deputy|Trade|Energy)$"
)
_OFFICE_AFTER = re.compile(r" (?:Minister|Secretary|Director|Commissioner|Manager|Chief|Coordinator)\b")
_CRUDE = re.compile(r" (?:crude|futures)\b")
_COMPOUND = re.compile(r"-([A-Z]\w+)")
_DATELINE = re.compile(r"(?:, [^\n—–(-]{1,40})?(?: \([^)\n]{1,40}\))?\s*(?:—|–|--? )")
_DISTRICT = r"(?:,? D\.? ?C\b\.?)?"  # WASHINGTON, D.C.
_LONGEST_SHORT_FORM = 6  # words
_ACRONYM = re.compile(r"\s\(([A-Z][A-Z&.-]{1,9})\)")


@dataclass(slots=True)
class Mention:
    start: int
    end: int
    text: str
    type: EntityType
    known: Known | None = None
    sure: bool = False
    """The form of the name or the words around it tell its type; else it is the model's guess."""


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    said = re.split(r"\n| (?:in|near|at) (?=[A-Z])", text[start:end])[0] if start else text[start:end].split("\n")[0]
    end = start + len(said)
    if said.endswith("Armed") and text[end : end + 7].lower() == " forces":
        end += 7
    if not known(said) and (lead := _LEADING.match(said)):
        start += lead.end()
    while start < end and (trail := _TRAILING.search(text, start, end)):
        end = trail.start()
    return start, end


KnownName = tuple[int, int, Known]


def find_mentions(reading: Reading, listed: list[KnownName]) -> list[Mention]:
    """Mentions in order, none overlapping: the model's where there is one, corrected by the known names, ``listed``."""
    text = reading.article.text
    found = [
        Mention(start, end, text[start:end], what.type, what)  # type: ignore[arg-type]
        for start, end, what in listed
        if text[end : end + 1] not in ("$", "£") and not (what.kind == "city" and _only_part(text, end))
    ]
    found += _abbreviated_states(text)
    head = reading.article.dateline
    proposed = []
    for span in reading.doc.ents if reading.doc is not None else ():
        start, end = _trim(text, span.start_char, span.end_char)
        inside_head = head is not None and head.start <= start < head.end
        common = len(span) == 1 and span[0].tag_ in ("NNS", "NN") and _begins(span[0])
        if (
            span.label_ in MODEL_TYPES
            and end - start > 1
            and not inside_head
            and not common
            and _is_name(text[start:end])
        ):
            if span.label_ == "PERSON" and (titles := _TITLES.match(text, start, end)) and titles.end() < end:
                start = titles.end()
            end = context.without_letters(text, start, end) if span.label_ == "PERSON" else end
            if _HOLDER.match(text, start, end) or _CRUDE.match(text, end):
                continue
            if _OFFICE_AFTER.match(text, end) and (field := _PORTFOLIO.search(text[start:end])):
                end = start + field.start()
                if start == end:
                    continue
            called = _CALLED.match(text, start, end) if span.label_ == "ORG" and not known(text[start:end]) else None
            if called and not any(word in stopwords("en") or word in _PARTICLES for word in called.group().split()):
                start = called.end()
            kind = "ORG" if text[start:end].lower().endswith("forces") else MODEL_TYPES[span.label_]
            if kind == "PERSON" and any(letter.isdigit() for letter in text[start:end]):
                kind = "PRODUCT"  # Antonov An-26
            proposed.append(Mention(start, end, text[start:end], kind))
    if reading.doc is not None:
        proposed = _shaped(reading.truecased, text, proposed)
        proposed += _named_bodies(reading.truecased, text, proposed)
        proposed = _with_people(reading.truecased, text, proposed)
    if head is not None:
        places = [
            Mention(match.start(), match.end(), match.group(), "GPE", _as_place(place))
            for place in head.places
            for match in [re.compile(re.escape(place) + _DISTRICT, re.IGNORECASE).search(text, head.start, head.end)]
            if match
        ]
        proposed += places
        found = [
            name
            for name in found
            if not head.start <= name.start < head.end
            or not any(place.start < name.end and name.start < place.end for place in places)
        ]
        proposed += _credit(text, head.credit, head.start, head.end)
    if reading.doc is None:
        found = [name for name in found if not context.inside_name(text, name.start)]
    proposed += _towns(reading.truecased, text, found, proposed)
    plural = {token.idx for token in (reading.doc or ())[:-1] if token.ent_type and token.nbor().tag_ == "VBP"}
    return _settle(text, proposed, found, plural)


_STATE = re.compile(r"[A-Za-z][\w’'-]{1,40}, (?P<state>(?:[A-Z]\.){2}|W\.Va\.|[A-Z][a-z]{1,4}\.|[A-Z]{2}\b)")


def _abbreviated_states(text: str) -> list[Mention]:
    """``Ga.`` in ``Athens, Ga.``; two letters only after a town of that state."""
    written, states = tables().abbreviations, tables().states
    found = []
    for match in _STATE.finditer(text):
        said, town = match["state"], match.group().split(",")[0].title()
        name = written.get(said)
        if name and (
            said.endswith(".") or any(spot.state == states.get(name) for spot in tables().spots.get(town, []))
        ):
            what = Known(name, "GPE", "state" if name in states else "region")
            found.append(Mention(*match.span("state"), said, "GPE", what))
    return found


def _credit(text: str, credit: str | None, start: int, end: int) -> list[Mention]:
    """The agency in the dateline, where the gazetteer does not know it."""
    at = text.find(credit, start, end) if credit and not known(credit) and re.fullmatch(r"[\w.&-]{2,}", credit) else -1
    return [Mention(at, at + len(credit), credit, "ORG", sure=True)] if credit and at >= 0 else []


def _shaped(truecased: str, text: str, proposed: list[Mention]) -> list[Mention]:
    """The proposals, less those that a name of telling form takes the place of, and those names."""
    kept = sorted(proposed, key=lambda m: m.start)
    for start, end, types in shapes(truecased):
        near = [m for m in kept if m.start < end and start < m.end]
        same = next((m for m in near if m.end == end and m.start <= start), None)
        if same and same.type == "PERSON" and same.text.split()[-1] in _SURNAMES and len(same.text.split()) == 2:
            continue
        if any(m.start <= start and end < m.end and m.type != "PERSON" for m in near):
            continue
        kind = next((m.type for m in near if m.type in types), types[0])
        first = same.start if same and types[0] != "WORK" else start
        kept = [m for m in kept if m not in near]
        kept.append(Mention(first, end, text[first:end], kind, sure=True))
    return kept


def _with_people(truecased: str, text: str, proposed: list[Mention]) -> list[Mention]:
    """With the persons that an age or office behind the name shows, where the model saw nothing or a part."""
    for start, end in context.people(truecased):
        near = [m for m in proposed if m.start < end and start < m.end]
        if not known(text[start:end]) and all(start <= m.start and m.end <= end and m.type != "PERSON" for m in near):
            proposed = [m for m in proposed if m not in near]
            proposed.append(Mention(start, end, text[start:end], "PERSON", sure=True))
    return proposed


def _begins(token: Any) -> bool:
    """Whether the word is first in its sentence or in a quote, so that its capital says nothing."""
    return bool(token.is_sent_start or (token.i and token.nbor(-1).text in ('"', "“", "‘", "'")))


def _only_part(text: str, end: int) -> bool:
    """The city is the first half of another name, or a sort of oil: ``Carrefour-Feuilles``, ``Brent crude``."""
    other = _COMPOUND.match(text, end)
    return bool(_CRUDE.match(text, end)) or (other is not None and not known(other.group(1)))


def _named_bodies(truecased: str, text: str, proposed: list[Mention]) -> list[Mention]:
    return [
        Mention(start, end, text[start:end], "ORG", sure=True)
        for start, end in context.bodies(truecased)
        if not any(m.start < end and start < m.end for m in proposed) and not known(text[start:end])
    ]


def _countries_spoken_of(mentions: list[Mention]) -> set[str | None]:
    named = (country_of(m.known.name) for m in mentions if m.known)
    spoken: set[str | None] = {country.iso for country in named if country}
    return spoken | {"US" for m in mentions if m.known and m.known.kind == "state"}


def _country_of_largest(town: str) -> str | None:
    return max(tables().spots.get(town, []), key=lambda spot: spot.population, default=_NOWHERE).country


def _towns(truecased: str, text: str, found: list[Mention], proposed: list[Mention]) -> list[Mention]:
    """Towns of the countries spoken of that the model left out: ``a case in Kasese``."""
    spoken = _countries_spoken_of(found) | {_country_of_largest(m.text.title()) for m in proposed if m.known}
    return [
        Mention(start, end, text[start:end], "GPE")
        for start, end in context.placed_names(truecased)
        if any(spot.country and spot.country in spoken for spot in tables().spots.get(truecased[start:end], []))
        and not known(truecased[start:end])
        and not any(m.start < end and start < m.end for m in proposed)
    ]


def _as_place(name: str) -> Known:
    usual = name.title() if name.isupper() else name
    what = known(usual)
    return what if what and what.type in ("GPE", "LOC") else Known(usual, "GPE", "city")


def _is_name(said: str) -> bool:
    if _AMOUNT.fullmatch(said) or not any(letter.isupper() for letter in said):
        return False
    words = [word for word in said.split() if not _AMOUNT.fullmatch(word)]
    return not all(word.strip(".") in _NO_WORDS for word in words)


def _settle(text: str, proposed: list[Mention], found: list[Mention], plural: set[int]) -> list[Mention]:
    """A longer proposal swallows the known name inside it, else the known name stands.

    ``plural`` is where names begin that a verb in the plural follows: a country's team, not a person.
    """
    introduced: dict[str, int] = {}
    for m in sorted(proposed, key=lambda m: m.start):
        if m.type == "PERSON" and " " in m.text and not known(m.text):
            introduced.setdefault(m.text.split()[-1], m.start)
    kept: list[Mention] = []
    proposals = {m.start: m for m in proposed}
    swallowed: set[int] = set()
    proposed = sorted(proposed, key=lambda m: m.start)
    starts = [m.start for m in proposed]
    firms = {m.text.split()[0]: m.text for m in proposed if m.type == "ORG" and _FIRM.search(m.text)}
    sports = context.is_sport(text)
    for name in found:
        titled = (
            bool(_TITLE.search(text, max(0, name.start - 14), name.start))
            and name.known is not None
            and name.known.type != "NORP"
        )
        if sports and not titled and name.known and name.known.kind in ("city", "state") and name.type == "GPE":
            end = context.team(text, name.start, name.end)
            if end is not None:
                name.end, name.text = end, text[name.start : end]
                name.type, name.known, name.sure = "ORG", None, True
        near = proposed[bisect_left(starts, name.start - LONGEST_NAME) : bisect_left(starts, name.end)]
        wider = [m for m in near if m.start <= name.start and name.end <= m.end and m.end - m.start > len(name.text)]
        crossing = [m for m in near if m.start < name.end and name.start < m.end and m not in wider]
        person = (
            introduced.get(name.text, len(text)) < name.start
            and name.known is not None
            and name.known.kind in ("city", "state", "country")
            and name.start not in plural
        )
        if (
            name.known is not None
            and name.known.kind == "city"
            and (name.text in firms or (sports and any(m.text == name.text and m.type == "ORG" for m in near)))
        ):
            name.type, name.known, name.sure = "ORG", None, True
        if wider and not _loose(wider[0], name) and not (name.sure and wider[0].start == name.start):
            continue
        if person and not _PLACED.search(text, max(0, name.start - 6), name.start):
            name.type, name.known = "PERSON", None
        elif titled and any(m.start == name.start and m.type == "PERSON" for m in crossing):
            continue
        for m in [*wider, *crossing]:
            swallowed.add(m.start)
        kept.append(name)
    kept += [m for start, m in proposals.items() if start not in swallowed]
    kept.sort(key=lambda m: (m.start, -m.end))
    clear: list[Mention] = []
    for m in kept:
        if not clear or m.start >= clear[-1].end:
            clear.append(m)
    return clear


def _loose(wider: Mention, name: Mention) -> bool:
    """The proposal is the known name with words that are not part of a name: ``Israeli defense``, ``pro-Armenia``."""
    if wider.sure:
        return False
    rest = (wider.text[: name.start - wider.start] + " " + wider.text[name.end - wider.start :]).split()
    return not any(word[:1].isupper() and word.lower() not in ("the", "a", "an") for word in rest)


TOWN_OF_NOTE = 20_000
"""Inhabitants from which ``with Batumi`` is a town of a country spoken of, not somebody."""

SURE = 10
"""Votes of a mention whose surroundings tell its type, against one for a guess."""


def _tell(reading: Reading, mentions: list[Mention], short: dict[str, str], listed: list[KnownName]) -> None:
    """Give unknown names the type that the words around them, or GeoNames and the countries spoken of, tell."""
    text = reading.truecased
    surnames = {m.text.split()[-1] for m in mentions if m.type == "PERSON" and " " in m.text}
    named = {word for m in mentions if m.type == "PERSON" and " " in m.text for word in m.text.split()}
    every = [Mention(start, end, "", "GPE", what) for start, end, what in listed]
    spoken = _countries_spoken_of([*mentions, *every])
    sports = context.is_sport(text)
    for m in mentions:
        if m.known is not None or m.sure or m.text in short:
            continue
        spots = tables().spots.get(m.text, [])
        kind = context.told(text, m.start, m.end, m.type, town=bool(spots), person=m.text in surnames, sports=sports)
        if m.type != "PERSON" and (end := context.facility(text, m.end)) > m.end:
            m.end, m.text, m.type, m.sure = end, reading.article.text[m.start : end], "FAC", True
        elif kind is not None:
            m.type, m.sure = kind, True
        elif m.type not in ("PERSON", "GPE", "WORK") and not sports and any(spot.country in spoken for spot in spots):
            m.type = "GPE"
        elif (
            m.type == "PERSON"
            and m.text not in named
            and _AT_TOWN.search(text, max(0, m.start - 6), m.start)
            and any(spot.country in spoken and spot.population >= TOWN_OF_NOTE for spot in spots)
        ):
            m.type, m.sure = "GPE", True


def _vote(mentions: list[Mention]) -> None:
    """One name has one type in a document: what most of its mentions say; known names are not voted on."""
    counts: dict[str, Counter[EntityType]] = defaultdict(Counter)
    for m in mentions:
        counts[m.text.lower()][m.type] += SURE if m.sure else 1
    for m in mentions:
        if m.known is None:
            m.type = counts[m.text.lower()].most_common(1)[0][0]


def _repeat(text: str, mentions: list[Mention]) -> list[Mention]:
    """Names and surnames found once are found wherever else they stand."""
    names: dict[str, EntityType] = {}
    for m in mentions:
        if m.known is None and m.type in ("PERSON", "ORG", "GPE", "LOC", "FAC"):
            names.setdefault(m.text, m.type)
            if m.type == "PERSON" and " " in m.text and len(m.text.split()[-1]) > 2:
                names.setdefault(m.text.split()[-1], "PERSON")
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
    initials = re.escape("".join(sorted({name[0] for name in ordered})))  # so that most words are not tried at all
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


def _short_forms(text: str, mentions: list[Mention]) -> dict[str, str]:
    """What else a body is called: ``IAI`` for ``Israel Aerospace Industries``, ``Corvane`` for ``Corvane Systems``."""
    pairs: dict[str, str] = {}
    for m in mentions:
        words = m.text.split()
        if m.type != "ORG":
            continue
        match = _ACRONYM.match(text, m.end)
        if match and match.group(1)[0] == m.text[0].upper():
            pairs[match.group(1)] = m.text
        if len(words) > 2:
            pairs.setdefault("".join(word[0] for word in words if word[0].isupper()), m.text)
        if m.known is None and len(words) > 1:
            firm = m.sure or _FIRM.search(m.text)
            for length in range(1 if firm else 2, min(len(words), _LONGEST_SHORT_FORM + 1)):
                short = " ".join(words[:length])
                if (not known(short) or _FIRM.search(m.text)) and words[length - 1][0].isupper():
                    pairs.setdefault(short, m.text)
    return {short: pairs.get(whole, whole) for short, whole in pairs.items()}


def _key(m: Mention, people: dict[str, str], acronyms: dict[str, str]) -> tuple[str, str]:
    if m.known is not None:
        return m.known.type, m.known.name
    if m.type == "PERSON":
        return "PERSON", people.get(m.text, m.text)
    if m.type == "ORG":
        return "ORG", acronyms.get(m.text, m.text)
    return m.type, m.text


def _join(mentions: list[Mention], acronyms: dict[str, str]) -> dict[tuple[str, str], list[Mention]]:
    """Mentions by entity. A surname, or a first name alone, goes to whoever of that name was named in full first."""
    by_part: dict[str, str] = {}
    for m in mentions:
        if m.type == "PERSON" and " " in m.text:
            words = m.text.split()
            for part in (words[0], *(" ".join(words[at:]) for at in range(1, len(words)))):
                by_part.setdefault(part, m.text)
    groups: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for m in mentions:
        groups[_key(m, by_part, acronyms)].append(m)
    return groups


def _run(reading: Reading) -> list[Entity]:
    language = reading.model_language
    if language in names.GRAMMARS:
        return names.entities(reading, language)
    text = reading.article.text
    listed = list(known_names(reading.truecased))
    mentions = find_mentions(reading, listed)
    surnames = {m.text.split()[-1] for m in mentions if m.type == "PERSON" and " " in m.text}
    for m in mentions:
        if m.known is None and (m.text in surnames or (m.start == 0 and _DATELINE.match(text, m.end))):
            m.type = "PERSON" if m.text in surnames else "GPE" if m.text.isupper() else m.type
            m.known = _as_place(m.text) if m.type == "GPE" else None
        if m.known is None and m.type == "GPE" and m.text.isupper() and known(m.text.title()):
            m.known = _as_place(m.text)
    short = _short_forms(text, mentions)
    _tell(reading, mentions, short, listed)
    for m in mentions:
        if m.known is None and m.text in short and not m.sure and m.text not in surnames:
            m.type = "ORG"
    _vote(mentions)
    mentions = _repeat(text, mentions)
    entities = []
    for (kind, name), group in _join(mentions, short).items():
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


STAGE = Stage("entities", 6, _run, needs=frozenset({"language"}), uses_model=True)
