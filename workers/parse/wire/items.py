"""Read values of an unchecked JSON object: each has the expected type, and is empty if it had another."""

from __future__ import annotations

from typing import Any

Item = dict[str, Any]


def get(item: Item, key: str) -> Any:
    """Return the value under a name of ninjs 1, or under its camel-case name in version 3: ``pubstatus``,
    ``pubStatus``."""
    if key in item:
        return item[key]
    return next((value for other, value in item.items() if isinstance(other, str) and other.lower() == key), None)


def text_under(item: Item, *keys: str) -> str:
    return next((text for key in keys if (text := said(get(item, key)))), "")


def value_of(values: Any, roles: tuple[str, ...]) -> str:
    """Return the first value whose role is one of ``roles``, in their order; a missing role is an empty one."""
    for role in roles:
        for value in dicts(values):
            if said(value.get("role")).lower().rpartition(":")[2] == role:
                return said(value.get("value"))
    return ""


def words(values: Any) -> list[str]:
    return [text for each in values if (text := said(each))] if isinstance(values, list) else []


def dicts(values: Any) -> list[Item]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def said(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
