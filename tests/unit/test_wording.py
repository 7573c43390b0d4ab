"""The wordings that `make lint` refuses."""

from __future__ import annotations

import pytest

from deploy import wording


def test_nothing_of_ours_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert wording.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "source", "lines"),
    [
        ("docs/a.md", "The view is made\nanew each time.", [2]),
        ("docs/a.md", "Whoever read it has read in\nvain.", [1]),
        ("docs/a.md", "Run `make anew`.\n```\nanew\n```\nDone.", []),
        ("workers/a.py", '"""Read it anew."""\nWORDS = ["anew"]  # in vain\n', [1, 2]),
        ("services/a.py", 'anew = 1\nraise ValueError(f"{anew} was handed in")\n', [2]),
        ("services/a.py", "anew = newly = 1\n", []),
    ],
)
def test_they_are_found_in_prose_alone(path: str, source: str, lines: list[int]) -> None:
    assert sorted(line for line, *_ in wording.faults(wording.prose(path, source))) == lines
