"""Find attributions without their link: ``he said in his report for``, followed by nothing."""

from __future__ import annotations

import re

from services.records import Gap

_ATTRIBUTION = (
    r"(?:(?:in|from) (?:his|her|their|its|a|an|the) (?:[\w-]+ )?(?:report|article|story|piece|column|interview|post|commentary|essay|blog)s?"
    r" (?:for|in|on|with|to|at)|(?:reporting|writing|wrote|written|reports?|reported|told|according to|as quoted (?:by|in)|"
    r"first (?:appeared|published) (?:in|on)|published (?:in|on|by)|speaking to|interview with|courtesy of|posted on|see more at)"
    r"(?: on (?:the|this) [\w-]+)?(?: (?:for|in|on|to|at|with|by))?)"
)
_AT_END = re.compile(rf"\b({_ATTRIBUTION})\s*[.,]?\s*$", re.I)
_ENDING = re.compile(r"\b(?:for|in|on|with|to|at|by|from|of)\W*$", re.I)
_BEFORE_VERB = re.compile(
    r"\b(?:(?:reporting|writing)(?: on (?:the|this) [\w-]+)? for|in (?:his|her|their) (?:report|article|story|piece) for)"
    r"(?=\s+(?:[A-Z][\w’'-]+ ){1,3}(?:wrote|writes|said|says|reported|reports|noted|argued|argues)\b|\s*,|\s*\.)",
    re.I,
)


def find_gaps(text: str, start: int, end: int) -> list[Gap]:
    """Return the gaps of the paragraph ``text[start:end]``, with offsets into ``text``. A gap spans the words before
    the missing part."""
    gaps = []
    paragraph = text[start:end]
    spans = [match.span() for match in _BEFORE_VERB.finditer(paragraph)]
    if (match := _AT_END.search(paragraph)) and _ENDING.search(match[1]):
        spans.append(match.span(1))
    for left, right in sorted(set(spans)):
        gaps.append(Gap(text=paragraph[left:right], start=start + left, end=start + right, kind="lost_link"))
    return gaps
