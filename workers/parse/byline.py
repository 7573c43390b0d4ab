"""Who wrote it: ``By Jane Roe, Political Correspondent``."""

from __future__ import annotations

import re

from services.records import Byline
from workers.parse.normalise import tidy

_LABEL = re.compile(
    r"\s*(?:(?:(?:written|reported|posted|story|words|text)\s+)?by\s*:?|authors?\s*:|byline\s*:|von\s|par\s|por\s|di\s(?=[A-Z])|door\s|av\s|"
    r"auteur\s*:|autor(?:en|es)?\s*:|автор(?:ы)?\s*:|нویسنده\s*:|نویسنده\s*:|بقلم\s*:?|كتب\s*:|کاتب\s*:|记者[:：\s]\s*|作者[:：]\s*|文[/／])\s*",
    re.I,
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_ROLE = re.compile(
    r"\b(?:correspondent|editor|reporter|writer|columnist|analyst|bureau|chief|staff|contributor|columnista|"
    r"correspondant|redakteur|korrespondent|professor|fellow)\b",
    re.I,
)
_AGENCY = re.compile(
    r"^(?:the )?(?:associated press|ap|reuters|afp|agence france-presse|dpa|efe|ansa|tass|xinhua|bloomberg(?: news)?|"
    r"[\w .&'’-]{2,40} (?:news|times|post|herald|agency|service|press|tribune|gazette|journal|radio|tv|wire|media))$",
    re.I,
)
_NAME = re.compile(r"[^\W\d_][\w.'’‑-]*(?:\s(?:[^\W\d_][\w.'’‑-]*)){0,4}")
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "do",
        "del",
        "della",
        "di",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "bin",
        "ibn",
        "al",
        "el",
        "dos",
        "y",
        "und",
        "ter",
        "ten",
    ]
)


def has_label(line: str) -> bool:
    """Whether the line says itself that it is a byline."""
    return bool(_LABEL.match(line))


def read_byline(text: str) -> list[Byline]:
    """The authors that ``text``, a byline with or without its ``By``, names; [] where it reads as something else."""
    line = tidy(text)
    if not line or len(line) > 200:
        return []
    line = _LABEL.sub("", line, count=1)
    emails = _EMAIL.findall(line)
    line = _EMAIL.sub(" ", line).strip(" |,;-–—()<>•·")
    if re.search(r"https?:|[.!?]\s+[A-Z][a-z]+ [a-z]", line):
        return []
    found: list[Byline] = []
    for part in re.split(r"\s*(?:,|;|\||•|·|/|\band\b|\bund\b|\bet\b|&| [-–—] |\(|\))\s*", line):
        if not part:
            continue
        if found and _ROLE.search(part):
            _set(found, "role", part)
        elif _AGENCY.match(part):
            _set(found, "agency", part) if found else found.append(Byline(name=part, agency=part))
        elif name := _name(part):
            found.append(Byline(name=name))
        elif not found:
            return []
    if emails and len(emails) <= len(found):
        for author, email in zip(found, emails, strict=False):
            author.email = email
    return found


def _set(found: list[Byline], name: str, value: str) -> None:
    """``By A and B, Staff Writers``: what follows the names is said of all that lack it."""
    for author in found:
        if getattr(author, name) is None:
            setattr(author, name, value)


def _name(part: str) -> str | None:
    part = re.split(r"\s+(?:in|en|à|aus)\s+(?=[^\W\d_])", part, maxsplit=1)[0].strip()
    if not _NAME.fullmatch(part):
        return None
    if any(word[0].islower() and word not in _PARTICLES for word in part.split()):
        return None
    words = part.split()
    return " ".join(word.title() for word in words) if part.isupper() and len(words) > 1 else part
