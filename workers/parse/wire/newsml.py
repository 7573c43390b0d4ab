"""NewsML-G2 of IPTC: a newsItem with its text inline, or a newsMessage of several, each a document.

A package refers to its items and has no text; it is read if it comes alone, as are concept and planning items. A
vocabulary (knowledgeItem, catalogItem) holds no news and is refused. An item that is canceled may have no text: it
takes back earlier versions of its guid.
"""

from __future__ import annotations

import re

from lxml import etree

from services.records import Article, Association, Byline, Coded, Wire
from workers.parse.article.byline import is_agency, read_byline
from workers.parse.article.compose import Head, Piece, compose, put_dateline
from workers.parse.base import Parsed, ParseError, Parser, Source, tried
from workers.parse.members import Collector
from workers.parse.web import markup
from workers.parse.wire import newsml1
from workers.parse.wire.coded import (
    OURS,
    authors,
    coded,
    distinct,
    instant,
    number,
    rights,
    set_published,
    stated,
    status,
)
from workers.parse.wire.nitf import read_nitf
from workers.parse.xml import Element, attribute, children, every, first, name, read_xml, text_of

MEDIA_TYPE = "application/vnd.iptc.g2.newsitem+xml"
MESSAGE_TYPE = "application/vnd.iptc.g2.newsmessage+xml"

_ROOT = re.compile(
    rb"<(?:[A-Za-z0-9]+:)?(newsItem|newsMessage|packageItem|conceptItem|knowledgeItem|planningItem|catalogItem|NewsML)[\s>]"
)
_TEXT_TYPES = re.compile(r"nitf|xhtml|html|plain|text|xml", re.IGNORECASE)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
_NOT_PUBLIC = re.compile(r"nonpublic", re.IGNORECASE)
_KINDS = {"image": "picture", "video": "video", "audio": "audio", "text": "text"}
_MARKUP = re.compile(r"<(p|div|br|html|body|h\d)\b", re.IGNORECASE)


def sniff(source: Source) -> float:
    head = source.data[:4096].replace(b"\x00", b"")
    found = _ROOT.search(head)
    return 0.97 if found and b"<html" not in head[: found.start()].lower() else 0.0


def parse(source: Source) -> Parsed:
    root = read_xml(source.data)
    if name(root) == "newsml":
        return newsml1.read(root, source, MEDIA_TYPE)
    items = [root] if name(root) == "newsitem" else list(every(root, "newsitem"))
    items = [item for item in items if _contents(item) or _is_told(item)]
    packages = [root] if name(root) == "packageitem" else list(every(root, "packageitem"))
    if not items:
        items = packages[:1] or [item for item in _every(root, "planningitem") if _is_told(item)]
    concepts = [] if items else _every(root, "conceptitem")
    if concepts:
        return Parsed(MEDIA_TYPE, _concept(concepts[0]))
    if not items and name(root) in ("knowledgeitem", "catalogitem"):
        raise ParseError(
            "empty", f"A {root.tag.rpartition('}')[2]} lists a vocabulary, no news: there is nothing to read."
        )
    if not items:
        raise ParseError("empty", "No item holds text.")
    if len(items) == 1:
        return Parsed(MEDIA_TYPE, _article(items[0], first(root, "header")))
    found = Collector(source.limits, len(source.data))
    for number_, item in enumerate(items, 1):
        path = attribute(item, "guid") or f"item-{number_}"
        found.add(path, etree.tostring(item, encoding="utf-8", with_tail=False), MEDIA_TYPE)
    return Parsed(MESSAGE_TYPE, members=found.result())


def _every(root: Element, wanted: str) -> list[Element]:
    """Return the elements of that name, the root among them."""
    return [root] if name(root) == wanted else list(every(root, wanted))


def _concept(item: Element) -> Article:
    """Return a concept item about a person, organisation or place as an article: the name is the title, definitions and
    notes are the text."""
    concept, item_meta = first(item, "concept"), first(item, "itemmeta")
    title = _named(concept)
    said = [text for each in every(item, "definition", "note") if (text := text_of(each))]
    if not title and not said:
        raise ParseError("empty", "The concept has neither a name nor a definition.")
    head = Head(
        title=title or None,
        publisher=_publisher(item, item_meta, None),
        language=_language(item, None),
        wire=_wire(item, item_meta, None, None),
    )
    set_published(head, text_of(first(item_meta, "versioncreated")), text_of(first(item_meta, "firstcreated")))
    return compose([Piece("paragraph", text) for text in said], head, format="newsml-g2", structured=True)


def _is_told(item: Element) -> bool:
    """Return whether an item without text is still a document: it withdraws a version, or its headline is all it
    says."""
    said = text_of(first(item, "contentmeta", "headline")) or text_of(first(item, "itemmeta", "title"))
    return bool(said) or status(_qcode(first(item, "itemmeta", "pubstatus"))) == "canceled"


def _contents(item: Element) -> list[Element]:
    """Return the elements that may contain text: inlineXML and inlineData."""
    return [
        part
        for part in every(item, "inlinexml", "inlinedata")
        if _TEXT_TYPES.search(attribute(part, "contenttype") or "text") and text_of(part)
    ]


def _article(item: Element, header: Element | None = None) -> Article:
    meta, item_meta = first(item, "contentmeta"), first(item, "itemmeta")
    titles = [each for each in map(text_of, _headlines(meta)) if each]
    subs = [each for role in ("subheadline", "summary") if (each := _headline(meta, role))]
    warned: list[str] = []
    head = Head(
        code=_first(meta, "slugline"),
        title=next(iter(titles), None) or text_of(first(item_meta, "title")) or None,
        deck=next(iter(subs), None) or (titles[1] if len(titles) > 1 else None),
        byline=tried(warned, "byline", lambda: _bylines(meta), []),
        publisher=_publisher(item, item_meta, meta),
        url=_page(item),
        language=_language(item, meta),
        wire=tried(warned, "wire", lambda: _wire(item, item_meta, meta, header), None),
    )
    set_published(
        head,
        text_of(_theirs(first(item_meta, "versioncreated"))),
        text_of(first(meta, "contentcreated")),
        text_of(first(item_meta, "firstcreated")),
    )
    modified = instant(text_of(first(meta, "contentmodified")))
    if modified and head.published_at and modified > head.published_at:
        head.updated_at = modified
    contents = _contents(item)
    pieces = _pieces(contents[0], head) if contents else _described(meta)
    pieces += [Piece("caption", one.caption) for one in (head.wire.associations if head.wire else []) if one.caption]
    dateline = _first(meta, "dateline")
    if dateline and not _STAMP.search(dateline):
        put_dateline(pieces, dateline)
    if head.title and pieces and pieces[0].text.casefold() == head.title.casefold():
        del pieces[0]
    return compose(pieces, head, format="newsml-g2", warnings=warned, structured=True)


def _pieces(part: Element, head: Head) -> list[Piece]:
    nitf = first(part, "*", "nitf")
    if nitf is not None:
        return read_nitf(nitf, head)[0]
    main = next((each for each in every(part, "section") if "main" in attribute(each, "class").split()), part)
    if len(main):
        return markup.pieces(main)
    text = part.text or ""
    if _MARKUP.search(text):
        return markup.pieces(markup.read_html(_with_paragraphs(text)))
    return [Piece("paragraph", paragraph) for paragraph in re.split(r"\n\s*\n", text)]


def _with_paragraphs(text: str) -> str:
    """Return text whose indented paragraphs are in one element: a line indented by less than three columns continues a
    paragraph."""
    if len(re.findall(r"<p\b", text, re.IGNORECASE)) > 1 or not re.search(r"\n {2,4}\S", text):
        return text
    return re.sub(r"\n {2,4}(?=\S)", "\n</p><p>", text)


def _described(meta: Element | None) -> list[Piece]:
    """Return the description of an item without text: of a picture its caption."""
    said = _headline(meta, "caption") or _headline(meta, "summary")
    return [Piece("paragraph", said)] if said else []


def _qcode(element: Element | None) -> str:
    return (attribute(element, "qcode") or attribute(element, "uri")) if element is not None else ""


def _named(element: Element | None) -> str:
    """Return the name of a party or concept, in English if it has several; otherwise its literal, or the end of its
    code."""
    if element is None:
        return ""
    names = [each for each in children(element, "name") if text_of(each)]
    english = next((each for each in names if attribute(each, "lang").startswith("en")), None)
    if names:
        return text_of(english if english is not None else names[0])
    return attribute(element, "literal")


def _first(meta: Element | None, wanted: str) -> str | None:
    return text_of(first(meta, wanted)) or None


def _headlines(meta: Element | None) -> list[Element]:
    every_one = children(meta, "headline") if meta is not None else []
    return [each for each in every_one if "sub" not in attribute(each, "role").lower()]


def _headline(meta: Element | None, role: str) -> str | None:
    for element in children(meta, "headline", "description") if meta is not None else []:
        if role in attribute(element, "role").lower():
            return text_of(element) or None
    return None


def _bylines(meta: Element | None) -> list[Byline]:
    if meta is None:
        return []
    people: dict[str, str | None] = {}
    others = []
    for creator in children(meta, "creator"):
        named = _named(creator)
        person = attribute(creator, "type").endswith("person") or re.search(
            r":(?:aut|reporter|writer)", attribute(creator, "role")
        )
        if person and (" " in named or attribute(creator, "type").endswith("person")):
            people[named] = text_of(first(creator, "*", "email")) or None
        elif not attribute(creator, "type") and " " in named and not is_agency(named):
            others += read_byline(named)
    found = next((line for by in children(meta, "by") if (line := authors([*people], text_of(by)))), [])
    for author in found:
        author.email = author.email or people.get(author.name)
    return found or [Byline(name=name, email=email) for name, email in people.items()] + others


def _theirs(element: Element | None) -> Element | None:
    """Return the element, unless it says that Copydesk added it."""
    return None if element is not None and attribute(element, "creatoruri") == OURS else element


def _page(item: Element) -> str | None:
    """Return the address of the item as it was published."""
    for remote in every(item, "remotecontent"):
        if attribute(remote, "contenttype") == "text/html" and attribute(remote, "href").startswith("http"):
            return attribute(remote, "href")
    return None


def _publisher(item: Element, item_meta: Element | None, meta: Element | None) -> str | None:
    for element in (first(item_meta, "provider"), first(meta, "infosource")):
        if element is not None and attribute(element, "uri") == OURS:
            continue
        if publisher := _named(element) or _qcode(element).rpartition(":")[2].rpartition("/")[2]:
            return publisher
    return _named(first(item, "rightsinfo", "copyrightholder")) or None


def _language(item: Element, meta: Element | None) -> str | None:
    language = first(meta, "language")
    return (attribute(language, "tag") if language is not None else "") or attribute(item, "lang") or None


def _wire(item: Element, item_meta: Element | None, meta: Element | None, header: Element | None) -> Wire | None:
    return stated(
        Wire(
            provider=_publisher(item, item_meta, meta),
            guid=attribute(item, "guid") or None,
            version=attribute(item, "version") or _extra(item_meta, "version"),
            pub_status=status(_qcode(first(item_meta, "pubstatus"))),
            urgency=number(text_of(first(meta, "urgency")), 9),
            priority=text_of(first(header, "priority")) or _extra(item_meta, "priority"),
            category=_extra(item_meta, "category"),
            slugline=_first(meta, "slugline"),
            keywords=[text for each in _all(meta, "keyword") if (text := text_of(each))],
            genre=distinct([_subject(each) for each in _all(meta, "genre")]),
            subjects=distinct([_subject(each) for each in _all(meta, "subject") if _theirs(each) is not None]),
            places=distinct([_subject(each) for each in _all(meta, "located")]),
            first_created=instant(text_of(first(item_meta, "firstcreated"))),
            embargoed_until=instant(text_of(first(item_meta, "embargoed"))),
            expires_at=instant(text_of(first(item_meta, "expires"))),
            ednote=" ".join(_ednotes(item_meta)) or None,
            signals=[said for each in _all(item_meta, "signal") if (said := _qcode(each) or _named(each))],
            rights=rights(
                _said_of_rights(item, "copyrightnotice"),
                _said_of_rights(item, "usageterms"),
                text_of(first(meta, "creditline")),
            ),
            associations=_associations(item),
            word_count=_word_count(item),
        )
    )


def _all(parent: Element | None, wanted: str) -> list[Element]:
    return children(parent, wanted) if parent is not None else []


def _extra(item_meta: Element | None, wanted: str) -> str | None:
    """Return what Copydesk wrote as an extension, because the standard has no property for it."""
    for each in _all(item_meta, "itemmetaextproperty"):
        if attribute(each, "reluri") == f"{OURS}:{wanted}":
            return attribute(each, "value") or None
    return None


def _subject(element: Element) -> Coded | None:
    """Return a concept by its code and name. A literal is its code if it looks like one, or if its name differs."""
    code, literal = _qcode(element), attribute(element, "literal")
    names = [text for each in children(element, "name") if (text := text_of(each))]
    if not code and (":" in literal or (names and literal not in names)):
        return coded(literal, _named(element) if names else None)
    return coded(code or (literal if name(element) == "subject" and not names else None), _named(element))


def _ednotes(item_meta: Element | None) -> list[str]:
    """Return notes to editors, without repetitions and notes that are not for the public."""
    notes = [each for each in _all(item_meta, "ednote") if text_of(each)]
    roles = [attribute(each, "role").rpartition(":")[2].lower() for each in notes]
    for wanted in ("editorialnote", "public"):
        if wanted in roles:
            return [text_of(each) for each, role in zip(notes, roles, strict=True) if role == wanted]
    return [text_of(each) for each in notes if not _NOT_PUBLIC.search(attribute(each, "pubconstraint"))]


def _said_of_rights(item: Element, wanted: str) -> str:
    return " | ".join(dict.fromkeys(text for each in every(item, wanted) if (text := text_of(each))))


def _associations(item: Element) -> list[Association]:
    found = [_linked(link) for link in every(item, "link") if attribute(link, "reluri") == f"{OURS}:association"]
    for remote in every(item, "remotecontent"):
        kind = attribute(remote, "contenttype").partition("/")[0]
        if (url := attribute(remote, "href")) and url != _page(item):
            found.append(Association(kind=_KINDS.get(kind, "file"), url=url))
    for ref in every(item, "itemref"):
        found.append(
            Association(
                kind="item", guid=attribute(ref, "residref") or None, title=text_of(first(ref, "title")) or None
            )
        )
    return found


def _linked(link: Element) -> Association:
    """Return an association as Copydesk writes it: a link with hints about its target."""
    kind, guid = first(link, "itemclass"), attribute(link, "residref")
    return Association(
        kind=(_qcode(kind).rpartition(":")[2] or attribute(kind, "literal")) if kind is not None else None,
        relation=text_of(first(link, "title")) or None,
        guid=guid if guid and not guid.startswith(OURS) else None,
        title=text_of(first(link, "headline")) or None,
        caption=text_of(first(link, "description")) or None,
        credit=text_of(first(link, "creditline")) or None,
        url=attribute(link, "href") or None,
    )


def _word_count(item: Element) -> int | None:
    for part in every(item, "inlinexml", "inlinedata"):
        if count := number(attribute(part, "wordcount")):
            return count
    return None


PARSER = Parser(
    "newsml-g2", (MEDIA_TYPE, MESSAGE_TYPE, "application/newsml+xml"), sniff, parse, isolated=True, version=4
)
