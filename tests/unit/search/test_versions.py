from __future__ import annotations

from services.search.versions import changes


def test_changes_say_what_came_and_went() -> None:
    earlier = "One two three.\n\nFour five six.\n\nSeven."
    later = "One 2 three.\n\nNew here.\n\nSeven eight."
    kept = earlier
    for one in changes(earlier, later):
        if one["kind"] == "added":
            assert later[one["start"] : one["end"]] == one["text"]
        else:
            assert one["text"] in earlier and one["start"] == one["end"]
            kept = kept.replace(one["text"], "", 1)
    assert "One" in kept and "two" not in kept
    assert changes(later, later) == []
    assert changes("", "Word.") == [{"kind": "added", "text": "Word.", "start": 0, "end": 5}]
    assert changes("Word.", "") == [{"kind": "removed", "text": "Word.", "start": 0, "end": 0}]
