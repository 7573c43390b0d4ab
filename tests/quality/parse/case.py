"""A case: one document with a copy editor's marks on it, and what the parser should find.

The files ``tuning/*.yaml`` and ``test/*.yaml`` hold the cases, several to a file; README.md explains the marks.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SPLITS = ("tuning", "test")

PARAGRAPH, HEADING, CAPTION = "¶", "§", "▣"
BUILT_BODY = (PARAGRAPH, HEADING, "•", "|", ">")  # in the kinds that are built, these lines also belong to the body

_INLINE = re.compile(r"⟦([^⟧]*)⟧")
_BLOCK_TAG = re.compile(r"</?(?:p|br|li|ul|ol|div|t[dhr]|h\d|tr|blockquote)\b[^>]*>", re.I)
_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(r"\]\([^)]*\)")


@dataclass(slots=True)
class Case:
    """A case. ``expect`` holds the fields as README.md names them; a field that is not named should be found empty."""

    id: str
    split: str
    kind: str
    features: list[str]
    source: str
    options: dict[str, Any]
    expect: dict[str, Any] = field(default_factory=dict)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Return the source as (mark, text) lines; the mark is "" if the line has none."""
        return [_split_mark(line, self.kind) for line in self.source.split("\n")]

    @property
    def text(self) -> str:
        """Return the source without its marks: what is sent, before encoding."""
        return "\n".join(text for _, text in self.lines).replace("⟦", "").replace("⟧", "")


BUILT = ("docx", "odt", "rtf", "epub", "pdf")
_BUILT_MARKS = "#^~•|>"


def _split_mark(line: str, kind: str) -> tuple[str, str]:
    if kind in BUILT and line[:3] in ("H: ", "F: "):
        return line[0], line[3:]
    marks = PARAGRAPH + HEADING + CAPTION + (_BUILT_MARKS if kind in BUILT else "")
    if line[:1] and line[0] in marks and line[1:2] in ("", " "):
        return line[0], line[2:]
    return "", line


def plain(text: str) -> str:
    """Return a marked line without markup, entities and escapes."""
    for _ in range(2):
        text = html.unescape(_TAG.sub("", _BLOCK_TAG.sub(" ", text)))
    text = _LINK.sub("", text).replace("![", "").replace("\\n", " ").replace('\\"', '"')
    return " ".join(text.split())


def _expected(case: Case) -> dict[str, Any]:
    expect = dict(case.expect)
    signed, sections, captions = [], [], []
    for mark, text in case.lines:
        if mark == CAPTION:
            captions.append(plain(text).strip("*_ "))
        elif mark == HEADING:
            sections.append(plain(text).strip("#*_=-: "))
        whole = mark in (PARAGRAPH, HEADING) or (case.kind in BUILT and mark and mark in BUILT_BODY)
        signed.append(f"⟦{text}⟧" if whole else text)
    body = [plain(found) for found in _INLINE.findall("\n".join(signed))]
    expect.setdefault("body", "\n".join(body))
    expect.setdefault("sections", sections)
    expect.setdefault("captions", captions)
    return expect


def _read(path: Path) -> list[Case]:
    cases = []
    for raw in yaml.safe_load_all(path.read_text("utf-8")):
        if not raw:
            continue
        case = Case(
            id=raw.pop("id"),
            split=raw.pop("split"),
            kind=raw.pop("kind"),
            features=raw.pop("features", []),
            source=raw.pop("source", ""),
            expect=raw.pop("expect", {}),
            options=raw,
        )
        case.expect = _expected(case)
        cases.append(case)
    return cases


@cache
def load() -> dict[str, Case]:
    """Return all cases by id."""
    cases: dict[str, Case] = {}
    for split in SPLITS:
        for path in sorted((HERE / split).glob("*.yaml")):
            for case in _read(path):
                if case.id in cases or case.split != split:
                    raise ValueError(f"{path}: {case.id} is there twice or in the wrong split")
                cases[case.id] = case
    for case in cases.values():
        files = case.options.get("files", {})
        if len(files) == 1:  # a container of one document counts as that document
            case.expect = cases[next(iter(files.values()))].expect
        elif files and not case.expect.get("members"):
            inner = [cases[name] for name in files.values()]
            case.expect["members"] = [
                {"path": path, "title": one.expect.get("title")} for path, one in zip(files, inner, strict=True)
            ]
        if len(files) > 1 and case.expect["body"] == "":
            case.expect["body"] = "\n".join(cases[name].expect["body"] for name in files.values())
    return cases
