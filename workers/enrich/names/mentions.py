"""Find mentions of names in a text: the model's proposals, corrected by known names and by the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from services.records import EntityType
from services.text.stopwords import stopwords
from workers.enrich.base import Reading
from workers.enrich.languages.wordlists import wordlist
from workers.enrich.names import context, initials, roles, sport, within
from workers.enrich.names.gazetteer import Known, Spot, country_of, known, tables, towns
from workers.enrich.names.rows import rows
from workers.enrich.names.settling import TITLE, Mention, settle
from workers.enrich.names.shapes import says_what_it_is, shapes

MODEL_TYPES: dict[str, EntityType] = {
    "PERSON": "PERSON", "ORG": "ORG", "GPE": "GPE", "LOC": "LOC", "FAC": "FAC", "NORP": "NORP",
    "EVENT": "EVENT", "WORK_OF_ART": "WORK", "LAW": "LAW", "PRODUCT": "PRODUCT",
}  # fmt: skip
_NOWHERE = Spot("", "city", "GPE", None, 0.0, 0.0, 0, None)
_LEADING = re.compile(r"(?:(?:the|a|an|this|that)\s+|[\s\"'“”‘’«»(\[,.;:–—-]+)+", re.IGNORECASE)
_TRAILING = re.compile(r"(?:['’]s?|[\s\"“”‘’«»)\],;:–—-]+)$")
_TITLES = re.compile(
    r"(?:(?:Foreign|Prime|Vice|Deputy|Interior|Defence|Defense|Finance) )?" + TITLE.pattern.rstrip("$")
)
_SURNAMES = wordlist("surnames")
_AMOUNT = re.compile(r"[A-Za-z]{0,3}[.$€£]? ?\d[\d.,]*")
_NO_WORDS = wordlist("currency_codes") | wordlist("no_names")
"""Capitalised words that are not names, and codes of currencies."""
_CALLED = re.compile(r"(?:[A-Z][\w’'-]* )?(?:[a-z][\w-]+ )+(?=[A-Z])|[A-Z][\w’'-]*-(?:based|owned|backed) ")
"""Words that may precede a company's name: ``Swiss biotech Helvion``, ``California-based Luma Holdings``."""
_PARTICLES = frozenset(
    ["de", "du", "des", "la", "le", "van", "von", "der", "den", "al", "bin", "y", "e", "di", "da", "dos", "without"]
)
_HOLDER = re.compile(rf"(?:[A-Z]\w+ )?(?i:{roles.NOUNS}|bishop|archdeacon|archbishop) (?:of|for|to) ")
_CALLING = re.compile(
    r"(?:Filmmaker|Novelist|Playwright|Songwriter|Sculptor|Cartoonist|Screenwriter|Goalkeeper|Midfielder|Sprinter|Prosecutor|Lawyer|Economist|"
    r"Historian|Biologist|Physicist|Sociologist|Choreographer) (?P<name>[A-Z][a-z][\w’'-]+ [A-Z][a-z][\w’'-]+)$"
)
"""A calling at the head of a sentence, which the model takes for the first word of a firm: ``Filmmaker Rungano Nyoni``."""
_PORTFOLIO = re.compile(
    r"(?:^| )(?:Defen[cs]e|Finance|Agriculture|Treasury|Commerce|Labou?r|Education|Transport|Interior|Foreign|Justice|Health|Regional|Country|Deputy|Trade|Energy)$"
)
_OFFICE_AFTER = re.compile(r" (?:Minister|Secretary|Director|Commissioner|Manager|Chief|Coordinator)\b")
_UNIT = re.compile(r"\d ?(?:GB|MB|TB)$")
"""``4 GB``: bytes, not Great Britain."""
_CRUDE = re.compile(r" (?:crude|futures)\b")
_FIGURE = re.compile(r" \d+$")
_INDEX = re.compile(r" (?:Jones )?(?:\d{2,3}|[Ii]ndustrial|[Cc]omposite|index|average)\b")
_COUNTED = re.compile(r"(?:\d|\b(?:two|three|four|five|six|seven|eight|nine|ten)) $")
_COMPOUND = re.compile(r"-([A-Z]\w+)")
_FEAST = re.compile(r"(?:St\.?|Saint) [A-Z]\w+(?: [A-Z]\w+)?(?:['’]s?)? (?:Day|Eve)\b")  # St. Patrick's Day
_BRIEF = re.compile(r"(?<=\w) (?:Oper|Shr|Shrs|Qtly|Qtrly|Net|Revs|Mths|Div|[1-4]Q|Q[1-4]|H[12])$")  # Hurnex Oper shr
_NO_PLACE = re.compile(r"\d (?:B\.C|A\.D)\.?$|\b(?:M\.D|Ph\.D)\.?$")  # 100 B.C.; A. Smith, M.D.
_OF_STATE = re.compile(r"[Ss]ecretary of State$")
_PARTY = re.compile(r"(?:[DRI]|DFL|Lib)-(?=[A-Z][\w.]+)")  # R-Elbow Lake
_SLUGGED = re.compile(r"[A-Z]{3,}(?: [A-Z]+)? - ")  # SOCCER - LEEDS
_AGENCY = re.compile(r"(?<=\w) (?:news agency|newspaper|daily|newsroom)$")
_DAY_AFTER = re.compile(rf"(?<=\w) (?:{'|'.join(sorted(context.DAYS))})$")
_SHORTENED = re.compile(r"\b(?:Corp|Inc|Ltd|Co|Cos|Bros|Mt)\.$")
_DISTRICT = r"(?:,? D\.? ?C\b\.?)?"  # WASHINGTON, D.C.


_SAINT = re.compile(r"(?<![\w.])(?:ST|FT|MT)\.? [A-Z][A-Z’'-]{2,}(?: [A-Z]{3,})?")


def _in_capitals(text: str) -> list[Mention]:
    """Return towns in capitals whose first word is abbreviated, which the model splits in two: ``ST. JOHN'S``."""
    found = []
    for match in _SAINT.finditer(text):
        usual = re.sub(r"(?<=['’])S\b", "s", match.group().title())
        if towns(usual) or towns(within.in_full(usual)):
            found.append(Mention(*match.span(), match.group(), "GPE", as_place(usual), sure=True))
    return found


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    said = (
        re.split(r"\n| (?<!\bForce )(?<!\bRights )(?<!\bMission )(?:in|near|at) (?=[A-Z])", text[start:end])[0]
        if start
        else text[start:end].split("\n")[0]
    )
    end = start + len(said)
    if slug := _SLUGGED.match(text, start, end):
        start = slug.end()
    if (bracket := text.find(" (", start, end)) > 0 and ")" not in text[bracket:end]:
        end = bracket
    if agency := _AGENCY.search(text, start, end):
        end = agency.start()
    while end > start and (day := _DAY_AFTER.search(text, start, end)):
        end = day.start()
    said = text[start:end]
    if said.endswith("Armed") and text[end : end + 7].lower() == " forces":
        end += 7
    if not known(said) and (lead := _LEADING.match(said)):
        start += lead.end()
    while start < end and (trail := _TRAILING.search(text, start, end)):
        end = trail.start()
    if (
        text[start:end].endswith(".")
        and not _SHORTENED.search(text, start, end)
        and says_what_it_is(text[start : end - 1])
    ):
        end -= 1  # at Centennial Hall.
    return start, end


KnownName = tuple[int, int, Known]


def find_mentions(reading: Reading, listed: list[KnownName]) -> list[Mention]:
    """Return mentions in order, none overlapping: those of the model if there is one, corrected by the known names in
    ``listed``."""
    text = reading.article.text
    found = [
        Mention(start, end, text[start:end], what.type, what)  # type: ignore[arg-type]
        for start, end, listed_as in listed
        for what in [_AIRLINE if _is_airline(text, start, end) else listed_as]
        if text[end : end + 1] not in ("$", "£")
        and not (what.kind == "city" and _only_part(text, end))
        and not _UNIT.search(text, max(0, start - 8), end)
        and not _NO_PLACE.search(text, max(0, end - 8), end)
        and not (what.type == "ORG" and _is_unit(text, start, end))
    ]
    found += _abbreviated_states(text)
    head = reading.article.dateline
    proposed = _of_model(reading)
    if reading.doc is not None:
        proposed = _shaped(reading.truecased, text, proposed)
        proposed += _named_bodies(reading.truecased, text, proposed)
        proposed = _with(context.people(reading.truecased), "PERSON", text, proposed)
        proposed = _with(context.towns(reading.truecased), "GPE", text, proposed)
        proposed = _counties(text, proposed)
    saints = _in_capitals(text)
    proposed = [m for m in proposed if not any(m.start < s.end and s.start < m.end for s in saints)] + saints
    proposed = _in_rows(text, proposed)
    proposed += _clubs(text, proposed)
    if head is not None:
        places = [
            Mention(match.start(), match.end(), match.group(), "GPE", as_place(place))
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
        found = [name for name in found if not context.inside_name(text, name.start) and not _is_word(reading, name)]
    proposed += _towns(reading.truecased, text, found, proposed)
    plural = {token.idx for token in (reading.doc or ())[:-1] if token.ent_type and token.nbor().tag_ == "VBP"}
    proposed = [m for m in proposed if len(m.text) > 1]  # what is left of a longer proposal: I
    return settle(text, proposed, found, plural)


def _of_model(reading: Reading) -> list[Mention]:
    """Return the model's proposals outside the dateline, without titles, offices and common nouns."""
    text = reading.article.text
    head = reading.article.dateline
    introduced = initials.introduced(text)
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
            and not initials.is_ordinary(text[start:end], introduced)
        ):
            if (person := context.after_office(text, start, end)) > start:
                proposed.append(Mention(person, end, text[person:end], "PERSON", sure=True))
                continue
            if span.label_ == "GPE" and (figure := _FIGURE.search(text, start, end)):
                end = figure.start()  # the U.S. 30-year bond
            if party := _PARTY.match(text, start, end):
                start = party.end()
            if span.label_ == "PERSON" and (titles := _TITLES.match(text, start, end)) and titles.end() < end:
                start = titles.end()
            end = context.without_letters(text, start, end) if span.label_ == "PERSON" else end
            while end > start and (brief := _BRIEF.search(text, start, end)):
                end = brief.start()
            if (
                _FEAST.match(text, start)
                or _OF_STATE.search(text, max(0, end - 20), end)
                or _NO_PLACE.search(text, max(0, end - 8), end)
            ):
                continue
            if span.label_ == "ORG" and (_INDEX.match(text, end) or _is_unit(text, start, end)):
                continue
            if _HOLDER.match(text, start, end) or _CRUDE.match(text, end) or _UNIT.search(text, max(0, start - 8), end):
                continue
            if _OFFICE_AFTER.match(text, end) and (field := _PORTFOLIO.search(text[start:end])):
                end = start + field.start()
                if start == end:
                    continue
            called = _CALLED.match(text, start, end) if span.label_ == "ORG" and not known(text[start:end]) else None
            if called and not any(word in stopwords("en") or word in _PARTICLES for word in called.group().split()):
                start = called.end()
            if span.label_ == "ORG" and (calling := _CALLING.match(text, start, end)):
                proposed.append(Mention(calling.start("name"), end, calling["name"], "PERSON", sure=True))
                continue
            two = _TWO.fullmatch(text, start, end) if span.label_ != "PERSON" else None
            if two and not any(known(one) for one in two.groups()):
                kind = "ORG" if span.label_ == "GPE" else MODEL_TYPES[span.label_]
                proposed += [Mention(*two.span(at), two[at], kind) for at in (1, 2)]
                continue
            kind = "ORG" if text[start:end].lower().endswith("forces") else MODEL_TYPES[span.label_]
            if kind == "PERSON" and any(letter.isdigit() for letter in text[start:end]):
                kind = "PRODUCT"  # Antonov An-26
            proposed.append(Mention(start, end, text[start:end], kind))
    return proposed


_TWO = re.compile(r"([A-Z]\w+), (?!(?:Inc|Ltd|LLC|LLP|Corp|Co|Jr|Sr|AG|SA|NV|PLC|GmbH)\b)([A-Z]\w+)")
"""Two names that the model takes for one: ``Google, Outlook``."""

_GERMAN_WORDS = {
    "Seine": re.compile(r"\b(?:[Dd]er|[Dd]ie) $"),
    "Essen": re.compile(r"\b(?:[Ii]n|[Aa]us|[Nn]ach|bei|von|Stadt) $"),
}
"""Words that begin with a capital in German and are places only after these: ``seine Partei``, ``das Essen``."""


def _is_word(reading: Reading, name: Mention) -> bool:
    """Return whether the name is an ordinary German word here: ``Seine Partei``."""
    pattern = _GERMAN_WORDS.get(name.text) if (reading.article.language or "").startswith("de") else None
    return pattern is not None and not pattern.search(reading.article.text, max(0, name.start - 8), name.start)


_AIRLINE = Known("Emirates", "ORG", "organisation")


def _is_airline(text: str, start: int, end: int) -> bool:
    """Return whether it is the country: ``the Emirates`` is, but ``Emirates said`` is the airline."""
    return text[start:end] == "Emirates" and not re.search(
        r"\b(?i:the|united arab) $", text[max(0, start - 12) : start]
    )


def _is_unit(text: str, start: int, end: int) -> bool:
    """Return whether the name is capitals after a figure: ``121 RBI``."""
    return end - start < 5 and text[start:end].isupper() and bool(_COUNTED.search(text, max(0, start - 6), start))


_STATE = re.compile(r"[A-Za-z][\w’'-]{1,40}, (?P<state>(?:[A-Z]\.){2}|W\.Va\.|[A-Z][a-z]{1,4}\.|[A-Z]{2}\b)")


def _abbreviated_states(text: str) -> list[Mention]:
    """Return abbreviated states, such as ``Ga.`` in ``Athens, Ga.``; two letters only after a town of that state."""
    written, states = tables().abbreviations, tables().states
    found = []
    for match in _STATE.finditer(text):
        said, town = match["state"], match.group().split(",")[0].title()
        name = written.get(said)
        if said == "M.D.":
            continue  # A. Smith, M.D.
        if name and (said.endswith(".") or any(spot.state == states.get(name) for spot in towns(town))):
            what = Known(name, "GPE", "state" if name in states else "region")
            found.append(Mention(*match.span("state"), said, "GPE", what))
    return found


def _credit(text: str, credit: str | None, start: int, end: int) -> list[Mention]:
    """Return the agency in the dateline if the gazetteer does not know it."""
    at = text.find(credit, start, end) if credit and not known(credit) and re.fullmatch(r"[\w.&-]{2,}", credit) else -1
    return [Mention(at, at + len(credit), credit, "ORG", sure=True)] if credit and at >= 0 else []


def _shaped(truecased: str, text: str, proposed: list[Mention]) -> list[Mention]:
    """Return the proposals with the names whose form shows their type, which replace proposals that they overlap."""
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


def _in_rows(text: str, proposed: list[Mention]) -> list[Mention]:
    """Return the proposals, with the names in rows of results and the like in place of those that they overlap."""
    found = rows(text)
    kept = [m for m in proposed if not any(shape.start < m.end and m.start < shape.end for shape in found)]
    return kept + [
        Mention(start, end, said, types[0], as_place(said) if types[0] == "GPE" else None, sure=True)
        for start, end, types in found
        for said in [text[start:end]]
    ]


def _counties(text: str, proposed: list[Mention]) -> list[Mention]:
    """Return the proposals, with the counties of a list in place of those that they overlap."""
    counties = [Mention(start, end, text[start:end], "GPE", sure=True) for start, end in within.counties(text)]
    kept = [m for m in proposed if not any(m.start < one.end and one.start < m.end for one in counties)]
    return kept + counties


def _clubs(text: str, proposed: list[Mention]) -> list[Mention]:
    return [
        Mention(start, end, text[start:end], "ORG", sure=True)
        for start, end in sport.clubs(text)
        if not any(m.sure and m.start < end and start < m.end for m in proposed)
    ]


def _with(names: Iterable[tuple[int, int]], kind: EntityType, text: str, proposed: list[Mention]) -> list[Mention]:
    """Return the proposals with the names whose neighbouring words show their type, where the model found nothing, only
    a part or another type."""
    for start, end in names:
        near = [m for m in proposed if m.start < end and start < m.end]
        if not known(text[start:end]) and all(start <= m.start and m.end <= end and m.type != kind for m in near):
            proposed = [m for m in proposed if m not in near]
            proposed.append(Mention(start, end, text[start:end], kind, sure=True))
    return proposed


def _begins(token: Any) -> bool:
    """Return whether the word is first in its sentence or in a quote, so that its capital says nothing."""
    return bool(token.is_sent_start or (token.i and token.nbor(-1).text in ('"', "“", "‘", "'")))


def _only_part(text: str, end: int) -> bool:
    """Return whether the city is the first half of another name, or a grade of oil: ``Carrefour-Feuilles``, ``Brent
    crude``."""
    other = _COMPOUND.match(text, end)
    return bool(_CRUDE.match(text, end)) or (other is not None and not known(other.group(1)))


def _named_bodies(truecased: str, text: str, proposed: list[Mention]) -> list[Mention]:
    return [
        Mention(start, end, text[start:end], "ORG", sure=True)
        for start, end in context.bodies(truecased)
        if not any(m.start < end and start < m.end for m in proposed) and not known(text[start:end])
    ]


def countries_spoken_of(mentions: list[Mention]) -> set[str | None]:
    named = (country_of(m.known.name) for m in mentions if m.known)
    spoken: set[str | None] = {country.iso for country in named if country}
    return spoken | {"US" for m in mentions if m.known and m.known.kind == "state"}


def _country_of_largest(town: str) -> str | None:
    return max(towns(town), key=lambda spot: spot.population, default=_NOWHERE).country


def _towns(truecased: str, text: str, found: list[Mention], proposed: list[Mention]) -> list[Mention]:
    """Return towns that the model missed, in countries that the text mentions: ``a case in Kasese``."""
    spoken = countries_spoken_of(found) | {_country_of_largest(m.text.title()) for m in proposed if m.known}
    return [
        Mention(start, end, text[start:end], "GPE")
        for start, end in context.placed_names(truecased)
        if any(spot.country and spot.country in spoken for spot in towns(truecased[start:end]))
        and not known(truecased[start:end])
        and not any(m.start < end and start < m.end for m in proposed)
    ]


def as_place(name: str) -> Known:
    usual = name.title() if name.isupper() else name
    what = known(usual)
    return what if what and what.type in ("GPE", "LOC") else Known(usual, "GPE", "city")


_NOT_PROSE = re.compile(r"://|//|www\.|[=_{}<>|\\\[\]]|\w\(")
"""Return the offsets of addresses and code."""


def _is_name(said: str) -> bool:
    if _NOT_PROSE.search(said) or _AMOUNT.fullmatch(said) or not any(letter.isupper() for letter in said):
        return False
    words = [word for word in said.split() if not _AMOUNT.fullmatch(word)]
    return not all(word.strip(".") in _NO_WORDS for word in words)
