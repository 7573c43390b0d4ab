"""The stories of Reuters-21578, by the number (NEWID) that the marks name them by."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path("wire") / "reuters-21578"
_STORY = re.compile(r'<REUTERS\b[^>]*\bNEWID="(\d+)"[^>]*>.*?</REUTERS>', re.DOTALL)
_BODY = re.compile(r"<BODY>(.*?)</BODY>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Story:
    """``data`` is the story's element as it is in the file; ``body`` its body, with references resolved."""

    newid: int
    file: str
    data: bytes
    body: str


@lru_cache
def stories(root: Path) -> dict[int, Story]:
    """Every story by its NEWID."""
    found = {}
    for path in sorted((root / FOLDER).glob("*.sgm")):
        for element in _STORY.finditer(path.read_bytes().decode("latin-1")):
            body = _BODY.search(element[0])
            newid = int(element[1])
            found[newid] = Story(newid, path.name, element[0].encode("latin-1"), html.unescape(body[1]) if body else "")
    return found
