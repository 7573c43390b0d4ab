"""Find names that contain their type: ``Health Ministry``, ``Lake Chad``, ``Treaty of Lausanne``, ``“Night Ferry”``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from services.records import EntityType
from services.text.stopwords import stopwords
from workers.enrich.languages.wordlists import DATA, wordlist
from workers.enrich.names.gazetteer import known

MOST_WORDS = 9
_NOT_FIRST = wordlist("not_first")
_WORD = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*(?:['’](?=\s))?")
_ROAD = re.compile(r"\b(?:U\.S\.|US|Route|Interstate|Highway|Autobahn) \d{1,4}\b(?![,.]\d)|\bI-\d{1,3}\b")
_QUOTED = re.compile(r"(?:[\"“«„‘]|(?<!\w)')(?=[A-Z0-9])([^\"”“»«„‘’'\n.?!]{4,60}?),?[\"”»“’'](?!\w)")
_FIRM = re.compile(
    r"\b[A-Z][\w’'-]+(?:, [A-Z][\w’'-]+){1,4},? & [A-Z][\w’'-]+"
    r"|\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)? (?:and|&) (?:Co|Sons)\b(?:\.? (?:Inc|Ltd|Corp|plc|LLC)\b)?"
)
"""Names of partners: ``Holm, Barsk, Ferrin & Oake``, ``Holm Barsk and Co Inc``."""
_SHIP = re.compile(
    r"\b(?:(?<!-)(?:ship|steamship|warship|tanker|freighter|ferry|trawler|frigate|destroyer|corvette|submarine|minesweeper|icebreaker|"
    r"yacht|schooner|tugboat|bulk carrier|aircraft carrier|(?:ocean|cruise|passenger) liner|[Cc]oast [Gg]uard cutter)[ ](?:the )?[\"“‘]?"
    r"|(?=(?:USS|USNS|USCGC|HMS|HMAS|HMCS|HMNZS|RMS|M/?V|M/?T|MS) ))"
    r"(?P<name>[A-Z][\w/’-]*(?: (?:of (?:the )?)?(?:[A-Z][\w’-]*|\d{1,2}\b)){0,3}(?<!['’]s))(?P<after>[”\"’]|,| (?:sank|capsized|ran|collided|sailed|docked|left|arrived|departed)\b)?(?P<acted> [a-z]+(?:ed|ght|old|ook)\b)?"
)
"""Names of ships after the word for one or its prefix: ``ferry Nordlys 2``, ``the tanker “Orion Star”``, ``HMS Wren``."""
_STORM = re.compile(r"(?:Super|Tropical|Severe) $")
_NO_PART = re.compile(r"[^s]['’]s$|-(?:based|owned|backed|led|born|run)$")
_AND = wordlist("and")
_NOT_SHIPS = wordlist("days") | wordlist("not_first") | wordlist("no_names")
_SAINTS = ("St", "Saint")


class Shape(NamedTuple):
    """``types`` are those that the form allows, the likeliest first."""

    start: int
    end: int
    types: tuple[EntityType, ...]


class _Words(NamedTuple):
    last: dict[str, tuple[EntityType, ...]]
    first: dict[str, tuple[EntityType, ...]]
    of: dict[str, tuple[EntityType, ...]]


@lru_cache
def _words() -> _Words:
    table = tomllib.loads((DATA / "shapes.toml").read_text("utf-8"))
    by_word = {
        place: {word: tuple(types.split()) for types, words in rows.items() for word in words.split()}
        for place, rows in table.items()
    }
    return _Words(**by_word)


def shapes(text: str) -> list[Shape]:
    """Return each name in ``text`` whose form shows its type, in order; two that overlap are merged."""
    found: list[Shape] = []
    for shape in sorted(_found(text)):
        if found and shape.start < found[-1].end:
            last = found.pop()
            shape = Shape(last.start, max(last.end, shape.end), last.types)
        found.append(shape)
    return found


def says_what_it_is(name: str) -> bool:
    """Return whether the last word of a name shows its type: ``Health Ministry``."""
    return name.split()[-1] in _words().last or name.split()[0] in _words().of


def _found(text: str) -> Iterator[Shape]:
    words = _words()
    capitalised = [match for match in _WORD.finditer(text) if text[match.start()].isupper()]
    run: list[re.Match[str]] = []
    for match in capitalised:
        if run and not _joined(text, run[-1], match):
            yield from _last(run, words)
            run = []
        run.append(match)
    yield from _last(run, words)
    yield from _before_names(text, capitalised, words)
    yield from (Shape(match.start(), match.end(), ("FAC",)) for match in _ROAD.finditer(text))
    yield from (Shape(match.start(), match.end(), ("ORG",)) for match in _FIRM.finditer(text))
    yield from _ships(text)
    yield from _titles(text)


def _ships(text: str) -> Iterator[Shape]:
    """Yield names of ships; not ``the tanker Iran seized`` nor ``a cruise ship Tuesday``."""
    for match in _SHIP.finditer(text):
        said = match["name"]
        first = said.split()[0]
        one = " " not in said and match["acted"]  # the yacht Holm bought
        if first in _NOT_SHIPS or ((known(said) or known(first) or one) and not match["after"]):
            continue
        yield Shape(*match.span("name"), ("PRODUCT",))


def _joined(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    between = text[one.end() : other.start()]
    return between in (" ", " & ") or (between == ". " and one.group() in ("St", "Mt", "Ft", "Dr", "U.S", "U.N"))


def _own(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)


def _last(run: list[re.Match[str]], words: _Words) -> Iterator[Shape]:
    """Yield the run of capitalised words up to the last word that shows a type, without leading small words and
    owners."""
    ends = [at for at, word in enumerate(run) if _own(word.group()) in words.last]
    if not ends:
        return
    stop = ends[-1]
    start = max(0, stop - MOST_WORDS)
    for at in range(start, stop):
        word = run[at].group()
        owner = _NO_PART.search(word) and not (at and run[at - 1].group() in _SAINTS)  # St. Paul's Church
        if word.lower() in stopwords("en") or word in _NOT_FIRST or owner:
            start = at + 1
    if start < stop:
        head = run[stop]
        yield Shape(run[start].start(), head.start() + len(_own(head.group())), words.last[_own(head.group())])


def _before_names(text: str, capitalised: list[re.Match[str]], words: _Words) -> Iterator[Shape]:
    """Yield names that begin with a word for their type: ``Lake Chad`` and ``Ministry of Health and Social
    Affairs``."""
    for head in capitalised:
        word, end = head.group(), head.end()
        if word in words.first and (name := re.compile(r" [A-Z][\w'’-]+(?<!['’]s)").match(text, end)):
            lead = _STORM.search(text, max(0, head.start() - 9), head.start())
            yield Shape(lead.start() if lead else head.start(), name.end(), words.first[word])
        elif word in words.of and (of := re.compile(r" (?:of|for) (?:the )?(?=[A-Z])").match(text, end)):
            last = end
            joins = r" (?:and )?" if word in _AND else " "
            at, part = of.end(), re.compile(r"[A-Z][\w-]*(?:['’]s(?= [A-Z]))?")
            while len(text[head.start() : last].split()) < MOST_WORDS and (name := part.match(text, at)):
                last = name.end()
                gap = re.compile(joins).match(text, last)
                at = gap.end() if gap else last
                if not gap:
                    further = re.compile(r" of (?:the )?(?=[A-Z])").match(text, last) if "for" in of.group() else None
                    if further is None:
                        break
                    at = further.end()
            lead = re.compile(r"(?:[A-Z][\w-]+ ){1,3}$").search(text, max(0, head.start() - 60), head.start())
            start = head.start()
            for match in reversed(list(_WORD.finditer(lead.group()))) if lead else ():
                if match.group().lower() in stopwords("en") or match.group() in _NOT_FIRST:
                    break
                start = lead.start() + match.start()  # type: ignore[union-attr]
            yield Shape(start, last, words.of[word])


def _titles(text: str) -> Iterator[Shape]:
    """Yield titles of works: two to eight words in quotation marks, with capitals on all but small words."""
    for match in _QUOTED.finditer(text):
        said = match.group(1).split()
        heavy = [word for word in said if word.lower() not in stopwords("en")]
        capital = all(word[0].isupper() or word[0].isdigit() for word in heavy) and said[-1][0].isupper()
        if 2 <= len(said) <= 8 and heavy and capital:
            yield Shape(match.start(1), match.end(1), ("WORK",))
