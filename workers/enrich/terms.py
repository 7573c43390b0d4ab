"""Search terms: stems, unique and sorted, for a multikey index that works on every server."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Any

import snowballstemmer

from workers.digits import fold_digits
from workers.enrich.base import Reading, Stage
from workers.enrich.stopwords import stopwords

LONGEST_TERM = 64
_LANGUAGES = (
    "ar=arabic ca=catalan da=danish de=german el=greek en=english es=spanish fi=finnish fr=french hi=hindi "
    "hu=hungarian hy=armenian id=indonesian it=italian nb=norwegian nl=dutch no=norwegian pt=portuguese "
    "ro=romanian ru=russian sr=serbian sv=swedish ta=tamil tr=turkish"
)
_STEMMERS = {code: name for code, _, name in (pair.partition("=") for pair in _LANGUAGES.split())}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_RUN = re.compile(f"[{_CJK}]+|[^{_CJK}]+")


@lru_cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(_STEMMERS[language]) if language in _STEMMERS else None


@lru_cache(maxsize=50_000)
def _term(word: str, language: str) -> str:
    stemmer = _stemmer(language)
    stem = stemmer.stemWord(word) if stemmer else word
    return "".join(char for char in unicodedata.normalize("NFKD", stem) if not unicodedata.combining(char))[
        :LONGEST_TERM
    ]


def search_terms(text: str, language: str | None) -> list[str]:
    """The terms of a text or of a query: use the same ``language`` for both.

    Lower case, digits and accents folded, stopwords out, Snowball stems; Chinese, Japanese and Korean as pairs of
    characters, since their words have no spaces between them.
    """
    code = (language or "").split("-")[0]
    ignored = stopwords(code)
    found = set()
    for match in _WORD.finditer(fold_digits(unicodedata.normalize("NFKC", text)).lower()):
        word = match.group().partition("'")[0].partition("’")[0] if code == "en" else match.group()
        for run in _RUN.findall(word):
            if _RUN.match(run) and re.match(f"[{_CJK}]", run):
                found.update({run} if len(run) == 1 else {a + b for a, b in pairwise(run)})
            elif run not in ignored and (len(run) > 1 or run.isdigit()):
                found.add(_term(run, code))
    return sorted(found - {""})


def run(reading: Reading) -> list[str]:
    """The stage: terms of title, deck and text."""
    article = reading.article
    return search_terms(
        "\n".join(part for part in (article.title, article.deck, article.text) if part), article.language
    )


STAGE = Stage("terms", 1, run, needs=frozenset({"language"}))
