"""Read what WordPress adds to a feed in its export (WXR), and the answers of its REST API: posts as its pages show
them."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workers.parse.xml import Element, children, every, first, text_of

_EXPORT = "http://wordpress.org/export/"
_OWN_TYPES = frozenset(
    ["nav_menu_item", "revision", "custom_css", "customize_changeset", "oembed_cache", "user_request"]
)
"""Types of posts that WordPress uses internally, as well as those whose name begins with ``wp_``."""
_STATUS = {
    "publish": "usable", "future": "embargoed", "draft": "withheld", "pending": "withheld", "private": "withheld",
    "trash": "canceled",
}  # fmt: skip
"""The status of a post as IPTC's ``pubStatus``, extended by ``embargoed`` for scheduled posts."""
_UNPUBLISHED = ("draft", "pending", "auto-draft", "future")
_CAPTION = re.compile(r"\[(?:wp_)?caption\b[^\[\]]*\](.{0,5000}?)\[/(?:wp_)?caption\]", re.DOTALL)
_EMBEDDED = re.compile(r"\[(embed|video|audio|playlist|gallery)\b[^\[\]]*\](?:[^\[\]]{0,500}\[/\1\])?")
_SHORTCODE = re.compile(r"\[(/?)([a-z][\w-]*)((?:\s[^\[\]]*)?)\]")
_ATTRIBUTE = re.compile(r"\s[\w-]+=[\"'\w]")
_BARE = frozenset(["dropcap", "contact_form", "toc"])
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
_BLOCK = re.compile(
    r"\s*</?(?:h\d|ul|ol|dl|li|table|figure|div|blockquote|p|pre|hr|section|article|aside|form|address|iframe|script|style|!--)\b|\s*<!--",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"</?(?:p|div|br|li|h\d|tr|td|figure|blockquote)\b[^<>]*>", re.IGNORECASE)
_OFFSET = timedelta(hours=14)


@dataclass(slots=True)
class Export:
    """What an export says besides its posts: authors by login, pictures by their own id and by that of their post."""

    authors: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, dict[str, str]] = field(default_factory=dict)
    attached: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def read_export(root: Element) -> Export | None:
    """Return the data of the export if the feed is one, otherwise None."""
    if not any(str(namespace).startswith(_EXPORT) for namespace in root.nsmap.values()):
        return None
    found = Export()
    for author in every(root, "author"):
        if (login := text_of(first(author, "author_login"))) and (
            shown := text_of(first(author, "author_display_name"))
        ):
            found.authors[login] = shown
    for item in every(root, "item"):
        url = text_of(first(item, "attachment_url"))
        if text_of(first(item, "post_type")) == "attachment" and url:
            id = text_of(first(item, "post_id"))
            said = {"kind": _kind(url), "url": url, "title": text_of(first(item, "title")), "caption": _excerpt(item)}
            found.pictures[id] = {key: value for key, value in said.items() if value}
            found.attached[text_of(first(item, "post_parent"))].append(id)
    return found


def is_document(item: Element) -> bool:
    """Return whether the item is a post or page with something in it: no attachment, menu, revision or template."""
    kind, status = text_of(first(item, "post_type")), text_of(first(item, "status"))
    if kind == "attachment" or kind in _OWN_TYPES or kind.startswith("wp_") or status == "auto-draft":
        return False
    return kind in ("", "post", "page") or any(text_of(each) for each in children(item, "encoded"))


def complete(item: Element, export: Export, document: dict[str, Any]) -> None:
    """Replace what the feed says about a post with what WordPress says.

    A post that was not published has no ``published_at``; the time it is scheduled for is ``wire.embargoed_until``.
    """
    wire, status = document["wire"], text_of(first(item, "status"))
    names = document["byline"].split(", ")
    document["byline"] = ", ".join(export.authors.get(name, name) for name in names)
    made = stamp(text_of(first(item, "post_date")), text_of(first(item, "post_date_gmt")))
    document["published_at"] = made if status not in _UNPUBLISHED else ""
    document["updated_at"] = stamp(text_of(first(item, "post_modified")), text_of(first(item, "post_modified_gmt")))
    if status in _STATUS:
        wire["pub_status"] = _STATUS[status]
    if made and status in _UNPUBLISHED:
        wire["embargoed_until" if status == "future" else "first_created"] = made if made[-6:-5] in "+-" else f"{made}Z"
    if excerpt := _excerpt(item):
        document["deck"] = excerpt
    meta = {text_of(first(each, "meta_key")): text_of(first(each, "meta_value")) for each in children(item, "postmeta")}
    ids = [meta.get("_thumbnail_id", ""), *export.attached.get(text_of(first(item, "post_id")), [])]
    if pictures := [export.pictures[id] for id in dict.fromkeys(ids) if id in export.pictures]:
        wire["associations"] = pictures


def _excerpt(item: Element) -> str:
    said = next((text_of(each) for each in children(item, "encoded") if "excerpt" in each.tag), "")
    return plain(said)


def _kind(url: str) -> str:
    return "picture" if re.search(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp)$", url, re.IGNORECASE) else "item"


def plain(said: str) -> str:
    """Return text without tags and escapes, and with runs of white space as one space."""
    return " ".join(html.unescape(_MARKUP.sub("", _BREAKS.sub(" ", said))).split())


def stamp(local: str, gmt: str) -> str:
    """Return an instant as ISO 8601 with its zone, from its local time and its time in UTC:
    ``2020-05-01T10:00:00+02:00``.

    Without UTC, return the local time; return an empty string if neither is a time (``0000-00-00 00:00:00``).
    """
    wall, utc = _moment(local), _moment(gmt)
    if wall is None or utc is None:
        return wall.isoformat() if wall else f"{utc.isoformat()}+00:00" if utc else ""
    offset = wall - utc
    if abs(offset) > _OFFSET or offset.total_seconds() % 900:
        return f"{utc.isoformat()}+00:00"
    minutes = abs(int(offset.total_seconds())) // 60
    return f"{wall.isoformat()}{'-' if offset < timedelta(0) else '+'}{minutes // 60:02}:{minutes % 60:02}"


def _moment(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written[:19])
    except ValueError:
        return None


def shown(content: str, *, stored: bool) -> str:
    """Return HTML as pages show it, with shortcodes replaced by their content or removed.

    ``stored`` means the form that WordPress stores: blank lines end paragraphs, unless it is made of blocks (``<!--
    wp:paragraph -->``).
    """
    content = _CAPTION.sub(_figure, content)
    content = _EMBEDDED.sub("", content)
    if "[" in content:
        ended = set(re.findall(r"\[/([a-z][\w-]*)\]", content)) | _BARE
        content = _SHORTCODE.sub(
            lambda found: "" if found[2] in ended or _ATTRIBUTE.match(found[3]) else found[0], content
        )
    tagged = _MARKUP.search(content) is not None
    has_paragraphs = re.search(r"<p[\s>]", content, re.IGNORECASE) is not None
    if "\n\n" not in content or "<!-- wp:" in content or (not stored and (has_paragraphs or not tagged)):
        return content
    return "\n".join(_paragraphs(content))


def _figure(found: re.Match[str]) -> str:
    said = re.sub(r"<img\b[^<>]*>", "", found[1]).strip()
    return f"\n\n<figure><figcaption>{said}</figcaption></figure>\n\n"


def _paragraphs(content: str) -> Iterator[str]:
    open_pre = 0
    for part in re.split(r"\n\s*\n", content):
        marked = open_pre > 0 or _BLOCK.match(part)
        yield part if marked else f"<p>{part}</p>"
        open_pre += part.lower().count("<pre") - part.lower().count("</pre")


def is_rest(item: Any) -> bool:
    """Return whether this is a post as the REST API returns it: ``{"title": {"rendered": …}, "content": {"rendered": …}}``."""
    return isinstance(item, dict) and all(isinstance(rendered(item.get(key)), str) for key in ("title", "content"))


def rendered(value: Any) -> str | None:
    found = value.get("rendered") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def of_rest(item: dict[str, Any]) -> dict[str, Any]:
    """Return the envelope of a post that the REST API answered, with the authors and terms embedded in it."""
    embedded = item.get("_embedded")
    embedded = embedded if isinstance(embedded, dict) else {}
    terms = [term for group in _dicts(embedded.get("wp:term"), nested=True) for term in group if isinstance(term, dict)]
    named = [(term, term["name"]) for term in terms if isinstance(term.get("name"), str)]
    wire = {
        "guid": rendered(item.get("guid")),
        "pub_status": _STATUS.get(str(item.get("status"))),
        "subjects": [{"scheme": "category", "code": str(term.get("slug") or "") or None, "name": html.unescape(name)}
                     for term, name in named if term.get("taxonomy") == "category"],
        "keywords": [html.unescape(name) for term, name in named if term.get("taxonomy") == "post_tag"],
    }  # fmt: skip
    said = {key: value for key, value in item.items() if isinstance(value, str)}
    authors = [each["name"] for each in _dicts(embedded.get("author")) if isinstance(each.get("name"), str)]
    return {
        "title": plain(rendered(item["title"]) or ""),
        "html": rendered(item["content"]),
        "whole": True,
        "byline": ", ".join(authors),
        "url": said.get("link"),
        "published_at": stamp(said.get("date", ""), said.get("date_gmt", "")),
        "updated_at": stamp(said.get("modified", ""), said.get("modified_gmt", "")),
        "wire": {key: value for key, value in wire.items() if value},
    }


def _dicts(value: Any, *, nested: bool = False) -> list[Any]:
    return [each for each in value if isinstance(each, list if nested else dict)] if isinstance(value, list) else []
