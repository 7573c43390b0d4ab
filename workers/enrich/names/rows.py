"""Find names in rows of results, tables, line-ups and score cards, and their type from the form of the row.

A model of running text cannot read ``Leeds 4 2 1 1 5 4 7``. Countries keep their type: ``Israel 2 Bulgaria 0``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from services.records import EntityType
from workers.enrich.names import sport
from workers.enrich.names.gazetteer import country_of, known
from workers.enrich.names.shapes import Shape

_PART = r"(?:(?:St|Mt)\.|[A-ZÀ-Þ](?:[\w’-]|'(?=\w))*)"
_NAME = rf"{_PART}(?: (?:(?:of|de|da|di|do|du|del|van|der|den|von|al|el|bin|and) ){{0,2}}{_PART}){{0,4}}"
_FULL = rf"{_PART}(?: (?:(?:de|da|di|do|du|del|van|der|den|von|al|el|bin) ){{0,2}}{_PART}){{1,3}}"
_HOME = r"\((?P<{}>[A-Z][A-Za-z. ]{{1,24}}|[A-Z]{{2,3}})\)"

_LINE = re.compile(r"[^\n]+")
# Leeds 2 Norwich 0; Benetton (Italy) 92 Dinamo (Russia) 81 (halftime 50-28); Israel 2, Bulgaria 0
_SCORE = re.compile(
    rf"(?P<one>{_NAME})(?: {_HOME.format('home')})? \d{{1,3}},? (?P<two>{_NAME})(?: {_HOME.format('away')})? \d{{1,3}}"
    r"(?= \(|[.;,]?\s*$|[.;,] )"
)
# HOUSTON AT PITTSBURGH; Leeds v Norwich; Radnicki (N) - Spartak (to be played on Sunday)
_MATCH = re.compile(
    rf"(?:[A-Z]\w+: )?(?P<one>{_NAME})(?: \([A-Z]\w?\))? (?P<how>v|vs\.?|AT|at|-|–) (?P<two>{_NAME})(?: \d+[-–:]\d+)?"
    r"(?: \((?!\d)[^)]*\))?[.;]?\s*$"
)
# Leeds 4 2 1 1 5 4 7; ATLANTA 83 49 .629 -; 3. Zeleznik (B) 4 1 0 3
_TABLE = re.compile(
    rf"(?:\d{{1,2}}\.? )?(?P<name>{_NAME})(?: \([A-Z]\w?\))?(?: (?:\.?\d[\d.,:/+-]*|[-–]|\d/\d)){{3,}}\s*$"
)
# 1. Ana Ruiz (Spain) 50.31 seconds; 16 - Ana Ruiz (Spain) beat Eva Lund (Norway) 6-4 6-2
_OF_COUNTRY = re.compile(rf"(?P<name>{_NAME}) {_HOME.format('home')}")
# , Reynard Honda, 54.774 after a driver
_CAR = re.compile(rf", (?P<name>{_NAME}), \d")
# Cosmin Contra (31st); Lund (12, 45 penalty)
_SCORER = re.compile(
    rf"(?P<name>{_NAME}) \(\d{{1,3}}(?:st|nd|rd|th)?(?:[-, +]+(?:\d{{1,3}}(?:st|nd|rd|th)?|pen\w*|og|own goal))*\)"
)
# K. Spiring 130; not U.S. Open
_INITIALS = re.compile(
    r"(?<![\w.])(?!U\.S|U\.N|U\.K|E\.U)(?:[A-Z]\. ?){1,3}(?:(?:van|der|de|den|von) ){0,2}[A-ZÀ-Þ][\w’'-]+"
)
# Waugh 10-0-41-2
_BOWLED = re.compile(rf"(?P<name>{_NAME}) \d+(?:\.\d)?-\d+-\d+-\d+")
# Lund lbw b Waugh 1; Lund c Warne b Waugh 50; Ruiz not out 3
_BATTED = re.compile(
    rf"(?P<name>(?:[A-Z]\. ?)*{_PART}(?: {_PART})?) (?:not out|run out|lbw|c|st|b|and b)(?: (?P<two>(?:[A-Z]\. ?)*{_PART}(?: {_PART})?))?"
    rf"(?: b (?P<three>(?:[A-Z]\. ?)*{_PART}(?: {_PART})?))? \d"
)
# Somerset 83 and 174; Kent 108-3; Derbyshire 24 points
_INNINGS = re.compile(rf"(?:^|(?<=[,;:] ))(?P<name>{_NAME}) \d{{1,3}}(?:-\d)?(?: dec| points?|,| and\b|\.$|$| \()")
# 291 Ana Ruiz 72 76 74 69, Eva Lund 70 79 73 69
_ROUNDS = re.compile(rf"(?P<name>{_FULL})(?: \([A-Z][\w. ]+\))?(?: \d{{2}}){{2,4}}(?=[,;.]|\s*$)")
# July 9 v Kent (three days)
_FIXTURE = re.compile(rf"^[A-Z][a-z]+ \d[\d-]* v (?P<name>{_NAME})")
# Chesterfield: Worcestershire 238; At Hove: Sussex 363
_GROUND = re.compile(rf"^(?:At )?(?P<name>{_NAME}): (?=[A-Z])")
_ITEM = re.compile(rf"(?:\d{{1,2}}\s?[-.]?\s?)?(?P<name>{_NAME})(?: \((?:\d{{1,2}} ?- ?)?(?P<sub>{_NAME})?[^)]*\))?\.?")
_SIDE = re.compile(rf"(?P<name>{_NAME}|[A-Z][a-z]+(?: [a-z]+)*)(?::| -) (?=\d|[A-Z])")
_LABEL = re.compile(r"(?:Did [Nn]ot [Bb]at|Bowling|Scorers?|Sub(?:stitute)?s|Squad|Teams?|Goals|Extras|Line-?up)$")
# France (Cyril Bos, Philippe Ermenault, Jean-Michel Monin) 4:05.104
_GROUP = re.compile(rf"\((?P<names>{_FULL}(?:, {_FULL}){{2,}})\)")
# 10. Paul Lawrie 211,420; 9. Andersson 1:34
_RANKED = re.compile(rf"\d{{1,3}}\. (?P<name>{_NAME}) \d[\d.,:]*\s*$")
_LEAST_ITEMS = 3
_LEAST_SURNAMES = 5
_LEAST_LISTED = 0.7
# LONDON 1996-08-30; OSLO, Norway 12 May
_HEAD = re.compile(
    rf"(?P<name>{_NAME}|[A-Z]['A-Z. -]+)(?:, {_NAME})? (?:\d{{4}}-\d\d-\d\d|\d{{1,2}} [A-Z][a-z]{{2,8}}|[A-Z][a-z]{{2,8}}\.? \d{{1,2}})$"
)
# -- Luli Popescu, Bucharest Newsroom 40-1 3120264
_SIGNED = re.compile(rf"--? ?(?P<name>{_FULL})(?:, (?P<office>{_NAME}))?(?= \(?\+?\d[\d ()-]{{6,}}|\s*$)")
_OFFICE = re.compile(r"(?:Newsroom|Desk|Bureau)$")
_SHORT = frozenset(["-", "–", "c", "b", "st", "lbw"])
_MOST_SMALL = 0.25
"""Maximum share of lower-case words in a row, not counting the words of a score card."""

Found = tuple[int, int, EntityType]


def rows(text: str) -> list[Shape]:
    """Return each name in a row of ``text`` whose form tells its type, in order, none overlapping."""
    sports = sport.is_sport(text)
    alone, cricket = sports and sport.is_alone(text), sports and sport.is_cricket(text)
    found: list[Shape] = []
    for line in _LINE.finditer(text):
        taken: list[tuple[int, int]] = []
        for start, end, kind in _in_line(line.group(), sports=sports, alone=alone, cricket=cricket):
            if not any(a < end and start < b for a, b in taken):
                taken.append((start, end))
                if kind != "ORG" or not _is_nation(line.group()[start:end]):
                    found.append(Shape(line.start() + start, line.start() + end, (kind,)))
    return sorted(found)


def _in_line(line: str, *, sports: bool, alone: bool, cricket: bool) -> Iterator[Found]:
    if head := _HEAD.fullmatch(line.strip()):
        yield *head.span("name"), "GPE"
    if signed := _SIGNED.match(line):
        yield *signed.span("name"), "ORG" if _OFFICE.search(signed["name"]) else "PERSON"
        if signed["office"] and _OFFICE.search(signed["office"]):
            yield *signed.span("office"), "ORG"
    if not sports:
        return
    for match in _INITIALS.finditer(line):
        yield *match.span(), "PERSON"
    if not alone and (fixture := _FIXTURE.match(line)):
        yield *fixture.span("name"), "ORG"
    if not is_row(line):
        return
    if not alone:
        yield from _teams(line)
    if cricket:
        yield from _cricket(line)
    yield from _players(line, alone=alone)


def is_row(line: str) -> bool:
    """Return whether a line is not running text: it has few lower-case words, or figures."""
    words = [word for word in re.findall(r"[\w.'’:/-]+", line) if word not in _SHORT]
    return bool(words) and sum(word[0].islower() for word in words) <= _MOST_SMALL * len(words)


def _teams(line: str) -> Iterator[Found]:
    for match in _SCORE.finditer(line):
        yield *match.span("one"), "ORG"
        yield *match.span("two"), "ORG"
    if meeting := _MATCH.fullmatch(line):
        yield *meeting.span("one"), "ORG"
        if meeting["how"] not in ("at", "AT"):
            yield *meeting.span("two"), "ORG"
    if row := _TABLE.match(line):
        yield *row.span("name"), "ORG"


def _cricket(line: str) -> Iterator[Found]:
    if ground := _GROUND.match(line):
        yield *ground.span("name"), "GPE"
    for match in _BOWLED.finditer(line):
        yield *match.span("name"), "PERSON"
    if batted := _BATTED.match(line):
        for group in ("name", "two", "three"):
            if batted[group] and batted[group] != "Sub":
                yield *batted.span(group), "PERSON"
    for match in _INNINGS.finditer(line):
        yield *match.span("name"), "ORG"


def _players(line: str, *, alone: bool) -> Iterator[Found]:
    for match in _OF_COUNTRY.finditer(line):
        if (alone or " " in match["name"]) and _is_country(match["home"]):
            yield *match.span("name"), "PERSON"
            if car := _CAR.match(line, match.end()):
                yield *car.span("name"), "ORG"
    for pattern in (_SCORER, _ROUNDS):
        for match in pattern.finditer(line):
            yield *match.span("name"), "PERSON"
    for match in _GROUP.finditer(line):
        for name in re.finditer(_FULL, match["names"]):
            yield match.start("names") + name.start(), match.start("names") + name.end(), "PERSON"
    if alone and (ranked := _RANKED.match(line)):
        yield *ranked.span("name"), "PERSON"
    yield from _line_up(line)


def _is_nation(name: str) -> bool:
    what = known(name) or known(name.title())
    return what is not None and (what.kind in ("country", "demonym") or what.name in sport.NATIONS)


def _is_country(word: str) -> bool:
    return (
        country_of(word) is not None
        or country_of(word.rstrip(".")) is not None
        or re.fullmatch("[A-Z]{3}", word) is not None
    )


def _line_up(line: str) -> Iterator[Found]:
    """Yield the names in a line-up: ``Austria: Michael Konsel, Markus Schopp, …``; ``Turkey - 1 - Rustu Recber, 4 -
    Hakan Unsal (14 - Sergen Yalcin, 57th)``."""
    side = _SIDE.match(line)
    at = side.end() if side else 0
    items, bounds = [], [at, *(m.end() for m in re.finditer(r"[,;] ?(?![^()]*\))", line[at:]))]
    bounds = [at, *(b + at for b in bounds[1:]), len(line) + 1]
    for start, end in itertools.pairwise(bounds):
        item = (
            _ITEM.fullmatch(
                line[start:end].rstrip(",; "),
            )
            if start < end
            else None
        )
        items.append((start, item))
    named = [(start, item) for start, item in items if item]
    if len(named) < max(_LEAST_ITEMS, _LEAST_LISTED * len(items)):
        return
    single = sum(" " not in item["name"] for _, item in named)
    if single * 2 > len(named) and not (side or (len(named) >= _LEAST_SURNAMES and len(named) == len(items))):
        return
    if any(known(item["name"]) for _, item in named if " " not in item["name"]):
        return
    if side and not _LABEL.match(side["name"]):
        yield *side.span("name"), "ORG"
    for start, item in named:
        for group in ("name", "sub"):
            if item[group] and not _is_nation(item[group]):
                yield start + item.start(group), start + item.end(group), "PERSON"
