"""Find the person that the subject of a verb of saying refers to: by name, apposition, pronoun or office."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from services.records import Entity
from workers.enrich.base import Reading
from workers.enrich.names import offices
from workers.enrich.names.gazetteer import known
from workers.enrich.names.people import surnames
from workers.enrich.names.roles import is_calling
from workers.enrich.speech import pronouns
from workers.enrich.speech.cues import CUE, SOURCE
from workers.enrich.speech.parse import says, subject_of

_SPEAKERS = ("PERSON", "ORG", "GPE")
_APPOSED = re.compile(r"(?:[^;:.]{0,120}, | )(?!who|which)(?:[Tt]he )?(?:[A-Z][\w.]*[ ]){0,3}")
_OFFICE = re.compile(
    r"\b(?:[a-z]{3,}['’]s|the|his|her|its|their|le|la|l['’]|der|die|el)[ ]?((?:[\w.-]+ ){0,3}?[\w-]+)$", re.IGNORECASE
)
_BODIES = (
    "union company group party agency newspaper ministry government army team club bank firm organisation organization "
    "federation association council committee commission movement court university airline daily"
)
_FIRMS = frozenset(
    ["company", "firm", "airline", "retailer", "carmaker", "automaker", "chipmaker", "lender", "manufacturer"]
)
"""Nouns that mean the organisation named most often: `the company said`."""
_NO_FIRM = re.compile(r"(?: union|\)? (?:members?|party|council|court|police|rebels)\b| union\b)")
_NAME = re.compile(
    r"\b[A-ZÀ-Þ][\w’'-]+(?: (?:(?:de|du|des|la|von|van|der|den|al|bin|del|della) )?[A-ZÀ-Þ][\w’'-]+){1,3}"
    r"|(?:(?<=\bM\. )|(?<=\bMme )|(?<=\bHerr )|(?<=\bFrau ))[A-ZÀ-Þ][\w’'-]+"
)
_SENTENCE_END = re.compile(r"[.!?]['\"”’]?(?:\s+[A-Z“\"‘']|\s*\Z)|\n")
_LEADS = re.compile(r"(?:\A|[.!?]['\"”’]? |\n)(?:[A-Z][\w.]*\s+){0,3}\Z")
"""The end of a sentence and any titles, before a name that begins the next one."""
LONGEST = 8
"""Maximum number of words for a source without a name."""
_PLAIN_PREPOSITIONS = ("of", "for", "at", "in", "from", "with")


type Mention = tuple[int, int, Entity]
"""Offsets of a name, and whose it is."""


class Cue(NamedTuple):
    """A verb of saying, or `according to`, with its position."""

    text: str
    start: int
    end: int


class Who(NamedTuple):
    """Who says something: the entity's ``name``, otherwise the ``words`` for it, such as `Israeli defense
    officials`."""

    name: str | None = None
    words: str | None = None


class Speakers:
    """The names in one article and their positions. Names inside ``quoted`` spans refer to other people and are
    skipped."""

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
        self._spoken = spoken

    @cached_property
    def unnamed(self) -> list[tuple[int, int]]:
        """The spans of people without a name who say something: ``a spokesman``."""
        return pronouns.unnamed(self)

    def cues(self, low: int, high: int, beside: int = -9) -> Iterator[Cue]:
        """Yield the verbs of saying inside ``text[low:high]``, without nouns such as `reports`.

        A word right after the mark at ``beside`` counts as a verb whatever the model says: `“We won,” states the
        coach`.
        """
        for match in CUE.finditer(self.text, low, high):
            if match[0].lower() not in SOURCE and self.language == "en" and match.start() - beside > 3:
                token = self.token_at(match.start())
                if token is not None and token.pos_ in ("NOUN", "PROPN", "ADJ"):
                    continue
            yield Cue(match[0], *match.span())

    def is_person(self, name: str) -> bool:
        """Return whether an entity of that name is a person."""
        return any(each.name == name and each.type == "PERSON" for each in self.entities)

    def within(self, low: int, high: int) -> list[Mention]:
        """Return the mentions inside ``text[low:high]``."""
        first = bisect_right(self._starts, low - 1)
        return [each for each in self.mentions[first : bisect_right(self._starts, high)] if each[1] <= high]

    def token_at(self, at: int) -> Any:
        """Return the token of the parse that contains the character, or None."""
        if self.doc is None:
            return None
        span = self.doc.char_span(at, at + 1, alignment_mode="expand")
        return span[0] if span is not None and len(span) else None

    def root_of(self, start: int, end: int) -> Any:
        """Return the word of ``text[start:end]`` that the others depend on, or None."""
        span = self.doc.char_span(start, end, alignment_mode="contract") if self.doc is not None else None
        return span.root if span is not None and len(span) else None

    def subject(self, verb: Any) -> Any:
        """Return the subject's head in the parse; None if there is none or it is inside the quote."""
        subject = None
        if verb.tag_ == "VBG":  # Lego said demand would grow, adding: “…”
            above = next((each for each in verb.ancestors if says(each)), None)
            subject = subject_of(above) if above is not None else None
        subject = subject or subject_of(verb)
        if subject is not None and subject.head != verb and not is_calling(subject.lower_) and not self.meant(subject):
            # Holm said the budget was “bad” and called the vote “rushed”
            above = next((each for each in verb.ancestors if says(each) and each.i < subject.i), None)
            subject = subject_of(above) if above is not None else subject
        return None if subject is None or self._spoken(subject.idx) else subject

    def who(self, head: Any) -> Who:
        """Return whom the noun phrase of ``head`` names or refers to, or its words if that person has no name."""
        if name := self.meant(head):
            return Who(name)
        return Who(None, self.written(head) if head.pos_ in ("NOUN", "PROPN") else None)

    def written(self, head: Any) -> str | None:
        """Return the words of the noun phrase, without its article and its clauses: `official at the port`."""
        first, last = head.left_edge, head
        while first.i < head.i and (first.is_punct or first.is_space or first.lower_ in ("the", "a", "an")):
            first = first.nbor()
        for child in head.rights:
            edge = child.right_edge
            if child.dep_ != "prep" or child.lower_ not in _PLAIN_PREPOSITIONS or child.i != last.i + 1:
                break
            if any(each.is_punct or each.pos_ == "VERB" for each in child.subtree) or edge.i - head.i > LONGEST:
                break
            last = edge
        words = self.text[first.idx : last.idx + len(last)]
        return None if head.i - first.i > LONGEST or "\n" in words or self._spoken(first.idx) else words

    def meant(self, head: Any) -> str | None:
        """Return the entity that the noun phrase of ``head`` names or refers to."""
        if name := self.named(head):
            return name
        start, end = head.idx, head.idx + len(head)
        if head.pos_ == "PRON" or head.lower_ in ("il", "elle", "er", "sie", "él", "ella"):
            return pronouns.person(self, head.text, start)
        return self.office(self.text[head.left_edge.idx : end], start)

    def named(self, head: Any) -> str | None:
        """Return the entity named by the head of the noun phrase, by an apposition, or as in `the IG Metall union`."""
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
            if start == end + 1 and each.type == "PERSON" and head.pos_ in ("NOUN", "PROPN"):
                return each.name  # coach Darren Ripley
        if head.text[0].isupper() and (name := self.surnamed(self.text[head.idx : end])):
            return name
        phrase = self.text[low:high].lower()
        for each in self.entities:
            if each.type == "PERSON" and any(
                phrase.startswith(alias.lower()) and low + len(alias) >= end for alias in each.aliases
            ):
                return each.name
        if head.lower_ in _BODIES.split():
            return next((each.name for _, stop, each in here if each.type == "ORG" and 0 <= head.idx - stop <= 1), None)
        return None

    def surnamed(self, word: str) -> str | None:
        """Return the person with that surname; None if two people have it."""
        found = {
            each.name
            for each in self.entities
            if each.type == "PERSON" and " " in each.name and word in surnames(each.name)
        }
        return found.pop() if len(found) == 1 else None

    def unknown(self, low: int, high: int) -> str | None:
        """Return a name of two words or more that was not found as an entity; for a German title and a name, return the
        name."""
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

    def may_speak(self, mention: Mention) -> bool:
        """Return whether the name can be a subject in its form: in Russian it must be in the nominative."""
        if self.language != "ru" or mention[2].type != "PERSON":
            return True
        return set(self.text[mention[0] : mention[1]].split()) <= {
            *mention[2].name.split(),
            *_initials(mention[2].name),
        }

    def named_by_office(self, phrase: str, at: int) -> str | None:
        """Return the person named before who has the office that begins ``phrase``, in French or Russian: `le
        ministre`, `министр`."""
        words = re.split(r"[,.;:«»“”\n—–(]", phrase.lstrip())[0].split()[:4]
        if not words or self.language not in ("fr", "ru"):
            return None
        before = [each for _, _, each in self.within(0, at) if each.type == "PERSON" and each.role]
        return next((e.name for e in before[::-1] if offices.same(e.role or "", words, self.language)), None)

    def office(self, phrase: str, at: int) -> str | None:
        """Return the last person named before with that office: `the ambassador`."""
        match = _OFFICE.search(phrase)
        if match is None:
            return self.named_by_office(phrase, at) if self.language == "ru" else None
        word = match[1].split()[-1].lower()
        words = {word, *(each for each in match[1].split() if each.islower())}
        holders = [each for *_, each in self.mentions if words <= set((each.role or "").lower().split())]
        named = [each for each in holders if each.mentions[0].start < at]
        if named:
            return self._last(named, at).name
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

    def _last(self, holders: list[Entity], at: int) -> Entity:
        """Return which of several people with an office is meant: the last one who began a sentence, otherwise the last
        one named.

        A person named later in the same sentence is not meant: ``The president said he had warned Mr Putin``.
        """
        end = match.start() if (match := _SENTENCE_END.search(self.text, at)) else len(self.text)
        others = [each for each in holders if not any(at < span.start < end for span in each.mentions)]
        said = [(span.start, each) for each in others or holders for span in each.mentions if span.start < at]
        leading = [pair for pair in said if _LEADS.search(self.text, max(0, pair[0] - 40), pair[0])]
        return max(leading or said, key=lambda pair: pair[0])[1]


def _initials(name: str) -> list[str]:
    return [f"{word[0]}." for word in name.split()]
