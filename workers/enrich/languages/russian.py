"""Russian words in their base forms, by pymorphy3 and OpenCorpora's dictionary."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import product
from typing import Any

import pymorphy3

from services.records import EntityType
from workers.enrich.languages.wordlists import wordlist

PLACE_WORDS: dict[EntityType, frozenset[str]] = {
    "LOC": wordlist("ru_loc"), "FAC": wordlist("ru_fac"), "ORG": wordlist("ru_org"), "GPE": wordlist("ru_gpe"),
}  # fmt: skip
DICTIONARY = "pymorphy3-dicts-ru"
_CASES = ("nomn", "gent", "accs", "datv", "ablt", "loct")
_NAMES = ("Surn", "Name", "Patr")


@lru_cache
def _analyzer() -> Any:
    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=50_000)
def _parses(word: str) -> tuple[Any, ...]:
    return tuple(_analyzer().parse(word.lower()))


def fold(word: str) -> str:
    """Return the word in lower case and without the dots of ``ё``, which most newspapers leave out."""
    return word.lower().replace("ё", "е")


@lru_cache(maxsize=50_000)
def lemmas(word: str) -> frozenset[str]:
    """Return every base form that the word may have, folded, and the word itself: ``Кипре`` -> ``кипр``, ``кипре``."""
    return frozenset({fold(word), *(fold(parse.normal_form) for parse in _parses(word))})


_ENDINGS = re.compile(r"(?:а|у|ом|ем|е|ы|и|ой|ей|ым|им|ого|ому|ю|я)$")


def stems(word: str) -> frozenset[str]:
    """Return a surname without a possible ending, for surnames that the dictionary lacks: ``Шольцем`` -> ``шольц``."""
    folded = fold(word)
    stem = _ENDINGS.sub("", folded)
    return frozenset({folded, stem} if len(stem) > 3 else {folded})


@lru_cache(maxsize=50_000)
def nouns(word: str) -> frozenset[str]:
    """Return the base form of the likeliest reading, if that is a noun or an adjective."""
    best = _parses(word)[0]
    return frozenset({fold(best.normal_form)} if best.tag.POS in ("NOUN", "ADJF") else ())


@lru_cache(maxsize=50_000)
def only_a_name(word: str) -> bool:
    """Return whether the dictionary knows the word as a name or an abbreviation and as nothing else."""
    return all(_marked(parse) for parse in _parses(word) if parse.score > 0.01)


@lru_cache(maxsize=50_000)
def part_of_speech(word: str) -> str | None:
    """Return the likeliest part of speech, as OpenCorpora names it: ``NOUN``, ``ADJF``, ``VERB``."""
    pos = _parses(word)[0].tag.POS
    return str(pos) if pos else None


_WORD = re.compile(r"[а-яё]+(?:-[а-яё]+)*", re.IGNORECASE)


def tense(words: str) -> str | None:
    """Return ``future`` or ``past`` by the verbs among ``words``; past where there are both."""
    found = [tag for word in _WORD.findall(words) if "VERB" in (tag := _parses(word)[0].tag) and tag.tense]
    if any(tag.tense == "past" for tag in found):
        return "past"
    return "future" if any(tag.tense == "futr" for tag in found) else None


def is_nominal(word: str) -> bool:
    """Return whether the word can be part of a noun phrase; words in other alphabets can."""
    pos = part_of_speech(word)
    return pos in ("NOUN", None) or is_modifier(word)


def is_modifier(word: str) -> bool:
    """Return whether the word is an adjective or participle that may precede a noun, and not a pronoun (``его``,
    ``этот``)."""
    tag = _parses(word)[0].tag
    return tag.POS in ("ADJF", "PRTF") and "Apro" not in tag


def gender(name: str) -> str | None:
    """Return ``masc`` or ``femn`` by the first name, the patronymic or the surname; None if they do not show it."""
    for mark in ("Name", "Patr", "Surn"):
        for word in name.split():
            found = {str(parse.tag.gender) for parse in _parses(word) if mark in parse.tag and "nomn" in parse.tag}
            if len(found & {"masc", "femn"}) == 1:
                return (found & {"masc", "femn"}).pop()
    return None


def _as(written: str, word: str) -> str:
    """Return ``word`` with the capitals of ``written``, and with ``ё`` only where ``written`` has it."""
    if "ё" not in written.lower():
        word = word.replace("ё", "е")
    if written.isupper() and len(written) > 1:
        return word.upper()
    parts, model = word.split("-"), written.split("-")
    if len(parts) != len(model):
        parts, model = [word], [written]
    return "-".join(
        part[:1].upper() + part[1:] if like[:1].isupper() else part for part, like in zip(parts, model, strict=True)
    )


def _nominative(word: str, parse: Any, *grammemes: str) -> str:
    inflected = parse.inflect({"nomn", *grammemes})
    form = inflected.word if inflected else parse.word
    if _is_surname_in_ov(word, form):
        form = form[:-2]
    return _as(word, form)


def _is_surname_in_ov(word: str, nominative: str) -> bool:
    """Return whether a surname was taken for an adjective: ``Солодовым`` for the adjective ``солодовый``."""
    return word[:1].isupper() and word.endswith("ым") and re.search(r"(?:ов|ев|ин|ын)ый$", nominative) is not None


def person(name: str, surnames: Collection[str] = ()) -> str:
    """Return a person's name in the nominative: ``Марины Кузьминой`` -> ``Марина Кузьмина``.

    The parts have to agree in case and gender; a part that agrees in no case (``Анны Ристич``) is left unchanged. If
    several readings are left (``Руслана Бекова``), one that makes the surname one of ``surnames`` is taken.
    """
    words = name.split()
    options = [_name_parses(word) for word in words]
    marked = [[parse for parse in found if _is_name(parse)] for found in options]
    if any(marked) and not marked[-1] and all(any("nomn" in each.tag for each in found) for found in marked if found):
        return name
    best: tuple[float, str] = (-1.0, name)
    for chosen in product(*([*found, None] for found in options)):
        parses = [parse for parse in chosen if parse is not None]
        genders = {str(parse.tag.gender) for parse in parses if parse.tag.gender in ("masc", "femn")}
        if len({parse.tag.case for parse in parses}) > 1 or len(genders) > 1:
            continue
        femn = any("femn" in parse.tag and "Name" in parse.tag for parse in parses)
        forms = [
            word if parse is None or (femn and not _is_name(parse)) else _nominative(word, parse, "sing")
            for word, parse in zip(words, chosen, strict=True)
        ]
        case = _CASES.index(parses[0].tag.case) if parses and parses[0].tag.case in _CASES else len(_CASES)
        score = 10.0 * len(parses) - case + sum(parse.score for parse in parses)
        score += 8.0 * (forms[-1] in surnames) + 2.5 * (len(words) == 1 and "masc" in genders)
        if score > best[0]:
            best = score, " ".join(forms)
    return best[1]


def _is_name(parse: Any) -> bool:
    return any(mark in parse.tag for mark in _NAMES)


def _name_parses(word: str) -> list[Any]:
    """Return how the word may be read as a part of a name; empty for initials, particles and words that are not
    Cyrillic."""
    if len(word) < 3 or word[-1] == "." or not word[0].isupper() or not _cyrillic(word):
        return []
    found = [parse for parse in _parses(word) if "sing" in parse.tag and parse.tag.case in _CASES]
    return [parse for parse in found if _is_name(parse)] or [
        parse for parse in found if parse.tag.POS in ("NOUN", "ADJF")
    ]


def thing(name: str) -> str:
    """Return a name of a body or place in the nominative: ``Всемирного банка`` -> ``Всемирный банк``.

    Its adjectives and the noun after them are changed; the words after that noun stay unchanged.
    """
    words = name.split()
    head = next((at for at, word in enumerate(words) if part_of_speech(word) == "NOUN" and not is_modifier(word)), None)
    if head is None or not all(_cyrillic(word) and is_modifier(word) for word in words[:head]):
        return name
    if not _cyrillic(words[head]) or (words[head].isupper() and len(words[head]) > 1):
        return name
    options = [
        [parse for parse in _parses(word) if parse.tag.POS in ("ADJF", "PRTF") and parse.tag.case]
        for word in words[:head]
    ] + [[parse for parse in _parses(words[head]) if parse.tag.POS == "NOUN" and parse.tag.case]]
    best: tuple[float, tuple[Any, ...] | None] = (-1.0, None)
    for chosen in product(*options):
        noun = chosen[-1]
        agree = all(
            parse.tag.case == noun.tag.case
            and parse.tag.number == noun.tag.number
            and (noun.tag.number == "plur" or parse.tag.gender in (None, noun.tag.gender))
            for parse in chosen[:-1]
        )
        score = sum(parse.score for parse in chosen) + (
            0.0 if noun.tag.case != "nomn" else 0.5 if noun.tag.number == "sing" else 0.1
        )
        if agree and score > best[0]:
            best = score, chosen
    if best[1] is None:
        return name
    noun = best[1][-1]
    number = str(noun.tag.number)
    forms = [
        _nominative(word, parse, number, *([str(noun.tag.gender)] if number == "sing" and noun.tag.gender else []))
        for word, parse in zip(words[:head], best[1][:-1], strict=True)
    ]
    return " ".join([*forms, _nominative(words[head], noun, number), *words[head + 1 :]])


def _cyrillic(word: str) -> bool:
    return all("Ѐ" <= letter <= "ӿ" for letter in word if letter.isalpha())


_EDGE = "«»“”„\"'()[],;:–—- \n"


def trimmed(text: str, start: int, end: int, label: str) -> tuple[int, int]:
    """Return the proposal without marks and spaces on either side, cut at the end of its line; empty if it is not a
    name."""
    end = start + len(text[start:end].split("\n")[0])
    if label != "PER":
        end = start + len(text[start:end].split(" (")[0])
    while start < end and text[start] in _EDGE:
        start += 1
    if form := _LEGAL_FORM.match(text, start, end):
        start = form.end()
    while start < end and text[end - 1] in _EDGE:
        end -= 1
    if "«" in text[start:end] and "»" not in text[start:end] and text[end : end + 1] == "»":
        end += 1
    if label != "PER" and text[end - 1 : end] == "." and text[start:end].count(".") == 1:
        end -= 1
    first = text[start:end].split(" ")[0]
    opens = start == 0 or text[max(0, start - 2) : start].strip(" «\n") in ("", ".", "!", "?")
    if (
        opens
        and label == "PER"
        and " " in text[start:end]
        and part_of_speech(first) in ("ADVB", "PREP", "CONJ", "PRCL")
    ):
        start += len(first) + 1
    elif opens and first == text[start:end] and text[start - 1 : start] != "«" and _is_ordinary(first):
        return start, start
    return start, end


_LEGAL_FORM = re.compile(r"(?:ООО|ОАО|ПАО|АО|ЗАО|ГК|НПО|МУП|ГУП|ТД|ИП|НКО|АНО) [«“\"]?(?=[А-ЯЁA-Z])")


def _is_ordinary(word: str) -> bool:
    """Return whether the dictionary knows the word, and not as a name: ``Литий`` at the head of a sentence."""
    return not word.isupper() and all(parse.is_known and not _marked(parse) for parse in _parses(word))


def _marked(parse: Any) -> bool:
    return any(mark in parse.tag for mark in ("Geox", "Orgn", "Abbr", "Trad", *_NAMES))


def is_place(word: str) -> bool:
    """Return whether the dictionary has the word as a place and as nothing else."""
    return all("Geox" in parse.tag for parse in _parses(word) if parse.score > 0.01)
