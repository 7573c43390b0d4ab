"""Hooks of mkdocs: put README and CONTRIBUTING into the site, and turn links to code into plain text.

Pages link to files of the repository, which are not part of the site. There they become plain text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGES = {"README.md": "readme.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Files beside ``docs`` that are pages of the site, and what they are called there."""
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)\s#]*)(#[^)\s]*)?\)")
"""``[text](path#anchor)`` with a path inside the repository."""
FENCE = re.compile(r"(^```.*?^```)", re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    from mkdocs.structure.files import File

    for source, name in PAGES.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Return the page with its links rewritten for the site."""
    name = page.file.src_uri
    at = {site: source for source, site in PAGES.items()}.get(name, f"docs/{name}")
    return "".join(part if part.startswith("```") else relinked(part, at) for part in FENCE.split(markdown))


def relinked(markdown: str, at: str) -> str:
    """Return ``markdown``, the text of the file ``at`` (a path in the repository), with its links rewritten for the
    site."""
    here = PAGES.get(at, at.removeprefix("docs/"))

    def lead(link: re.Match[str]) -> str:
        picture, text, path, anchor = link.groups()
        there = posixpath.normpath(posixpath.join(posixpath.dirname(at), path))
        inside = PAGES.get(there, there.removeprefix("docs/") if there.startswith("docs/") else None)
        if inside is None or not posixpath.splitext(inside)[1]:  # code, or a folder
            return str(text)
        return f"{picture}[{text}]({posixpath.relpath(inside, posixpath.dirname(here) or '.')}{anchor or ''})"

    return LINK.sub(lead, markdown)
