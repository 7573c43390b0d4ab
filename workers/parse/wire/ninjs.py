"""ninjs, IPTC's news in JSON: versions 1 (``headline``, ``body_text``) to 3 (``headlines``, ``bodies``).

Also read documents that wrap one: a list under ``item``, ``data.item`` in answers of AP's API, a body that is a whole
NITF document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from services.records import Article, Association, Byline, Coded, Rights, Wire
from workers.parse.article.compose import Head, Piece, compose, put_dateline
from workers.parse.article.dateline import read_dateline
from workers.parse.article.newstext import read_text
from workers.parse.article.placenames import is_place
from workers.parse.base import Parsed, ParseError, Parser, Source, tried
from workers.parse.encoding import decode
from workers.parse.members import Collector
from workers.parse.web import markup
from workers.parse.wire.coded import OURS, authors, distinct, instant, number, rights, set_published, stated, status
from workers.parse.wire.items import dicts, get, said, text_under, value_of, words
from workers.parse.wire.nitf import read_nitf
from workers.parse.xml import first, name, read_xml

MEDIA_TYPE = "application/ninjs+json"

_NAMED = re.compile(r'"(?:uri|guid)"\s*:')
_OWN = re.compile(
    r'"(versioncreated|versionCreated|body_\w+|headline_\w+|bodies|headlines|pubstatus|pubStatus|renditions|descriptions|embargoed|'
    r'representationtype|representationType|copyrightholder|copyrightHolder|usageterms|usageTerms|located|associations)"\s*:'
)
_TYPED = re.compile(r'"type"\s*:\s*"(?:text|picture|graphic|composite|video|audio|event|planning|component)"')
_MARKUP = re.compile(r"\s*<(p|div|html|article|section|h\d)\b", re.IGNORECASE)
_UNNAMED = re.compile(r"(association|item)-\d+")
"""The name that Copydesk gives an association without a relation, because ninjs 3 requires one."""
_PICTURES = ("picture", "graphic", "video", "audio", "photo", "image")

Item = dict[str, Any]


def sniff(source: Source) -> float:
    start = source.data[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    if not start.startswith((b"{", b"[")):
        return 0.0
    text = source.data.decode("utf-8", "replace")
    return 0.95 if _NAMED.search(text) and len(set(_OWN.findall(text))) + bool(_TYPED.search(text)) >= 2 else 0.0


def parse(source: Source) -> Parsed:
    text, warnings = decode(source.data)
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError("corrupt", f"The JSON is broken: {error}.") from None
    if isinstance(found, list):
        found = {"items": found}
    if not isinstance(found, dict):
        raise ParseError("corrupt", "The JSON is no object.")
    listed, items = _items(found)
    if listed:
        members = Collector(source.limits, len(source.data))
        for number_, item in enumerate(items, 1):
            data = json.dumps(item, ensure_ascii=False).encode("utf-8", "surrogatepass")
            members.add(said(item.get("uri")) or said(item.get("guid")) or f"item-{number_}", data, MEDIA_TYPE)
        return Parsed(MEDIA_TYPE, members=members.result())
    return Parsed(MEDIA_TYPE, _article(items[0] if items else found, warnings))


def _items(found: Item) -> tuple[bool, list[Item]]:
    """Return the items that the document wraps, and whether in a list: ``{"item": [...]}``, ``{"data": {"item":
    {...}}}``."""
    if said(found.get("uri")) or said(found.get("guid")) or "versioncreated" in found or "versionCreated" in found:
        return False, []
    for inner in (found, found.get("data")):
        if isinstance(inner, dict):
            items = inner.get("item") or inner.get("items")
            if isinstance(items, dict):
                return False, [items]
            if listed := dicts(items):
                return True, [each["item"] if isinstance(each.get("item"), dict) else each for each in listed]
    return False, []


def _article(item: Item, warnings: list[str]) -> Article:
    head = _head(item, warnings)
    plain, html, nitf = _bodies(item)
    captions = _captions(item)
    if not (plain or html or nitf) and captions and said(item.get("type")) in _PICTURES:
        captions = [*_described(item), *captions]
    if plain:
        plain = _with_located(item, plain)
        return read_text(plain, has_head=False, head=head, format="ninjs", warnings=warnings, after=captions)
    if html:
        pieces = markup.pieces(markup.read_html(html))
        pieces = _less_top(pieces, head)
        _put_located(item, pieces)
        return compose([*pieces, *captions], head, format="ninjs", warnings=warnings, structured=True)
    if nitf:
        return compose([*_nitf(nitf, head), *captions], head, format="ninjs", warnings=warnings, structured=True)
    pieces = _described(item)
    _put_located(item, pieces)
    if not pieces and not captions and not head.title:
        raise ParseError("empty", "The item has neither headline nor body.")
    return compose([*pieces, *captions], head, format="ninjs", warnings=warnings)


def _nitf(text: str, head: Head) -> list[Piece]:
    root = read_xml(text.encode("utf-8", "replace"))
    nitf = root if name(root) == "nitf" else first(root, "*", "nitf")
    return read_nitf(nitf, head)[0] if nitf is not None else markup.pieces(root)


def _described(item: Item) -> list[Piece]:
    """Return the description of an item that has no body: the caption of a picture, otherwise its summary."""
    text = (
        text_under(item, "description_caption", "description_text")
        or value_of(item.get("descriptions"), ("caption", "main", "summary", "text", ""))
        or _plain(text_under(item, "description_html", "description_xhtml"))
    )
    return [Piece("paragraph", part) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _head(item: Item, warned: list[str]) -> Head:
    head = Head(
        code=text_under(item, "slugline") or None,
        title=text_under(item, "headline")
        or value_of(item.get("headlines"), ("main", "headline", ""))
        or next(
            (said(each.get("value")) for each in dicts(item.get("headlines")) if "sub" not in text_under(each, "role")),
            "",
        )
        or text_under(item, *_named_so(item, "headline_", but="headline_sub"), "title")
        or None,
        deck=value_of(item.get("headlines"), ("sub", "subheadline", "deck"))
        or text_under(item, "headline_sub")
        or None,
        byline=tried(warned, "byline", lambda: _bylines(item), []),
        publisher=_publisher(item),
        url=_page(item)
        or next((url for url in (said(item.get("uri")), said(item.get("url"))) if url.startswith("http")), None),
        language=text_under(item, "language") or None,
        wire=tried(warned, "wire", lambda: _wire(item), None),
    )
    if not head.deck and (plain := _summary(item)) and any(_bodies(item)):
        head.deck = plain
    set_published(head, *(text_under(item, key) for key in ("versioncreated", "contentcreated", "firstcreated")))
    return head


def _summary(item: Item) -> str:
    stated = text_under(item, "description_text", "description_summary") or value_of(
        item.get("descriptions"), ("summary", "abstract")
    )
    return stated or value_of(item.get("descriptions"), ("text", "main")).split("\n\n")[0].strip()


def _bodies(item: Item) -> tuple[str, str, str]:
    """Return the plain text, the HTML and the NITF of the item: these are copies of one another, and one is read."""
    others = [key for key in _named_so(item, "body_") if key not in ("body_xhtml", "body_html", "body_nitf")]
    plain = text_under(item, "body_text", *others)
    html, nitf = text_under(item, "body_xhtml", "body_html"), text_under(item, "body_nitf")
    if _MARKUP.match(plain):
        plain, html = "", html or plain
    for body in dicts(item.get("bodies")):
        kind = text_under(body, "contenttype").lower()
        value = said(body.get("value"))
        if "nitf" in kind or value.lstrip().startswith(("<nitf", "<?xml")):
            nitf = nitf or value
        elif "html" in kind or _MARKUP.match(value):
            html = html or value
        else:
            plain = plain or value
    if plain and html and len(html) > 40:
        plain = ""  # markup distinguishes headings and captions, which the plain copy joins to the text
    return plain, html, nitf


def _captions(item: Item) -> list[Piece]:
    """Return captions of the pictures that come with the item."""
    return [Piece("caption", each.caption) for each in _associations(item) if each.caption]


def _associations(item: Item) -> list[Association]:
    found = item.get("associations") or {}
    pairs = found.items() if isinstance(found, dict) else [(said(each.get("name")), each) for each in dicts(found)]
    return [_association(relation, each) for relation, each in pairs if isinstance(each, dict)]


def _association(relation: str, item: Item) -> Association:
    """Return an associated item. ``relation`` is its name among the others, which has no meaning if it is just a
    number."""
    caption = ""
    kind = said(item.get("type"))
    if kind in _PICTURES:
        caption = "\n".join(piece.text for piece in _described(item)) or text_under(item, "body_text")
    if unnamed := _UNNAMED.fullmatch(relation):
        kind, relation = kind or (unnamed[1] if unnamed[1] == "item" else ""), ""
    return Association(
        kind=kind or None,
        relation=said(item.get("rel")) or relation or None,
        guid=_guid(item),
        title=text_under(item, "headline") or value_of(item.get("headlines"), ("main", "")) or None,
        caption=caption or None,
        credit=text_under(item, "byline", "by", "creditline") or None,
        url=next(_links(item.get("renditions")), None),
    )


def _page(item: Item) -> str | None:
    """Return the address of the item as it was published: the rendition ``web``."""
    pages = (one for one in dicts(item.get("renditions")) if said(one.get("name")) == "web")
    return next((href for one in pages if (href := said(one.get("href"))).startswith("http")), None)


def _links(renditions: Any) -> Iterator[str]:
    values = renditions.values() if isinstance(renditions, dict) else dicts(renditions)
    for one in values:
        if isinstance(one, dict) and (href := said(one.get("href"))):
            yield href


def _bylines(item: Item) -> list[Byline]:
    written = text_under(item, "byline", "by")
    people = [
        person
        for key in ("people", "person", "infosources", "infosource", "authors")
        for person in dicts(get(item, key))
    ]
    if not written and isinstance(photographer := item.get("photographer"), dict):
        people.append({**photographer, "role": "author"})
    named = [
        Byline(name=said(person.get("name")), email=_email(person))
        for person in people
        if text_under(person, "rel", "role").lower() in ("author", "creator", "byline", "writer")
        and said(person.get("name"))
    ]
    found = authors([author.name for author in named], written)
    for author, known in zip(found, named, strict=False):
        author.email = author.email or (known.email if author.name.casefold() == known.name.casefold() else None)
    return found or named


def _email(person: Item) -> str | None:
    contacts = dicts(get(person, "contactinfo"))
    return next((said(one.get("value")) for one in contacts if said(one.get("type")) == "email"), "") or None


def _publisher(item: Item) -> str | None:
    for key in ("source", "provider"):
        value = item.get(key)
        if named := said(value.get("name")) if isinstance(value, dict) else said(value):
            return named
    for key in ("infosources", "infosource", "organisations", "organisation"):
        for found in dicts(get(item, key)):
            role = text_under(found, "role", "rel").lower()
            if role in ("publisher", "provider", "source", "agency") or (not role and key.startswith("info")):
                return said(found.get("name")) or None
    return text_under(item, "copyrightholder") or None


def _wire(item: Item) -> Wire | None:
    return stated(
        Wire(
            provider=_publisher(item),
            guid=_guid(item),
            version=str(item["version"]) if isinstance(item.get("version"), int) else said(item.get("version")) or None,
            pub_status=status(text_under(item, "pubstatus")),
            urgency=number(item.get("urgency"), 9),
            priority=str(item["priority"])
            if isinstance(item.get("priority"), int)
            else said(item.get("priority")) or next(iter(_related(item, "copydesk:priority")), None),
            category=next(iter(_related(item, "copydesk:category")), None),
            slugline=text_under(item, "slugline") or None,
            keywords=[*words(item.get("keywords")), *_related(item, "keyword")],
            genre=_coded(item, "genre", "genres"),
            subjects=_coded(item, "subject", "subjects"),
            places=_coded(item, "place", "places"),
            first_created=instant(text_under(item, "firstcreated")),
            embargoed_until=instant(text_under(item, "embargoed", "embargoeduntil")),
            expires_at=instant(text_under(item, "expires")),
            ednote=text_under(item, "ednote") or None,
            signals=[*words(item.get("signals")), *_related(item, "copydesk:signal")],
            rights=_rights(item),
            associations=_associations(item),
            word_count=number(get(item, "wordcount"))
            or next((count for body in dicts(item.get("bodies")) if (count := number(get(body, "wordcount")))), None),
        )
    )


def _related(item: Item, rel: str) -> list[str]:
    """Return the names of subjects with a relation that stands for a property missing in ninjs 3, such as keywords."""
    return [name for each in dicts(item.get("subjects")) if each.get("rel") == rel and (name := said(each.get("name")))]


def _guid(item: Item) -> str | None:
    known = get(item, "altids")
    own = said(known.get("itemid")) if isinstance(known, dict) else ""
    own = own or next((said(one.get("value")) for one in dicts(known) if said(one.get("role")) == "guid"), "")
    uri = said(item.get("uri"))
    if uri.startswith(OURS) and ":association:" in uri:
        uri = ""
    return own or said(item.get("guid")) or uri or None


def _rights(item: Item) -> Rights | None:
    terms = get(item, "usageterms")
    usage = " ".join(words(terms)) if isinstance(terms, list) else said(terms)
    info = get(item, "rightsinfo")
    linked = said(info.get("linkedrights")) or said(info.get("linkedRights")) if isinstance(info, dict) else ""
    return rights(
        text_under(item, "copyrightnotice") or text_under(item, "copyrightholder"),
        usage or linked,
        text_under(item, "creditline", "description_creditline") or value_of(item.get("descriptions"), ("creditline",)),
    )


def _coded(item: Item, *keys: str) -> list[Coded]:
    found: list[Coded | None] = []
    for key in keys:
        for each in dicts(item.get(key)):
            rel = said(each.get("rel"))
            if rel == "keyword" or rel.startswith("copydesk:"):
                continue
            code = said(each.get("code")) or said(each.get("literal")) or said(each.get("qcode"))
            scheme = said(each.get("scheme"))
            if not code and (uri := said(each.get("uri"))):
                scheme, _, code = uri.rstrip("/").rpartition("/")
            if ":" in code and not scheme and not code.startswith("http"):
                scheme, _, code = code.partition(":")
            if code or said(each.get("name")):
                found.append(Coded(scheme=scheme or None, code=code or None, name=said(each.get("name")) or None))
    return distinct(found)


def _located(item: Item) -> str:
    """Return the town that the item was written in; values that are not places are left out."""
    stated = get(item, "datelinelocation")
    town = (said(stated.get("city")) if isinstance(stated, dict) else "") or text_under(item, "located").split(",")[
        0
    ].strip()
    return town if town and (is_place(town) or town.isupper()) else ""


def _put_located(item: Item, pieces: list[Piece]) -> None:
    """Put the place that the item states before a text that opens without a dateline."""
    lead = next((piece for piece in pieces if piece.kind == "paragraph"), None)
    if (located := _located(item)) and lead is not None and read_dateline(lead.text) is None:
        put_dateline(pieces, located)


def _with_located(item: Item, plain: str) -> str:
    located = _located(item)
    lead = plain.lstrip()
    if (
        not located
        or read_dateline(lead[:200]) is not None
        or located.casefold() in lead[: len(located) + 20].casefold()
    ):
        return plain
    return f"{located} — {lead}"


def _less_top(pieces: list[Piece], head: Head) -> list[Piece]:
    """Return the text without what repeats the head above it: the headline, then short lines such as a section and the
    agency."""
    at = 0
    while at < min(3, len(pieces) - 1) and (
        pieces[at].text.casefold() == (head.title or "").casefold()
        or (at and len(pieces[at].text) < 60 and not re.search(r"[.!?…:”\"]$", pieces[at].text))
    ):
        at += 1
    return pieces[at:]


def _named_so(item: Item, start: str, but: str = "") -> list[str]:
    """Return the item's names with this prefix, which ninjs 1.6 allows: ``headline_main``, ``body_richtext``."""
    return [key for key in item if isinstance(key, str) and key.startswith(start) and key != but]


def _plain(markup_text: str) -> str:
    return "\n\n".join(piece.text for piece in markup.pieces(markup.read_html(markup_text))) if markup_text else ""


PARSER = Parser("ninjs", (MEDIA_TYPE,), sniff, parse, isolated=True, version=4)
