"""Each case is read as it says, or is listed in ``cases.toml`` with the issue that will fix it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.real import frame
from tests.real.sets import cases

pytestmark = pytest.mark.skipif(frame.missing() is not None, reason=str(frame.missing()))

FAILING = tomllib.loads(Path(__file__).with_name("cases.toml").read_text("utf-8"))
KNOWN = {number: int(issue) for issue, numbers in FAILING.items() for number in numbers}


def _case(number: str) -> object:
    marks = [pytest.mark.xfail(strict=True, reason=f"issue {KNOWN[number]}")] if number in KNOWN else []
    return pytest.param(number, marks=marks)


@pytest.mark.parametrize("number", [_case(number) for number in sorted(cases.CHECKS)])
def test_case_is_read_as_it_says(number: str) -> None:
    assert cases.is_right(frame.root(), number)


def test_every_case_has_a_check() -> None:
    assert cases.numbers(frame.root()) == sorted(cases.CHECKS)


def test_only_cases_that_exist_are_listed_as_failing() -> None:
    assert set(KNOWN) <= set(cases.CHECKS)
