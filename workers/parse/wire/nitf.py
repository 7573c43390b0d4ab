"""Read NITF, the News Industry Text Format of IPTC (versions 2 and 3)."""

from __future__ import annotations

import re

from services.records import Byline, Coded, Rights, Wire
from workers.parse import dialects
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head, Piece, compose, put_dateline
from workers.parse.article.notices import is_end_mark
from workers.parse.base import Parsed, ParseError, Parser, Source, tried
from workers.parse.web import markup
from workers.parse.wire import mapped
from workers.parse.wire import nitf_content as content
from workers.parse.wire.coded import coded, distinct, instant, number, rights, set_published, stated, status
from workers.parse.xml import Element, attribute, children, every, first, name, read_xml, text_of

MEDIA_TYPE = "application/nitf+xml"

_APART = {"body.head", "hedline", "dateline", "byline", "distributor", "abstract", "series", "media-metadata",
          "media-reference", "media-producer", "media-object"}  # fmt: skip
_NOTICE = {"tagline", "bibliography", "rights", "copyrite", "note"}
_SLUGS = ("slug", "slugline", "anpa-keyword")
_AND = re.compile(r",|\s+(?:and|und|et|&|y|og|ja)\s+")
_EMBED = re.compile(r"(?:^|[\s-])embed(?:$|[\s-])", re.IGNORECASE)
_PUBLIC_TYPES = {"news", "current", ""}  # values of tobject that say nothing about the story


def sniff(source: Source) -> float:
    head = source.data[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    return 0.96 if head.startswith(b"<") and re.search(rb"<(?:[a-z]+:)?nitf[\s>]", head) else 0.0


def parse(source: Source) -> Parsed:
    root = read_xml(source.data)
    nitf = root if name(root) == "nitf" else first(root, "*", "nitf")
    if nitf is None:
        raise ParseError("corrupt", "There is no <nitf> element.")
    head = Head()
    pieces, warnings = read_nitf(nitf, head)
    return Parsed(MEDIA_TYPE, compose(pieces, head, format="nitf", warnings=warnings, structured=True))


def read_nitf(nitf: Element, head: Head) -> tuple[list[Piece], list[str]]:
    """Return the body's blocks; missing values in ``head`` are filled from the NITF head and body.head."""
    top = first(nitf, "body", "body.head")
    docdata = first(nitf, "head", "docdata")
    metas = _metas(nitf)
    headline = first(top, "hedline")
    slug = text_of(first(nitf, "head", "title"))
    head.title = head.title or text_of(first(headline, "hl1")) or slug or None
    head.deck = head.deck or text_of(first(headline, "hl2")) or text_of(first(top, "abstract")) or None
    if head.deck and head.deck == head.title:
        head.deck = None
    warned: list[str] = []
    head.byline = head.byline or tried(warned, "byline", lambda: _bylines(top), [])
    head.publisher = head.publisher or _publisher(nitf, docdata, top)
    head.language = head.language or _language(nitf)
    dialect = dialects.of([head.publisher, _provider(first(docdata, "doc-id"))], "")
    head.code = (
        head.code
        or (mapped.said(nitf, dialect.fields.code) if dialect else None)
        or _code(nitf, docdata)
        or (slug if re.fullmatch(r"\S*-\S*", slug) else None)
    )
    head.url = head.url or _url(nitf)
    pubdata = first(nitf, "head", "pubdata")
    set_published(
        head,
        _norm(first(docdata, "date.issue")),
        attribute(pubdata, "date.publication") if pubdata is not None else "",
        _norm(first(docdata, "date.release")) if _status(docdata) != "embargoed" else "",
        _norm(first(top, "dateline", "story.date")),
    )
    head.updated_at = head.updated_at or instant(next(iter(metas.get("updated", [])), None))
    head.wire = head.wire or tried(warned, "wire", lambda: _wire(nitf, docdata, head, metas), None)
    body = first(nitf, "body", "body.content")
    pieces = markup.pieces(body, skip=_is_apart) if body is not None else []
    while pieces and is_end_mark(pieces[-1].text):
        pieces[-1].kind = "notice"
        pieces.insert(0, pieces.pop())
    head.places = head.places or _place_names(first(top, "dateline"))
    put_dateline([piece for piece in pieces if piece.kind != "notice"], _dateline(first(top, "dateline")))
    for part in every(nitf, "tagline", "bibliography"):
        if text := text_of(part):
            pieces.append(Piece("notice", text))
    if said := text_of(first(top, "rights")):
        pieces.append(Piece("notice", said))
    return pieces, warned


def _is_apart(element: Element) -> bool:
    return name(element) in _APART or name(element) in _NOTICE or bool(_EMBED.search(element.get("class") or ""))


def _norm(element: Element | None) -> str:
    return (attribute(element, "norm") or text_of(element)) if element is not None else ""


def _dateline(element: Element | None) -> str:
    """Return the dateline as a line: its place, without state, country and date."""
    if element is None:
        return ""
    location = first(element, "location")
    if location is None:
        return "" if first(element, "story.date") is not None and not (element.text or "").strip() else text_of(element)
    places = _place_names(element)
    return places[0] if places else ""


def _place_names(element: Element | None) -> list[str]:
    """Return town, state and country of a dateline whose parts are marked; an unmarked line is read later."""
    locations = children(element, "location") if element is not None else []
    parts = list(locations[0]) if locations else []
    if not parts:
        wholes = [text for each in locations if (text := text_of(each))]
        return [whole.title() if whole.isupper() else whole for whole in wholes]
    return [text.title() if text.isupper() and len(text) > 3 else text for part in parts if (text := text_of(part))]


def _bylines(top: Element | None) -> list[Byline]:
    """Read ``<byline>By <person>Jane Roe</person><byttl>Reporter</byttl></byline>``, or plain words."""
    found: list[Byline] = []
    for byline in children(top, "byline") if top is not None else []:
        title = first(byline, "byttl")
        agency = text_of(first(title, "org")) or None if title is not None else None
        role = text_of(title).removesuffix(agency or "").rstrip(", ") or None
        people = [text_of(person) for person in every(byline, "person")]
        words = text_of(byline)
        if people:
            named = [each.strip() for person in people for each in _AND.split(person) if each.strip()]
            found += [
                Byline(name=next((author.name for author in read_byline(each)), each), role=role, agency=agency)
                for each in named
            ]
            continue
        words = words.removesuffix(text_of(title)).strip(" ,")
        found += [
            Byline(name=author.name, role=author.role or role, agency=author.agency, email=author.email)
            for author in read_byline(words.partition(" / ")[0])
        ]
    return found


def _publisher(nitf: Element, docdata: Element | None, top: Element | None) -> str | None:
    pubdata = first(nitf, "head", "pubdata")
    owner, holder = first(docdata, "doc.rights"), first(docdata, "doc.copyright")
    return (
        (attribute(pubdata, "name") if pubdata is not None else "")
        or text_of(first(top, "distributor"))
        or (attribute(holder, "holder").partition(".")[0] if holder is not None else "")
        or (attribute(owner, "owner") if owner is not None else "")
        or None
    )


def _language(nitf: Element) -> str | None:
    body = first(nitf, "body")
    return (
        attribute(nitf, "lang") or attribute(nitf, "baselang") or (attribute(body, "lang") if body is not None else "")
    ) or None


def _code(nitf: Element, docdata: Element | None) -> str | None:
    """Return the slug: the meta that some agencies write, du-key, or the fixture."""
    for meta in every(nitf, "meta"):
        if attribute(meta, "name").lower() in _SLUGS and attribute(meta, "content"):
            return attribute(meta, "content")
    for where in ("du-key", "fixture"):
        element = first(docdata, where)
        if element is not None and (value := attribute(element, "key") or attribute(element, "fix-id")):
            return value
    return None


def _url(nitf: Element) -> str | None:
    pubdata = first(nitf, "head", "pubdata")
    url = attribute(pubdata, "ex-ref") if pubdata is not None else ""
    return url if url.startswith(("http://", "https://")) else None


def _metas(nitf: Element) -> dict[str, list[str]]:
    """Return what the meta elements say, by name in lower case."""
    found: dict[str, list[str]] = {}
    for meta in every(nitf, "meta"):
        found.setdefault(attribute(meta, "name").lower(), []).append(attribute(meta, "content"))
    return found


def _status(docdata: Element | None) -> str:
    return attribute(docdata, "management-status").lower() if docdata is not None else ""


def _wire(nitf: Element, docdata: Element | None, head: Head, metas: dict[str, list[str]]) -> Wire | None:
    release = instant(_norm(first(docdata, "date.release")))
    embargoed = _status(docdata) == "embargoed" or bool(release and head.published_at and release > head.published_at)
    identified, key = first(docdata, "doc-id"), first(docdata, "du-key")

    def meta(name: str) -> str:
        return metas.get(name, [""])[-1]

    return stated(
        Wire(
            provider=_provider(identified) or head.publisher,
            guid=(attribute(identified, "id-string") or None) if identified is not None else None,
            version=(attribute(key, "version") if key is not None else "") or meta("version") or None,
            pub_status=status(_status(docdata)),
            urgency=next(
                (found for each in every(nitf, "urgency") if (found := number(attribute(each, "ed-urg"), 9))), None
            ),
            priority=meta("priority") or None,
            category=meta("anpa-category") or None,
            slugline=head.code,
            keywords=[word for each in every(nitf, "keyword") if (word := attribute(each, "key") or text_of(each))],
            genre=distinct(content.classified(docdata, "genre")),
            subjects=_subjects(nitf, docdata),
            places=distinct([*(_place(each) for each in every(nitf, "evloc")), *content.located(docdata)]),
            first_created=instant(meta("first-created")),
            embargoed_until=release if embargoed else None,
            expires_at=instant(_norm(first(docdata, "date.expire"))),
            ednote=_ednote(nitf, meta("anpa-takekey")),
            signals=metas.get("signal", []),
            rights=_rights(docdata, meta("creditline")),
            associations=content.associations(nitf),
            word_count=number(meta("anpa-wordcount").lstrip("0")),
        )
    )


def _provider(identified: Element | None) -> str:
    """Return who registered the item: ``regsrc``, otherwise the beginning of its id, as in ``AAP.115314987``."""
    if identified is None:
        return ""
    named = re.match(r"[A-Z]{2,6}(?=[.:])", attribute(identified, "id-string"))
    return attribute(identified, "regsrc") or (named[0] if named else "")


def _ednote(nitf: Element, take: str) -> str | None:
    for element, key in (("ed-msg", "info"), ("revision-history", "comment")):
        said = "\n".join(text for each in every(nitf, element) if (text := " ".join(attribute(each, key).split())))
        if said:
            return said
    return take or None


def _rights(docdata: Element | None, credit: str) -> Rights | None:
    holder, owner = first(docdata, "doc.copyright"), first(docdata, "doc.rights")
    copyright = (
        " ".join(filter(None, (attribute(holder, "year"), attribute(holder, "holder")))) if holder is not None else ""
    )
    usage = (attribute(owner, "type") or attribute(owner, "limitations")) if owner is not None else ""
    return rights(copyright, usage, credit)


def _subjects(nitf: Element, docdata: Element | None) -> list[Coded]:
    """Return subjects by their IPTC code, named by the most specific of detail, matter and type; then what kind of story it is."""
    found: list[Coded | None] = []
    for each in every(nitf, "tobject.subject"):
        named = next(
            (said for part in ("detail", "matter", "type") if (said := attribute(each, f"tobject.subject.{part}"))),
            None,
        )
        code = attribute(each, "tobject.subject.refnum")
        if code or named:
            found.append(Coded(scheme=attribute(each, "tobject.subject.ipr") or "IPTC", code=code or None, name=named))
    for element, key in (("tobject", "tobject.type"), ("tobject.property", "tobject.property.type")):
        for each in every(nitf, element):
            if (said := attribute(each, key)).lower() not in _PUBLIC_TYPES:
                found.append(Coded(scheme=key.removesuffix(".type") if "property" in key else key, name=said))
    return distinct([*found, *content.classified(docdata, "subject")])


def _place(element: Element) -> Coded | None:
    named = next((said for key in ("city", "county-dist", "state-prov") if (said := attribute(element, key))), None)
    return coded(attribute(element, "iso-cc"), named)


PARSER = Parser(
    "nitf", (MEDIA_TYPE, "text/vnd.iptc.nitf", "application/x-nitf"), sniff, parse, isolated=True, version=4
)
