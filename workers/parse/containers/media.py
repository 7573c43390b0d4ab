"""Read the pictures, sound and video of a feed's entry: RSS' ``enclosure``, Atom's link to one, Media RSS."""

from __future__ import annotations

import re

from workers.parse.containers.wordpress import plain
from workers.parse.xml import Element, attribute, children, text_of

_MRSS = "search.yahoo.com/mrss"
_KINDS = {"image": "picture", "video": "video", "audio": "audio"}
_MOST = 50  # of one entry


def read(entry: Element) -> list[dict[str, str]]:
    """Return the entry's media as associations: ``{"kind": "picture", "url": …, "caption": …, "credit": …}``, each address once.

    A group contains one item in several sizes; only the first is used.
    """
    found = [_said(each, entry) for each in _media(entry, "content")]
    for group in _media(entry, "group"):
        found += [_said(each, group) for each in _media(group, "content")[:1]]
    if not found:
        found = [_said(each, entry) | {"kind": "picture"} for each in _media(entry, "thumbnail")[:1]]
    for each in [*children(entry, "enclosure"), *children(entry, "link")]:
        if attribute(each, "rel") in ("", "enclosure") and attribute(each, "type"):
            url, kind = attribute(each, "url") or attribute(each, "href"), _kind(each)
            if kind:
                found.append({"kind": kind, "url": url})
    kept = {each["url"]: each for each in reversed(found) if each["url"].startswith(("http://", "https://"))}
    return [{key: value for key, value in each.items() if value} for each in reversed(kept.values())][:_MOST]


def description(entry: Element) -> str:
    """Return what the entry says about its media if it says nothing else, such as the description of a video."""
    for scope in [*_media(entry, "group"), entry, *_media(entry, "content")]:
        if said := next((text_of(each) for each in _media(scope, "description")), ""):
            return said
    return ""


def _media(element: Element, name: str) -> list[Element]:
    return [child for child in children(element, name) if _MRSS in child.tag]


def _said(content: Element, around: Element) -> dict[str, str]:
    """Return what is said about one item; the description of the whole entry is not a caption."""
    own = {text_of(each) for each in children(around, "title", "description", "summary") if _MRSS not in each.tag}
    title, caption, credit = (
        plain(text_of(next(iter([*_media(content, name), *_media(around, name)]), None)))
        for name in ("title", "description", "credit")
    )
    kind = _kind(content)
    return {
        "kind": kind,
        "url": attribute(content, "url"),
        "title": title if title not in own else "",
        "caption": caption if kind == "picture" and caption not in own and title != caption else "",
        "credit": credit,
    }


def _kind(element: Element) -> str:
    said = attribute(element, "medium") or attribute(element, "type").partition("/")[0]
    url = attribute(element, "url")
    if not said and re.search(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?|$)", url, re.IGNORECASE):
        return "picture"
    return _KINDS.get(said.lower(), "")
