"""Agencies and outlets that the document credits for a statement: a known source beside a verb of reporting."""

from __future__ import annotations

import re

from services.records import Cite
from workers.enrich.base import Reading, Stage
from workers.enrich.gazetteer import tables

_BEFORE = re.compile(
    r"(?:\b(?:reported|reports|according to|told|tells|interview with|quoted by|cited by|published (?:in|by)|said|"
    r"wrote in|writing in|obtained by|report (?:by|in))[ ](?:the[ ])?|[(])$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?:,? (?:has |had |also |first |later )?(?:reported|reports|said|says|wrote|quoted|cited|revealed)\b|\)|"
    r"['’]s? (?:report|correspondent))",
)


def _cites(reading: Reading) -> list[Cite]:
    text, names = reading.article.text, tables().names
    sources = {name: each.name for name, each in names.items() if each.kind in ("agency", "outlet")}
    found = []
    for match in re.finditer("|".join(map(re.escape, sorted(sources, key=len, reverse=True))), text):
        start, end = match.span()
        if text[start - 1 : start].isalnum() or text[end : end + 1].isalnum():
            continue
        before = _BEFORE.search(text, max(0, start - 40), start)
        after = _AFTER.match(text, end)
        if (before and (not before[0].startswith("(") or text[end : end + 1] == ")")) or (after and after[0] != ")"):
            found.append(Cite(text=match[0], start=start, end=end, source=sources[match[0]]))
    return found


STAGE = Stage("cites", 1, _cites)
