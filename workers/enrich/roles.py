"""What a person is called besides the name: ``Azerbaijan's Ambassador to Iran``, from apposition and titles."""

from __future__ import annotations

import re
from typing import NamedTuple

from services.records import Entity
from workers.enrich.gazetteer import country_of

NOUNS = (
    "ambassador|president|vice president|prime minister|minister|deputy minister|secretary|secretary general|"
    "chancellor|king|queen|pope|spokesman|spokeswoman|spokesperson|general|commander|colonel|chief|chief executive|"
    "director|"
    "chairman|chairwoman|chair|governor|mayor|senator|lawmaker|professor|analyst|economist|lawyer|judge|prosecutor|"
    "coach|captain|manager|editor|journalist|reporter|correspondent|author|founder|leader|envoy|consul|adviser|advisor|"
    "head|officer|official|activist|scientist|researcher|doctor|bishop|cleric|negotiator|commissioner|inspector|sheriff"
)
_WORD = r"[^\W\d_][^\s,.;:()“”\"]*"
_ROLE = rf"(?:{_WORD} ){{0,5}}(?i:{NOUNS})(?: (?:to|of|for|at|in)(?: the)?(?: [A-Z][\w’'-]*){{1,4}})?"
_AFTER = re.compile(rf",\s+(?:(?:the|a|an)\s+)?({_ROLE})(?=[,.;]|$)")
_BEFORE = re.compile(rf"(?:^|(?<=[\s“\"—–]))(?:(?:[Tt]he|[Aa]n?) )?({_ROLE}),? $")
_NOMINAL = re.compile(
    rf"(?:(?<![\w’'-])(?:[Tt]he) ([A-Z][\w-]+)|([A-Z][\w-]+)['’]s) ((?i:{NOUNS}))(?![\w-])"
    r"((?: (?:to|of|for) [A-Z][\w-]*)?)"
)
_STOP = re.compile(r"\b(?:said|says|told|with|that|and|when|who|by|from|as|while|after|but|was|is|met|on)\b")


class Nominal(NamedTuple):
    text: str
    country: str
    noun: str


def assign(text: str, entities: list[Entity]) -> list[Entity]:
    """The same entities, people with ``role`` and the descriptions that stand for them in ``aliases``."""
    nominals = _nominals(text)
    for entity in (entity for entity in entities if entity.type == "PERSON"):
        role = next(filter(None, (_beside(text, span.start, span.end) for span in entity.mentions)), None)
        if role is None:
            continue
        same = [n for n in nominals if (n.country, n.noun) == _sense(role)]
        entity.aliases = sorted({*entity.aliases, *(n.text for n in same)} - {entity.name})
        fuller = max((n.text for n in same if not n.text.lower().startswith("the ")), key=len, default=role)
        entity.role = fuller if len(fuller) > len(role) else role
    return entities


def _beside(text: str, start: int, end: int) -> str | None:
    after = _AFTER.match(text, end, end + 120)
    if after and not _STOP.search(after.group(1)):
        return after.group(1)
    window = text[max(0, start - 100) : start].split("\n")[-1]
    stops = list(_STOP.finditer(window))
    window = window[stops[-1].end() :] if stops else window
    before = _BEFORE.search(window.lstrip())
    return before.group(1).strip() if before else None


def _sense(role: str) -> tuple[str, str] | None:
    noun = re.search(rf"\b(?i:{NOUNS})\b", role)
    country = next(filter(None, (country_of(re.sub(r"['’]s$", "", word)) for word in role.split())), None)
    return (country.iso, noun.group().lower()) if noun and country else None


def _nominals(text: str) -> list[Nominal]:
    found = []
    for match in _NOMINAL.finditer(text):
        country = country_of(match.group(1) or match.group(2))
        if country:
            found.append(Nominal(match.group(), country.iso, match.group(3).lower()))
    return found
