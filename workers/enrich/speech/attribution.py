"""Find the speaker of the words between two quotation marks, from the sentence around them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, NamedTuple

from workers.enrich.names.roles import is_calling
from workers.enrich.speech import pronouns
from workers.enrich.speech.cues import SOURCE
from workers.enrich.speech.parse import SUBJECTS, says, subject_of
from workers.enrich.speech.shapes import SHORT, is_short, is_title, sentence
from workers.enrich.speech.speakers import Cue, Mention, Speakers, Who

_PRONOUN = re.compile(r"(?:\b|-t-)(?:he|she|il|elle|er|sie|él|ella|он|она)\b", re.IGNORECASE)
_THEIR_WORDS = re.compile(r"\b(его|ее|её)\b")
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
        "continuing",
        "disclosed",
        "revealed",
    ]
)
"""Verbs of saying that can also have a thing as object: a company that posts “record” profits has not said `record`."""
_THINKS = frozenset(["think", "thinks", "thought", "believe", "believes", "believed", "feel", "feels", "felt", "hopes"])
_SPEAKS = frozenset(["spoke", "speaks", "talked", "testified", "responded", "reacted", "recalled"])
"""Verbs that can introduce a quote in the next paragraph, but not a clause."""
REACH = 160
"""Maximum number of characters between a quote and its verb of saying."""
_MARKS = " ,;:—–-»”\"'’`"
_TERM = re.compile(
    r"\b(?:known as|referred to as|so-called|dubbed|nicknamed|titled|entitled|termed|named|labell?ed|meaning|"
    r"(?:words?|terms?|phrases?|slogans?|title|name)(?: for| of)?),? (?:an? |the )?\W?\W?$"
)
"""Words before a name for something, which nobody said: `known as “the island”`, `the term “peace wall”`."""
_CREDIT = re.compile(r"[”\"'’]{1,2}\s*[―—–-]{1,2}\s*(?P<name>[A-ZÀ-Þ][^\n.!?“\"]{2,60})[.]?\s*(?=\n|$)")
_COLON = re.compile(r":\s*[«“\"„‘'`]{1,2}\s?$")
_SUBJECT = re.compile(r"[”\"'’]{1,2}\s+(?:(?:[Hh]e|[Ss]he|[Tt]he [a-z]+)|(?P<titles>(?:[A-Z][\w.-]*\s){0,3}))")
_THAT = {"fr": re.compile(r"\bqu(?:e\b|['’])"), "ru": re.compile(r",\s(?:что|будто|как|почему)\b")}
_CALLED = re.compile(r"назва|охарактериз|описа|оцени|qualifi|juge|jugé|dénonc|salu|fustig|critiqu")
_CUE_ALONE = re.compile(r"[”\"'’]{1,2},? [a-z]+\s*")
_OBJECT = re.compile(r"\b(?:about|against|at|by|for|from|in|of|on|to|with)(?: the)?(?: [A-Z][\w.-]*)? $")
"""Words before a name that is not a subject: `questions from CNN`."""
_SEGMENT_END = re.compile(
    r"[,.;:()\n“\"”]|\s(?:who|whom|which|that|in|at|on|after|before|as|when|while|from|of|for|to|with|during|by|about)\s"
)


class Said(NamedTuple):
    """The speaker's name or null, the verb of saying, and the words for a speaker who has no name."""

    speaker: str | None = None
    cue: str | None = None
    words: str | None = None


def attribution(speakers: Speakers, start: int, end: int) -> Said | None:
    """Return who said the words and with which verb, or None if nothing shows that they were said."""
    text, words = speakers.text, speakers.text[start:end]
    if is_title(words) or _TERM.search(text, max(0, start - 40), start):
        return None
    if credit := _CREDIT.match(text, end):
        return _credited(speakers, credit)
    low, high = _around(speakers, start, end)
    if (speaker := _led_by_name(speakers, low, start, words)) is not None:
        return Said(speaker)
    partial = words[0].islower()
    if partial and speakers.doc is not None and speakers.language == "en" and is_short(words):
        return _fragment(speakers, start, end, low, high)
    before = max(speakers.cues(low, start - 1), key=lambda cue: cue.start, default=None)
    before = None if before and _describes(speakers, before) else before
    if partial and (governed := _governed(speakers, start, end)):
        last = _after(speakers, start, end, high) if words.endswith(",") else None
        for cue, first, stop in ((last, end + 1, high), (before, low, start)):
            if governed.speaker is None and cue and (who := _by_cue(speakers, cue, first, stop)).name:
                return Said(who.name, cue.text)  # The cuts reflect “hard times,” she said
        return governed
    after = _after(speakers, start, end, high)
    long = len(words.split()) > SHORT
    if after and not partial and (words.endswith((",", "!", "?", "…")) or text[end + 1 : end + 2] == "," or long):
        return _said(_by_cue(speakers, after, end + 1, high), after)
    if before and (long or start - before.end < 12 or _reported(speakers, before, start, words)):
        return _said(_by_cue(speakers, before, low, start), before)
    if after and (long or after.start - end < 25):
        return _said(_by_cue(speakers, after, end + 1, high), after)
    return None


def told(speakers: Speakers, low: int, high: int) -> Said:
    """Return the attribution from an aside that says who speaks."""
    cue = next(speakers.cues(low, high), None)
    return _said(_by_cue(speakers, cue, low, high), cue) if cue else Said()


def told_before(speakers: Speakers, start: int) -> Said | None:
    """Return the person that the sentence before the mark is about: `Ruiz shook her head. “Nothing can be done.”`

    Across paragraphs only a sentence that says something counts.
    """
    text = speakers.text
    at = start - 1
    while at > 0 and (text[at].isspace() or text[at] in "“\"`'‘"):
        at -= 1
    token = speakers.token_at(at)
    if token is None or speakers.language != "en":
        return None
    verb = token.sent.root
    if not says(verb):  # But the fear, Ruiz says, is real. “It grows.”
        aside = [each for each in token.sent if says(each) and any(child.dep_ in SUBJECTS for child in each.children)]
        verb = aside[0] if len(aside) == 1 and aside[0].dep_ in ("parataxis", "ccomp", "advcl", "dep") else verb
    saying = says(verb) or verb.lower_ in _SPEAKS
    if not saying and "\n" in text[at:start]:
        return None
    subject = speakers.subject(verb)
    if subject is None:
        return None
    who = speakers.who(subject)
    if who.name is None:
        return None
    return Said(who.name) if saying or speakers.is_person(who.name) else None


def _said(who: Who, cue: Cue) -> Said:
    return Said(who.name, cue.text, who.words)


def _around(speakers: Speakers, start: int, end: int) -> tuple[int, int]:
    """Return the sentence that the quote is part of: it begins on the previous line if that ends in a colon, and ends
    at the closing mark if the quote ends a sentence and nobody is named as its speaker after it.
    """
    text = speakers.text
    low, high = sentence(text, start - 1, end + 1)
    opening = text[max(0, start - 4) : start]
    line = len(text[: start - len(opening)]) + len(opening.rstrip("“\"„«`'‘ \t"))
    if text[line - 1 : line] == "\n" and (led := text[max(0, line - 300) : line].rstrip()).endswith(":"):
        low, _ = sentence(text, max(0, line - 300) + len(led) - 1, line)
    if text[high : high + 1] == "\n" and _CUE_ALONE.fullmatch(text, end, high):
        _, high = sentence(text, end, high + 1)  # “…,” recalled, and on the next line: her cousin, Ana Ruiz
    if text[end - 1] in ".!?" and not _names_speaker(speakers, start, end, high):
        high = end + 1
    return low, high


def _describes(speakers: Speakers, cue: Cue) -> bool:
    """Return whether the verb is a participle that describes a noun and has no actor: `the events described in my
    “history”`."""
    verb = speakers.token_at(cue.start)
    described = verb is not None and verb.tag_ == "VBN" and verb.dep_ in ("acl", "amod")
    return described and not any(child.dep_ == "agent" for child in verb.children)


def _names_speaker(speakers: Speakers, start: int, end: int, high: int) -> bool:
    """Return whether a speaker is named after a quote that ends a sentence: `“We won.” said Ana Ruiz`, `“Why?” Ruiz
    asked.`, not `“Why?” Ruiz said it was late.`"""
    text = speakers.text
    cue = next(speakers.cues(end + 1, min(high, end + REACH), beside=end), None)
    if cue is None or (text[end - 1] == "." and text[cue.end : cue.end + 1].isalpha()):
        return False
    verb = speakers.token_at(cue.start)
    if verb is not None and any(each.dep_ == "ccomp" and each.i > verb.i for each in verb.children):
        return False
    if cue.start - end <= 4:
        return True
    if text[end - 1] != "." and speakers.doc is not None:
        span = speakers.doc.char_span(end + 1, cue.start, alignment_mode="contract")
        return span is None or not any(each.pos_ in ("VERB", "AUX") for each in span)
    subject = _SUBJECT.match(text, end, cue.start)
    if subject is None or subject["titles"] is None:
        return subject is not None and subject.end() == cue.start - 1
    return any(stop == cue.start - 1 and start <= subject.end() for start, stop, _ in speakers.within(end, cue.start))


def _after(speakers: Speakers, start: int, end: int, high: int) -> Cue | None:
    """Return the verb of saying after the quote: the first that has a subject of its own, not `announced` in
    `“…,” a plan announced in May, said Ana Ruiz`; or any verb between the mark and a name.
    """
    text = speakers.text
    cues = list(speakers.cues(end + 1, min(high, end + REACH), beside=end))
    for cue, following in pairwise(cues):
        verb = speakers.token_at(cue.end - 1)
        if verb is None or cue.text.lower() in SOURCE or cue.start - end <= 3:
            return cue
        if not text.startswith(", ", following.start - 2):
            return cue
        subject = speakers.subject(verb) if verb.tag_ != "VBN" else None
        if subject is not None and (is_calling(subject.lower_) or speakers.meant(subject)):
            return cue
    return cues[-1] if cues else _unlisted(speakers, end, high)


def _unlisted(speakers: Speakers, end: int, high: int) -> Cue | None:
    """Return the subject of any verb in the past or present right after a comma: `“We won,” laughed Ana Ruiz`, `“We
    won,” Ruiz beamed.`"""
    text = speakers.text
    if speakers.language != "en" or "," not in (text[end - 1], text[end + 1 : end + 2]):
        return None
    at = end + len(text[end:high]) - len(text[end:high].lstrip(" ,”\"'’"))
    first = speakers.token_at(at)
    if first is None:
        return None
    if first.pos_ == "VERB" and first.tag_ in ("VBD", "VBZ", "VBP"):
        named = speakers.within(first.idx + len(first), high)
        if named and named[0][0] - (first.idx + len(first)) < 40:
            return Cue(first.text, first.idx, first.idx + len(first))
        return None
    name = next((each for each in speakers.within(at, high) if each[0] == at), None)
    if name is None and first.lower_ not in ("he", "she"):
        return None
    after = (name[1] if name else at + len(first)) + 1
    verb = speakers.token_at(after)
    if verb is not None and verb.pos_ == "VERB" and verb.tag_ in ("VBD", "VBZ") and verb.idx == after:
        return Cue(verb.text, verb.idx, verb.idx + len(verb))
    return None


def _credited(speakers: Speakers, credit: re.Match[str]) -> Said | None:
    """Return the name after a dash: `“…” — Ana Ruiz, mayor`."""
    start, end = credit.span("name")
    here = [each for each in speakers.within(start, end) if each[0] == start and each[2].type in ("PERSON", "ORG")]
    return Said(here[0][2].name) if here else None


def _led_by_name(speakers: Speakers, low: int, start: int, words: str) -> str | None:
    """Return the person before a colon without a verb of saying: `The chief executive, Kari Lund: “We sold it.”`."""
    if not _COLON.search(speakers.text, low, start) or next(speakers.cues(low, start), None):
        return None
    if speakers.language in _THAT and (len(words.split()) < 3 or words[0].islower()):
        return None
    people = [each for each in speakers.within(low, start) if each[2].type == "PERSON" and speakers.may_speak(each)]
    return people[-1][2].name if people else None


def _reported(speakers: Speakers, cue: Cue, start: int, words: str) -> bool:
    """Return whether the words are part of the clause that is said, as in `заявил, что паромы «изменят весь рынок»`, or
    what something was called, as in `назвал переговоры «трудными»`."""
    that = _THAT.get(speakers.language)
    if that is None:
        return False
    called = _CALLED.search(cue.text) is not None and start - cue.end < REACH // 3
    return called or (len(words.split()) > 1 and that.search(speakers.text, cue.end, start) is not None)


def _fragment(speakers: Speakers, start: int, end: int, low: int, high: int) -> Said | None:
    """Return the verb of saying that governs a short expression inside a sentence, or one right beside the marks.

    Return None if there is another verb with its own subject in between: in `she admitted that the land, which Oslo
    contends is “hers”, was sold` the word is not what she said.
    """
    text = speakers.text
    node = speakers.root_of(start, end)
    if node is not None and says(node) and (subject := subject_of(node)) is not None and not start <= subject.idx < end:
        return _of(speakers, subject, node)  # the ministry “strongly advised” against it
    modifier = node is not None and node.dep_ in ("amod", "compound", "nmod", "poss")
    clauses = thoughts = 0
    while node is not None and node.head != node:
        head = node.head
        if says(head) and head.pos_ == "VERB" and not any(each.dep_ == "prt" for each in head.children):
            if modifier and not clauses and head.lower_ in _FACTUAL:
                return None
            subject = speakers.subject(head)
            if subject is not None and "," in (text[end - 1], text[end + 1 : end + 2]) and not speakers.meant(subject):
                break
            if head.dep_ == "relcl" and (subject is None or not speakers.meant(subject)):
                return None
            return Said(None, head.text) if subject is None else _of(speakers, subject, head)
        thinks = head.lower_ in _THINKS and node.dep_ == "ccomp"
        if (node.dep_ == "ccomp" and not thinks) or (node.dep_ == "relcl" and _others(node)):
            return None
        thoughts += thinks
        clauses += node.dep_ in ("relcl", "advcl")
        node = head
    if thoughts:
        return None  # many believe the canal is “cursed”, although Ruiz says it is safe
    after = next(speakers.cues(end + 1, min(high, end + REACH), beside=end), None)
    if after and ("," in (text[end - 1], text[end + 1 : end + 2]) or after.start - end < SHORT):
        return _said(_by_cue(speakers, after, end + 1, high), after)
    before = max(speakers.cues(low, start - 1), key=lambda cue: cue.start, default=None)
    if before and start - before.end < SHORT and speakers.token_at(before.end - 1).pos_ == "VERB":
        return _said(_by_cue(speakers, before, low, start), before)
    return None


def _of(speakers: Speakers, subject: Any, verb: Any) -> Said:
    who = speakers.who(subject)
    return Said(who.name, verb.text, who.words)


def _others(verb: Any) -> bool:
    """Return whether a relative clause has a subject of its own: `whom Denmark regards as`, not `who stole`."""
    subject = subject_of(verb)
    return subject is not None and subject.head == verb and subject.lower_ not in ("who", "which", "that")


def _governed(speakers: Speakers, start: int, end: int) -> Said | None:
    """Return, for a part of a sentence, the nearest verb of saying above it in the parse, otherwise a person who is its
    subject."""
    token = speakers.token_at(start)
    if token is None:
        return None
    above = [each for each in token.ancestors if not start <= each.idx < end]
    for each in above:
        subject = speakers.subject(each) if says(each) else None
        if subject is not None:
            return _of(speakers, subject, each)
    if len(speakers.text[start:end].split()) > SHORT:
        for each in above:
            if each.pos_ == "VERB" and (subject := speakers.subject(each)) is not None:
                name = speakers.meant(subject)
                return Said(name) if name and speakers.is_person(name) else None
    return None


def _by_cue(speakers: Speakers, cue: Cue, low: int, high: int) -> Who:
    """Return the subject of the verb in the parse; without one, the name, pronoun or office before the verb, otherwise
    after it."""
    text = speakers.text
    if match := _PRONOUN.search(cue.text) or _THEIR_WORDS.search(cue.text):
        return Who(pronouns.person(speakers, match[0], cue.start))
    if cue.text.lower() in SOURCE:
        return Who(_behind(speakers, cue.end, high, named=True))
    verb = speakers.token_at(cue.end - 1) if speakers.language == "en" else None
    if (
        verb is not None
        and (subject := speakers.subject(verb)) is not None
        and not _misread(speakers, subject, cue, low)
    ):
        who = speakers.who(subject)
        if who.name or subject.pos_ != "PROPN":
            return who
    between = text[low : cue.start].strip(_MARKS)
    if between:
        people = [each for each in speakers.within(low, cue.start) if speakers.may_speak(each)]
        if speakers.language == "en":
            people = [each for each in people if _may_act(text, each, low, cue)]
        else:
            people = [each for each in people if each[2].type == "PERSON" or not _WHERE.search(text, low, each[0])]
        if (people and any(each.type == "PERSON" for *_, each in people)) or (people and speakers.language == "en"):
            return Who(next((each.name for *_, each in people[::-1] if each.type == "PERSON"), people[-1][2].name))
        if match := _PRONOUN.search(between):
            return Who(pronouns.person(speakers, match[0], cue.start))
        office = speakers.office(between, cue.start)
        if office or speakers.language == "en":
            return Who(office or speakers.surnamed(between.split()[-1]))
        if people:
            return Who(people[-1][2].name)
    return Who(_behind(speakers, cue.end, high, named=False))


_WHERE = re.compile(r"\b(?:aus|in|von|bei|nach|für|gegen|über|à|de|du|en|pour|contre|в|во|из|от|о|для) $|\bd['’]$")
"""What precedes a place that does not speak: ``Karl Holm aus Berlin sagte``."""


def _may_act(text: str, mention: Mention, low: int, cue: Cue) -> bool:
    """Return whether a name before the verb may be its subject: an organisation or a country right before it, a person
    who is not an object."""
    start, end, entity = mention
    if end >= cue.start - 2:
        return True
    return entity.type == "PERSON" and _OBJECT.search(text, low, start) is None


def _misread(speakers: Speakers, subject: Any, cue: Cue, low: int) -> bool:
    """Return whether the parser gave the verb right after the mark a subject from before the quote, as in `“It holds,”
    said Little`."""
    return cue.start - low <= 3 and subject.idx < low and speakers.text[low - 1 : low] in "”\"'’»“`"


def _behind(speakers: Speakers, low: int, high: int, *, named: bool) -> str | None:
    """Return the subject after the verb: `said Ana Ruiz`, `said the mayor, Ana Ruiz`, `said he`; ``named`` means that
    it is `according to`."""
    here = [each for each in speakers.within(low, high) if named or speakers.may_speak(each)]
    if match := _PRONOUN.match(speakers.text, low + 1):
        return pronouns.person(speakers, match[0], low)
    for start, _, each in here:
        gap = speakers.text[low:start]
        if each.type == "PERSON" and not re.search(r"\b(?:for|to|of|von|für)\b[^,]*$", gap):
            return each.name
        if len(gap) <= 5:
            return each.name
    if speakers.doc is not None and speakers.language == "en":
        end = _SEGMENT_END.search(speakers.text, low + 1, high)
        words = speakers.text[low : end.start() if end else high].split()
        return speakers.surnamed(words[-1]) if words else None
    return speakers.named_by_office(speakers.text[low:high], low) or speakers.unknown(low, high)
