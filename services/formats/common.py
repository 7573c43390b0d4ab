"""Helpers shared by the formats: identifiers, instants, codes, bylines, and the mark of Copydesk's own annotations."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

Doc = dict[str, Any]

OURS = "urn:copydesk"
"""The creator of annotations in formats that have a place for one: annotations with this mark are Copydesk's, not the
provider's."""
MENTIONED = "copydesk:mentioned"
"""The relation of an item to annotations by Copydesk, in ninjs."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_VOCABULARIES = {
    "medtop": "http://cv.iptc.org/newscodes/mediatopic/",
    "subj": "http://cv.iptc.org/newscodes/subjectcode/",
    "genre": "http://cv.iptc.org/newscodes/genre/",
    "sig": "http://cv.iptc.org/newscodes/signal/",
}
"""Vocabularies of the IPTC, by their aliases in its catalog."""


def clean(text: object) -> str:
    """Return the text without the characters that XML 1.0 cannot hold."""
    return _ILLEGAL.sub("", str(text))


def wire(record: Doc) -> Doc:
    """Return what the provider says about the item; empty if it says nothing."""
    return record.get("wire") or {}


def guid(record: Doc) -> str:
    """Return the identifier that all versions of the item share: the provider's, otherwise one made by Copydesk."""
    return str(wire(record).get("guid") or f"{OURS}:document:{record['id']}")


def provider(record: Doc) -> str | None:
    """Return the name of the item's supplier."""
    return wire(record).get("provider") or record.get("publisher")


def slugline(record: Doc) -> str | None:
    return wire(record).get("slugline") or record.get("code")


def status(record: Doc) -> str | None:
    """Return the publication status in IPTC's vocabulary. It has no value for embargoed, so `withheld` is used."""
    said = wire(record).get("pub_status")
    return "withheld" if said == "embargoed" else said


def is_uri(text: str | None) -> bool:
    return bool(text) and _URI.fullmatch(str(text)) is not None


def published(record: Doc) -> datetime | None:
    """Return when it was published: in the document's zone if that is an offset, without a zone if the document has
    none."""
    written, zone = record.get("published_at"), record.get("published_zone")
    if not written:
        return None
    instant = _instant(written)
    if zone is None:
        return instant.replace(tzinfo=None)
    found = _OFFSET.search(zone)
    if found is None:
        return instant
    minutes = int(found[2]) * 60 + int(found[3])
    return instant.astimezone(timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes)))


def instant(written: str | None) -> datetime | None:
    """Return an instant of the record."""
    return _instant(written) if written else None


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)


def iso(moment: datetime | None, *, zoned: bool = False) -> str | None:
    """Return ``2024-07-10T10:11:12+02:00``. With ``zoned``, a time without a zone is given as UTC."""
    if moment is None:
        return None
    if zoned and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def basic(moment: datetime | None) -> str | None:
    """Return ``20240710T101112+0200``, the form of ISO 8601 that NITF requires."""
    if moment is None:
        return None
    zone = moment.strftime("%z")
    return moment.strftime("%Y%m%dT%H%M%S") + ("Z" if zone == "+0000" else zone)


def written_code(coded: Doc) -> str | None:
    """Return a code with its scheme as text, ``medtop:04000000``; None if there is neither, or if a URI identifies
    it."""
    scheme, code = coded.get("scheme"), coded.get("code")
    if scheme and "://" in scheme:
        return None
    return f"{scheme}:{code or ''}" if scheme else code


def code_uri(coded: Doc) -> str | None:
    """Return the URI of a code whose vocabulary is known."""
    scheme, code = coded.get("scheme"), coded.get("code")
    if not code:
        return None
    if scheme and "://" in scheme:
        uri = f"{scheme}/{code}"
    elif scheme in _VOCABULARIES:
        uri = _VOCABULARIES[scheme] + code
    else:
        uri = code if "://" in code else ""
    return uri if is_uri(uri) else None


def qcode(coded: Doc) -> str | None:
    """Return a QCode if the IPTC's catalog has the scheme, otherwise None."""
    scheme, code = coded.get("scheme"), coded.get("code")
    return f"{scheme}:{code}" if scheme in _VOCABULARIES and code and not re.search(r"\s", code) else None


def byline(record: Doc) -> str | None:
    """Return the authors as a line: ``Jane Roe, Chief Correspondent; John Doe``."""
    authors = [
        ", ".join(dict.fromkeys(filter(None, (author["name"], author.get("role"), author.get("agency")))))
        for author in record.get("byline") or []
    ]
    return "; ".join(authors) or None


def compact(value: Any) -> Any:
    """Return a JSON value without empty parts and without characters that XML cannot represent."""
    if isinstance(value, dict):
        kept = {key: compact(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [item for item in map(compact, value) if item not in (None, "", [], {})]
    return clean(value) if isinstance(value, str) else value
