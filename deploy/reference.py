"""Write the reference of the API and of the record from the code: ``python -m deploy.reference``.

docs/reference-api.md comes from the OpenAPI document, docs/reference-record.md from the record's models.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from services.api import create_app
from services.api.schema import record_schema
from services.search.params import Search

DOCS = Path(__file__).parent.parent / "docs"
_API = """# The API: every operation

This page is generated from the OpenAPI document by `python -m deploy.reference`. `/docs` of a running API shows every parameter with its
description, and every answer. *Search parameters* are those of [search](search.md).
"""
_RECORD = """# The record: every field

This page is generated from the record's models by `python -m deploy.reference`. [docs/schema](schema/2.json) has the same as JSON Schema.
In MongoDB, `id` is `_id`.
"""


def _cell(text: str) -> str:
    return " ".join(text.replace("``", "`").split()).replace("|", "\\|")


def _first(text: str) -> str:
    return _cell(text.strip().partition("\n\n")[0])


def _table(head: str, rows: Iterable[str]) -> str:
    return "\n".join([head, "|" + " --- |" * (head.count("|") - 1), *rows])


def api_page() -> str:
    """Return the page of the API: a table of operations for each group."""
    groups: dict[str, list[str]] = {}
    searched = set(Search.model_fields)
    for path, methods in create_app().openapi()["paths"].items():
        for method, operation in methods.items():
            names = [one["name"] for one in operation.get("parameters", []) if one["in"] != "header"]
            shown = [f"`{name}`" for name in names if name not in searched or len(names) < len(searched)]
            if len(names) >= len(searched):
                shown.insert(0, "*search parameters*")
            row = f"| `{method.upper()} {path}` | {_first(operation.get('description', ''))} | {', '.join(shown)} |"
            groups.setdefault(operation.get("tags", ["health"])[0], []).append(row)
    parts = [
        f"## {name}\n\n{_table('| operation | what it does | parameters |', groups[name])}\n" for name in sorted(groups)
    ]
    return "\n".join([_API, *parts])


def _kind(field: Mapping[str, Any]) -> str:
    """Return the type of a field in words, with a link to the part that describes it."""
    if name := field.get("$ref"):
        part = name.rpartition("/")[2]
        return f"[{part}](#{part.lower()})"
    if choices := field.get("anyOf"):
        return " or ".join(dict.fromkeys(map(_kind, choices)))
    if values := field.get("enum"):
        return ", ".join(f"`{value}`" for value in values)
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}))}"
    if "const" in field:
        return f"`{field['const']}`"
    return "instant" if field.get("format") == "date-time" else str(field.get("type", "any value"))


def _part(name: str, schema: Mapping[str, Any]) -> str:
    said = "\n\n".join(filter(None, (_cell(text) for text in schema.get("description", "").split("\n\n"))))
    if "properties" not in schema:
        return f"## {name}\n\n{said}\n\n{_kind(schema)}\n"
    rows = [
        f"| `{field}` | {_kind(about)} | {_cell(about.get('description', ''))} |"
        for field, about in schema["properties"].items()
    ]
    return f"## {name}\n\n{said}\n\n{_table('| field | type | what |', rows)}\n"


def record_page() -> str:
    """Return the page of the record: a table of fields for the record and each of its parts."""
    schema = record_schema()
    return "\n".join([_RECORD, _part("Record", schema), *(_part(*part) for part in sorted(schema["$defs"].items()))])


PAGES = {"reference-api.md": api_page, "reference-record.md": record_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
