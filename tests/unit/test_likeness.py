"""Pairs of names that may be forms of one name."""

from __future__ import annotations

import pytest

from workers.likeness import kin, similar


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ana Ruiz", "Ana M. Ruiz"),
        ("Ana Ruiz", "Ana Maria Ruiz"),
        ("A. Maria Ruiz", "Ana Maria Ruiz"),
        ("Karl Otto Braun", "Karl Emil Otto Braun"),
    ],
)
def test_forms_of_one_name(name: str, other: str) -> None:
    assert similar(name, other)
    assert similar(other, name)
    assert kin("PERSON", name) == kin("PERSON", other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("George W. Bush", "George H. Bush"),
        ("Ana Ruiz", "Ana Ruiz"),
        ("Ana Ruiz", "Eva Ruiz"),
        ("Ana Ruiz", "Ana Ortega"),
        ("Luis Ortega", "Luis Ortega Jr."),
        ("Ortega", "Luis Ortega"),
    ],
)
def test_names_of_two_people(name: str, other: str) -> None:
    assert not similar(name, other)


def test_organizations_are_not_compared() -> None:
    assert kin("ORG", "Fjord Bank") is None
