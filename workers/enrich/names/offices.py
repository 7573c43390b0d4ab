"""Find the role of a person in French and Russian: the office before or after the name, unchanged."""

from __future__ import annotations

import re

from services.records import Entity
from workers.enrich.languages import russian
from workers.enrich.languages.french import OFFICES as FRENCH
from workers.enrich.languages.wordlists import wordlist

LONGEST = 10
"""The maximum number of words in a role."""

_RU = wordlist("ru_offices")
_FR_ROLE = (
    rf"(?P<role>(?:(?:ancien|ancienne|nouveau|nouvelle|ex-) ?)?(?:{FRENCH})\b(?:(?: |['’]|-)[^\s,.;:«»“”()]+){{0,9}}?)"
)
_FR_BEFORE = re.compile(rf"(?<![\w-]){_FR_ROLE},? (?:(?:M|Mme|Me|Dr|Pr)\.? )?$")
_FR_AFTER = re.compile(rf",\s+(?:(?:le|la|un|une|son|sa|leur) |l['’])?{_FR_ROLE}(?=[,.;:»]|\s[«“]|$)")
_FR_VERB = re.compile(r"\b(?:a|ont|est|sont|qui|que|et|selon|dit|avec|par|lors|mardi|mercredi|jeudi|lundi|vendredi)\b")
FRENCH_OFFICE = re.compile(rf"\s*(?:(?:le|la|un|une) |l['’])?(?:{FRENCH})\b[^,.«»\n]{{0,80}},\s")
_CLAUSE = re.compile(r"[.,;:()!?\n—–]\s*")
_WORD = re.compile(r"[^\W_][\w’'-]*")
_MINISTRIES = wordlist("ru_ministries")


def is_ministry(name: str, language: str) -> bool:
    """Return whether a country after it belongs to the name: ``МИД Казахстана``."""
    return language == "ru" and (name in _MINISTRIES or re.fullmatch(r"Мин[а-я]{3,}", name) is not None)


def assign(text: str, entities: list[Entity], language: str) -> list[Entity]:
    """Return the same entities; people get their ``role`` in the words of the text."""
    find = _russian if language == "ru" else _french
    for entity in entities:
        if entity.type == "PERSON":
            entity.role = next(filter(None, (find(text, span.start, span.end) for span in entity.mentions)), None)
    return entities


def same(role: str, words: list[str], language: str) -> bool:
    """Return whether a few words in running text are that office: `le ministre`, `министр`."""
    if language == "fr":
        office = role.split()[0].lower()
        return office in [word.lower() for word in words[:3]]
    held = {lemma for word in role.split() for lemma in russian.nouns(word)} & _RU
    return any(russian.nouns(word) & held for word in words)


def _russian(text: str, start: int, end: int) -> str | None:
    low = max(0, start - 160)
    clause = max((match.end() for match in _CLAUSE.finditer(text, low, start)), default=low)
    words = list(_WORD.finditer(text, clause, start))[-LONGEST:]
    if words and text[words[-1].end() : start] in (" ", "» "):
        for at, word in enumerate(words):
            opens = at == 0 and text[max(0, clause - 2) : clause].strip() in ("", ".", "»", "!", "?")
            if (word.group()[0].islower() or opens) and russian.nouns(word.group()) & _RU and _plain(words[at:]):
                first = at
                while first and words[first - 1].group()[0].islower() and russian.is_modifier(words[first - 1].group()):
                    first -= 1
                role = text[words[first].start() : start].rstrip()
                return role if role.count("«") == role.count("»") else None
    match = re.compile(r",\s+(?P<role>[^,.;:«»\n—]{3,120})(?=[,.;]|\s—)").match(text, end)
    if match:
        words = list(_WORD.finditer(text, match.start("role"), match.end("role")))
        heads = [at for at, word in enumerate(words[:3]) if russian.nouns(word.group()) & _RU]
        if heads and _plain(words) and all(russian.is_modifier(word.group()) for word in words[: heads[0]]):
            return match["role"].strip()
    return None


def _plain(words: list[re.Match[str]]) -> bool:
    """Return whether there is no verb among the words: they form a noun phrase, not a clause."""
    return not any(russian.part_of_speech(word.group()) in ("VERB", "PRED", "CONJ") for word in words[1:])


def _french(text: str, start: int, end: int) -> str | None:
    low = max(0, start - 140)
    stop = max(
        (match.end() for match in re.compile(r"[.;:«»“”()!?\n—–]\s*").finditer(text, low, start - 3)), default=low
    )
    for match in re.compile(_FR_BEFORE.pattern).finditer(text, stop, start):
        if "," not in match["role"] and not _FR_VERB.search(match["role"]):
            return match["role"].strip()
    after = _FR_AFTER.match(text, end)
    return after["role"].strip() if after and not _FR_VERB.search(after["role"]) else None
