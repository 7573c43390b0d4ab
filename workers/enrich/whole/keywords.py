"""Find keyphrases: names and noun phrases that occur often, early and in the title, none inside another."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from services.records import Article, Entity, Keyword
from services.text.stopwords import stopwords
from workers.calendars import month_names, names_of_days
from workers.enrich.base import Reading, Stage
from workers.enrich.languages import russian
from workers.enrich.languages.lemmas import lemma
from workers.enrich.languages.wordlists import wordlist
from workers.enrich.names.gazetteer import known
from workers.enrich.names.roles import is_calling

MOST = 10
LONGEST = 4
LEAST_SCORE = 0.2
_ONCE = 600
"""A name that is used once, and not in the title, must be within this many characters of the start."""
_ONCE_PHRASE = 1_500
_CONTAINER = 0.5
"""Weight of a phrase that `of` always follows: the `cup` of a cup of tea, the `illegal chain` of shops."""
_OF = re.compile(r" of (?:an? |the )?[a-z]")
_LISTED = re.compile(r", (?:[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*){0,3}(?:, and |, | and )){1,}")
"""What follows a name in a list of names: `, Ohio, Iowa and ` after `Utah`."""
_WORD = re.compile(r"[^\W\d_][\w’'-]*|\d+|[^\w\s]|\n\n")
_GERMAN_ADJECTIVE = re.compile(
    r"(?!kein|sein|ihr|dies|jed|unser|welch|solch|viel|wenig|mein|zwischen|sieben)[a-zäöüß-]+(?:(?<!t)e|(?<!t)en|er|es|em)"
)
"""``geplante`` is left out with the verbs (``teilte``), ``neue`` and ``gestohlener`` are adjectives."""
_PARTS = {"NOUN", "PROPN", "ADJ"}
_NAMED = frozenset(["PERSON", "ORG", "GPE", "LOC", "FAC", "EVENT", "WORK", "LAW", "PRODUCT"])
_VAGUE = wordlist("vague")
_VAGUE_ALONE = wordlist("vague_alone")
_WEAK = wordlist("weak_adjectives")

Use = tuple[str, int]
"""A phrase as written, and its position."""


def run(reading: Reading) -> list[Keyword]:
    """Return up to 10 keyphrases, the best first; ``score`` is 0 to 1.

    Names are those of the entities, whole. A phrase weighs frequency x earliness x length: log2(1 + count) x
    (1 + 1 / (1 + offset / 500)) x sqrt(words), half as much again if the title has it, half if `of` always
    follows. A name that is used only once, in a list of names, is not a keyphrase. The parser finds noun phrases;
    in a language without one, runs of words between stopwords are used. No two keyphrases share a word.
    """
    article = reading.article
    phrases: dict[str, list[Use]] = defaultdict(list)
    named = {entity.name.casefold() for entity in article.entities}
    for text, start in [*_names(article), *_common(reading)]:
        phrases[text.casefold()].append((text, start))
    title = (article.title or "").casefold()
    scored = []
    for key, uses in phrases.items():
        first, titled = min(start for _, start in uses), key in title
        if len(uses) == 1 and not titled and key in named and _LISTED.match(article.text, first + len(uses[0][0])):
            continue
        if len(uses) == 1 and not titled and first > (_ONCE if key in named else _ONCE_PHRASE):
            continue
        length = min(2, len(key.split())) if key in named else len(key.split())
        score = math.log2(1 + len(uses)) * (1 + 1 / (1 + first / 500)) * math.sqrt(length)
        if key not in named and all(_OF.match(article.text, start + len(said)) for said, start in uses):
            score *= _CONTAINER
        scored.append((score * (1.5 if titled else 1), key, uses[0][0]))
    return _best(sorted(scored, key=lambda one: (-one[0], one[1])))


@lru_cache
def _calendar(language: str) -> frozenset[str]:
    """Return the names of months and weekdays of a language whose model tells parts of speech."""
    return frozenset(map(str.lower, [*month_names(language, "wide"), *names_of_days(language)]))


def _best(scored: list[tuple[float, str, str]]) -> list[Keyword]:
    chosen: list[tuple[float, set[str], str]] = []
    for score, key, text in scored:
        own = {lemma(word, "NOUN") for word in key.split()}
        if chosen and score < LEAST_SCORE * chosen[0][0]:
            break
        if not any(own & other for _, other, _ in chosen):
            chosen.append((score, own, text))
        if len(chosen) == MOST:
            break
    return [Keyword(text=text, score=round(score / chosen[0][0], 3)) for score, _, text in chosen]


def _names(article: Article) -> Iterator[Use]:
    """Yield the entities' names, once for each mention by name outside the dateline; not agencies that are only credited."""
    credited = {cite.source for cite in article.cites}
    head = article.dateline.end if article.dateline else 0
    for entity in article.entities:
        if entity.type not in _NAMED or (entity.name in credited and _reports(entity)):
            continue
        for span in entity.mentions:
            if span.start >= head and span.text[:1].isupper():
                yield entity.name, span.start


def _reports(entity: Entity) -> bool:
    what = known(entity.name)
    return what is not None and what.kind in ("agency", "outlet")


def _common(reading: Reading) -> Iterable[Use]:
    return _nominal(reading) if _tagged(reading) else _runs(reading.article)


def _tagged(reading: Reading) -> bool:
    """Return whether the model tells parts of speech."""
    return reading.doc is not None and reading.doc.has_annotation("POS")


def _inside(article: Article) -> bytearray:
    """Return for each character whether it is part of a name or of the dateline."""
    inside = bytearray(len(article.text) + 1)
    spans = [span for entity in article.entities if entity.type in _NAMED for span in entity.mentions]
    for start, end in [(span.start, span.end) for span in spans if span.text[:1].isupper()]:
        inside[start:end] = b"\1" * (end - start)
    if article.dateline:
        inside[article.dateline.start : article.dateline.end] = b"\1" * (article.dateline.end - article.dateline.start)
    return inside


def _nominal(reading: Reading) -> Iterator[Use]:
    """Yield runs of adjectives and nouns by their tags; they end with a noun, in French they begin with one."""
    language = (reading.article.language or "").split("-")[0]
    ignored = stopwords(reading.article.language) | _calendar(language)
    text, inside = reading.article.text, _inside(reading.article)
    run: list[Any] = []
    joined = None
    parsed = reading.doc.has_annotation("DEP")
    for token in reading.doc:
        hyphen = token.text in ("-", "‑") and run and run[-1].idx + len(run[-1]) == token.idx and not token.whitespace_
        apart = parsed and run and joined is not None and not _together(joined, token)
        joined = token
        if hyphen and not apart:
            continue
        fits = token.pos_ in _PARTS and token.is_alpha and len(token) > 2 and token.lower_ not in ignored
        if not fits or apart or inside[token.idx] or (token.is_sent_start and run):
            if not _of_name(text, run, inside):
                yield from _closed(text, run, language)
            run = []
        if fits and not inside[token.idx]:
            run.append(token)
    yield from _closed(text, run, language)


def _of_name(text: str, run: list[Any], inside: bytearray) -> bool:
    """Return whether the words are beside a name as its title, or are the rest of a compound: `President` of `President Stone`,
    `member panel` of `seven-member panel`; or are a common word with a capital.
    """
    if not run:
        return True
    first, last = run[0], run[-1]
    after = last.idx + len(last)
    glued = text[first.idx - 1 : first.idx] in ("-", "‑") if first.idx else False
    if glued or (
        (last.pos_ == "PROPN" or is_calling(last.lower_)) and text[after : after + 1] == " " and inside[after + 1]
    ):
        return True
    return len(run) == 1 and first.pos_ == "PROPN" and first.text.istitle() and f" {first.lower_}" in text


def _closed(text: str, run: list[Any], language: str) -> Iterator[Use]:
    """Yield the phrase of a run of words without empty words (`other`, `recent`); nothing if its noun is vague."""
    french = language == "fr"
    while run and run[0 if french else -1].pos_ == "ADJ":
        run = run[1:] if french else run[:-1]
    if language == "en":
        while run and run[0].pos_ == "ADJ" and run[0].lower_ in _WEAK and not _hyphenated(text, run[0]):
            run = run[1:]
        if run and (
            _is_vague(run[-1].lower_) or is_calling(run[-1].lower_) or (len(run) == 1 and _says_little(run[0]))
        ):
            return
    if run and len(run) <= LONGEST:
        yield " ".join(text[run[0].idx : run[-1].idx + len(run[-1])].split()), run[0].idx


def _hyphenated(text: str, word: Any) -> bool:
    """Return whether the word is the first of a compound: `long` of `long-term grain agreement`."""
    return text[word.idx + len(word) : word.idx + len(word) + 1] in ("-", "‑")


def _says_little(word: Any) -> bool:
    """Return whether a noun by itself says little, such as a role or a measure: `engineer`, `metres`, `board`."""
    bare = lemma(word.text, "NOUN")
    return is_calling(bare) or bare in _VAGUE_ALONE


def _is_vague(word: str) -> bool:
    return lemma(word, "NOUN") in _VAGUE


def _together(left: Any, right: Any) -> bool:
    """Return whether two words belong to one phrase by the parse: not `decade Georgia` of `for a decade Georgia was`."""
    return bool(left.is_punct or right.is_punct or left.head.i >= right.i or right.head.i <= left.i == right.head.i)


def _runs(article: Article) -> Iterator[Use]:
    """Yield RAKE's candidates: the words between stopwords and punctuation; in Russian, also between verbs and adverbs.
    In German a noun has a capital: a phrase is nouns, with the adjectives before them."""
    text, ignored, inside = article.text, stopwords(article.language), _inside(article)
    language = (article.language or "").split("-")[0]
    nominal = russian.is_nominal if language == "ru" else bool
    if language == "de":
        ignored |= _calendar("de")
    run: list[tuple[int, int]] = []
    for match in _WORD.finditer(text + "\n\n", article.dateline.end if article.dateline else 0):
        word = match.group()
        common = word[0].isalpha() and len(word) > 2 and word.casefold() not in ignored
        fits = common and not inside[min(match.start(), len(text))] and nominal(word)
        if fits and (language != "de" or word[0].isupper() or (not run and _GERMAN_ADJECTIVE.fullmatch(word))):
            run.append(match.span())
            continue
        noun = language != "de" or (run and text[run[-1][0]].isupper())
        if run and noun and len(run) <= LONGEST:
            yield " ".join(text[run[0][0] : run[-1][1]].split()), run[0][0]
        run = []


STAGE = Stage("keywords", 8, run, needs=frozenset({"language", "entities", "cites"}), uses_model=True)
