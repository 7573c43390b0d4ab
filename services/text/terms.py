"""Search terms: stems of words, for a multikey index that works on every server."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import snowballstemmer

from services.text.accents import without_accents
from services.text.digits import fold_digits
from services.text.stopwords import stopwords

LONGEST_TERM = 64
_LANGUAGES = (
    "ar=arabic ca=catalan da=danish de=german el=greek en=english es=spanish fi=finnish fr=french hi=hindi "
    "hu=hungarian hy=armenian id=indonesian it=italian nb=norwegian nl=dutch no=norwegian pt=portuguese "
    "ro=romanian ru=russian sr=serbian sv=swedish ta=tamil tr=turkish"
)
_STEMMERS = {code: name for code, _, name in (pair.partition("=") for pair in _LANGUAGES.split())}
_MARKS = "".join(chr(code) for code in range(0x300, 0xFE00) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_LETTERS = rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*"  # for `re` a vowel sign ends a word: `हिन्दी` would be three words
_WORD = re.compile(rf"{_LETTERS}(?:['’ʼ]{_LETTERS})?")
_APOSTROPHES = str.maketrans("’ʼ", "''")
_ENDINGS = frozenset(["s", "t", "d", "m", "ll", "re", "ve"])  # after an apostrophe: ship's, don't, they're
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"  # Japanese, Chinese, Korean
)
_RUN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


@lru_cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(_STEMMERS[language]) if language in _STEMMERS else None


@lru_cache(maxsize=50_000)
def _term(word: str, language: str) -> str:
    stemmer = _stemmer(language)
    stem = stemmer.stemWord(word) if stemmer else word
    return without_accents(stem)[:LONGEST_TERM]


def search_terms(text: str, language: str | None) -> list[str]:
    """Return the terms of a text or query, unique and sorted. Use the same ``language`` for both. Terms are Snowball
    stems in lower case without stopwords, with digits, accents and apostrophes folded. Chinese, Japanese, Korean, Thai,
    Lao, Burmese and Khmer give pairs of characters, since their words have no spaces between them.
    """
    code = _primary(language)
    found: set[str] = set()
    for word in set(_WORD.findall(_folded(text))):
        found |= _terms_of(word, code)
    return sorted(found)


def spans(text: str, language: str | None) -> Iterator[tuple[int, int, set[str]]]:
    """Yield each word of ``text`` in order: its offsets in code points and its terms, which may be empty."""
    code = _primary(language)
    for match in _WORD.finditer(text.translate(_APOSTROPHES)):
        yield match.start(), match.end(), _terms_of(_folded(match.group()), code)


def in_title(terms: Iterable[str]) -> list[str]:
    """Return the terms of a title with the prefix that they have in ``terms``, beside the plain ones, so that one index
    finds both."""
    return [f"title:{term}" for term in terms]


def spaced(text: str) -> bool:
    """Return whether spaces separate the words of ``text``; false for Chinese, Japanese, Korean, Thai, Lao, Burmese and
    Khmer."""
    return not _IS_UNSPACED.search(text)


def words(text: str) -> list[str]:
    """Return the words of ``text`` unchanged, including apostrophes inside them."""
    return _WORD.findall(text)


def _primary(language: str | None) -> str:
    return (language or "").split("-")[0]


def _folded(text: str) -> str:
    return fold_digits(unicodedata.normalize("NFKC", text)).lower().translate(_APOSTROPHES)


def _terms_of(word: str, code: str) -> set[str]:
    if (
        code == "en"
    ):  # `ministers'` has no apostrophe inside; `O'Brien` and `Xi'an` are also written `OBrien` and `Xian`
        first, _, rest = word.partition("'")
        word = first if rest in _ENDINGS else first + rest
    found = set()
    for run in _RUN.findall(word):
        if _IS_UNSPACED.match(run):
            found.update({run} if len(run) == 1 else {a + b for a, b in pairwise(run)})
        elif run not in stopwords(code) and (len(run) > 1 or run.isdigit()):
            found.add(_term(run, code))
    return found - {""}
