"""Read the metadata of a picture: IPTC's fields in XMP (IPTC Photo Metadata) and in IIM, from JPEG, TIFF, PNG and
WebP."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.records import Article, Byline, Coded, Rights, Wire
from workers.parse.article.compose import Head, Piece, compose
from workers.parse.article.dates import Stamp, read_stamp
from workers.parse.base import FAULTS, ParseError
from workers.parse.encoding import decode
from workers.parse.xml import Element, children, every, name, read_xml, text_of

_FORMATS = ("JPEG", "TIFF", "PNG", "WEBP")
_MOST = 200  # values of one field
_DESCRIPTION = "description"

# Our name for a field: the XMP property, of which the namespace tells dc:source from photoshop:Source, and IIM's
# dataset.
_NAMES: dict[str, tuple[str, tuple[int, int] | None]] = {
    "title": ("dc/elements/1.1/}title", (2, 5)),
    "headline": ("photoshop/1.0/}Headline", (2, 105)),
    "caption": ("dc/elements/1.1/}description", (2, 120)),
    "author": ("dc/elements/1.1/}creator", (2, 80)),
    "role": ("photoshop/1.0/}AuthorsPosition", (2, 85)),
    "credit": ("photoshop/1.0/}Credit", (2, 110)),
    "source": ("photoshop/1.0/}Source", (2, 115)),
    "copyright": ("dc/elements/1.1/}rights", (2, 116)),
    "usage": ("xap/1.0/rights/}UsageTerms", None),
    "city": ("photoshop/1.0/}City", (2, 90)),
    "location": ("Iptc4xmpCore/1.0/xmlns/}Location", (2, 92)),
    "state": ("photoshop/1.0/}State", (2, 95)),
    "country": ("photoshop/1.0/}Country", (2, 101)),
    "country_code": ("Iptc4xmpCore/1.0/xmlns/}CountryCode", (2, 100)),
    "created": ("photoshop/1.0/}DateCreated", (2, 55)),
    "created_time": ("", (2, 60)),
    "released": ("", (2, 30)),
    "released_time": ("", (2, 35)),
    "keywords": ("dc/elements/1.1/}subject", (2, 25)),
    "instructions": ("photoshop/1.0/}Instructions", (2, 40)),
    "reference": ("photoshop/1.0/}TransmissionReference", (2, 103)),
    "category": ("photoshop/1.0/}Category", (2, 15)),
    "urgency": ("photoshop/1.0/}Urgency", (2, 10)),
    "subjects": ("Iptc4xmpCore/1.0/xmlns/}SubjectCode", (2, 12)),
    "guid": ("Iptc4xmpExt/2008-02-29/}DigImageGUID", None),
}
_UTF8 = b"\x1b%G"  # what IIM's dataset 1:90 says where text is UTF-8


@dataclass(slots=True)
class Photo:
    """The fields under the record's names, each with its values."""

    fields: dict[str, list[str]] = field(default_factory=dict)

    def all(self, name: str) -> list[str]:
        return self.fields.get(name, [])

    def one(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    @property
    def tells(self) -> bool:
        """Whether the metadata describes the picture in words."""
        return bool(self.one("caption") or self.one("headline"))


def read_photo(data: bytes) -> Photo:
    """Return the fields of a picture, from XMP if both have one; none if it has none or cannot be opened."""
    from PIL import Image, IptcImagePlugin

    Image.MAX_IMAGE_PIXELS = None  # the image itself is not decoded
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            said = picture.info.get("xmp") or b""
            xmp = said.encode() if isinstance(said, str) else bytes(said)
            iim = IptcImagePlugin.getiptcinfo(picture) or {}
    except FAULTS:
        return Photo()
    return Photo(_of_iim(iim) | _of_xmp(xmp))


def _of_iim(found: Mapping[tuple[int, int], bytes | list[bytes]]) -> dict[str, list[str]]:
    declared = "utf-8" if found.get((1, 90)) == _UTF8 else None
    fields = {}
    for ours, (_, dataset) in _NAMES.items():
        values = found.get(dataset, []) if dataset else []
        raw = [values] if isinstance(values, bytes) else values
        fields[ours] = [text for value in raw[:_MOST] if (text := decode(value, declared)[0].replace("\0", "").strip())]
    return {ours: values for ours, values in fields.items() if values}


def _of_xmp(xmp: bytes) -> dict[str, list[str]]:
    try:
        root = read_xml(xmp.strip(b"\0 \r\n\t"))
    except ParseError:  # there is none, or it is broken
        return {}
    found: dict[str, list[str]] = {}
    for description in every(root, _DESCRIPTION):
        parent = description.getparent()
        if parent is not None and name(parent) != "rdf":
            continue  # a structure inside a field
        stated = [(key, [value]) for key, value in description.attrib.items()]
        stated += [(child.tag, _values(child)) for child in description if isinstance(child.tag, str)]
        for key, values in stated:
            ours = next((ours for ours, (wanted, _) in _NAMES.items() if wanted and key.endswith(wanted)), None)
            kept = [value.strip() for value in values[:_MOST] if value.strip()]
            if ours and kept:
                found.setdefault(ours, kept)
    return found


def _values(element: Element) -> list[str]:
    """Return the items of a list; for alternatives in several languages, return the default one, or the first."""
    for kind in children(element, "alt"):
        items = children(kind, "li")
        default = [item for item in items if "x-default" in item.attrib.values()]
        return ["".join(item.itertext()) for item in (default or items)[:1]]
    for kind in children(element, "bag", "seq"):
        return [text_of(item) for item in children(kind, "li")]
    return ["".join(element.itertext())]


def photo_article(photo: Photo) -> Article:
    """Return the record of a photo: its caption is the text."""
    created = _stamp(photo.one("created"), photo.one("created_time"))
    title = photo.one("headline") or _words(photo.one("title"))
    caption = photo.one("caption") or ""
    head = Head(
        code=photo.one("reference"),
        title=title,
        byline=[Byline(name=author, role=photo.one("role")) for author in photo.all("author")],
        published_at=created.instant if created else None,
        published_zone=created.zone if created else None,
        publisher=photo.one("source") or photo.one("credit"),
        wire=_wire(photo, created),
    )
    pieces = [Piece("paragraph", part) for part in re.split(r"\s*\n\s*", caption.replace("\r", "\n"))]
    if not caption and title:
        pieces = [Piece("paragraph", title)]
    return compose(pieces, head, format="image", confidence=0.95, structured=True, captions=False)


def _wire(photo: Photo, created: Stamp | None) -> Wire:
    title, urgency = photo.one("title"), photo.one("urgency") or ""
    rights = Rights(copyright=photo.one("copyright"), usage_terms=photo.one("usage"), credit=photo.one("credit"))
    release = _stamp(photo.one("released"), photo.one("released_time"))
    return Wire(
        provider=photo.one("source") or photo.one("credit"),
        guid=photo.one("guid"),
        urgency=int(urgency) if urgency in set("123456789") else None,
        category=photo.one("category"),
        slugline=title if title and not _words(title) else None,
        keywords=list(dict.fromkeys(photo.all("keywords"))),
        subjects=[subject for said in photo.all("subjects") if (subject := _subject(said))],
        places=_places(photo),
        first_created=_utc(created),
        embargoed_until=_utc(release) if release and photo.one("released_time") else None,
        ednote=photo.one("instructions"),
        rights=rights if any(rights.model_dump().values()) else None,
    )


def _subject(said: str) -> Coded | None:
    """Return a subject written as ``IPTC:15054000:sport:soccer`` in IIM, or as the code alone in XMP."""
    found = re.search(r"(?<!\d)(\d{8})(?!\d)(?::([^:]*))?(?::([^:]*))?(?::([^:]*))?", said)
    names = [name for name in found.groups()[1:] if name] if found else []
    return Coded(scheme="subj", code=found[1], name=names[-1] if names else None) if found else None


def _places(photo: Photo) -> list[Coded]:
    places = [Coded(name=said) for name in ("location", "city", "state") if (said := photo.one(name))]
    code, country = (photo.one("country_code") or "").upper(), photo.one("country")
    scheme = {2: "iso3166-1a2", 3: "iso3166-1a3"}.get(len(code))
    if country or scheme:
        places.append(Coded(scheme=scheme, code=code if scheme else None, name=country))
    return places


def _words(title: str | None) -> str | None:
    """Return the title, unless it is a slug or file name: ``Dockers go back``, not ``PORT-STRIKE`` or
    ``DSC_0042.JPG``."""
    return title if title and len(title.split()) > 2 else None


def _stamp(day: str | None, clock: str | None) -> Stamp | None:
    """Return a date of XMP (ISO 8601), or one of IIM (``20120310``) with its time (``131100+0300``)."""
    if not day:
        return None
    if found := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", day):
        time = re.fullmatch(r"(\d\d)(\d\d)\d\d(?:([+-]\d\d):?(\d\d))?", clock or "")
        zone = f"{time[3]}:{time[4]}" if time and time[3] else ""
        day = f"{found[1]}-{found[2]}-{found[3]}" + (f" {time[1]}:{time[2]}{zone}" if time else "")
    return read_stamp(day)


def _utc(stamp: Stamp | None) -> datetime | None:
    return stamp.instant if stamp else None
