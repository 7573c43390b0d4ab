"""Direct quotes and who spoke them.

A quote spans the words inside the marks; one whose opening mark is repeated on each paragraph is one quote to its
closing mark. Words in marks are a quote when a cue verb stands beside them, when they follow a quote of the same
paragraph, or when they are a whole sentence; other short phrases in marks (scare quotes, titles) are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.records import Entity, Quote
from workers.enrich.base import Reading, Stage

_PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", '"': '"', "‘": "’"}
CUES = (
    "said|says|say|saying|told|tells|added|adds|wrote|writes|stated|states|declared|asked|replied|insisted|warned|"
    "argued|claimed|explained|noted|announced|acknowledged|admitted|confirmed|denied|continued|concluded|recalled|"
    "stressed|quoted|quipped|joked|tweeted|posted|shouted|testified|reported|maintained|remarked|observed|commented|"
    "complained|conceded|boasted|vowed|pledged|predicted|urged|called|described|according to|"
    "a déclaré|a dit|a affirmé|a ajouté|déclare|affirme|estime|explique|a expliqué|a-t-il dit|a-t-elle dit|"
    "sagte|sagt|erklärte|betonte|fügte|dijo|afirmó|declaró|señaló|añadió|aseguró"
)
CUE = re.compile(rf"\b(?:{CUES})\b")
_SENTENCE_END = re.compile(r"[.!?][\"”’»)]*\s+(?=[A-ZÀ-Þ“\"«„])|\n")
_ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Gen|Lt|Col|Sgt|Sen|Rep|Gov|St|[A-Z])\.\s*$")
_PRONOUN = re.compile(r"\b(?:he|she|il|elle|er|sie|él|ella)\b", re.IGNORECASE)
_OFFICE = re.compile(r"\b(?:the|his|her|their)\s+((?:[\w-]+\s+){0,3}?[\w-]+)", re.IGNORECASE)
_SPOKEN_END = (".", ",", "!", "?", "…")
_SPEAKERS = ("PERSON", "ORG", "GPE", "NORP")
SHORT = 4


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of the words inside each outermost pair of marks."""
    at = 0
    while match := _OPEN.search(text, at):
        start = match.end()
        close = _closing(text, start, match["mark"] or match["cjk"])
        if close is None:
            at = start
            continue
        if text[start:close].strip():
            yield start, close
        at = close + 1


_OPEN = re.compile(r"(?:(?<=[\s(\[—–:,-])|^)(?P<mark>[“„«「『\"‘])(?=\S)|(?P<cjk>[「『])")
LONGEST = 5_000


def _closing(text: str, start: int, mark: str) -> int | None:
    closers, depth, at = _PAIRS[mark], 0, start
    while at < min(len(text), start + LONGEST):
        char = text[at]
        if char == mark and char not in closers:
            repeated = text[max(0, at - 2) : at] == "\n\n"
            depth += not repeated
        elif (
            char in closers
            and text[max(0, at - 2) : at] != "\n\n"
            and not (char == "’" and text[at + 1 : at + 2].isalnum())
        ):
            if depth == 0:
                return at
            depth -= 1
        elif text.startswith("\n\n", at) and not text.startswith(mark, at + 2):
            return None
        at += 1
    return None


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around ``text[start:end]``, no further than 300 characters on either side."""
    low = max(0, start - 300)
    for match in _SENTENCE_END.finditer(text, low, start):
        if not _ABBREVIATED.search(text, max(0, match.start() - 5), match.start() + 1):
            low = match.end()
    high = min(len(text), end + 300)
    for match in _SENTENCE_END.finditer(text, end, high):
        if not _ABBREVIATED.search(text, max(0, match.start() - 5), match.start() + 1):
            high = match.start() + 1 if text[match.start()] != "\n" else match.start()
            break
    return low, high


class Speakers:
    """Who is named where in one article."""

    def __init__(self, entities: list[Entity]) -> None:
        self.entities = [each for each in entities if each.type in _SPEAKERS]
        self.mentions = sorted(
            ((span.start, span.end, each) for each in self.entities for span in each.mentions),
            key=lambda mention: mention[:2],
        )

    def named(self, low: int, high: int, last: bool = False) -> str | None:
        """The person named in ``text[low:high]``, else the body; the first, or the last."""
        found = [each for start, end, each in self.mentions if low <= start and end <= high]
        people = [each for each in found if each.type == "PERSON"] or found
        return people[-1 if last else 0].name if people else None

    def meant(self, text: str, low: int, high: int, last: bool = False) -> str | None:
        """Also by pronoun (the person named last before) and by office (`the ambassador`)."""
        if name := self.named(low, high, last):
            return name
        if _PRONOUN.search(text, low, high):
            before = [each for start, _, each in self.mentions if start < low and each.type == "PERSON"]
            return before[-1].name if before else None
        for match in _OFFICE.finditer(text, low, high):
            office = match[1].split()[-1].lower()
            for each in self.entities:
                if office in (each.role or "").lower().split():
                    return each.name
        return None


def _quotes(reading: Reading) -> list[Quote]:
    text, speakers = reading.article.text, Speakers(reading.article.entities)
    found: list[Quote] = []
    for start, end in _spans(text):
        speaker, cue = _attribution(text, start, end, speakers)
        previous = found[-1] if found else None
        near = previous is not None and "\n\n" not in text[previous.end : start]
        if cue is None and near and previous is not None:
            speaker, cue = previous.speaker, None
        elif cue is None and not (
            text[start:end].rstrip().endswith(_SPOKEN_END) and len(text[start:end].split()) > SHORT
        ):
            continue
        found.append(Quote(text=text[start:end], start=start, end=end, speaker=speaker, cue=cue))
    return found


def _attribution(text: str, start: int, end: int, speakers: Speakers) -> tuple[str | None, str | None]:
    """Speaker and cue verb: after the quote, else before it in its sentence."""
    low, high = sentence(text, start - 1, end + 1)
    words = len(text[start:end].split())
    tail = end + 1
    after = CUE.search(text, tail, min(high, tail + 120))
    before = max(CUE.finditer(text, low, start - 1), key=lambda match: match.start(), default=None)
    partial = text[start].islower()
    cues = (before, after) if partial else (after, before)
    for cue in cues:
        if cue is None:
            continue
        if cue is after and (words > SHORT or cue.start() - tail < 25 or text[end - 1] == ","):
            who = speakers.meant(text, tail, cue.start(), last=True) or speakers.meant(text, cue.end(), high)
            return who, cue[0]
        if cue is before and (words > SHORT or start - cue.end() < 12):
            who = speakers.meant(text, low, cue.start(), last=True) or speakers.meant(text, cue.end(), start)
            return who, cue[0]
    return None, None


STAGE = Stage("quotes", 1, _quotes)
