"""Find the verb of a date, and whether it refers to the future or the past."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from workers.enrich.languages import german, russian
from workers.enrich.speech.cues import CUE


@dataclass(frozen=True, slots=True)
class Context:
    """What a resolver knows: the day relative dates count from, the words before, and how 3/4 is read here.

    ``verb`` is the verb that the date depends on in the parse, if any.
    """

    today: date | None
    before: str
    after: str
    month_first: bool
    language: str
    verb: Any = None

    @property
    def ahead(self) -> bool:
        """Return whether the verb, or without one the words before, refer to the future. In French, German and Russian,
        where the verb may follow, the words after count as well."""
        if self.language == "ru":
            clause = f"{re.split('[,«]', self.before)[-1]} {re.split('[,»]', self.after)[0]}"
            tense = russian.tense(clause) or russian.tense(f"{self.before} {self.after}")
            return bool(_BY.search(self.before)) or tense == "future" or bool(not tense and _MEANT.search(self.before))
        if self.language == "de" and german.looks_ahead(self.before, self.after):
            return True
        if self.language == "fr" and _FRENCH_AHEAD.search(f"{self.before} {self.after}"):
            return True
        if _UNTIL.search(self.before):
            return True
        if self.verb is not None and (future := _future(self.verb)) is not None:
            return future
        return _AHEAD.search(self.before) is not None

    @property
    def past(self) -> bool:
        return self.verb is not None and _future(self.verb) is False


_UNTIL = re.compile(r"\b(?:until|till)(?: the| next)? ?$", re.IGNORECASE)
_HANGS = ("npadvmod", "pobj", "nmod", "appos", "compound", "nummod", "dobj")
_WILL = ("will", "would", "shall", "'ll", "’ll", "wo", "may", "might")
_INTENDED = [
    "due",
    "set",
    "expected",
    "scheduled",
    "slated",
    "plan",
    "plans",
    "planned",
    "planning",
    "hope",
    "hopes",
    "hoped",
    "vow",
    "vowed",
    "vows",
    "intend",
    "intends",
    "intended",
    "want",
    "wants",
    "wanted",
    "agree",
    "agreed",
    "promise",
    "promised",
    "likely",
    "ready",
    "poised",
    "able",
    "urge",
    "urged",
    "ask",
    "asked",
    "order",
    "ordered",
    "called",
    "invited",
    "go",
    "going",
]


def verb_of(doc: Any, at: int) -> Any:
    """Return the verb whose time the date at ``at`` gives: that of ``he retires on Friday``, not of ``Friday's
    talks``."""
    span = doc.char_span(at, at + 1, alignment_mode="expand")
    token = span[0] if span is not None and len(span) else None
    for _ in range(4):
        if token is None or token.dep_ not in (*_HANGS, "prep"):
            return None
        token = token.head
        if token.pos_ in ("VERB", "AUX"):
            return token
        if token.pos_ not in ("ADP", "PROPN", "NUM"):
            return None
    return None


def _future(verb: Any) -> bool | None:
    """Return whether the verb refers to the future; None if its form does not show it."""
    helpers = [child for child in verb.children if child.dep_ in ("aux", "auxpass")]
    if any(child.lower_ in _WILL for child in helpers):
        return True
    if verb.tag_ == "VB" and any(child.lower_ == "to" for child in helpers):
        return True if verb.head.lower_ in _INTENDED or verb.head.tag_ in ("VBZ", "VBP") else None
    if verb.tag_ == "VBD" or any(child.tag_ == "VBD" or child.lower_ in ("has", "have", "'ve") for child in helpers):
        return None if verb.lower_ in _INTENDED or verb.lower_ == "was" else False
    if verb.tag_ in ("VBZ", "VBP") and verb.pos_ == "VERB":
        return not CUE.fullmatch(verb.lower_)
    return None


_AHEAD = re.compile(
    r"\b(?:(?:will|would|next|upcoming|coming|scheduled|due|plans?|planned|expected|set (?:to|for)|is to|are to|to be|"
    r"kommenden|nächsten|prochaine?|próximo|próxima|wird|werden)\b"
    r"|(?:until|by|bis|jusqu'au|d'ici(?: au)?|hasta)(?: the)? ?$)",
    re.IGNORECASE,
)
_FRENCH_AHEAD = re.compile(
    r"\b(?:sera|seront|aura|auront|fera|feront|ira|iront|pourra|pourront|devra|devront|viendra|tiendra|prendra|rendra|"
    r"\w{3,}(?:era|eront|ira|iront)|doit|doivent|devrait|devraient|prévue?s?|attendue?s?|programmée?s?|prochaine?|"
    r"à partir|d['’]ici|avant|jusqu['’](?:au|à|en))\b"
)
_BY = re.compile(r"\b(?:до|ко?|не позднее|начиная с)\s(?:\w+\s){0,2}$", re.IGNORECASE)
_MEANT = re.compile(
    r"\b(?:намерен[аоы]?|планиру\w+|запланирован\w*|назначен[аоы]?|ожида\w+|предстоящ\w+)\b", re.IGNORECASE
)
