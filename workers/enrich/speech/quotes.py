"""Direct quotes and who spoke them.

A quote spans the words inside the marks; one whose opening mark is repeated on each paragraph is one quote to its
closing mark. Words in marks are a quote when a verb of saying governs them or stands beside them, when they follow a
quote of the same paragraph, or when they are a whole sentence. Other short expressions in marks are scare quotes, but
titles are not marked at all.
"""

from __future__ import annotations

import re
from typing import Any

from services.records import Quote
from workers.enrich.base import Reading, Stage
from workers.enrich.names.marks import quoted
from workers.enrich.speech.asides import interrupted
from workers.enrich.speech.cues import CUE, SOURCE
from workers.enrich.speech.speakers import Speakers, says, subject_of

_SENTENCE_END = re.compile(r"[.!?][\"”’'»)]*\s+(?=[A-ZÀ-ÞА-ЯЁ“\"«„‘'])|\n")
_ABBREVIATED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Gen|Lt|Col|Sgt|Sen|Rep|Gov|St|[A-ZА-ЯЁ]|тыс|млн|млрд|руб|долл|им|ул)\.\s*$"
)
_SPOKEN_END = (".", ",", "!", "?", "…")
_PRONOUN = re.compile(r"(?:\b|-t-)(?:he|she|il|elle|er|sie|él|ella|он|она)\b", re.IGNORECASE)
_THEIR_WORDS = re.compile(r"\b(его|ее|её)\b")
SHORT = 4
_FACTUAL = frozenset(
    [
        "posted",
        "posts",
        "posting",
        "announced",
        "announces",
        "announcing",
        "reported",
        "reports",
        "reporting",
        "continued",
        "continues",
    ]
)
"""Verbs of saying that also take a thing: who posts “record” profits has not said `record`."""
REACH = 160
"""Characters between a quote and its verb of saying."""

Attribution = tuple[str | None, str | None]


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around ``text[start:end]``, no further than 300 characters on either side."""
    low = max(0, start - 300)
    for match in _SENTENCE_END.finditer(text, low, start + 1):
        if match.end() <= start and not _ABBREVIATED.search(text, max(0, match.start() - 5), match.start() + 1):
            low = match.end()
    high = min(len(text), end + 300)
    for match in _SENTENCE_END.finditer(text, end, high):
        if not _ABBREVIATED.search(text, max(0, match.start() - 5), match.start() + 1):
            high = match.start() + 1 if text[match.start()] != "\n" else match.start()
            break
    return low, high


def _quotes(reading: Reading) -> list[Quote]:
    text = reading.article.text
    language = (reading.article.language or "").split("-")[0]
    spans, told = interrupted(text, list(quoted(text)), language)
    speakers = Speakers(reading, spans)
    foreign = language in ("fr", "ru")
    named = {(span.start, span.end) for each in reading.article.entities if foreign for span in each.mentions}
    found: list[Quote] = []
    spoken: list[Quote] = []
    for start, end in spans:
        previous = spoken[-1] if spoken and "\n\n" not in text[spoken[-1].end : start] else None
        attribution = _told(speakers, told[start]) if start in told else _attribution(speakers, start, end)
        if attribution is None and (start, end) in named:
            continue  # «Коммерсантъ» in marks is a name
        if (
            attribution is None
            and previous is not None
            and not _title(text[start:end])
            and _continues(text, previous, start, end)
        ):
            attribution = previous.speaker, None
        if attribution is None and not _spoken(text[start:end]):
            if _short(text[start:end]) and not _title(text[start:end]):
                found.append(Quote(text=text[start:end], start=start, end=end, kind="scare"))
            continue
        speaker, cue = attribution or (None, None)
        spoken.append(Quote(text=text[start:end], start=start, end=end, speaker=speaker, cue=cue))
        found.append(spoken[-1])
    return found


def _told(speakers: Speakers, span: tuple[int, int]) -> Attribution:
    cue = CUE.search(speakers.text, *span)
    return (_by_cue(speakers, cue, *span, cue.start()), cue[0]) if cue else (None, None)


def _short(words: str) -> bool:
    """An expression rather than a sentence."""
    return len(words.split()) <= SHORT and not words.endswith(_SPOKEN_END)


def _spoken(words: str) -> bool:
    """A whole sentence of some length."""
    return words.endswith(_SPOKEN_END) and len(words.split()) > SHORT


def _continues(text: str, previous: Quote, start: int, end: int) -> bool:
    low, _ = sentence(text, start - 1, end + 1)
    whole = text[start].isupper() and (text[start:end].endswith(_SPOKEN_END) or text[end + 1 : end + 2] in (".", ","))
    return (whole and low >= start - 2) or low <= previous.start


def _title(words: str) -> bool:
    """`Three Winters`: capitals throughout and no end of a sentence."""
    long = [word for word in words.split() if len(word) > 3]
    if words.endswith(",") and len(long) > 1:
        words = words[:-1]
    return not words.endswith(_SPOKEN_END) and all(word[0].isupper() for word in long) and not words.isupper()


def _attribution(speakers: Speakers, start: int, end: int) -> Attribution | None:
    """Speaker and verb of saying, or None where nothing shows that the words were said."""
    text = speakers.text
    words = text[start:end]
    low, high = sentence(text, start - 1, end + 1)
    if words.endswith(".") or (words.endswith(("!", "?")) and not CUE.search(text, end, min(high, end + REACH))):
        high = end + 1
    if _title(words):
        return None
    partial = words[0].islower()
    if (speaker := _led_by_name(speakers, low, start, words)) is not None:
        return speaker, None
    if partial and speakers.doc is not None and speakers.language == "en" and _short(words):
        return _fragment(speakers, start, end, low, high)
    before = max(CUE.finditer(text, low, start - 1), key=lambda match: match.start(), default=None)
    if partial and (governed := _governed(speakers, start, end)):
        if governed[0] is None and before and (name := _by_cue(speakers, before, low, start, start)):
            return name, before[0]  # she said it was made “to last,” agencies reported
        return governed
    after = CUE.search(text, end + 1, min(high, end + REACH))
    long = len(words.split()) > SHORT
    if after and not partial and (words.endswith((",", "!", "?", "…")) or text[end + 1 : end + 2] == "," or long):
        return _by_cue(speakers, after, end + 1, high, after.start()), after[0]
    if before and (long or start - before.end() < 12 or _reported(speakers, before, start, words)):
        return _by_cue(speakers, before, low, start, start), before[0]
    if after and (long or after.start() - end < 25):
        return _by_cue(speakers, after, end + 1, high, after.start()), after[0]
    return None


_COLON = re.compile(r":\s*[«“\"„‘']\s?$")


def _led_by_name(speakers: Speakers, low: int, start: int, words: str) -> str | None:
    """`The chief executive, Kari Lund: “We sold it.”`: without a verb of saying, the person before the colon."""
    if not _COLON.search(speakers.text, low, start) or CUE.search(speakers.text, low, start):
        return None
    if speakers.language in _THAT and (len(words.split()) < 3 or words[0].islower()):
        return None
    people = [each for each in speakers.within(low, start) if each[2].type == "PERSON" and speakers.may_speak(each)]
    return people[-1][2].name if people else None


_THAT = {"fr": re.compile(r"\bqu(?:e\b|['’])"), "ru": re.compile(r",\s(?:что|будто|как|почему)\b")}


_CALLED = re.compile(r"назва|охарактериз|описа|оцени|qualifi|juge|jugé|dénonc|salu|fustig|critiqu")


def _reported(speakers: Speakers, cue: re.Match[str], start: int, words: str) -> bool:
    """`заявил, что паромы «изменят весь рынок»`: of the clause that is said; `назвал переговоры «трудными»`."""
    that = _THAT.get(speakers.language)
    if that is None:
        return False
    called = _CALLED.search(cue[0]) is not None and start - cue.end() < REACH // 3
    return called or (len(words.split()) > 1 and that.search(speakers.text, cue.end(), start) is not None)


def _fragment(speakers: Speakers, start: int, end: int, low: int, high: int) -> Attribution | None:
    """For a short expression inside a sentence: the verb of saying that governs it, or one right beside the marks.

    None where another verb with a subject of its own stands between: in `she admitted that the land, which Oslo
    contends is “hers”, was sold` the word is not what she said.
    """
    text = speakers.text
    node = speakers.root_of(start, end)
    if node is not None and says(node) and (subject := subject_of(node)) is not None and not start <= subject.idx < end:
        return speakers.meant(subject), node.text  # the ministry “strongly advised” against it
    modifier = node is not None and node.dep_ in ("amod", "compound", "nmod", "poss")
    clauses = 0
    while node is not None and node.head != node:
        head = node.head
        if CUE.fullmatch(head.lower_) and head.pos_ == "VERB" and not any(each.dep_ == "prt" for each in head.children):
            if modifier and not clauses and head.lower_ in _FACTUAL:
                return None
            return speakers.speaker_of(head)[1], head.text
        if node.dep_ == "ccomp" or (node.dep_ == "relcl" and _others(node)):
            return None
        clauses += node.dep_ in ("relcl", "advcl")
        node = head
    after = CUE.search(text, end + 1, min(high, end + REACH))
    if after and ("," in (text[end - 1], text[end + 1 : end + 2]) or after.start() - end < SHORT):
        return _by_cue(speakers, after, end + 1, high, after.start()), after[0]
    before = max(CUE.finditer(text, low, start - 1), key=lambda match: match.start(), default=None)
    if before and start - before.end() < SHORT and speakers.token_at(before.end() - 1).pos_ == "VERB":
        return _by_cue(speakers, before, low, start, start), before[0]
    return None


def _others(verb: Any) -> bool:
    """Whether a relative clause has a subject of its own: `whom Denmark regards as`, not `who stole`."""
    subject = subject_of(verb)
    return subject is not None and subject.head == verb and subject.lower_ not in ("who", "which", "that")


def _governed(speakers: Speakers, start: int, end: int) -> Attribution | None:
    """For a part of a sentence: the nearest verb of saying above it in the parse, else a person who is its subject."""
    token = speakers.token_at(start)
    if token is None:
        return None
    above = [each for each in token.ancestors if not start <= each.idx < end]
    for each in above:
        subject = subject_of(each) if says(each) else None
        if subject is not None and not start <= subject.idx < end:
            return speakers.meant(subject), each.text
    if len(speakers.text[start:end].split()) > SHORT:
        for each in above:
            if each.pos_ == "VERB" and (subject := subject_of(each)) is not None:
                name = speakers.meant(subject)
                return (name, None) if name else None
    return None


def _by_cue(speakers: Speakers, cue: re.Match[str], low: int, high: int, stop: int) -> str | None:
    """The subject of the verb by the parse; without one the name, pronoun or office before it, else after it."""
    text = speakers.text
    if match := _PRONOUN.search(cue[0]):
        return speakers.pronoun(match[0], cue.start())
    if match := _THEIR_WORDS.search(cue[0]):
        return speakers.pronoun(match[1], cue.start())
    if cue[0].lower() not in SOURCE:
        verb = speakers.token_at(cue.end() - 1) if speakers.language == "en" else None
        if verb is not None:
            known, name = speakers.speaker_of(verb)
            if known:
                return name
        between = text[low : cue.start()].strip(' ,;:—–-»”"')
        if between:
            people = [each for each in speakers.within(low, cue.start()) if speakers.may_speak(each)]
            if (people and any(each.type == "PERSON" for *_, each in people)) or (people and speakers.language == "en"):
                return next((each.name for *_, each in people[::-1] if each.type == "PERSON"), people[-1][2].name)
            if match := _PRONOUN.search(between):
                return speakers.pronoun(match[0], cue.start())
            office = speakers.office(between, cue.start())
            if office or speakers.language == "en":
                return office
            if people:
                return people[-1][2].name
    return _after(speakers, cue.end(), high, named=cue[0].lower() in SOURCE)


def _after(speakers: Speakers, low: int, high: int, *, named: bool) -> str | None:
    """`said Ana Ruiz`, `said the mayor, Ana Ruiz`, `said he`; ``named`` says that it is `according to`."""
    here = [each for each in speakers.within(low, high) if named or speakers.may_speak(each)]
    if match := _PRONOUN.match(speakers.text, low + 1):
        return speakers.pronoun(match[0], low)
    for start, _, each in here:
        gap = speakers.text[low:start]
        if each.type == "PERSON" and not re.search(r"\b(?:for|to|of|von|für)\b[^,]*$", gap):
            return each.name
        if len(gap) <= 5:
            return each.name
    if speakers.doc is not None and speakers.language == "en":
        return None
    return speakers.named_by_office(speakers.text[low:high], low) or speakers.unknown(low, high)


STAGE = Stage("quotes", 5, _quotes, needs=frozenset({"language", "entities"}), uses_model=True)
