"""Read what a page's markup states: JSON-LD, meta tags, microdata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from workers.parse.article.normalise import tidy
from workers.parse.web.blocks import Block
from workers.parse.web.lenient import load_all

_ARTICLES = re.compile(r"Article|BlogPosting|Report|LiveBlog|DiscussionForumPosting")
_PAGES = re.compile(r"WebPage$|ItemPage|AboutPage|Recipe|VideoObject|PodcastEpisode|^Review$|^HowTo$")
_HELD = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement")
_PAGE_FIELDS = ("datePublished", "dateModified", "author", "publisher")
_TAGS = re.compile(r"<[^<>]{1,300}>")
_ADDRESS = re.compile(r"(?:https?:|www\.|[/#@])")
_DEEP = 8  # objects in objects


def read_json_ld(tree: Any) -> list[Any]:
    """Return every value of JSON-LD on the page."""
    return [
        value
        for script in tree.iter("script")
        if "ld+json" in (script.get("type") or "") and script.text
        for value in load_all(script.text)
    ]


def types_of(loaded: Any) -> set[str]:
    """Return the types that JSON-LD gives on its upper levels: those of the page, not of items that it lists or
    mentions."""
    if isinstance(loaded, list):
        return {name for each in loaded[:100] for name in types_of(each)}
    if not isinstance(loaded, dict):
        return set()
    said = loaded.get("@type", [])
    own = {str(each).rsplit("/", 1)[-1] for each in (said if isinstance(said, list) else [said])}
    return own.union(*(_own_types(loaded.get(name)) for name in ("@graph", "mainEntity")))


def _own_types(held: Any) -> set[str]:
    """Return the types of the objects in ``held``, without those within them."""
    each_of = held if isinstance(held, list) else [held]
    return {name for each in each_of if isinstance(each, dict) for name in types_of({"@type": each.get("@type", [])})}


def stated_article(loaded: list[Any]) -> dict[str, Any]:
    """Return the first article that JSON-LD describes, with the objects that it refers to; {} if it describes none.

    Missing dates and authors are taken from the page's own object, which replaces the article if there is none.
    """
    nodes = list(_nodes(loaded))
    known = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if _is(node, _ARTICLES)]
    pages = [node for node in nodes if _is(node, _PAGES) and not _is(node, _ARTICLES)]
    found = dict(articles[0]) if articles else {}
    for page in pages:
        for field in _PAGE_FIELDS:
            if page.get(field):
                found.setdefault(field, page[field])
    for field in ("author", "creator", "publisher"):
        if field in found:
            found[field] = _resolved(found[field], known)
    return found


def _is(node: dict[str, Any], types: re.Pattern[str]) -> bool:
    said = node.get("@type", "")
    return any(types.search(str(each).rsplit("/", 1)[-1]) for each in (said if isinstance(said, list) else [said]))


def _nodes(found: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _DEEP:
        return
    if isinstance(found, list):
        for item in found:
            yield from _nodes(item, depth + 1)
    elif isinstance(found, dict):
        yield found
        for name in _HELD:
            if isinstance(found.get(name), list | dict):
                yield from _nodes(found[name], depth + 1)


def _resolved(said: Any, known: dict[str, dict[str, Any]]) -> Any:
    if isinstance(said, list):
        return [_resolved(each, known) for each in said]
    if isinstance(said, dict) and not said.get("name"):
        return known.get(str(said.get("@id")), said)
    return said


class Page:
    """A page's tree with its meta tags and blocks; ``apart`` are its cards, whose heads are not the page's own."""

    def __init__(self, tree: Any, blocks: list[Block], linked: dict[str, Any], apart: set[Any] | None = None) -> None:
        self.tree, self.blocks, self.linked = tree, blocks, linked
        self.apart = apart or set()
        self.meta = _meta(tree)

    def said(self, *names: str) -> str | None:
        """Return the first meta tag of these names that says something."""
        return next((said for name in names if (said := plain(self.meta.get(name, "")))), None)

    def all_said(self, name: str) -> list[str]:
        """Return the content of each meta tag with this name."""
        return [said for each in self.tree.iter("meta") if name_of(each) == name and (said := plain(content_of(each)))]

    def told(self, name: str) -> str | None:
        """Return what JSON-LD says."""
        value = self.linked.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(int(value))
        return plain(value) or None if isinstance(value, str) else None


def plain(written: str) -> str:
    """Return the text of an attribute or a string of JSON, which may be HTML, escaped once more."""
    return tidy(_TAGS.sub(" ", unescape(written))) if "&" in written or "<" in written else tidy(written)


def name_of(tag: Any) -> str:
    return str(tag.get("property") or tag.get("name") or tag.get("itemprop") or tag.get("http-equiv") or "").casefold()


def content_of(tag: Any) -> str:
    return str(tag.get("content") or tag.get("value") or "")


def _meta(tree: Any) -> dict[str, str]:
    """Return meta tags and microdata by name in lower case; the first one with a value counts."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        if (name := name_of(tag)) and content_of(tag).strip():
            found.setdefault(name, content_of(tag))
    for link in tree.iter("link"):
        if link.get("rel") == "canonical" and link.get("href"):
            found.setdefault("canonical", link.get("href"))
    title = next(tree.iter("title"), None)
    if title is not None:
        found["title"] = "".join(title.itertext())
    for value in load_all(found["parsely-page"]) if "parsely-page" in found else []:
        for field, name in (("pub_date", "parsely-pub-date"), ("author", "parsely-author"), ("title", "parsely-title")):
            if isinstance(value, dict) and isinstance(value.get(field), str) and value[field]:
                found.setdefault(name, value[field])
    return found


def names_in(said: Any) -> list[str]:
    """Return the names in a value of JSON-LD: a string, an object with ``name`` or its parts, one in another, or lists
    of these."""
    if isinstance(said, list):
        return [name for item in said for name in names_in(item)]
    if isinstance(said, dict):
        parts = [said.get("givenName"), said.get("familyName")]
        inner = said.get("name") or " ".join(part for part in parts if isinstance(part, str)) or said.get("author")
        return names_in(inner) if inner is not said else []
    name = plain(said) if isinstance(said, str) else ""
    return [name] if name and not _ADDRESS.match(name) else []
