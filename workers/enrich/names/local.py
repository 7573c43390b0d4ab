"""Find where a document's readers are, from its address, its publisher's name, and its regional expressions.

When a local paper writes ``Athens``, it means its own Athens. ``athensreview.com``, ``The Columbus Dispatch`` and
``/arlington_news/`` name a town; ``selectmen`` and ``Interstate 20`` show that it is in the United States.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from services.records import Article, Entity
from workers.enrich.languages.wordlists import wordlist
from workers.enrich.names.gazetteer import TOWNS, Spot, country_of, spots, tables
from workers.enrich.names.home import address_country

_PRESS = wordlist("press")
"""Words that names of newspapers and stations contain besides the town: ``times``, ``register``, ``live``."""
_LONGEST_FIRST = sorted(_PRESS, key=len, reverse=True)
SHORTEST = 4
"""Minimum number of letters of a town's name in an address; ``usa`` and ``bay`` are too short."""
SMALLEST = 1_000
"""Minimum number of inhabitants of a place that a newspaper is named after."""
_SECTION = re.compile(r"/([a-z]+(?:[_-][a-z]+)?)[_-]news(?=/)")  # /dublin_news/
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")

BY_LANGUAGE, BY_ADDRESS = 0.5, 2.5
"""What a place gains if it is in the readers' country according to the language or the document's address: in
``lfp.example.ca``, London is in Ontario unless something in the text suggests the other one."""
BY_IDIOM, ONE_IDIOM = 2.5, 1.5
"""What it gains from two or more expressions of its country, and from one."""
_LANGUAGES = {"fr": "FR", "ru": "RU"}
"""To French readers, Brest alone is in Brittany, although the one in Belarus is twice as large."""
FOREIGN = 2
"""How many expressions are outweighed by one mention of a foreign country."""
_AMERICAN = re.compile(
    r"\b(?:(?P<road>Interstate \d|I-\d\d|U\.S\. (?:Highway )?\d{1,3}\b|(?:State )?Route \d)|"
    r"(?P<patrol>Highway Patrol|State Police|[Ss]tate troopers?)|(?P<sheriff>[Ss]heriff)|"
    r"(?P<city>City (?:Council|Commission|Manager)|[Cc]ouncil(?:man|woman)\b|[Aa]lderm[ae]n|[Ss]electm[ae]n)|"
    r"(?P<board>Board of (?:Education|Supervisors|Commissioners|Zoning))|(?P<township>Township)|"
    r"(?P<school>[Ss]chool [Dd]istrict|[Ee]lementary [Ss]chool|[Hh]igh [Ss]chool|sophomore|freshman)|"
    r"(?P<county>County (?:Commission|Jail|Attorney|Courthouse|Road|Sheriff))|"
    r"(?P<law>[Dd]istrict [Aa]ttorney|[Gg]rand [Jj]ury|felony|misdemeanor)|(?P<party>Republicans?|GOP)\b|"
    r"(?P<spelling>[Cc]enters?\b|[Cc]olor|[Nn]eighbor|[Hh]onored|[Ll]abor\b)|(?P<phone>\(\d{3}\) \d{3}-\d{4}))"
)
_NOT_AMERICAN = re.compile(r"\b(?:[Cc]entres?\b|[Cc]olour|[Nn]eighbour|[Hh]onour|[Ll]abour\b|[Pp]rogrammes?\b)")
_CANADIAN = re.compile(r"\b(?:OPP|RCMP|Mounties|Const\. [A-Z])")


def countries(article: Article, language: str | None) -> dict[str, float]:
    """Return what places gain in the countries where the readers are."""
    home = {_LANGUAGES[language]: BY_LANGUAGE} if language in _LANGUAGES else {}
    if country := address_country(article):
        home[country] = BY_ADDRESS
    elif (language or "en") == "en":
        home |= _idiom(article)
    return home


def _idiom(article: Article) -> dict[str, float]:
    """Return what places gain in the country whose expressions the text uses, unless the document mentions other
    countries more often."""
    foreign = sum(map(_is_foreign, article.entities))
    if _CANADIAN.search(article.text) and not foreign:
        return {"CA": BY_IDIOM}
    if _NOT_AMERICAN.search(article.text):
        return {}
    idioms = len({match.lastgroup for match in _AMERICAN.finditer(article.text)})
    states = sum(entity.name in tables().states for entity in article.entities)
    told = idioms + states - FOREIGN * foreign
    if told < 1 or (idioms, states) == (0, 1):  # one state alone does not put Paris in it
        return {}
    return {"US": BY_IDIOM if told > 1 else ONE_IDIOM}


def _is_foreign(entity: Entity) -> bool:
    """Return whether it names a country other than the United States and is not also the name of an American town:
    ``Lebanon``, ``Berlin``."""
    country = country_of(entity.name)
    if country is None or country.iso in ("US", "CA") or entity.name in tables().states:
        return False
    return not any(spot.kind in TOWNS and spot.how == "own" and spot.country == "US" for spot in spots(entity.name))


def named(article: Article) -> dict[str, list[Spot]]:
    """Return the place names in the address and the publisher's name, each with all places of that name."""
    return {said: found for said in _names(article) if (found := _places(said))}


def _names(article: Article) -> Iterator[str]:
    words = _WORD.findall(article.publisher or "")
    rest = [word for word in words if word.casefold() not in _PRESS]
    if 0 < len(rest) < len(words):
        yield " ".join(rest)
    address = urlsplit(article.url or "")
    for section in _SECTION.findall(address.path):
        yield re.sub("[_-]", " ", section).title()
    labels = (address.hostname or "").split(".")[:-1]
    bare = [(label, _bare(label)) for label in labels]
    if any(label != less for label, less in bare):
        for _, less in bare:
            yield from _written(less)


def _bare(label: str) -> str:
    """Return the label of a host's name without the words of the press around it: ``athens`` of ``athensreview``."""
    rest = label.replace("-", " ").strip()
    while True:
        word = next((word for word in _LONGEST_FIRST if rest.endswith(word) or rest.startswith(word)), None)
        if word is None:
            return rest
        rest = (rest.removesuffix(word) if rest.endswith(word) else rest.removeprefix(word)).strip()


def _written(name: str) -> Iterator[str]:
    """Yield the ways to write a name that has no spaces: ``lasvegas`` as ``Las Vegas``."""
    if len(name) < SHORTEST:
        return
    yield name.title()
    for at in range(3, len(name) - 2):
        yield f"{name[:at]} {name[at:]}".title()


def _places(name: str) -> list[Spot]:
    found = (
        [spot for spot in spots(name) if spot.how == "own" and spot.kind != "village"] if len(name) >= SHORTEST else []
    )
    whole = [spot for spot in found if spot.kind in ("country", "region")]
    return whole or [spot for spot in found if spot.population >= SMALLEST]
