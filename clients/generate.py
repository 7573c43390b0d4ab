"""Generate the client's models of the record from the service's models: ``python -m clients.generate [FOLDER]``.

The client must not import the service, so it has models of its own. They read the API's answers: they ignore unknown
fields, because fields may be added within a schema version, and check only types.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
import types
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from services.records import SCHEMA_VERSION, Article, Model, Record, Span

ROOT = Path(__file__).parents[1]
CLIENT = Path(__file__).parent / "python/copydesk_client"
PLAIN = {str: "str", int: "int", float: "float", bool: "bool", datetime: "datetime", Decimal: "Decimal", Any: "Any"}

MADE = "`python -m clients.generate` generates this file from the service's models; do not edit it."
IMPORTS = """
from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
"""
ANNOTATIONS = f'''"""The annotations of a record and their corrections, as the API returns them.

{MADE} Offsets are Unicode code points into
the record's ``text``. Unknown fields are ignored.
"""
{IMPORTS}

class Model(BaseModel):
    model_config = ConfigDict(extra="ignore", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)
'''
RECORD = f'''"""The record, as the API returns it: what Copydesk knows about one document.

{MADE}
"""
{IMPORTS}
from copydesk_client.annotations import (%s)

SCHEMA_VERSION = {SCHEMA_VERSION}
'''


def _type(annotation: Any) -> str:
    """Return the annotation as source text."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(inner[0])
    if origin in (Union, types.UnionType):
        return " | ".join(_type(one) for one in inner)
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, inner))}]"
    if origin in (list, dict):
        return f"{origin.__name__}[{', '.join(map(_type, inner))}]"
    if annotation is types.NoneType:
        return "None"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return f"Literal[{', '.join(repr(one.value) for one in annotation)}]"
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation.__name__
    return PLAIN[annotation]


def _default(field: FieldInfo) -> str:
    """Return the default that follows the annotation."""
    value = field.default
    if field.alias:
        return f" = Field({'...' if field.is_required() else repr(value)}, alias={field.alias!r})"
    if field.is_required():
        return ""
    if isinstance(value, StrEnum):
        value = value.value
    return f" = {value!r}" if not isinstance(value, Model) else f" = {type(value).__name__}()"


def _models(of: type[Model]) -> Iterator[type[Model]]:
    """Yield a model after all models that its fields use."""

    def named(annotation: Any) -> Iterator[type[Model]]:
        if isinstance(annotation, type) and issubclass(annotation, Model):
            yield from _models(annotation)
        for inner in get_args(annotation):
            yield from named(inner)

    if issubclass(of, Span) and of is not Span:
        yield Span
    for field in of.model_fields.values():
        yield from named(field.annotation)
    yield of


def _class(model: type[Model]) -> str:
    base = Span if issubclass(model, Span) and model is not Span else Model
    doc = f'"""{textwrap.indent(model.__doc__, "").strip()}\n"""' if model.__doc__ else ""
    doc = (
        doc.replace('\n"""', '"""') if "\n" not in (model.__doc__ or "").strip() else doc.replace('\n"""', '\n    """')
    )
    fields = ["id: str", *_fields(model, base)] if model is Record else _fields(model, base)
    gap = [""] if doc and fields else []
    return "\n    ".join([f"class {model.__name__}({base.__name__}):", *([doc] if doc else []), *gap, *fields])


def _fields(model: type[Model], base: type[Model]) -> list[str]:
    return [
        f"{name}: {_type(field.annotation)}{_default(field)}"
        for name, field in model.model_fields.items()
        if name not in base.model_fields
    ]


def write(folder: Path) -> None:
    """Write ``annotations.py`` and ``record.py``, formatted as the rest of the code."""
    models = [model for model in dict.fromkeys(_models(Record)) if model is not Article]
    low = [model for model in models if model.__module__.endswith((".base", ".annotations", ".corrections"))]
    names = ", ".join(["Model", *(model.__name__ for model in low)])
    texts = {
        "annotations.py": [ANNOTATIONS.rstrip(), *map(_class, low)],
        "record.py": [(RECORD % names).rstrip(), *(_class(model) for model in models if model not in low)],
    }
    for name, parts in texts.items():
        (folder / name).write_text("\n\n\n".join(parts) + "\n")
    ruff = Path(sys.executable).with_name("ruff")
    files = [folder / name for name in texts]
    for command in (["check", "--fix", "--quiet", "--select", "F401,I"], ["format", "--quiet"]):
        subprocess.run([ruff, *command, "--config", ROOT / "pyproject.toml", *files], check=True, cwd=ROOT)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else CLIENT)
