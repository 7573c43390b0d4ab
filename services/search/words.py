"""The query language of ``q``: words, "phrases", ``-exclusions``, ``OR``, and ``field:word``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.text.terms import in_title, search_terms, spaced, words

Doc = dict[str, Any]
Language = str | None

FILTERS = ("entity", "place", "country", "speaker", "actor", "event", "topic", "publisher", "tag", "language",
           "status", "collection", "story", "provider", "slugline", "subject", "currency", "amount", "from",
           "to")  # fmt: skip
"""Each ``field:`` that means the same as the parameter of that name, and `operators.OWN`; ``title:`` searches for words
in the title."""

LONGEST_PHRASE = 60
"""Maximum number of words in a phrase."""
IN_A_ROW = 15
"""How many words one regular expression covers: SecantusDB accepts patterns of up to 1,000 characters."""

_ITEM = re.compile(r'(?P<no>-)?(?:(?P<field>[A-Za-z_]+):(?!//))?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_BETWEEN = r"[\s.,;:!?'\"()\[\]«»“”‘’„–—‐/،؛؟-]"
_QUOTES = str.maketrans("“”„«»", '"""""')


class WrongQuery(ValueError):
    """``q`` cannot be read; the message is one line that says what to change, ``part`` is the wrong part of ``q``."""

    def __init__(self, message: str, part: str = "") -> None:
        super().__init__(message)
        self.part = part


@dataclass(frozen=True, slots=True)
class Sought:
    """A word, or with ``phrase`` consecutive words; with ``title`` only in the title."""

    text: str
    phrase: bool = False
    title: bool = False

    def terms(self, language: Language) -> tuple[str, ...]:
        """Return the terms in a document of this language; empty if all words are stopwords."""
        found = search_terms(self.text, language)
        return tuple(in_title(found) if self.title else found)

    def where(self, languages: Sequence[Language]) -> Doc:
        """Return the filter that finds it in documents of these languages; ``{}`` if every document matches."""
        by_terms: dict[tuple[str, ...], list[Language]] = {}
        for language in languages:
            by_terms.setdefault(self.terms(language), []).append(language)
        if len(by_terms) == 1:
            found = _all(next(iter(by_terms)))
        else:
            found = {"$or": [{"language": {"$in": spoken}, **_all(terms)} for terms, spoken in by_terms.items()]}
        if not self.phrase:
            return found
        rows = [{"$regex": pattern, "$options": "i"} for pattern in self._patterns()]
        fields = ("title",) if self.title else ("text", "title", "deck")
        found_in = [{"$and": [{name: row} for row in rows]} if len(rows) > 1 else {name: rows[0]} for name in fields]
        row = {"$or": found_in} if len(found_in) > 1 else found_in[0]
        return {"$and": [found, row]} if found else row

    def any_term(self, languages: Sequence[Language]) -> list[str] | None:
        """Return terms of which every matching document has at least one; None if there is no such list."""
        found = {max(terms, key=len, default="") for terms in (self.terms(language) for language in languages)}
        return None if "" in found else sorted(found)

    def scored(self, languages: Sequence[Language]) -> list[str]:
        """Return all its terms, without the prefix for titles."""
        return sorted({term for language in languages for term in search_terms(self.text, language)})

    def _patterns(self) -> list[str]:
        """Return regular expressions for a phrase, each for a limited number of words; each begins with the last word
        of the one before."""
        parts = [re.sub("['’ʼ]", "['’ʼ]", re.escape(word)) for word in words(self.text)]
        if not spaced(self.text):
            return [r"\s*".join(parts)]
        rows = [parts[at : at + IN_A_ROW] for at in range(0, max(1, len(parts) - 1), IN_A_ROW - 1)]
        return [f"(?:^|{_BETWEEN}){f'{_BETWEEN}+'.join(row)}(?:$|{_BETWEEN})" for row in rows]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: one of ``any_of`` must match, or with ``excluded`` none of them."""

    any_of: tuple[Sought, ...]
    excluded: bool = False

    def where(self, languages: Sequence[Language]) -> Doc:
        found = [sought.where(languages) for sought in self.any_of]
        if self.excluded:
            return {"$nor": found} if all(found) else {}
        return {} if not all(found) else found[0] if len(found) == 1 else {"$or": found}

    def any_term(self, languages: Sequence[Language]) -> list[str] | None:
        """Return the terms as `Sought` does; None also for an excluded clause."""
        terms = [sought.any_term(languages) for sought in self.any_of]
        if self.excluded or None in terms:
            return None
        return sorted({term for each in terms for term in each or ()})


@dataclass(frozen=True, slots=True)
class Query:
    """A query. All ``clauses`` must match; ``filters`` are ``(parameter, value, excluded)``."""

    clauses: tuple[Clause, ...] = ()
    filters: tuple[tuple[str, str, bool], ...] = ()

    @property
    def sought(self) -> list[Sought]:
        """Return the words to find, without excluded ones."""
        return [sought for clause in self.clauses if not clause.excluded for sought in clause.any_of]


def read(q: str) -> Query:
    """Read a query. Raises WrongQuery."""
    q = unicodedata.normalize("NFC", q.translate(_QUOTES))
    if q.count('"') % 2:
        raise WrongQuery("a quotation mark is not closed", q[q.rindex('"') :])
    clauses: list[Clause] = []
    filters: list[tuple[str, str, bool]] = []
    joining = False
    for item in _ITEM.finditer(q):
        if item["word"] == "OR" and not item["field"] and not item["no"]:
            joining = bool(clauses)
            continue
        value, field, excluded = item["phrase"] or item["word"] or "", (item["field"] or "").lower(), bool(item["no"])
        if field and field != "title":
            if field not in FILTERS:
                raise WrongQuery(f"there is no field {field!r}; allowed before a colon are title, "
                                 f'{", ".join(FILTERS)}; put words with a colon in "quotation marks"', item[0])  # fmt: skip
            filters.append((field, value, excluded))
        elif words(value):
            if item["phrase"] and len(words(value)) > LONGEST_PHRASE:
                raise WrongQuery(
                    f"a phrase has at most {LONGEST_PHRASE} words; leave out some of them, or the quotation marks",
                    item[0],
                )
            sought = Sought(value, phrase=item["phrase"] is not None and len(words(value)) > 1, title=field == "title")
            if joining and not excluded and not clauses[-1].excluded:
                clauses[-1] = Clause((*clauses[-1].any_of, sought))
            else:
                clauses.append(Clause((sought,), excluded))
        joining = False
    return Query(tuple(clauses), tuple(filters))


def _all(terms: tuple[str, ...]) -> Doc:
    if not terms:
        return {}
    return {"terms": terms[0] if len(terms) == 1 else {"$all": list(terms)}}
