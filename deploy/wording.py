"""Refuse wordings that made editors stumble: ``python -m deploy.wording``, a part of `make lint`.

It reads the pages, the comments of Makefile and Compose, and of Python files the docstrings and comments, in `services`
and in the client also every other string.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = (
    "*.md",
    "docs/**/*.md",
    "clients/python/*.md",
    ".github/**/*.md",
    ".env.example",
    "Makefile",
    "*.yml",
    "services/console/templates/*.html",
)
TALKING = ("services", "clients")  # their strings are for people; those of `workers` are words to look for in news
OWN = {"deploy/wording.py", "tests/unit/test_wording.py"}

REFUSED = {
    r"\banew\b": "again, from scratch",
    r"\bin vain\b": "is discarded, fails",
    r"\bdawdl\w*": "slow client, too slowly",
    r"\bhow (they|it|we) fares?\b": "how well",
    r"\b(of|one of) ours\b": "our own, a built-in",
    r"(?<!by\s)\bhand(s|ed|ing)? (it |them |documents? )?in\b": "send, upload",
    r"\bcomes? along\b": "is sent with it, is included",
    r"\bstands right\b": "is laid out correctly",
    r"\btoo many listen\b": "too many open event streams",
    r"\bnothing to be relevant to\b": "`sort=relevance` needs `q`",
    r"\bof which the (name|title) begins\b": "whose name starts with",
    r"\bof \w+ that one is taken which\b": "the one that …",
    r"\blast one to speak\b": "the most recent report wins",
    r"\bfor graphs, not for accounts\b": "approximate: use it for charts, not for billing",
    r"\bread a difference\b": "differences under … are not significant",
    r"\bas far as the code that made it\b": "rerun the stages whose code has changed",
    r"\bno address for \w+ is\b": "… are refused",
}
"""Patterns, in any case of letters, and what to write instead."""


def faults(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, wording and what to write instead."""
    for pattern, instead in REFUSED.items():
        for found in re.finditer(pattern.replace(" ", r"\s+"), text, re.IGNORECASE):
            yield text.count("\n", 0, found.start()) + 1, found[0], instead


def prose(path: str, source: str) -> str:
    """Return the source with everything blanked that is not prose; lines keep their numbers."""
    if not path.endswith(".py"):
        return re.sub(r"^```.*?^```|`[^`\n]*`", lambda code: "\n" * code[0].count("\n"), source, flags=re.M | re.S)
    lines = [""] * (source.count("\n") + 2)
    talking = path.startswith(TALKING)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        inside = token.type in (tokenize.STRING, tokenize.FSTRING_MIDDLE) and talking
        if token.type == tokenize.COMMENT or inside:
            for offset, line in enumerate(token.string.split("\n")):
                lines[token.start[0] - 1 + offset] += f" {line}"
    for node in () if talking else ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for offset, line in enumerate(node.value.value.split("\n")):
                lines[node.lineno - 1 + offset] += f" {line}"
    return re.sub(r"`[^`\n]*`", "", "\n".join(lines))


def files() -> list[Path]:
    pages = [path for pattern in PAGES for path in ROOT.glob(pattern)]
    code = [path for folder in ("clients", "deploy", "services", "workers") for path in (ROOT / folder).rglob("*.py")]
    return sorted({path for path in [*pages, *code] if str(path.relative_to(ROOT)) not in OWN})


def main() -> int:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {wording!r}: better {instead}"
        for path in files()
        for line, wording, instead in faults(prose(str(path.relative_to(ROOT)), path.read_text("utf-8")))
    ]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
