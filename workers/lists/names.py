"""Reduce names to words that can be compared across Latin, Cyrillic and Arabic script, and compare them.

A name is split and transliterated by rigour's compiled module; what that leaves in another script, such as Arabic, is
transliterated by anyascii. Each word has three forms: as transliterated (``zelenskyy``), with the spellings of
transliterations joined (``zelenski``), and its consonants (``zlnsk``), since Arabic script leaves out most vowels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from anyascii import anyascii
from rapidfuzz.distance import Levenshtein
from rigour._core import maybe_ascii, person_name_prefixes_list, remove_org_types, tokenize_name

Kind = Literal["person", "organization", "ship", "place", "any"]

EXACT, ORDER, SPELLING, SCRIPT, LETTER, SHORT_LETTER = 0.95, 0.93, 0.92, 0.88, 0.88, 0.80
"""Scores of a name: the same words; in another order; transliterated in another way; by its consonants in Arabic
script; with one letter different in a long word; in a short word."""
ONE_WORD, ACRONYM, SHIP_WORD = 0.90, 0.75, 0.80
"""Scores of a name of one word: of an organization; of three letters or fewer; of a ship."""
MIDDLE, MORE, UNPAIRED = 0.04, 0.12, 0.15
"""What is taken off for one middle name that only one side has; for two or more; for each other word of organizations."""
LONG_WORD, SHORT_WORD = 8, 5
LEAST_CONSONANTS = 5
"""A name in Arabic script needs at least this many consonants to be recognised by them."""

_PARTICLES = frozenset(
    ("al", "el", "bin", "bn", "ibn", "ben", "bint", "de", "da", "di", "du", "del", "della", "van", "von", "der", "den",
     "la", "le", "the")
)  # fmt: skip
_BEFORE = frozenset(
    word for prefix in person_name_prefixes_list() for word in re.findall(r"\w+", prefix.casefold()) if len(word) > 1
)
"""Titles before a person's name: ``Dr``, ``Ambassador``."""
_AFTER = frozenset(("jr", "sr", "ii", "iii", "iv"))
_SHIP_PREFIX = re.compile(r"^(?:the\s+)?(?:[MS][./ ]?[VTS]\.?|USS|HMS|RMS|FV|F/V)\s+(?=\S)", re.IGNORECASE)
"""Match the start of ``MV Wakashio``, ``M/T Prestige``, ``the SS Norden``; not that of ``Estonia`` or ``Stella``."""
_ARTICLE = "\u0627\u0644"  # alif lam
_ALLAH = "\u0627\u0644\u0644\u0647"
"""The last part of ``Nasrallah`` and ``Abdullah``, which Arabic writes as a word of its own."""
_SERVANT = "\u0639\u0628\u062f"
"""The first part of ``Abdel Fattah`` and ``Abdurrahman``."""
_ABD_APART = re.compile(
    rf"\b(?:abd(?:[aeu]l|[eu][drsz])?|абд(?:[еэу]ль?|у[рс])?)[\s-]+(?:(?:al|el|аль|эль)[\s-]+)?(?=\w{{3}})|\b{_SERVANT}\s+(?:{_ARTICLE})?(?=\w{{2}})",
    re.IGNORECASE,
)
"""Match ``Abdel `` of ``Abdel Fattah``, ``Abd al-`` of ``Abd al-Rahman``, the same in Cyrillic and Arabic; not ``Abdi ``."""
_ABD_TOGETHER = re.compile(r"\babd(?:[aeu]l(?=(?!lah)\w{4})|[eu]([rsdnzt])(?=\1\w{3}))", re.IGNORECASE)
"""Match ``Abdel`` of ``Abdelfattah``, ``Abdur`` of ``Abdurrahman``; not the start of ``Abdullah`` or ``Abdeli``."""
_ASSIMILATED = re.compile(r"\b(?:a([sdrnzt])h?|а([сшрднзт]))-(?=(?:\1|\2)\w{2})", re.IGNORECASE)
"""Match the article of ``as-Sisi`` and ``ар-Рашид``; not ``An-Lie``."""
_SPELLINGS = (
    (re.compile(r"(?:iyy|yy|iy|ij|yj|ii|yi|ey|y|i)$"), "i"),  # zelenskyy, zelenskiy, zelensky
    (re.compile(r"c(?=[aouklrt]|$)"), "k"),  # victor, viktor
    (re.compile(r"shch|sch|sh|sj|ch|tch|tsch"), "c"),  # lukaschenko, lukashenko
    (re.compile(r"kh"), "h"),  # khrushchev
    (re.compile(r"zh|dzh|dj"), "j"),  # zhukov
    (re.compile(r"tz|ts"), "z"),
    (re.compile(r"ph"), "f"),  # ophelia
    (re.compile(r"ck|q"), "k"),  # qasem, kasem
    (re.compile(r"x"), "ks"),  # alexander, aleksandr
    (re.compile(r"ou|oo"), "u"),
    (re.compile(r"ee"), "i"),
    (re.compile(r"w"), "v"),
    (re.compile(r"(?<=[aeiou])y|y(?=[aeiou])"), "i"),
    (re.compile(r"y"), "i"),
    (re.compile(r"i(?=[aeou])"), ""),  # yury, iuri; sergeyev, sergeev
    (re.compile(r"(.)\1+"), r"\1"),  # muhammad
)
_CONSONANTS = (
    (re.compile(r"dh|th"), "d"),
    (re.compile(r"gh|g"), "k"),  # gaddafi, qaddafi
    (re.compile(r"t"), "d"),
    (re.compile(r"p"), "b"),  # Arabic has no p
    (re.compile(r"v"), "f"),  # and no v
    (re.compile(r"[aeiouw'`]"), ""),
    (re.compile(r"(?<=.)h$"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name. ``vowels`` is false if its script leaves them out."""

    form: str
    spelling: str
    key: str
    vowels: bool

    @property
    def is_initial(self) -> bool:
        return len(self.form) == 1


@lru_cache(maxsize=65_536)
def word(text: str) -> Word | None:
    """Return a word in the forms that are compared; None if no letter or digit is left."""
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    arabic = any("\u0600" <= char <= "\u06ff" for char in text)
    if arabic:
        text = text.replace("\u0640", "").removeprefix(_ARTICLE) if len(text) > len(_ARTICLE) + 1 else text
    latin = maybe_ascii(text)
    if not latin.isascii():
        latin = anyascii(text)
    if arabic:
        latin = latin.replace("w", "")  # a vowel more often than not
    form = "".join(char for char in latin.casefold() if char.isalnum())
    if not form:
        return None
    spelling = form
    for pattern, by in _SPELLINGS:
        spelling = pattern.sub(by, spelling)
    key = spelling
    for pattern, by in _CONSONANTS:
        key = pattern.sub(by, key)
    return Word(form, spelling or form, key or form, not arabic)


def _joined(found: re.Match[str]) -> str:
    """Return the first part of such a name, so that it is one word with the second."""
    return _SERVANT if found[0].startswith(_SERVANT) else "abd"


def words(name: str, kind: Kind) -> tuple[Word, ...]:
    """Return the words of a name, without titles, particles, legal forms and the abbreviations before ships' names."""
    text = unicodedata.normalize("NFKC", name).removesuffix("\u2019s").removesuffix("'s").replace(f" {_ALLAH}", _ALLAH)
    if kind == "person":
        text = _ABD_TOGETHER.sub("abd", _ABD_APART.sub(_joined, _ASSIMILATED.sub("", text)))
    if kind == "ship":
        text = _SHIP_PREFIX.sub("", text)
    if kind in ("organization", "any"):
        text = remove_org_types(text.casefold(), 0, 0, "").strip() or text
    if "," in text and kind == "person":  # PUTIN, Vladimir
        last, _, first = text.partition(",")
        text = f"{first} {last}"
    found = [one for part in tokenize_name(text.replace("-", " ")) if (one := word(part))]
    if kind == "person":
        while len(found) > 2 and found[0].form in _BEFORE:
            del found[0]
        while len(found) > 2 and found[-1].form in _AFTER:
            del found[-1]
    return tuple(one for one in found if one.form not in _PARTICLES) or tuple(found)


@dataclass(frozen=True, slots=True)
class Likeness:
    score: float
    reason: str


def alike(one: Word, other: Word) -> tuple[float, str] | None:
    """Return how alike two words are, and why; None if they are different words."""
    if one.form == other.form:
        return 1.0, ""
    if not (one.vowels or other.vowels):
        return None
    if not (one.vowels and other.vowels):
        return (SCRIPT, "its consonants") if one.key == other.key else None
    if one.spelling == other.spelling:
        return SPELLING, "another spelling"
    shorter = min(len(one.form), len(other.form))
    if f"{one.form}a" == other.form or one.form == f"{other.form}a":  # selivanov, selivanova
        return None
    if shorter >= SHORT_WORD and Levenshtein.distance(one.form, other.form, score_cutoff=1) == 1:
        return (LETTER if shorter >= LONG_WORD else SHORT_LETTER), "one letter different"
    return None


def compare(text: Sequence[Word], listed: Sequence[Word], kind: Kind) -> Likeness | None:
    """Return how alike a name in a text and a name on a list are; None if they are different names.

    Each word of one side is paired with at most one of the other. A name in which two words differ, or in which both
    sides have a word that the other lacks, is another name. A person needs two words that are alike.
    """
    pairs: list[tuple[int, float, str]] = []
    left = dict(enumerate(listed))
    alone: list[Word] = []
    for one in text:
        found = [(like, at) for at, other in left.items() if (like := alike(one, other))]
        if found:
            (score, why), at = max(found, key=lambda pair: (pair[0][0], -pair[1]))
            pairs.append((at, score, why))
            del left[at]
        else:
            alone.append(one)
    if not pairs or sum(why == "one letter different" for _, _, why in pairs) > 1:
        return None
    initials = [at for at, other in left.items() if any(_short_for(one, other) for one in alone)]
    if initials and kind == "person" and len(pairs) > 1:  # John R. Smith, John Robert Smith
        alone = [one for one in alone if not any(_short_for(one, left[at]) for at in initials)]
        for at in initials:
            del left[at]
    if kind == "person" and (0 in left or len(listed) - 1 in left):
        return None  # the first name or the surname is another
    if kind == "person":
        return _person(text, pairs, alone, [*left.values()])
    return _thing(text, pairs, alone, [*left.values()], kind)


def _short_for(one: Word, other: Word) -> bool:
    return (one.is_initial or other.is_initial) and one.form[0] == other.form[0]


def _base(text: Sequence[Word], pairs: Sequence[tuple[int, float, str]]) -> tuple[float, str]:
    score = min(score for _, score, _ in pairs)
    reasons = [why for _, _, why in pairs if why]
    if score == 1.0:
        places = [at for at, _, _ in pairs]
        return (EXACT, "the same name") if places == sorted(places) else (ORDER, "the same name in another order")
    if any(why == "its consonants" for why in reasons) and sum(len(one.key) for one in text) < LEAST_CONSONANTS:
        return 0.0, ""
    return score, reasons[0]


def _person(
    text: Sequence[Word], pairs: Sequence[tuple[int, float, str]], alone: Sequence[Word], left: Sequence[Word]
) -> Likeness | None:
    if len(pairs) < 2 or (alone and left) or sum(len(one.form) > 1 for one in text) < 2:
        return None
    score, reason = _base(text, pairs)
    if more := [*alone, *left]:
        score -= MIDDLE if len(more) == 1 else MORE
        reason += ", a middle name more" if alone else ", a middle name less"
    return Likeness(score, reason)


def _thing(
    text: Sequence[Word],
    pairs: Sequence[tuple[int, float, str]],
    alone: Sequence[Word],
    left: Sequence[Word],
    kind: Kind,
) -> Likeness | None:
    if alone and left:
        return None
    score, reason = _base(text, pairs)
    if reason == "the same name in another order":
        return None
    letters = sum(len(one.form) for one in text)
    if kind != "place" and len(text) == 1:
        least = SHIP_WORD if kind == "ship" else ONE_WORD
        score = min(score, ACRONYM if letters <= 3 else least)
    return Likeness(score - UNPAIRED * len([*alone, *left]), reason)
