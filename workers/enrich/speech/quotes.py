"""Find direct quotes and their speakers.

A quote spans the words inside the marks; if the opening mark is repeated on each paragraph, they are one quote up to
the closing mark. Words in marks are a quote when a verb of saying governs them or is beside them, when they follow a
quote of the same paragraph, or when they are a whole sentence. Other short expressions in marks are scare quotes, but
titles are not marked at all.
"""

from __future__ import annotations

from services.records import Quote
from workers.enrich.base import Reading, Stage
from workers.enrich.names.marks import quoted
from workers.enrich.speech.asides import interrupted
from workers.enrich.speech.attribution import Said, attribution, told, told_before
from workers.enrich.speech.shapes import SHORT, SPOKEN_END, is_short, is_title, sentence
from workers.enrich.speech.speakers import Speakers

_AFTERTHOUGHT = 200
"""Maximum number of characters between a quote and its continuation in the next paragraph."""


def _quotes(reading: Reading) -> list[Quote]:
    text = reading.article.text
    language = (reading.article.language or "").split("-")[0]
    spans, asides = interrupted(text, list(quoted(text)), language)
    speakers = Speakers(reading, spans)
    foreign = language in ("fr", "ru")
    named = {(span.start, span.end) for each in reading.article.entities if foreign for span in each.mentions}
    found: list[Quote] = []
    spoken: list[Quote] = []
    for start, end in spans:
        previous = spoken[-1] if spoken else None
        said = told(speakers, *asides[start]) if start in asides else attribution(speakers, start, end)
        if said is None and (start, end) in named:
            continue  # «Коммерсантъ» in marks is a name
        words = text[start:end]
        if said is None and previous is not None and not is_title(words) and _continues(text, previous, start, end):
            said = Said(previous.speaker)
        if said is None and (is_title(words) or not _whole(words)):
            if is_short(words) and not is_title(words):
                found.append(Quote(text=words, start=start, end=end, kind="scare"))
            continue
        if said is None:
            said = told_before(speakers, start) or _goes_on(text, previous, start) or Said()
        spoken.append(
            Quote(text=words, start=start, end=end, speaker=said.speaker, source_text=said.words, cue=said.cue)
        )
        found.append(spoken[-1])
    return found


def _whole(words: str) -> bool:
    """Return whether the words are a whole sentence of some length."""
    return words.endswith(SPOKEN_END) and len(words.split()) > SHORT


def _continues(text: str, previous: Quote, start: int, end: int) -> bool:
    """Return whether the words continue the quote before them in the same paragraph."""
    if "\n\n" in text[previous.end : start]:
        return False
    low, _ = sentence(text, start - 1, end + 1)
    whole = text[start].isupper() and (text[start:end].endswith(SPOKEN_END) or text[end + 1 : end + 2] in (".", ","))
    return (whole and low >= start - 2) or low <= previous.start


def _goes_on(text: str, previous: Quote | None, start: int) -> Said | None:
    """Return the speaker of the quote that ends the paragraph before, if a paragraph in quotation marks continues
    it."""
    if previous is None or not previous.speaker or start - previous.end > _AFTERTHOUGHT:
        return None
    _, high = sentence(text, previous.end - 1, previous.end - 1)
    return Said(previous.speaker) if not text[high:start].strip("\n “\"«`'‘”’") else None


STAGE = Stage("quotes", 11, _quotes, needs=frozenset({"language", "entities"}), uses_model=True)
