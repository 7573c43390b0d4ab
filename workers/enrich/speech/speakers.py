"""Who is meant by the subject of a verb of saying: a name, an apposition, a pronoun or an office."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from services.records import Entity
from workers.enrich.base import Reading
from workers.enrich.languages import russian
from workers.enrich.names import offices
from workers.enrich.names.gazetteer import known
from workers.enrich.speech.cues import CUE

_SPEAKERS = ("PERSON", "ORG", "GPE")
_HE = re.compile(r"(?:\b|-t-)(?:he|il|er|él|он|его)\b", re.IGNORECASE)
_SHE = re.compile(r"(?:\b|-t-)(?:she|elle|sie|ella|она|ее|её)\b", re.IGNORECASE)
_MALE = re.compile(
    r"\b(?:Mr|Sir|Lord|King|Prince|M|Herr|Señor|father|husband|brother|son|uncle|\w*spokesman|\w*chairman|policeman|"
    r"businessman|congressman|priest|imam|his)\b(?!['’])"
)
_FEMALE = re.compile(
    r"\b(?:Mrs|Ms|Miss|Mme|Lady|Dame|Queen|Princess|Frau|Señora|mother|wife|sister|daughter|widow|\w*spokeswoman|"
    r"\w*chairwoman|policewoman|businesswoman|congresswoman|actress|mairesse|her)\b"
)
_APPOSED = re.compile(r"(?:[^;:.]{0,120}, | )(?!who|which)(?:[A-Z][\w.]*[ ]){0,3}")
_TITLE = re.compile(r"(\w+)\.? $")
_OFFICE = re.compile(
    r"\b(?:[a-z]{3,}['’]s|the|his|her|its|their|le|la|l['’]|der|die|el)[ ]?((?:[\w-]+ ){0,3}?[\w-]+)$", re.IGNORECASE
)
_BODIES = (
    "union company group party agency newspaper ministry government army team club bank firm organisation organization "
    "federation association council committee commission movement court university airline daily"
)
_FIRMS = frozenset(
    ["company", "firm", "airline", "retailer", "carmaker", "automaker", "chipmaker", "lender", "manufacturer"]
)
"""`The company said`: the one named most."""
_NO_FIRM = re.compile(r"(?: union|\)? (?:members?|party|council|court|police|rebels)\b| union\b)")
_NAME = re.compile(
    r"\b[A-ZÀ-Þ][\w’'-]+(?: (?:(?:de|du|des|la|von|van|der|den|al|bin|del|della) )?[A-ZÀ-Þ][\w’'-]+){1,3}"
    r"|(?:(?<=\bM\. )|(?<=\bMme )|(?<=\bHerr )|(?<=\bFrau ))[A-ZÀ-Þ][\w’'-]+"
)
_SUBJECTS = ("nsubj", "nsubjpass", "nsubj:pass", "sb")
_OF_SUBJECT = ("used", "uses", "use", "using", "promised", "promises")
"""Verbs whose infinitive is done by their subject although they have an object: `used his speech to accuse`."""
_KIN = re.compile(
    r"\b(?P<whose>her|his)(?: late)? (?:mother|father|wife|husband|son|daughter|sister|brother|widow|widower)s?,? $",
    re.IGNORECASE,
)
_CLIMBED = ("conj", "xcomp", "advcl", "pcomp", "prep", "ccomp", "dep", "cd", "oc")


class Speakers:
    """Who is named where in one article. Names inside ``quoted`` spans speak of others and are passed over."""

    def __init__(self, reading: Reading, quoted: Iterable[tuple[int, int]] = ()) -> None:
        self.text = reading.truecased
        self.doc = reading.doc if reading.doc is not None and reading.doc.has_annotation("DEP") else None
        self._head = reading.article.dateline.end if reading.article.dateline else 0
        self.language = (reading.article.language or "").split("-")[0]
        self.entities = [each for each in reading.article.entities if each.type in _SPEAKERS]
        spans = sorted(quoted)
        starts = [start for start, _ in spans]

        def spoken(at: int) -> bool:
            index = bisect_right(starts, at) - 1
            return index >= 0 and at < spans[index][1]

        self.mentions = sorted(
            (
                (span.start, span.end, each)
                for each in self.entities
                for span in each.mentions
                if not spoken(span.start)
            ),
            key=lambda mention: mention[:2],
        )
        self._starts = [start for start, _, _ in self.mentions]

    def within(self, low: int, high: int) -> list[tuple[int, int, Entity]]:
        """The mentions inside ``text[low:high]``."""
        first = bisect_right(self._starts, low - 1)
        return [each for each in self.mentions[first : bisect_right(self._starts, high)] if each[1] <= high]

    def token_at(self, at: int) -> Any:
        """The token of the parse that holds the character, or None."""
        if self.doc is None:
            return None
        span = self.doc.char_span(at, at + 1, alignment_mode="expand")
        return span[0] if span is not None and len(span) else None

    def root_of(self, start: int, end: int) -> Any:
        """The word of ``text[start:end]`` that the others hang on, or None."""
        span = self.doc.char_span(start, end, alignment_mode="contract") if self.doc is not None else None
        return span.root if span is not None and len(span) else None

    def speaker_of(self, verb: Any) -> tuple[bool, str | None]:
        """Whether the parse gives the verb a subject, and who that is."""
        subject = subject_of(verb)
        return (False, None) if subject is None else (True, self.meant(subject))

    def meant(self, head: Any) -> str | None:
        """The entity that the noun phrase of ``head`` names or stands for."""
        if name := self._named(head):
            return name
        start, end = head.idx, head.idx + len(head)
        if head.pos_ == "PRON" or head.lower_ in ("il", "elle", "er", "sie", "él", "ella"):
            return self.pronoun(head.text, start)
        return self.office(self.text[head.left_edge.idx : end], start)

    def _named(self, head: Any) -> str | None:
        """By the head of the noun phrase itself, by an apposition, or as `the IG Metall union`."""
        low, end, high = head.left_edge.idx, head.idx + len(head), head.right_edge.idx + len(head.right_edge)
        here = self.within(low, high + 1)
        for start, stop, each in here:
            if start < end and head.idx < stop:
                return each.name
            if stop + 1 == head.idx and head.text.isupper() and each.type == "PERSON":
                return each.name  # Helena Marsh KC
        for start, _, each in here:
            if start > head.idx and each.type in ("PERSON", "ORG") and _APPOSED.fullmatch(self.text, end, start):
                return each.name
        phrase = self.text[low:high].lower()
        for each in self.entities:
            if each.type == "PERSON" and any(
                phrase.startswith(alias.lower()) and low + len(alias) >= end for alias in each.aliases
            ):
                return each.name
        if head.lower_ in _BODIES.split():
            return next((each.name for _, stop, each in here if each.type == "ORG" and 0 <= head.idx - stop <= 1), None)
        return None

    def pronoun(self, word: str, at: int) -> str | None:
        """`He` and `she`: the person last spoken of, not of the other sex where that shows."""
        other = _FEMALE if _HE.search(word) else _MALE if _SHE.search(word) else None
        if other is None:
            return None
        own = _MALE if other is _FEMALE else _FEMALE
        if self.language == "ru":
            return self._of_gender("masc" if own is _MALE else "femn", at)
        him = _HE if other is _FEMALE else _SHE
        before = [each for each in self.within(max(0, at - 3_000), at) if each[2].type == "PERSON"]
        before = [each for each in before if not self._reported(each, at)]
        for each in sorted(before, key=lambda mention: (self._sentence(mention[0]), self._acts(mention), mention[0]))[
            ::-1
        ]:
            about = self._about(each)
            kin = _KIN.search(self.text, max(0, each[0] - 30), each[0])
            if (other.search(about) and not own.search(about)) or (kin and own.fullmatch(kin["whose"].lower())):
                continue
            if not self._is_subject(him, each[0]):
                return each[2].name
        return None

    def _reported(self, mention: tuple[int, int, Entity], at: int) -> bool:
        """Whether the mention stands in what the pronoun says: in `Ruiz was summoned, he said` he is not Ruiz."""
        pronoun, token = self.token_at(at), self.token_at(mention[1] - 1)
        if pronoun is None or token is None or pronoun.sent != token.sent or not says(pronoun.head):
            return False
        return any(each.head == pronoun.head and each.dep_ == "ccomp" for each in (token, *token.ancestors))

    def _is_subject(self, pronoun: re.Pattern[str], at: int) -> bool:
        """Whether `she` is the subject of the sentence at ``at``: then who else is named in it is another."""
        token = self.token_at(at)
        return token is not None and any(
            each.dep_ in _SUBJECTS and pronoun.fullmatch(each.text) and each.head.dep_ == "ROOT" for each in token.sent
        )

    def _of_gender(self, gender: str, at: int) -> str | None:
        people = [each for _, _, each in self.within(max(0, at - 3_000), at) if each.type == "PERSON"]
        return next((each.name for each in people[::-1] if russian.gender(each.name) in (None, gender)), None)

    def _about(self, mention: tuple[int, int, Entity]) -> str:
        before = (_TITLE.search(self.text, max(0, span.start - 16), span.start) for span in mention[2].mentions)
        titles = " ".join(match[1] for match in before if match)
        return f"{titles} {(mention[2].role or '').split(' of ')[0].split(' for ')[0]}"

    def _sentence(self, at: int) -> int:
        token = self.token_at(at)
        return token.sent.start if token is not None else 0

    def _acts(self, mention: tuple[int, int, Entity]) -> bool:
        """Whether the mention is the subject of its sentence, or stands beside it."""
        token = self.token_at(mention[1] - 1)
        while token is not None and token.dep_ in ("compound", "flat", "flat:name", "appos", "pnc", "nk"):
            token = token.head if token.head != token else None
        return token is not None and token.dep_ in _SUBJECTS

    def unknown(self, low: int, high: int) -> str | None:
        """A name of two words or more that no reader of entities found; of a German title and a name, the name."""
        match = _NAME.search(self.text, low, min(high, low + 120))
        if match is None:
            return None
        return " ".join(match[0].split()[-2:]) if self.language == "de" else match[0]

    def _is_firm(self, body: Entity) -> bool:
        what = known(body.name)
        if what is not None and what.kind in ("agency", "outlet", "organisation"):
            return False
        if any(span.start < self._head for span in body.mentions):
            return False
        return not any(_NO_FIRM.match(self.text, span.end) for span in body.mentions)

    def may_speak(self, mention: tuple[int, int, Entity]) -> bool:
        """Whether the name can be a subject where it stands: in Russian it is in the nominative."""
        if self.language != "ru" or mention[2].type != "PERSON":
            return True
        return set(self.text[mention[0] : mention[1]].split()) <= {
            *mention[2].name.split(),
            *_initials(mention[2].name),
        }

    def named_by_office(self, phrase: str, at: int) -> str | None:
        """French and Russian: `le ministre`, `министр`: who of those named before has the office that begins ``phrase``."""
        words = re.split(r"[,.;:«»“”\n—–(]", phrase.lstrip())[0].split()[:4]
        if not words or self.language not in ("fr", "ru"):
            return None
        before = [each for _, _, each in self.within(0, at) if each.type == "PERSON" and each.role]
        return next((e.name for e in before[::-1] if offices.same(e.role or "", words, self.language)), None)

    def office(self, phrase: str, at: int) -> str | None:
        """`The ambassador`: who has that office, the last one named before."""
        match = _OFFICE.search(phrase)
        if match is None:
            return self.named_by_office(phrase, at) if self.language == "ru" else None
        word = match[1].split()[-1].lower()
        words = {word, *(each for each in match[1].split() if each.islower())}
        holders = [each for *_, each in self.mentions if words <= set((each.role or "").lower().split())]
        named = [each for each in holders if each.mentions[0].start < at]
        if named:
            return max(named, key=lambda each: max(span.start for span in each.mentions if span.start < at)).name
        later = holders or [
            each
            for *_, each in self.mentions
            if word in (own := (each.role or "").lower().split()) and set(own) <= words
        ]
        if later and len({each.name for each in later}) == 1:
            return later[0].name  # `Iran's oil minister said …`, and below `The minister, Reza Amiri, …`
        bodies = [
            each for _, _, each in self.within(0, at) if each.type == "ORG" and each.name.lower().split()[-1] == word
        ]
        if bodies:
            return bodies[-1].name
        if word in _FIRMS:
            firms = [each for _, _, each in self.within(0, at) if each.type == "ORG" and self._is_firm(each)]
            return max(firms, key=lambda each: each.count).name if firms else None
        return None


def says(verb: Any) -> bool:
    """Whether the token is a verb of saying in any of its forms."""
    word = verb.lower_
    return bool(CUE.fullmatch(word) or (verb.pos_ == "VERB" and CUE.fullmatch(f"{word}s")))


def _initials(name: str) -> list[str]:
    return [f"{word[0]}." for word in name.split()]


def _agent_of(verb: Any) -> Any:
    """`It was called a farce by Solheim`: who did it."""
    by = next((child for child in verb.children if child.dep_ in ("agent", "prep") and child.lower_ == "by"), None)
    return None if by is None else next((child for child in by.children if child.dep_ == "pobj"), None)


def _object_of(verb: Any) -> Any:
    """`The agencies quoted Solheim saying`: who is quoted is who says."""
    return next((child for child in verb.children if child.dep_ == "dobj"), None)


def subject_of(verb: Any) -> Any:
    """The subject's head in the parse, through conjunctions, participles and relative clauses; or None."""
    said = verb
    for _ in range(6):
        subject = next((child for child in verb.children if child.dep_ in _SUBJECTS), None)
        if subject is not None:
            if subject.dep_ == "nsubjpass" and (verb == said or verb.lower_ in ("told", "asked", "warned", "accused")):
                return _agent_of(verb)
            relative = subject.lower_ in ("who", "which", "that", "qui")
            return verb.head if relative and verb.dep_ in ("relcl", "acl:relcl") else subject
        if verb.dep_ == "acl":
            return verb.head
        if (
            verb.dep_ == "xcomp"
            and verb.head.lower_ not in _OF_SUBJECT
            and (controller := _object_of(verb.head)) is not None
        ):
            return controller
        if verb.dep_ not in _CLIMBED or verb.head == verb:
            return None
        verb = verb.head
    return None
