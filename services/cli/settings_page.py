"""``copydesk settings``: print every setting and its value, or the page of the documentation about them."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, get_args

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from rich.console import Console
from rich.table import Table

from services.settings import Settings

out = Console()
PREFIX = "COPYDESK_"
_USER_IN_URL = re.compile(r"//\S*@")  # greedy, so that a password may contain any character
_SECRET_IN_URL = re.compile(
    r"(?<=[?&;])(?P<name>[^=&;\s]*(?:pass|pwd|secret|token|key|credential|properties)[^=&;\s]*)=[^&;\s]+", re.IGNORECASE
)
"""`?password=x`, `&tlsCertificateKeyFilePassword=x`, `&authMechanismProperties=AWS_SESSION_TOKEN:x`."""


def settings(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/settings.md.")] = False,
) -> None:
    """Print every setting with its value here; passwords and keys are not shown.

    Example: copydesk settings | jq .COPYDESK_LEASE_SECONDS
    """
    if markdown:
        print(page(), end="")
        return
    now = Settings()
    values = {PREFIX + name.upper(): _shown(getattr(now, name)) for name in Settings.model_fields}
    if not out.is_terminal:
        print(json.dumps(values, indent=2))
        return
    table = Table("setting", "here", "set")
    for name in Settings.model_fields:
        variable = PREFIX + name.upper()
        table.add_row(variable, str(values[variable]), "yes" if name in now.model_fields_set else "")
    out.print(table)


def page() -> str:
    """Return docs/settings.md, generated from the code."""
    lines = [
        "# Settings",
        "",
        "Environment variables, read once at the start, all in [services/settings.py](../services/settings.py). This page is",
        "`copydesk settings --markdown`; `copydesk settings` shows the values where it runs. An empty variable counts as not set.",
        "The Compose file passes on the variables that `.env.example` names; add others under its `environment`.",
        "",
        "| variable | type | default | what it does |",
        "| --- | --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        described = (field.description or "").replace("|", "\\|")
        lines.append(f"| `{PREFIX}{name.upper()}` | {_type(field.annotation)} | {_default(field)} | {described} |")
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return "***"
    if isinstance(value, str):
        return _SECRET_IN_URL.sub(r"\g<name>=***", _USER_IN_URL.sub("//***@", value))
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    return value if value is None or isinstance(value, bool | int | float | list | dict) else str(value)


_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", SecretStr: "secret", dict: "JSON or pairs", list: "JSON list", frozenset: "names, by comma"}  # fmt: skip


def _type(annotation: Any) -> str:
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not type(None)]
    origin = getattr(annotation, "__origin__", None)
    return _NAMES.get(origin or kinds[0], "path")


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    return "" if value in (None, "", [], {}, frozenset()) else f"`{json.dumps(_shown(value))}`"
