"""The folders of the code: imports point one way, from the pipeline down to the parts that all parsers share."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARSE = ("registry", "formats", "containers", "wire", "web", "article", "base")
ENRICH = ("registry", "facts", "speech", "names whole", "base", "languages")
AT_THE_TOP = {"parse": {"", "registry", "isolate", "nursery"}, "enrich": {"", "registry"}}


def imports(file: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, also inside its functions."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def dotted(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room(part: str, name: str) -> str:
    """Return the folder of a dotted name below ``workers.<part>``, or `registry` or `base` for modules beside the
    folders."""
    inner = (*name.split(".")[2:], "")[0]
    if (ROOT / "workers" / part / inner).is_dir() and inner:
        return inner
    is_module = (ROOT / "workers" / part / f"{inner}.py").exists()
    return "registry" if inner in AT_THE_TOP[part] or not is_module else "base"


def place(order: tuple[str, ...], of: str) -> int:
    return next(at for at, rooms in enumerate(order) if of in rooms.split())


@pytest.mark.parametrize(("part", "order"), [("parse", PARSE), ("enrich", ENRICH)])
def test_no_room_imports_one_above_it(part: str, order: tuple[str, ...]) -> None:
    back = []
    for file in sorted((ROOT / "workers" / part).rglob("*.py")):
        here = room(part, dotted(file))
        for name in imports(file):
            if name.startswith(f"workers.{part}.") and place(order, room(part, name)) < place(order, here):
                back.append(f"{dotted(file)} ({here}) imports {name} ({room(part, name)})")
    assert not back, "\n".join(back)


def test_reading_knows_neither_the_queue_nor_the_database_nor_the_settings() -> None:
    """The exception is the registry, which chooses the stages by the settings."""
    closed = ("celery", "pymongo", "bson", "services.queue", "services.store", "services.api", "services.settings")
    known = []
    for part in ("parse", "enrich"):
        for file in sorted((ROOT / "workers" / part).rglob("*.py")):
            if dotted(file) != "workers.enrich.registry":
                known += [f"{dotted(file)}: {name}" for name in imports(file) if name.startswith(closed)]
    assert not known, "\n".join(known)


def test_services_never_import_workers() -> None:
    known = [
        f"{dotted(file)}: {name}"
        for file in sorted((ROOT / "services").rglob("*.py"))
        for name in imports(file)
        if name.split(".")[0] == "workers"
    ]
    assert not known, "\n".join(known)


def test_the_api_knows_no_other_face() -> None:
    """`services/app.py` combines them."""
    others = ("services.console", "services.cli", "services.app")
    known = [
        f"{dotted(file)}: {name}"
        for file in sorted((ROOT / "services/api").rglob("*.py"))
        for name in imports(file)
        if f"{name}.".startswith(tuple(f"{other}." for other in others))
    ]
    assert not known, "\n".join(known)


def test_the_record_imports_nothing_of_the_project() -> None:
    known = [
        f"{dotted(file)}: {name}"
        for file in sorted((ROOT / "services/records").glob("*.py"))
        for name in imports(file)
        if name.split(".")[0] in ("services", "workers") and not name.startswith("services.records.")
    ]
    assert not known, "\n".join(known)


def test_the_client_needs_nothing_of_the_project() -> None:
    """It is installed without it."""
    known = [
        f"{file.name}: {name}"
        for file in sorted((ROOT / "clients/python").rglob("*.py"))
        for name in imports(file)
        if name.split(".")[0] in ("services", "workers")
    ]
    assert not known, "\n".join(known)


def test_the_docs_name_files_that_exist() -> None:
    pages = [*sorted(ROOT.glob("*.md")), ROOT / "clients/python/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    gone = []
    for page in pages:
        text = page.read_text("utf-8")
        named = {ROOT / path for path in re.findall(r"\btests/[a-z_/]+\.py\b", text)}
        named |= {page.parent / path for path in re.findall(r"\]\(((?!https?:|mailto:)[^)#\s]+)", text)}
        gone += [f"{page.relative_to(ROOT)}: {path}" for path in sorted(named) if not path.exists()]
    assert not gone, "\n".join(gone)


def test_no_module_and_no_function_is_too_long_to_read() -> None:
    long = []
    for top in ("clients", "services", "workers", "tests"):
        for file in sorted((ROOT / top).rglob("*.py")):
            text = file.read_text("utf-8")
            if (lines := text.count("\n")) > 400:
                long.append(f"{dotted(file)}: {lines} lines")
            for node in ast.walk(ast.parse(text)) if top != "tests" else ():
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or 0) - node.lineno + 1
                    if length > 60:
                        long.append(f"{dotted(file)}.{node.name}: {length} lines")
    assert not long, "\n".join(long)
