"""Read the stories of Reuters-21578, by the number (NEWID) that the marks use."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path("wire") / "reuters-21578"
_STORY = re.compile(r'<REUTERS\b[^>]*\bNEWID="(\d+)"[^>]*>.*?</REUTERS>', re.DOTALL)
_FIELD = r"<{0}>(.*?)</{0}>"


@dataclass(frozen=True, slots=True)
class Story:
    """``data`` is the story's element as it is in the file; the other fields are its text, with references resolved."""

    newid: int
    file: str
    data: bytes
    body: str
    title: str = ""
    dateline: str = ""
    date: str = ""

    @property
    def name(self) -> str:
        return f"reuters-{self.newid}"


@lru_cache
def stories(root: Path) -> dict[int, Story]:
    """Return every story by its NEWID."""
    found = {}
    for path in sorted((root / FOLDER).glob("*.sgm")):
        for element in _STORY.finditer(path.read_bytes().decode("latin-1")):
            body, title, dateline, date = (_field(element[0], tag) for tag in ("BODY", "TITLE", "DATELINE", "DATE"))
            newid = int(element[1])
            found[newid] = Story(newid, path.name, element[0].encode("latin-1"), body, title, dateline, date)
    return found


def _field(element: str, tag: str) -> str:
    found = re.search(_FIELD.format(tag), element, re.DOTALL)
    return html.unescape(found[1]) if found else ""
