"""Find vague references to the past, the present or the future: ``now``, ``recently``, ``in the near future``.

Their values are TIMEX3's ``PRESENT_REF``, ``PAST_REF`` and ``FUTURE_REF``. English only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.enrich.facts.dates.kinds import Mention

_UNITS = "days|weeks|months|quarters|years|decades"
_REFERENCES = (
    ("PRESENT_REF", r"now|currently|nowadays|presently|at[ ](?:present|the[ ]moment)|these[ ]days"),
    (
        "PAST_REF",
        rf"(?:more[ ]|only[ ]|until[ ])?recently|(?:in[ ])?recent[ ](?:{_UNITS})|(?<=in[ ])the[ ]past(?![ ][\w'’])"
        rf"|(?:(?:several|some|many|a[ ]few)[ ](?:{_UNITS})|a[ ]while)[ ]ago|(?<=in[ ])past[ ](?:{_UNITS})",
    ),
    (
        "FUTURE_REF",
        rf"the[ ](?:near[ ]|foreseeable[ ]|immediate[ ]|distant[ ])?future|soon(?!er)|(?:the[ ])?coming[ ](?:{_UNITS})|the[ ]near[ ]term",
    ),
)
_PATTERN = re.compile("|".join(rf"(?P<{value}>\b(?:{words})\b)" for value, words in _REFERENCES), re.IGNORECASE)


def references(text: str) -> Iterator[Mention]:
    """Yield the vague references in ``text``."""
    for match in _PATTERN.finditer(text):
        start = (
            match.end() - len(match[0].removeprefix("in ").removeprefix("until "))
            if match.lastgroup == "PAST_REF"
            else match.start()
        )
        yield Mention(start, match.end(), str(match.lastgroup), None, "reference")
