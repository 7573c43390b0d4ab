"""Find photo captions among the paragraphs of a plain text."""

from __future__ import annotations

import re

_LONGEST = 500
_AGENCIES = r"(?:AP|Reuters|AFP|EPA|Getty|Getty Images|Xinhua|TASS|RIA Novosti|Bloomberg|ANSA|EFE|dpa|IRNA|ISNA|Tasnim|Anadolu|AA)"
_OPENS = re.compile(
    r"\W*(?:photo|file photo|file|image|picture|pictured|caption|photograph|foto|bild|фото|عکس|صورة|图|写真|사진)\s?"
    r"(?:[:：/]|[-–—]\s)|\W*FILE\s?[-–—]|FILE PHOTO",
    re.I,
)
_MARKED = re.compile(
    r"\((?:file )?photo(?:graph)?(?: by|:|/|\))|\bfile photo\b\W*$|"
    rf"[(\[]{_AGENCIES}(?: Photo)?(?:/[^()]{{2,60}})[)\]]\W*$|\b(?:AP|Reuters|EPA|AFP) Photo(?:/|\W*$)|/Getty Images\W*$|"
    rf"[.)]\s{_AGENCIES}\s?/\s?[^\W\d_][^.!?/]{{2,40}}$|"
    r"\(photo(?: credit)?: [^()]{2,60}\)\W*$|（[^（）]{2,30}摄）$",
    re.I,
)
_CREDIT = re.compile(
    rf"[(\[](?:(?:file )?photo(?:graph)?(?: credit)?(?: by|:)?\s*)?({_AGENCIES}[^()\[\]]{{0,60}}|(?<=by )[^()]{{2,50}}|(?<=: )[^()]{{2,50}})[)\]]\W*$"
    r"|(?:Photo(?:graph)?|Photos|Foto|Fotos|Bild|Image|Picture|Credit|Фото|عکس|照片|写真)(?: by|\s?[:：/])\s*([^().:]{2,60})\W*$",
    re.I,
)
_BROKEN = re.compile(
    r"^NOTE\b|\b(?:vs|versus|mln|bln|dlrs|cts|pct|shares outstanding)\b|\d,\d{3}\b|"
    r"\s(?:as|and|or|of|in|on|at|to|the|a|an|for|from|by|with|that|its|net)$"
)
"""A row of figures or a line broken in the middle: ``Oper shr loss eight cts vs profit 28 cts``, ``Net includes gain
of``."""
_HINT = re.compile(r"[(\[/:：（]")
_WORD = re.compile(r"[^\W\d_]{4,}")
_ENDS = ".!?:;…。！？؟\"”»'’)"


def is_caption(line: str, neighbours: list[str]) -> bool:
    """Return whether a line by itself is a photo caption: it is labelled as one, or is one clause that a neighbour
    repeats. A heading may be repeated too, but it is in title case or has few words.
    """
    if len(line) > _LONGEST:
        return False
    hinted = _hints(line)
    if _OPENS.match(line) or (hinted and _MARKED.search(line)):
        return True
    credit = _CREDIT.search(line) if hinted else None
    if credit and credit[2] and len(credit[2].split()) <= 7 and line[: credit.start()].rstrip()[-1:] in _ENDS + "|(—–-":
        return True
    words = line.split()
    if not 7 <= len(words) <= 40 or line[-1] in _ENDS or in_title_case(line) or _is_broken(line):
        return False
    said = _stems(line)
    return len(said) >= 4 and any(
        len(said & _stems(paragraph[:600])) >= 0.6 * len(said) for paragraph in neighbours if len(paragraph) > len(line)
    )


def _is_broken(line: str) -> bool:
    return line[0].islower() or line[0].isdigit() or _BROKEN.search(line) is not None


def _hints(line: str) -> bool:
    """Return whether the line may contain a mark or a credit; a cheap check that saves most lines the full search."""
    return bool(_HINT.search(line)) or "photo" in (folded := line.casefold()) or " by " in folded


def caption_credit(caption: str) -> str | None:
    match = _CREDIT.search(caption)
    return (match[1] or match[2]).strip() if match else None


def in_title_case(line: str) -> bool:
    """Return whether most words of four or more letters begin with a capital, in a script that has capitals."""
    words = _WORD.findall(line)
    return bool(words) and sum(word[0].isupper() for word in words) >= 0.7 * len(words)


def _stems(text: str) -> set[str]:
    return {word.casefold()[:6] for word in _WORD.findall(text)}
