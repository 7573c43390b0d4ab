"""The OpenAPI document says what each operation does and what each of its parameters is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services.app import create_app


@pytest.fixture(scope="module")
def operations() -> list[tuple[str, dict[str, Any]]]:
    paths = create_app().openapi()["paths"]
    return [(f"{method.upper()} {path}", found) for path, those in paths.items() for method, found in those.items()]


def undescribed(operations: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    for name, operation in operations:
        if not operation.get("description") or not operation.get("summary"):
            yield name
        for parameter in operation.get("parameters", []):
            if not parameter.get("description"):
                yield f"{name}: {parameter['in']} {parameter['name']}"


def test_every_operation_and_every_parameter_is_described(operations: list[tuple[str, dict[str, Any]]]) -> None:
    assert len(operations) > 30
    assert not list(undescribed(operations))


def test_every_operation_has_a_name_of_its_own(operations: list[tuple[str, dict[str, Any]]]) -> None:
    """Generated clients turn each into a method."""
    names = [operation["operationId"] for _, operation in operations]
    assert len(set(names)) == len(names)
