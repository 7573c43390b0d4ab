"""Choose the two to four sentences that sum the article up, unchanged."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from itertools import pairwise

from services.records import Span
from services.text.stopwords import stopwords
from workers.enrich.base import Reading, Stage
from workers.enrich.names.marks import quoted

_END = re.compile(r"[.!?…][\"'”’»)\]]*(?=\s+[\"'“‘«(\[`]*[A-ZÀ-ÞΑ-ΩА-Я0-9])|[。！？]")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Messrs|Dr|Prof|Rev|Hon|Gen|Col|Lt|Cpl|Sgt|Maj|Capt|Adm|Cmdr|Sen|Rep|Gov|Pres|St|Ste|Mt|Ft|No|Nos|vs|"
    r"Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|Inc|Corp|Co|Cos|Ltd|Bros|Jr|Sr|Ave|Blvd|Rd|"
    r"Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kan|Ky|La|Mass|Md|Mich|Minn|Miss|Mont|Neb|Nev|Okla|Ore|Pa|Tenn|Tex|"
    r"Vt|Va|Wash|Wis|Wyo)|\b[A-Z]|\b[A-Z]\.[A-Z]|\b(?:a|p)\.m)\.$"
)
_STARTS_ANEW = re.compile(
    r"\.[\"'”’)]*\s+(?:The|A|An|He|She|It|They|In|On|At|But|And|For|This|That|If|When|While|As|We|I)\b"
)
"""Words that seldom continue a sentence after `Inc.` or `U.S.`."""
_ENDS_TOO = re.compile(r"\b(?:Inc|Corp|Co|Cos|Ltd|Jr|Sr|[A-Z]\.[A-Z]|(?:a|p)\.m)\.$")
_WORD = re.compile(r"[^\W\d_]{3,}")
_DANGLING = re.compile(
    r"[\"'“‘«(`]*(?:he|she|it|they|his|her|its|their|this|that|these|those|but|and|however|also|meanwhile|instead|rather|so|"
    r"such|both|there|then|yet|still|nor|or|another|other|others|we|you|i|one|moreover|nevertheless|nonetheless|"
    r"in addition|for example|for instance|as a result|on the other hand)\b",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\b(?:file photo|photo(?:graph)?(?: by|:)|picture:|image(?: credit|:)|getty images|pictured (?:above|here|on)|"
    r"\((?:left|right|above|pictured|photo|file)\b|click (?:here|on)|read more|sign up|subscribe|follow us|"
    r"all rights reserved|for more information|contact us)",
    re.IGNORECASE,
)
_FEWEST_WORDS, _MOST_WORDS = 6, 60
_MARK = re.compile(r"[\"“”«»]|``|''")
_SPOKEN = 0.8
"""Weight of a sentence with words in quotation marks: it more often comments than sums up."""
_SAME = 0.8
"""A short sentence with at least this share of the title's words repeats the title."""


def sentences(reading: Reading) -> list[tuple[int, int]]:
    """Return offsets of the running text's sentences; none crosses a paragraph, is a heading or contains the dateline.

    A quotation is never split.
    """
    article = reading.article
    text = article.text
    headings = {(section.start, section.end) for section in article.sections}
    spoken = list(quoted(text))
    opened = [start for start, _ in spoken]
    found = []
    starts = reading.block_starts
    for start, end in pairwise([*starts, len(text)]):
        stop = start + len(text[start:end].rstrip())
        if any(start >= one and stop <= other for one, other in headings):
            continue
        if article.dateline and start <= article.dateline.start < stop:
            start = min(article.dateline.end, stop)
        at = start
        for match in _END.finditer(text, start, stop):
            inner = bisect_right(opened, match.start()) - 1
            if (inner >= 0 and match.end() <= spoken[inner][1]) or _goes_on(text, at, match):
                continue
            found.append((at, match.end()))
            at = match.end()
        found.append((at, stop))
    trimmed = ((end - len(text[start:end].lstrip(" \t\n—–-:")), end) for start, end in found)
    return [(start, end) for start, end in trimmed if text[start:end].rstrip()[-1:] in tuple(".!?…\"'”’»)。！？")]


def _goes_on(text: str, at: int, match: re.Match[str]) -> bool:
    """Return whether the full stop belongs to an abbreviation: `St. Louis`, but not `of Acme Inc. The`."""
    before = text[max(at, match.start() - 8) : match.start() + 1]
    if not _ABBREVIATION.search(before):
        return False
    return not (_ENDS_TOO.search(before) and _STARTS_ANEW.match(text, match.start()))


def run(reading: Reading) -> list[Span]:
    """Return the chosen sentences in the article's order. The weight of a sentence is the mean log-frequency of its words;
    it is higher near the top of the article and lower if the sentence has a quotation.

    Left out are sentences that depend on the one before (a pronoun, "but") or repeat the title or a chosen sentence,
    captions, lines that address the reader, and sentences of fewer than 6 or more than 60 words.
    """
    text = reading.article.text
    every = sentences(reading)
    ignored = stopwords(reading.article.language)
    counts = Counter(word for word in (one.casefold() for one in _WORD.findall(text)) if word not in ignored)
    title = {one.casefold() for one in _WORD.findall(reading.article.title or "")} - ignored
    scored = []
    for rank, (start, end) in enumerate(every):
        words = {one.casefold() for one in _WORD.findall(text[start:end])} - ignored
        if not words or not _stands_alone(text, start, end) or _repeats(title, words):
            continue
        weight = sum(math.log2(1 + counts[word]) for word in words) / math.sqrt(len(words))
        weight *= (1 + 2 / (1 + rank / 2)) * (_SPOKEN if _MARK.search(text, start, end) else 1)
        scored.append((weight, start, end, words))
    scored.sort(key=lambda one: (-one[0], one[1]))
    wanted = min(4, max(2, len(every) // 8 + 1))
    chosen: list[tuple[int, int, set[str]]] = []
    for _, start, end, words in scored:
        if all(len(words & other) < 0.6 * min(len(words), len(other)) for _, _, other in chosen):
            chosen.append((start, end, words))
        if len(chosen) == wanted:
            break
    return [
        Span(text=text[start:end], start=start, end=end) for start, end, _ in sorted(chosen, key=lambda one: one[:2])
    ]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Return whether the sentence can be understood without the one before it, and belongs to the article."""
    if not _FEWEST_WORDS <= len(text[start:end].split()) <= _MOST_WORDS:
        return False
    if text[start].islower() or _DANGLING.match(text, start) or _CAPTION.search(text, start, end):
        return False
    pairs = (("“", "”"), ("«", "»"), ("``", "''"), ("(", ")"))
    return text.count('"', start, end) % 2 == 0 and all(
        text.count(one, start, end) == text.count(other, start, end) for one, other in pairs
    )


def _repeats(title: set[str], words: set[str]) -> bool:
    """Return whether the sentence is the title again, or nearly."""
    return len(title & words) >= _SAME * len(title) > 0 and len(words - title) <= 2


STAGE = Stage("summary", 3, run, needs=frozenset({"language"}))
