"""Read JSON-LD of schema.org: an article as a separate object (``web.stated`` reads it in a page)."""

from __future__ import annotations

import json
import re
from typing import Any

from services.records import Article, Association, Byline, Coded, Wire
from workers.parse.article.compose import Head, Piece, compose
from workers.parse.article.newstext import read_text
from workers.parse.base import Parsed, ParseError, Parser, Source, tried
from workers.parse.encoding import decode
from workers.parse.web import markup
from workers.parse.wire.coded import distinct, instant, number, rights, set_published, stated, status
from workers.parse.wire.items import Item, dicts, said, words

MEDIA_TYPE = "application/ld+json"

_CONTEXT = re.compile(r'"@context"\s*:[^{}]{0,40}https?://(?:www\.)?schema\.org')
_ARTICLE = re.compile(r'"@type"\s*:\s*\[?\s*"[A-Za-z]*(?:Article|BlogPosting)"')
_KINDS = {"ImageObject": "picture", "VideoObject": "video", "AudioObject": "audio"}


def sniff(source: Source) -> float:
    """Return how sure it is: in JSON-LD the context usually comes first, and the type may come anywhere."""
    if not source.data[:64].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return 0.0
    text = source.data.decode("utf-8", "replace")
    return 0.97 if _CONTEXT.search(text) and _ARTICLE.search(text[:2000]) else 0.0


def parse(source: Source) -> Parsed:
    text, warnings = decode(source.data)
    try:
        item = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError("corrupt", f"The JSON is broken: {error}.") from None
    return Parsed(MEDIA_TYPE, _article(item, warnings))


def _article(item: Item, warnings: list[str]) -> Article:
    head = Head(
        code=said(item.get("copydesk:slugline")) or None,
        title=said(item.get("headline")) or said(item.get("name")) or None,
        deck=said(item.get("alternativeHeadline")) or None,
        byline=tried(warnings, "byline", lambda: _bylines(item.get("author")), []),
        publisher=_name(item.get("publisher")) or _name(item.get("provider")),
        url=next((url for url in (said(item.get("url")), said(item.get("@id"))) if url.startswith("http")), None),
        language=said(item.get("inLanguage")) or None,
        wire=tried(warnings, "wire", lambda: _wire(item), None),
    )
    set_published(head, said(item.get("datePublished")))
    head.updated_at = instant(said(item.get("dateModified")))
    captions = [Piece("caption", one.caption) for one in (head.wire.associations if head.wire else []) if one.caption]
    html = next((said(one.get("text")) for one in _several(item.get("encoding"))
                 if said(one.get("encodingFormat")) == "text/html"), "")  # fmt: skip
    if html:
        pieces = [*markup.pieces(markup.read_html(html)), *captions]
        return compose(pieces, head, format="json-ld", warnings=warnings, structured=True)
    text = said(item.get("articleBody"))
    if not text and not head.title and not head.wire:
        raise ParseError("empty", "The article has neither headline nor articleBody.")
    return read_text(text, has_head=False, head=head, format="json-ld", warnings=warnings, after=captions)


def _several(value: Any) -> list[Item]:
    """Return a list of objects; JSON-LD allows a single one without a list."""
    return dicts(value if isinstance(value, list) else [value])


def _name(value: Any) -> str | None:
    one = value[0] if isinstance(value, list) and value else value
    return (said(one.get("name")) if isinstance(one, dict) else said(one)) or None


def _bylines(value: Any) -> list[Byline]:
    given = value if isinstance(value, list) else [value]
    found = []
    for author in given:
        if isinstance(author, dict) and (name := said(author.get("name"))):
            agency = name if author.get("@type") == "Organization" else _name(author.get("affiliation"))
            role, email = said(author.get("jobTitle")) or None, said(author.get("email")) or None
            found.append(Byline(name=name, role=role, agency=agency, email=email))
        elif name := said(author):
            found.append(Byline(name=name))
    return found


def _wire(item: Item) -> Wire | None:
    publication = item.get("publication")
    embargo = said(publication.get("startDate")) if isinstance(publication, dict) else ""
    version = item.get("version")
    return stated(
        Wire(
            provider=_name(item.get("provider")),
            guid=said(item.get("identifier")) or None,
            version=str(version) if isinstance(version, int) else said(version) or None,
            pub_status=status(said(item.get("creativeWorkStatus"))),
            urgency=number(item.get("copydesk:urgency"), 9),
            priority=said(item.get("copydesk:priority")) or None,
            category=said(item.get("copydesk:category")) or None,
            slugline=said(item.get("copydesk:slugline")) or None,
            keywords=_keywords(item.get("keywords")),
            genre=_terms(item.get("genre")),
            subjects=_terms(item.get("about")),
            places=_terms(item.get("contentLocation")),
            first_created=instant(said(item.get("dateCreated"))),
            embargoed_until=instant(embargo),
            expires_at=instant(said(item.get("expires"))),
            ednote=said(item.get("copydesk:ednote")) or None,
            signals=words(item.get("copydesk:signals")),
            rights=rights(
                said(item.get("copyrightNotice")), said(item.get("conditionsOfAccess")), said(item.get("creditText"))
            ),
            associations=[_association(one) for one in _several(item.get("associatedMedia"))],
            word_count=number(item.get("wordCount")),
        )
    )


def _keywords(value: Any) -> list[str]:
    return (
        words(value) if isinstance(value, list) else [word for part in said(value).split(",") if (word := part.strip())]
    )


def _terms(value: Any) -> list[Coded]:
    """Return terms of a vocabulary, or words, without Copydesk's own annotations in documents that it wrote."""
    found: list[Coded | None] = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and not one.get("copydesk:foundBy"):
            code, name = said(one.get("termCode")) or None, said(one.get("name")) or None
            if code or name:
                found.append(Coded(scheme=said(one.get("inDefinedTermSet")) or None, code=code, name=name))
        elif word := said(one):
            found.append(Coded(name=word))
    return distinct(found)


def _association(one: Item) -> Association:
    return Association(
        kind=said(one.get("copydesk:kind")) or _KINDS.get(said(one.get("@type"))),
        relation=said(one.get("copydesk:relation")) or None,
        guid=said(one.get("identifier")) or None,
        title=said(one.get("name")) or None,
        caption=said(one.get("caption")) or None,
        credit=said(one.get("creditText")) or None,
        url=said(one.get("contentUrl")) or None,
    )


PARSER = Parser("json-ld", (MEDIA_TYPE,), sniff, parse, isolated=True)
