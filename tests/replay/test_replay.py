"""No field of our own documents changes without a raised version of the stage or parser that made it.

``reprocess --stale`` relies on these versions: a forgotten one silently leaves stored records out of date.
"""

from __future__ import annotations

from tests.replay import state
from tests.replay.documents import Outcome, read_all


def test_our_documents_give_what_they_gave_last_time() -> None:
    now = state.state_of(read_all())
    assert len(now[0]) >= 300
    faults, raised = state.differences(state.load(), now)
    assert not faults, "fields changed under the same version; raise that of their stage or parser:\n" + "\n".join(
        faults
    )
    assert not raised, "fields changed with their versions; ACCEPT=1 make replay writes them:\n" + "\n".join(raised)


def outcome(title: str, money: list[str], version: str = "4", input: str = "1f0c") -> tuple[state.State, state.Values]:
    stages = {"money": version, "language": "1", "places": "5", "entities": "6"}
    return state.state_of([Outcome("one", input, {"title": title, "money": money}, "text 3.1", stages)])


def test_a_change_under_the_same_version_is_told_from_one_with_a_raised_one() -> None:
    before = outcome("Ships sail", ["$5"])
    assert state.differences(before, before) == ([], [])
    faults, raised = state.differences(before, outcome("Ships sail", ["$6"]))
    assert len(faults) == 1 and '["$5"]' in faults[0] and '["$6"]' in faults[0] and not raised
    faults, raised = state.differences(before, outcome("Ships sail", ["$6"], version="5"))
    assert not faults and len(raised) == 1
    faults, raised = state.differences(before, outcome("Ships sailed", ["$5"], version="5"))
    assert len(faults) == 1, "the title is the parser's, and its version was not raised"


def test_an_edited_document_is_told_from_edited_code() -> None:
    faults, raised = state.differences(outcome("Ships sail", []), outcome("Ships sailed", [], input="9b2e"))
    assert not faults, "no version could be raised for it"
    assert raised[0] == "one: the document itself was edited" and len(raised) == 2
