"""Give people and organizations the id by which all documents know them: a digest of the full name.

An id needs no counter and no look-up, so workers that meet a name at the same time give it the same id, and the id of
a name tells nothing about other documents. Where one name belongs to several people, each of the others has an id of
its own: that of the name, a dot, and eight more digits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from services.callings import FIELD_OF
from services.text.accents import without_accents

KINDS = ("PERSON", "ORG")
"""The types of entities that have an id."""
PATTERN = r"^[0-9a-f]{16}(?:\.[0-9a-f]{8})?$"

_ID = re.compile(PATTERN, re.ASCII)
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_SILENT = re.compile(r"[.'’‘ʼ`´]")  # removed: J.R. is jr, O'Neill is oneill
_GAPS = re.compile(r"[^\w]+|_")  # a space: al-Assad is al assad
_POSSESSIVE = re.compile(r"['’]s$")
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "dame",
        "lord",
        "lady",
        "rev",
        "gen",
        "col",
        "capt",
        "lt",
        "sgt",
        "sen",
        "rep",
        "gov",
        "king",
        "queen",
        "prince",
        "princess",
        "sheikh",
        "sheik",
        "ayatollah",
    ]
)
_LEGAL = frozenset(
    [
        "inc",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "llc",
        "llp",
        "plc",
        "gmbh",
        "ag",
        "sa",
        "nv",
        "bv",
        "spa",
        "ab",
        "asa",
        "oyj",
        "kk",
    ]
)
_AFTER = frozenset(["jr", "sr", "ii", "iii", "iv"])
_UNSURE = "0" * 8
_LONGEST = 12  # words; anything longer is no name


def is_id(text: str) -> bool:
    """Return whether a text has the form of an id."""
    return _ID.fullmatch(text) is not None


@lru_cache(maxsize=20_000)
def folded(type_: str, name: str) -> str | None:
    """Return a full name as it is compared: in lower case, without accents, points, titles and legal forms. None for
    what does not identify anybody by itself: a surname, and initials of an organization with up to three letters.
    """
    plain = without_accents(_POSSESSIVE.sub("", name).casefold().translate(_LETTERS))
    words = _GAPS.sub(" ", _SILENT.sub("", plain)).split()
    if len(words) > _LONGEST:
        return None
    if type_ == "PERSON":
        while words and words[0] in _TITLES:
            del words[0]
        if len(words) > 2 and words[0] in FIELD_OF:  # Farmer Luis Ortega, but not Baker Mayfield
            del words[0]
        given = name.lstrip().split()
        while given and given[0][0].islower():  # van Dyck, al-Assad
            del given[0]
        full = len(given) > 1 and sum(len(word) > 1 and word not in _AFTER for word in words) > 1
        return " ".join(words) if full else None
    if type_ == "ORG":
        words = words[1:] if words[:1] == ["the"] and len(words) > 1 else words
        while len(words) > 1 and words[-1] in _LEGAL:
            del words[-1]
        letters = "".join(words)
        initials = len(words) == 1 and (name.isupper() or len(letters) < 3) and len(letters) <= 3
        return " ".join(words) if letters and not initials else None
    return None


def is_company(name: str) -> bool:
    """Return whether the name of an organization ends with a legal form: ``Fjord Bank Ltd.``"""
    words = _GAPS.sub(" ", _SILENT.sub("", name.casefold())).split()
    return len(words) > 1 and words[-1] in _LEGAL


def of_name(type_: str, name: str) -> str | None:
    """Return the id of a name, 16 hexadecimal digits, or None if the name identifies nobody."""
    plain = folded(type_, name)
    if plain is None:
        return None
    return hashlib.blake2b(f"{type_}\0{plain}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def base(id: str) -> str:
    """Return the id of the name, for the id of any person with this name."""
    return id.partition(".")[0]


def unsure(name_id: str) -> str:
    """Return the id for a mention that may be any of several people of one name."""
    return f"{base(name_id)}.{_UNSURE}"


def is_unsure(id: str) -> bool:
    """Return whether an id is that of `unsure`."""
    return id.endswith(f".{_UNSURE}")


def namesake(name_id: str, document: str) -> str:
    """Return the id of another person of the same name, who was first found in a document."""
    return f"{name_id}.{hashlib.blake2b(document.encode(), digest_size=4).hexdigest()}"


def of_names(type_: str, name: str, aliases: Iterable[str]) -> list[str]:
    """Return the id of an entity's name, and the ids of those of its aliases that are full names. The list is empty if
    the name itself identifies nobody."""
    own = of_name(type_, name)
    if own is None:
        return []
    others = (of_name(type_, alias) for alias in aliases if alias[:1].isupper())
    return list(dict.fromkeys([own, *(one for one in others if one)]))
