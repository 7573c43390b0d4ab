"""What a page's markup states: JSON-LD, meta tags, microdata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from workers.parse.article.normalise import tidy
from workers.parse.web.blocks import Block

_ARTICLES = re.compile(r"Article|BlogPosting|Report|LiveBlog")


def json_ld(tree: Any) -> dict[str, Any]:
    """The first article that the page describes in JSON-LD; {} where it describes none."""
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "") and script.text:
            text = re.sub(
                r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$", "", script.text
            )
            try:
                found = next(_articles(json.loads(text, strict=False)), None)
            except (ValueError, RecursionError):
                continue
            if found is not None:
                return found
    return {}


def _articles(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, list):
        for item in found:
            yield from _articles(item)
    elif isinstance(found, dict):
        if _ARTICLES.search(str(found.get("@type", ""))):
            yield found
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            if isinstance(found.get(name), list | dict):
                yield from _articles(found[name])


class Page:
    """A page's tree with its meta tags and blocks."""

    def __init__(self, tree: Any, blocks: list[Block], linked: dict[str, Any]) -> None:
        self.tree, self.blocks, self.linked = tree, blocks, linked
        self.meta = _meta(tree)

    def said(self, *names: str) -> str | None:
        """The first meta tag of these names that says something."""
        return next((tidy(unescape(self.meta[name])) for name in names if self.meta.get(name, "").strip()), None)

    def told(self, name: str) -> str | None:
        """What JSON-LD says."""
        value = self.linked.get(name)
        return tidy(unescape(value)) or None if isinstance(value, str) else None


def _meta(tree: Any) -> dict[str, str]:
    """Meta tags and microdata by name in lower case: the first of each counts."""
    found: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop") or tag.get("http-equiv")
        if name and tag.get("content"):
            found.setdefault(name.casefold(), tag.get("content"))
    for link in tree.iter("link"):
        if link.get("rel") == "canonical" and link.get("href"):
            found.setdefault("canonical", link.get("href"))
    title = next(tree.iter("title"), None)
    if title is not None:
        found["title"] = "".join(title.itertext())
    return found


def names_in(said: Any) -> list[str]:
    if isinstance(said, list):
        return [name for item in said for name in names_in(item)]
    name = said.get("name") if isinstance(said, dict) else said
    if isinstance(name, list):
        return names_in(name)
    return (
        [unescape(name)] if isinstance(name, str) and name.strip() and not name.startswith(("http", "/", "#")) else []
    )
