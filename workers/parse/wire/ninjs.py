"""ninjs, IPTC's news in JSON: versions 1 (``headline``, ``body_text``) to 3 (``headlines``, ``bodies``).

Also what wraps one: a list under ``item``, ``data.item`` as AP's API answers, a body that is a whole NITF document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from services.records import Article, Association, Byline, Coded, Rights, Wire
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head, Piece, compose, put_dateline
from workers.parse.article.dateline import read_dateline
from workers.parse.article.newstext import read_text
from workers.parse.article.placenames import is_place
from workers.parse.base import Parsed, ParseError, Parser, Source, tried
from workers.parse.encoding import decode
from workers.parse.members import Collector
from workers.parse.web import markup
from workers.parse.wire.coded import distinct, instant, number, rights, set_published, stated, status
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
            members.add(_text(item.get("uri")) or _text(item.get("guid")) or f"item-{number_}", data, MEDIA_TYPE)
        return Parsed(MEDIA_TYPE, members=members.result())
    return Parsed(MEDIA_TYPE, _article(items[0] if items else found, warnings))


def _items(found: Item) -> tuple[bool, list[Item]]:
    """The items that the document wraps, and whether in a list: ``{"item": [...]}``, ``{"data": {"item": {...}}}``."""
    if _text(found.get("uri")) or _text(found.get("guid")) or "versioncreated" in found or "versionCreated" in found:
        return False, []
    for inner in (found, found.get("data")):
        if isinstance(inner, dict):
            items = inner.get("item") or inner.get("items")
            if isinstance(items, dict):
                return False, [items]
            if listed := _dicts(items):
                return True, [each["item"] if isinstance(each.get("item"), dict) else each for each in listed]
    return False, []


def _article(item: Item, warnings: list[str]) -> Article:
    head = _head(item, warnings)
    plain, html, nitf = _bodies(item)
    captions = _captions(item)
    if not (plain or html or nitf) and captions and _text(item.get("type")) in _PICTURES:
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
    """The description of an item that has no body: the caption of a picture, else its summary."""
    text = (
        _any(item, "description_caption", "description_text")
        or _value(item.get("descriptions"), ("caption", "main", "summary", "text", ""))
        or _plain(_any(item, "description_html", "description_xhtml"))
    )
    return [Piece("paragraph", part) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _head(item: Item, warned: list[str]) -> Head:
    head = Head(
        code=_any(item, "slugline") or None,
        title=_any(item, "headline")
        or _value(item.get("headlines"), ("main", "headline", ""))
        or next(
            (_text(each.get("value")) for each in _dicts(item.get("headlines")) if "sub" not in _any(each, "role")), ""
        )
        or _any(item, *_named_so(item, "headline_", but="headline_sub"), "title")
        or None,
        deck=_value(item.get("headlines"), ("sub", "subheadline", "deck")) or _any(item, "headline_sub") or None,
        byline=tried(warned, "byline", lambda: _bylines(item), []),
        publisher=_publisher(item),
        url=next((url for url in (_text(item.get("uri")), _text(item.get("url"))) if url.startswith("http")), None),
        language=_any(item, "language") or None,
        wire=tried(warned, "wire", lambda: _wire(item), None),
    )
    if not head.deck and (plain := _summary(item)) and any(_bodies(item)):
        head.deck = plain
    set_published(head, *(_any(item, key) for key in ("versioncreated", "contentcreated", "firstcreated")))
    return head


def _summary(item: Item) -> str:
    stated = _any(item, "description_text", "description_summary") or _value(
        item.get("descriptions"), ("summary", "abstract")
    )
    return stated or _value(item.get("descriptions"), ("text", "main")).split("\n\n")[0].strip()


def _bodies(item: Item) -> tuple[str, str, str]:
    """The plain text, the HTML and the NITF of the item: copies of one another, of which one is read."""
    others = [key for key in _named_so(item, "body_") if key not in ("body_xhtml", "body_html", "body_nitf")]
    plain = _any(item, "body_text", *others)
    html, nitf = _any(item, "body_xhtml", "body_html"), _any(item, "body_nitf")
    if _MARKUP.match(plain):
        plain, html = "", html or plain
    for body in _dicts(item.get("bodies")):
        kind = _any(body, "contenttype").lower()
        value = _text(body.get("value"))
        if "nitf" in kind or value.lstrip().startswith(("<nitf", "<?xml")):
            nitf = nitf or value
        elif "html" in kind or _MARKUP.match(value):
            html = html or value
        else:
            plain = plain or value
    if plain and html and len(html) > 40:
        plain = ""  # markup tells headings and captions apart, which the plain copy runs into the text
    return plain, html, nitf


def _captions(item: Item) -> list[Piece]:
    """Captions of the pictures that come with the item."""
    return [Piece("caption", each.caption) for each in _associations(item) if each.caption]


def _associations(item: Item) -> list[Association]:
    found = item.get("associations") or {}
    pairs = found.items() if isinstance(found, dict) else [(_text(each.get("name")), each) for each in _dicts(found)]
    return [_association(relation, each) for relation, each in pairs if isinstance(each, dict)]


def _association(relation: str, item: Item) -> Association:
    caption = ""
    if _text(item.get("type")) in _PICTURES:
        caption = "\n".join(piece.text for piece in _described(item)) or _any(item, "body_text")
    return Association(
        kind=_text(item.get("type")) or None,
        relation=relation or None,
        guid=_text(item.get("uri")) or _text(item.get("guid")) or None,
        title=_any(item, "headline") or _value(item.get("headlines"), ("main", "")) or None,
        caption=caption or None,
        credit=_any(item, "byline", "by", "creditline") or None,
        url=next(_links(item.get("renditions")), None),
    )


def _links(renditions: Any) -> Iterator[str]:
    values = renditions.values() if isinstance(renditions, dict) else _dicts(renditions)
    for one in values:
        if isinstance(one, dict) and (href := _text(one.get("href"))):
            yield href


def _bylines(item: Item) -> list[Byline]:
    written = _any(item, "byline", "by")
    if found := [author for author in read_byline(written) if author.name != author.agency]:
        return found
    people = [
        person
        for key in ("people", "person", "infosources", "infosource", "authors")
        for person in _dicts(_get(item, key))
    ]
    if not written and isinstance(photographer := item.get("photographer"), dict):
        people.append({**photographer, "role": "author"})
    return [
        Byline(name=_text(person.get("name")))
        for person in people
        if _any(person, "rel", "role").lower() in ("author", "creator", "byline", "writer")
        and _text(person.get("name"))
    ]


def _publisher(item: Item) -> str | None:
    for key in ("source", "provider"):
        value = item.get(key)
        if named := _text(value.get("name")) if isinstance(value, dict) else _text(value):
            return named
    for key in ("infosources", "infosource", "organisations", "organisation"):
        for found in _dicts(_get(item, key)):
            role = _any(found, "role", "rel").lower()
            if role in ("publisher", "provider", "source", "agency") or (not role and key.startswith("info")):
                return _text(found.get("name")) or None
    return _any(item, "copyrightholder") or None


def _wire(item: Item) -> Wire | None:
    return stated(
        Wire(
            provider=_publisher(item),
            guid=_guid(item),
            version=str(item["version"])
            if isinstance(item.get("version"), int)
            else _text(item.get("version")) or None,
            pub_status=status(_any(item, "pubstatus")),
            urgency=number(item.get("urgency"), 9),
            priority=str(item["priority"])
            if isinstance(item.get("priority"), int)
            else _text(item.get("priority")) or None,
            slugline=_any(item, "slugline") or None,
            keywords=_words(item.get("keywords")),
            genre=_coded(item, "genre", "genres"),
            subjects=_coded(item, "subject", "subjects"),
            places=_coded(item, "place", "places"),
            first_created=instant(_any(item, "firstcreated")),
            embargoed_until=instant(_any(item, "embargoed", "embargoeduntil")),
            expires_at=instant(_any(item, "expires")),
            ednote=_any(item, "ednote") or None,
            signals=_words(item.get("signals")),
            rights=_rights(item),
            associations=_associations(item),
            word_count=number(_get(item, "wordcount")),
        )
    )


def _guid(item: Item) -> str | None:
    known = item.get("altids")
    own = _text(known.get("itemid")) if isinstance(known, dict) else ""
    return own or _text(item.get("guid")) or _text(item.get("uri")) or None


def _rights(item: Item) -> Rights | None:
    terms = _get(item, "usageterms")
    said = " ".join(_words(terms)) if isinstance(terms, list) else _text(terms)
    info = _get(item, "rightsinfo")
    linked = _text(info.get("linkedrights")) or _text(info.get("linkedRights")) if isinstance(info, dict) else ""
    return rights(
        _any(item, "copyrightnotice") or _any(item, "copyrightholder"),
        said or linked,
        _any(item, "creditline", "description_creditline"),
    )


def _coded(item: Item, *keys: str) -> list[Coded]:
    found: list[Coded | None] = []
    for key in keys:
        for each in _dicts(item.get(key)):
            code = _text(each.get("code")) or _text(each.get("literal")) or _text(each.get("qcode"))
            scheme = _text(each.get("scheme"))
            if not code and (uri := _text(each.get("uri"))):
                scheme, _, code = uri.rstrip("/").rpartition("/")
            if ":" in code and not scheme and not code.startswith("http"):
                scheme, _, code = code.partition(":")
            if code or _text(each.get("name")):
                found.append(Coded(scheme=scheme or None, code=code or None, name=_text(each.get("name")) or None))
    return distinct(found)


def _located(item: Item) -> str:
    """The town that the item says it was written in; what is no place is left out."""
    stated = _get(item, "datelinelocation")
    town = (_text(stated.get("city")) if isinstance(stated, dict) else "") or _any(item, "located").split(",")[
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
    """The text without what repeats the head above it: the headline, then short lines such as a section and the agency."""
    at = 0
    while at < min(3, len(pieces) - 1) and (
        pieces[at].text.casefold() == (head.title or "").casefold()
        or (at and len(pieces[at].text) < 60 and not re.search(r"[.!?…:”\"]$", pieces[at].text))
    ):
        at += 1
    return pieces[at:]


def _named_so(item: Item, start: str, but: str = "") -> list[str]:
    """Names of the item that begin so, as ninjs 1.6 allows: ``headline_main``, ``body_richtext``."""
    return [key for key in item if isinstance(key, str) and key.startswith(start) and key != but]


def _get(item: Item, key: str) -> Any:
    """The value under a name of ninjs 1, or the same in the camel case of version 3: ``pubstatus``, ``pubStatus``."""
    if key in item:
        return item[key]
    return next((value for other, value in item.items() if isinstance(other, str) and other.lower() == key), None)


def _any(item: Item, *keys: str) -> str:
    return next((text for key in keys if (text := _text(_get(item, key)))), "")


def _plain(markup_text: str) -> str:
    return "\n\n".join(piece.text for piece in markup.pieces(markup.read_html(markup_text))) if markup_text else ""


def _value(values: Any, roles: tuple[str, ...]) -> str:
    """The first value whose role is one of ``roles``, in their order; a missing role is an empty one."""
    for role in roles:
        for value in _dicts(values):
            if _text(value.get("role")).lower().rpartition(":")[2] == role:
                return _text(value.get("value"))
    return ""


def _words(values: Any) -> list[str]:
    return [text for each in values if (text := _text(each))] if isinstance(values, list) else []


def _dicts(values: Any) -> list[Item]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


PARSER = Parser("ninjs", (MEDIA_TYPE,), sniff, parse, isolated=True, version=3)
