"""Resolve `he`, `she` and `it` as the subject of a verb of saying."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from services.records import Entity
from workers.enrich.languages import russian
from workers.enrich.names.first_names import Sex, sex_of
from workers.enrich.names.roles import is_calling
from workers.enrich.speech.parse import SUBJECTS, says

if TYPE_CHECKING:
    from workers.enrich.speech.speakers import Speakers

_HE = re.compile(r"(?:\b|-t-)(?:he|il|er|él|он|его)\b", re.IGNORECASE)
_SHE = re.compile(r"(?:\b|-t-)(?:she|elle|sie|ella|она|ее|её)\b", re.IGNORECASE)
_MALE = re.compile(
    r"\b(?:Mr|Sir|Lord|King|Prince|M|Herr|Señor|father|husband|brother|son|uncle|man|boy|priest|imam|his|"
    r"(?:spokes|chair|congress|council|business|police|fire|fisher|sales|states|noble)man)\b(?!['’])"
)
_FEMALE = re.compile(
    r"\b(?:Mrs|Ms|Miss|Mme|Lady|Dame|Queen|Princess|Frau|Señora|mother|wife|sister|daughter|widow|aunt|"
    r"\w*woman|girl|actress|waitress|mairesse|her)\b"
)
_KIN = re.compile(
    r"\b(?P<whose>her|his)(?: late)? (?:mother|father|wife|husband|son|daughter|sister|brother|widow|widower)s?,? $",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(\w+)\.? $")
_NEW = frozenset(["a", "an", "one", "another"])
"""First words of a noun phrase that introduces a person; `the lawmaker` refers to a person named before."""
_REACH = 3_000
"""How many characters before the pronoun the person may be named."""
_NEAR = 600
"""How many characters before `it` the organisation or country may be named."""


class Candidate(NamedTuple):
    """A person in the text, with a name or, like ``a spokesman``, without one."""

    start: int
    end: int
    entity: Entity | None


def person(speakers: Speakers, word: str, at: int) -> str | None:
    """Return the most recent person whose sex fits the pronoun; None if that person has no name."""
    sex: Sex | None = "male" if _HE.search(word) else "female" if _SHE.search(word) else None
    if sex is None:
        return body(speakers, at) if word.lower() == "it" else None
    if speakers.language == "ru":
        return _of_gender(speakers, "masc" if sex == "male" else "femn", at)
    him = _HE if sex == "male" else _SHE
    people = [Candidate(*each) for each in speakers.within(max(0, at - _REACH), at) if each[2].type == "PERSON"]
    people += [Candidate(*each, None) for each in speakers.unnamed if at - _REACH < each[0] and each[1] <= at]
    addressed = _addressed(speakers, at)
    for each in sorted(people, key=lambda one: _rank(speakers, one), reverse=True):
        if each.entity is not None and each.entity.name in addressed:
            continue
        if _agrees(speakers, each, sex) and not _reported(speakers, each, at) and not _other(speakers, him, each.start):
            return each.entity.name if each.entity else None
    return None


def _addressed(speakers: Speakers, at: int) -> set[str | None]:
    """Return whom the pronoun speaks to: in `he told Cook`, `he` is not Cook."""
    token = speakers.token_at(at)
    if token is None or token.dep_ not in SUBJECTS:
        return set()
    return {speakers.named(child) for child in token.head.children if child.dep_ in ("dobj", "dative")}


def body(speakers: Speakers, at: int) -> str | None:
    """Return the organisation or country that `it` means: the most recent one that is a subject."""
    here = [Candidate(*each) for each in speakers.within(max(0, at - _NEAR), at) if each[2].type in ("ORG", "GPE")]
    acting = [each for each in here if _acts(speakers, each)]
    return acting[-1].entity.name if acting and acting[-1].entity else None


def _rank(speakers: Speakers, each: Candidate) -> tuple[int, bool, bool, int]:
    """Return the sort key of a candidate: a later sentence wins, then a speaker, then the subject of the sentence."""
    token = speakers.token_at(each.end - 1)
    sentence = token.sent.start if token is not None else 0
    return sentence, _is_source(token), _acts(speakers, each), each.start


def _is_source(token: Any) -> bool:
    """Return whether the name is the subject of a verb of saying, or of `according to`."""
    token = _head(token)
    if token is None:
        return False
    if token.dep_ in SUBJECTS:
        return says(token.head)
    return bool(token.dep_ == "pobj" and token.head.lower_ == "to" and token.head.head.lower_ == "according")


def _acts(speakers: Speakers, each: Candidate) -> bool:
    """Return whether the name is the subject of its sentence, or in apposition to it."""
    token = _head(speakers.token_at(each.end - 1))
    return token is not None and token.dep_ in SUBJECTS


def _head(token: Any) -> Any:
    while token is not None and token.dep_ in ("compound", "flat", "flat:name", "appos", "pnc", "nk"):
        token = token.head if token.head != token else None
    return token


def _agrees(speakers: Speakers, each: Candidate, sex: Sex) -> bool:
    own, other = (_MALE, _FEMALE) if sex == "male" else (_FEMALE, _MALE)
    if each.entity is None:
        words = speakers.text[each.start : each.end]
        return not other.search(words) or own.search(words) is not None
    kin = _KIN.search(speakers.text, max(0, each.start - 30), each.start)
    if kin and own.fullmatch(kin["whose"].lower()):
        return False  # her mother, Signe, is not she
    about = _about(speakers, each.entity)
    if own.search(about):
        return True
    return other.search(about) is None and sex_of(each.entity.name) in (sex, None)


def _about(speakers: Speakers, who: Entity) -> str:
    before = (_TITLE.search(speakers.text, max(0, span.start - 16), span.start) for span in who.mentions)
    titles = " ".join(match[1] for match in before if match)
    return f"{titles} {(who.role or '').split(' of ')[0].split(' for ')[0]}"


def _reported(speakers: Speakers, each: Candidate, at: int) -> bool:
    """Return whether the mention is in what the pronoun says: in `Ruiz was summoned, he said`, `he` is not Ruiz."""
    pronoun, token = speakers.token_at(at), speakers.token_at(each.end - 1)
    if pronoun is None or token is None or pronoun.sent != token.sent or not says(pronoun.head):
        return False
    return any(above.head == pronoun.head and above.dep_ == "ccomp" for above in (token, *token.ancestors))


def _other(speakers: Speakers, pronoun: re.Pattern[str], at: int) -> bool:
    """Return whether `she` is the subject of the sentence at ``at``; a person named in it is then somebody else."""
    token = speakers.token_at(at)
    return token is not None and any(
        each.dep_ in SUBJECTS and pronoun.fullmatch(each.text) and each.head.dep_ == "ROOT" for each in token.sent
    )


def unnamed(speakers: Speakers) -> list[tuple[int, int]]:
    """Return the spans of people without a name who say something: ``a spokesman``, ``one resident``."""
    if speakers.doc is None or speakers.language != "en":
        return []
    found = []
    nouns = set()
    for token in speakers.doc:
        if token.tag_ != "NN" or token.dep_ not in SUBJECTS or not is_calling(token.lower_) or not says(token.head):
            continue
        new = token.left_edge.lower_ in _NEW
        if (new or token.lower_ in nouns) and speakers.meant(token) is None:
            found.append((token.left_edge.idx, token.idx + len(token)))
            nouns.add(token.lower_)
    return found


def _of_gender(speakers: Speakers, gender: str, at: int) -> str | None:
    people = [each for _, _, each in speakers.within(max(0, at - _REACH), at) if each.type == "PERSON"]
    return next((each.name for each in people[::-1] if russian.gender(each.name) in (None, gender)), None)
