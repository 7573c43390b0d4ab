"""Find the type of a name from the words around it: ``shares in``, ``the village of``, ``, 41,``, ``, which``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.records import EntityType
from workers.enrich.languages.wordlists import wordlist
from workers.enrich.names import sport
from workers.enrich.names.roles import NOUNS
from workers.enrich.names.shapes import says_what_it_is

_NAME = r"[A-Z][\w’'-]*(?: [A-Z][\w’'-]*){0,3}(?<!['’]s)(?<!['’])"
_BODY = (
    r"(?:news agency|agency|news site|outlet|website|newspaper|daily|weekly|magazine|broadcaster|journal|bank|lender|insurer|"
    r"firm|company|maker|manufacturer|giant|startup|start-up|retailer|supermarket|chain|airline|carrier|operator|union|"
    r"chamber|charity|watchdog|regulator|party|think tank|consultancy|brokerage|developer|contractor|supplier|"
    r"conglomerate|subsidiary|utility|miner|automaker|carmaker|brewer|group|publisher|club|militia|bureau|NGO)"
)
_BODY_BEFORE = re.compile(rf"\b{_BODY} $")
_BODY_APART = re.compile(rf"\b{_BODY}, $")
_BODY_NAMED = re.compile(
    rf"\b(?:[Tt]he|[Aa]n?|[Ii]ts|[a-z]+) {_BODY}(?: (?P<name>{_NAME})|, (?P<apart>{_NAME}),)|"
    rf"\b[Tt]he (?P<agency>{_NAME}) (?:news agency|news site|news channel|news service|rebels|militants|insurgents|cartel)\b"
)
_AGENCY_AFTER = re.compile(r" (?:news agency|news site|news channel|news service|television|newspaper)\b")
_TRADED_BEFORE = re.compile(
    r"\b(?:[Ss]hares|[Ss]tock|stakes?|[Aa]nalysts?|[Ee]conomists?|[Ss]trategists?|traders?|workers|employees|investors?|"
    r"subsidiary|unit|division|chief executive|owner|parent) (?:in|of|at|with) $"
)
_TRADED_AFTER = re.compile(
    r"(?:['’]s?)? (?:shares|stock|shareholders|said (?:[A-Z][a-z]+day )?(?:on [A-Z][a-z]+ )?(?:that )?it\b|executives|"
    r"employees|products|spokesman|spokeswoman|spokesperson|airlines?|carmaker|automaker|jets?|jetliner|freighter|airliner|planes?|flights?|pilots)\b"
)
_AGED = re.compile(r", (?:aged )?\d{1,3}(?:,| and\b|\.(?=\s|$))")
_POST = re.compile(r",? (?:QC|KC|SC|MP|MEP|MBE|OBE|CBE|PhD|MD|MLA|TD)$")
_WHO = re.compile(r", who(?:se)?\b")
_WHICH = re.compile(r", (?:which|based in|headquartered in|a unit of|owned by)\b")
_NAMED_ROLE = re.compile(rf"\b(?i:{NOUNS})(?:, | )$|\b(?:counterpart|predecessor|successor)(?:, | )$")
_TOWN_BEFORE = re.compile(
    r"(?:, \d{1,3}, | both )of $|\b(?:MPs?|congressman|congresswoman) for $|"
    r"\b(?:city|cities|town|towns|village|villages|province|district|port|capital|suburb|region|state|county|"
    r"municipality|island|commune|hamlet|outskirts|mayor|people|residents) of $|"
    r"\b(?:roads?|routes?|railway|flights?|highway|buses|trains?) (?:to|from) $|"
    r"\b(?:road|route|border|line|railway|highway) between [A-Z][\w-]+ and $"
)
_TOWN_NAMED = re.compile(
    r"\b(?:city|town|village|port|suburb|hamlet) of (?P<name>[A-Z][a-z][\w-]+(?: [A-Z][a-z][\w-]+)?)"
)
_TOWN_AFTER = re.compile(
    r"(?: and [A-Z]\w+)?, (?:an?|the|two|three)(?: [\w-]+){0,2} (?:town|city|village|suburb|port)s?\b|"
    r" (?:province|district|region|county|city|town|village|municipality|governorate|oblast|prefecture|state|"
    r"valley|airport|border crossing)\b"
)
_LOCAL = re.compile(r" (?:man|woman|couple|teenager|residents?|mayor)\b")  # a Longview man
_PLACED = re.compile(r"(?P<word>[\w’'-]+,?) (?:in|near|outside) $")
_CAPITAL_BEFORE = re.compile(r"[^\W_][,’']? ?(?:l’|l'|d’|d')?[A-ZÀ-Þ][^\W\d_]+ $")
_BY = re.compile(r"[\w,] near $")
_IN = re.compile(
    r"\b(?:in|near|from|to|outside|around|à|(?<=[a-zà-ÿ] )de|en|bei|nach|aus|em|di|desde|hasta) "
    rf"(?P<name>{_NAME})"
)
_FACILITY = re.compile(
    r" (?:dam|terminal|refinery|reservoir|stadium|airport|nuclear (?:power )?(?:plant|station)|power (?:plant|station)|"
    r"oil ?field|gas ?field|shipyard|airfield|airbase|air base|prison)\b"
)
_TRUST = wordlist("trust")
DAYS = wordlist("days")
_PERSON = re.compile(
    rf"(?<![\w’'.-])(?P<name>[A-Z][\w’'-]+(?: (?:al-|bin |de |van |von )?[A-Z][\w’'-]+){{1,2}})"
    rf"(?=, \d{{1,3}},|, (?:the|an?|former) (?:[a-z-]+ ){{0,3}}(?:{NOUNS})\b)"
)


# Mr. Ruiz; President Ana Ruiz's aides; not President of Peru
_TITLED = re.compile(
    r"\b(?:(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Sgt|Capt|Sen|Rep|Gov)\.?|President|Prime Minister|Pope|Chancellor) "
    r"(?P<name>[A-Z][a-z]\w*(?: [A-Z][a-z]\w*){0,2})"
)


# Ruiz said she would stay
_SAYS = re.compile(
    r"(?<![\w’'.-])(?P<name>(?!He\b|She\b|They\b|Who\b|Nobody\b)[A-Z][a-z]\w+) (?:said|says|told \w+|argued|insisted|claimed|vowed|tweeted)(?: that)? (?:s?he)\b"
)


def bodies(text: str) -> Iterator[tuple[int, int]]:
    """Yield names that directly follow a noun for their type: ``the news agency Kabar``."""
    for match in _BODY_NAMED.finditer(text):
        yield match.span(match.lastgroup or 0)


def people(text: str) -> Iterator[tuple[int, int]]:
    """Yield names that a title before them, or an age or an office after a comma, shows to be a person's: ``Ana Ruiz,
    the former director``."""
    for pattern in (_PERSON, _TITLED, _SAYS):
        for match in pattern.finditer(text):
            yield match.span("name")


def towns(text: str) -> Iterator[tuple[int, int]]:
    """Yield names with a noun for their type and ``of`` before them: ``the mining town of Moengo``."""
    for match in _TOWN_NAMED.finditer(text):
        yield match.span("name")


def placed_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield names in the position of a place, after ``in``, ``near`` or ``from``."""
    for match in _IN.finditer(text):
        if match["name"] not in DAYS:
            yield match.span("name")


def inside_name(text: str, start: int) -> bool:
    """Return whether there is a capitalised word before the name that is not the first in its sentence: ``Université
    Laval``."""
    return bool(_CAPITAL_BEFORE.search(text, max(0, start - 40), start))


def without_letters(text: str, start: int, end: int) -> int:
    """Return the end of the name without the letters after it: ``QC``, ``MP``."""
    post = _POST.search(text, start, end)
    return post.start() if post else end


# minister for Women and Equalities Nicola Reid
_OFFICE_OF = re.compile(r"\b(?:[Mm]inister|[Ss]ecretary|[Cc]ommissioner) (?:for|from|of) (?:the )?$")
_TWO_FIELDS = re.compile(r"[A-Z]\w+ (?:and|&) [A-Z]\w+ (?P<name>[A-Z][a-z]+ [A-Z][\w’'-]+)")


def after_office(text: str, start: int, end: int) -> int:
    """Return where the person's name begins in a mention that runs together with an office for two fields, or
    ``start``."""
    name = _TWO_FIELDS.fullmatch(text, start, end)
    if name is None or not _OFFICE_OF.search(text, max(0, start - 30), start) or says_what_it_is(name["name"]):
        return start
    return name.start("name")


def facility(text: str, end: int) -> int:
    """Return the end of the name with the common noun that makes it a facility (``Toktogul dam``), or ``end``."""
    noun = _FACILITY.match(text, end)
    return noun.end() if noun else end


def told(
    text: str, start: int, end: int, kind: EntityType, *, town: bool, person: bool, sports: bool = False
) -> EntityType | None:
    """Return the type that the words on either side give the name at ``start:end``, or None if they say nothing.

    ``kind`` is the type proposed so far; ``town`` says whether a town has this name, ``person`` whether a person in the
    text has it, ``sports`` whether this is a sports report.
    """
    before = text[max(0, start - 40) : start]
    words = text[start:end].split()
    single = len(words) == 1
    if _AGED.match(text, end) or (kind in ("ORG", "GPE", "LOC", "FAC") and len(words) > 1 and _WHO.match(text, end)):
        return "PERSON"
    if _NAMED_ROLE.search(before) and 2 <= len(words) <= 3 and kind != "GPE":
        return "PERSON"
    if _BODY_APART.search(before) and text[end : end + 1] in (",", ".", ";") and kind != "GPE":
        return "ORG"
    if (
        _AGENCY_AFTER.match(text, end)
        or _BODY_BEFORE.search(before)
        or _TRADED_BEFORE.search(before)
        or _TRADED_AFTER.match(text, end)
    ):
        nation = kind == "NORP" or (kind in ("GPE", "LOC") and town)
        return None if nation and _TRADED_AFTER.match(text, end) else "ORG"
    if kind == "PERSON" and _WHICH.match(text, end):
        return "ORG"
    if sports and single and not person and kind in ("PERSON", "NORP", "GPE") and sport.of_squad(text, end):
        return "ORG"
    if _TOWN_BEFORE.search(before) or (_TOWN_AFTER.match(text, end) and kind != "LOC"):
        return "GPE" if not (person or kind in ("LOC", "FAC", "NORP")) or town else None
    if town and single and not person and kind == "ORG" and _LOCAL.match(text, end):
        return "GPE"
    placed = _PLACED.search(before)
    if _BY.search(before) and kind in ("ORG", "NORP", "PERSON") and (town or single) and not person:
        return "GPE"
    if placed and placed.group("word").lower() not in _TRUST and not re.match(r"['’]", text[end : end + 1]):
        return "GPE" if (town or single) and not person and kind not in ("LOC", "FAC", "GPE", "EVENT", "WORK") else None
    return None
