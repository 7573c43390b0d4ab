"""What kind of page it is, as far as that decides how it is read."""

from __future__ import annotations

import re
from typing import Any

_SOFTWARE = re.compile(
    r"phpbb|vbulletin|xenforo|discourse|invision|ips community|flarum|nodebb|mybb|simple ?machines|vanilla forums|bbpress|question2answer|khoros|lithium",
    re.I,
)
_TYPES = re.compile(r'"@type"\s*:\s*\[?\s*"(?:DiscussionForumPosting|QAPage)"')
_ADDRESS = re.compile(
    r"/(?:forums?|threads?|topics?|viewtopic|showthread|questions|discussions?|boards?|t/[\w-]+/\d+|r/\w+/comments)(?:[/.?-]|$)",
    re.I,
)
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:phpbb|forum|thread|viewtopic|showthread|topic-page|bbpress|template-thread-view)(?:$|[\s_-])", re.I
)


def is_thread(tree: Any) -> bool:
    """Whether the page is a thread of a forum, by its software, what it states of itself, or its address."""
    signs = 0
    for meta in tree.iter("meta"):
        said = meta.get("content") or ""
        name = (meta.get("name") or meta.get("property") or "").casefold()
        if name == "generator" and _SOFTWARE.search(said):
            return True
        signs += name == "og:url" and bool(_ADDRESS.search(said))
    if any(
        _TYPES.search(script.text)
        for script in tree.iter("script")
        if "ld+json" in (script.get("type") or "") and script.text
    ):
        return True
    if any(
        "DiscussionForumPosting" in (each.get("itemtype") or "")
        for each in tree.iter("div", "article", "main", "section")
    ):
        return True
    signs += any(
        link.get("rel") == "canonical" and _ADDRESS.search(link.get("href") or "") for link in tree.iter("link")
    )
    body = tree.find("body")
    said = " ".join(
        each.get(key) or "" for each in (tree, body) if each is not None for key in ("id", "class", "data-template")
    )
    return signs > 0 or bool(_SOFTWARE.search(said) or _NAMES.search(said))
