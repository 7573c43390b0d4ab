"""Write records in news formats. To add a format, write one module with a ``write``, and add one line here. Annotations
are written if a format has a place for them, marked as Copydesk's; the parsers of the same formats skip them when they
read the file back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from services.formats import newsml, ninjs, nitf, schemaorg

Doc = dict[str, Any]
Name = Literal["ninjs", "newsml-g2", "nitf", "json-ld"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format. ``write`` returns the bytes of a file for a record in the API's form. For many documents, JSON formats
    have one line for each, other formats one file for each in a ZIP archive.
    """

    media_type: str
    also: tuple[str, ...]
    suffix: str
    in_lines: bool
    write: Callable[[Doc], bytes]


FORMATS: dict[Name, Format] = {
    "ninjs": Format("application/ninjs+json", (), "json", True, ninjs.write),
    "newsml-g2": Format(
        "application/vnd.iptc.g2.newsitem+xml", ("application/newsml+xml",), "xml", False, newsml.write
    ),
    "nitf": Format("application/nitf+xml", ("text/vnd.iptc.nitf", "application/x-nitf"), "xml", False, nitf.write),
    "json-ld": Format("application/ld+json", (), "jsonld", True, schemaorg.write),
}


def is_story(record: Doc) -> bool:
    """Return whether a record can be written: it is done, and does more than contain other documents."""
    whole = record.get("title") or record.get("text") or record.get("wire")
    return record.get("status") == "done" and bool(whole or not record.get("members"))


def accepted(header: str | None) -> Name | None:
    """Return the format that an Accept header prefers to the record as JSON, or None if it prefers the record."""
    best: tuple[float, Name | None] = (0.0, None)
    for entry in (header or "").split(","):
        media_type, *parameters = (part.strip().lower() for part in entry.split(";"))
        weight = next((_weight(part) for part in parameters if part.startswith("q=")), 1.0)
        if media_type in ("application/json", "application/*", "*/*") and weight >= best[0]:
            best = (weight, None)
        for name, format in FORMATS.items():
            if media_type in (format.media_type, *format.also) and weight > best[0]:
                best = (weight, name)
    return best[1]


def _weight(parameter: str) -> float:
    try:
        return float(parameter.removeprefix("q="))
    except ValueError:
        return 0.0
