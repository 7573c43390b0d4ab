"""A fixed sample of each set of real documents stays above its floors."""

from __future__ import annotations

import pytest

from tests.real import floors, frame

pytestmark = pytest.mark.skipif(frame.missing() is not None, reason=str(frame.missing()))


@pytest.mark.parametrize("name", frame.SETS)
def test_sample_is_above_its_floors(name: str) -> None:
    scored = frame.score(name, sample=True)
    assert floors.complaints(name, scored, floors.read(), sample=True) == [], "\n".join(scored.misses[:40])
