"""What the fields of an article may be called: a table's columns, the names of a JSON object."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from workers.parse import warnings as warn
from workers.parse.article.byline import read_byline
from workers.parse.article.compose import Head
from workers.parse.article.dates import read_stamp

FIELDS: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "body_text", "content", "article", "article_text", "article_body", "articlebody", "fulltext",
             "full_text", "maintext", "plain_text", "story", "text_content", "texte", "texto", "testo", "inhalt", "corps",
             "текст", "نص", "متن"),
    "html": ("html", "body_html", "content_html", "body_xhtml"),
    "title": ("title", "headline", "head", "heading", "article_title", "hed", "titre", "titel", "título", "titulo", "titolo",
              "überschrift", "заголовок", "عنوان", "تیتر"),
    "deck": ("deck", "subtitle", "subheadline", "standfirst", "dek", "subhead", "description", "summary", "abstract",
             "chapeau", "untertitel", "subtítulo", "sottotitolo"),
    "byline": ("byline", "author", "authors", "by", "writer", "creator", "reporter", "author_name", "auteur", "autor",
               "autore", "verfasser", "автор", "نویسنده", "كاتب"),
    "url": ("url", "link", "permalink", "href", "uri", "source_url", "web_url", "article_url", "canonical_url"),
    "publisher": ("publisher", "publication", "source", "outlet", "newspaper", "source_name", "site_name", "site",
                  "domain", "media"),
    "published_at": ("published_at", "published", "date", "publication_date", "pub_date", "pubdate", "date_published",
                     "datepublished", "publish_date", "published_date", "datetime", "timestamp", "created_at",
                     "publishedat", "publisheddate", "createdat", "web_publication_date", "webpublicationdate", "date_publish", "datum", "fecha", "data", "дата", "تاریخ", "تاريخ"),
    "updated_at": ("updated_at", "updated", "modified", "date_modified", "datemodified", "last_modified", "modified_at",
                   "updatedat", "modifiedat", "lastmodified"),
    "language": ("language", "lang", "locale"),
    "code": ("code", "article_code"),
    "external_id": ("external_id", "id", "article_id", "guid", "doc_id", "uuid", "document_id"),
}  # fmt: skip
"""The record's name for a field, and the names that senders use for it, the surest first."""

_NOT_LETTERS = re.compile(r"[\W_]+")


def known(names: Iterable[str]) -> dict[str, str]:
    """Return the known ones of ``names``, each by the record's name for it: ``{"title": "Headline", "text": "Body Text"}``.

    Names are compared in lower case, with ``_`` for every character that is not a letter or digit.
    """
    plain = {_NOT_LETTERS.sub("_", name.strip().casefold()).strip("_"): name for name in names}
    return {
        field: plain[found]
        for field, synonyms in FIELDS.items()
        if (found := next((name for name in synonyms if name in plain), None)) is not None
    }


def holds_article(found: dict[str, str]) -> bool:
    """Return whether the known names are those of an article: its text and at least one other field."""
    return len(found) > 1 and ("text" in found or "html" in found)


def read_head(found: Mapping[str, Any]) -> tuple[Head, list[str]]:
    """Return the head for these values, given by the record's names for the fields, and warnings. Lists are joined;
    values may have any type."""

    def said(name: str) -> str | None:
        values = found.get(name)
        words = [_words(value) for value in (values if isinstance(values, list) else [values])]
        return ", ".join(word for word in words if word) or None

    stamp = read_stamp(said("published_at") or "")
    updated = read_stamp(said("updated_at") or "")
    head = Head(
        code=said("code"),
        title=said("title"),
        deck=said("deck"),
        byline=read_byline(said("byline") or ""),
        published_at=stamp.instant if stamp else None,
        published_zone=stamp.zone if stamp else None,
        updated_at=updated.instant if updated else None,
        publisher=said("publisher"),
        url=said("url"),
        language=said("language"),
    )
    return head, [warn.DATE_AMBIGUOUS] if stamp and stamp.ambiguous else []


def _words(value: Any) -> str:
    """Return a string, or the name of an object in the form of schema.org: ``{"@type": "Person", "name": "Ann
    Lee"}``."""
    if isinstance(value, dict):
        value = value.get("name")
    return value.strip() if isinstance(value, str) else ""
