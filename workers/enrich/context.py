"""What the words around a name say it is: ``shares in``, ``the village of``, ``, 41,``, ``, which``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.records import EntityType
from workers.enrich.roles import NOUNS

_NAME = r"[A-Z][\w’'-]*(?: [A-Z][\w’'-]*){0,3}(?<!['’]s)(?<!['’])"
_BODY = (
    r"(?:news agency|agency|news site|website|newspaper|daily|weekly|magazine|broadcaster|journal|bank|lender|insurer|"
    r"firm|company|maker|manufacturer|giant|startup|start-up|retailer|supermarket|chain|airline|carrier|operator|union|"
    r"chamber|charity|watchdog|regulator|party|think tank|consultancy|brokerage|developer|contractor|supplier|"
    r"conglomerate|subsidiary|utility|miner|automaker|carmaker|brewer|group|publisher|club|militia|bureau|NGO)"
)
_BODY_BEFORE = re.compile(rf"\b{_BODY},? $")
_BODY_NAMED = re.compile(rf"\b(?:the|a|an|its|[a-z]+) {_BODY} (?P<name>{_NAME})")
_TRADED_BEFORE = re.compile(
    r"\b(?:[Ss]hares|[Ss]tock|stakes?|[Aa]nalysts?|[Ee]conomists?|[Ss]trategists?|traders?|workers|employees|investors?|"
    r"subsidiary|unit|division|chief executive|owner|parent) (?:in|of|at|with) $"
)
_TRADED_AFTER = re.compile(
    r"(?:['’]s?)? (?:shares|stock|shareholders|said (?:[A-Z][a-z]+day )?(?:on [A-Z][a-z]+ )?(?:that )?it\b|executives|"
    r"employees|products)\b"
)
_AGED = re.compile(r", (?:aged )?\d{1,3}(?:,| and\b|\.(?=\s|$))")
_POST = re.compile(r",? (?:QC|KC|SC|MP|MEP|MBE|OBE|CBE|PhD|MD|MLA|TD)$")
_WHO = re.compile(r", who(?:se)?\b")
_WHICH = re.compile(r", (?:which|based in|headquartered in|a unit of|owned by)\b")
_NAMED_ROLE = re.compile(rf"\b(?i:{NOUNS})(?:, | )$")
_TOWN_BEFORE = re.compile(
    r"\b(?:city|cities|town|towns|village|villages|province|district|port|capital|suburb|region|state|county|"
    r"municipality|island|commune|hamlet|outskirts|mayor|people|residents) of $|"
    r"\b(?:roads?|routes?|railway|flights?|highway|buses|trains?) (?:to|from) $|"
    r"\b(?:road|route|border|line|railway|highway) between [A-Z][\w-]+ and $"
)
_TOWN_AFTER = re.compile(
    r" (?:province|district|region|county|city|town|village|municipality|governorate|oblast|prefecture|state|"
    r"valley|airport|border crossing)\b"
)
_PLACED = re.compile(r"(?P<word>[\w’'-]+,?) (?:in|near|outside) $")
_TRUST = frozenset(
    [
        "stake",
        "stakes",
        "share",
        "shares",
        "invest",
        "invested",
        "investing",
        "investor",
        "investors",
        "interest",
        "interests",
        "confidence",
        "trust",
        "faith",
        "believe",
        "believes",
        "believed",
        "role",
        "position",
        "job",
        "career",
        "shareholder",
        "shareholders",
        "holding",
        "holdings",
    ]
)


def bodies(text: str) -> Iterator[tuple[int, int]]:
    """Names that directly follow what they are: ``the news agency Kabar``."""
    for match in _BODY_NAMED.finditer(text):
        yield match.span("name")


def without_letters(text: str, start: int, end: int) -> int:
    """The end of the name less the letters after it: ``QC``, ``MP``."""
    post = _POST.search(text, start, end)
    return post.start() if post else end


def told(text: str, start: int, end: int, kind: EntityType, *, town: bool, person: bool) -> EntityType | None:
    """The type that the words on either side give the name at ``start:end``, or None where they say nothing.

    ``kind`` is the type proposed so far; ``town`` whether a town is so called, ``person`` whether a person here is.
    """
    before = text[max(0, start - 40) : start]
    words = text[start:end].split()
    if _AGED.match(text, end) or (kind in ("ORG", "GPE", "LOC", "FAC") and len(words) > 1 and _WHO.match(text, end)):
        return "PERSON"
    if _NAMED_ROLE.search(before) and 2 <= len(words) <= 3 and kind != "GPE":
        return "PERSON"
    if _BODY_BEFORE.search(before) or _TRADED_BEFORE.search(before) or _TRADED_AFTER.match(text, end):
        return None if kind in ("GPE", "NORP", "LOC") and _TRADED_AFTER.match(text, end) else "ORG"
    if kind == "PERSON" and _WHICH.match(text, end):
        return "ORG"
    if _TOWN_BEFORE.search(before) or (_TOWN_AFTER.match(text, end) and kind != "LOC"):
        return "GPE" if not (person or kind in ("LOC", "FAC", "NORP")) or town else None
    placed = _PLACED.search(before)
    single = len(words) == 1 and kind != "PERSON"
    if placed and placed.group("word").lower() not in _TRUST and not re.match(r"['’]", text[end : end + 1]):
        return "GPE" if (town or single) and not person and kind not in ("LOC", "FAC", "GPE", "EVENT", "WORK") else None
    return None
