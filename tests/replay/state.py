"""The last result of each document, field by field, with the versions of the code that made it.

``state.json`` has a digest of each field's value and of what made it, so that a change can be read in a diff, and under
``INPUT`` that of the document itself, so that an edited document is distinguished from edited code; ``values.json.xz``
has the values, so that the difference can be shown.
"""

from __future__ import annotations

import hashlib
import json
import lzma
from collections.abc import Iterable
from pathlib import Path

from tests.replay.documents import Outcome
from workers.enrich.languages import models
from workers.enrich.registry import STAGES
from workers.pipeline import PIPELINE_VERSION

STATE = Path(__file__).with_name("state.json")
VALUES = Path(__file__).with_name("values.json.xz")
INPUT = "(input)"
_LONGEST = 300  # characters of a value that are shown

State = dict[str, dict[str, list[str]]]
Values = dict[str, dict[str, object]]


def digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:8]


def makers(outcome: Outcome, field: str) -> dict[str, str]:
    """Return the versions that a field's value depends on: its stage, those that it needs, the models, the parser."""
    stages = {stage.field: stage for stage in STAGES}
    found = {"parser": outcome.parser}
    if field == "warnings":
        found["pipeline"] = PIPELINE_VERSION
        waiting = list(stages)
    else:
        waiting = [field] if field in stages else []
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = outcome.stages.get(name, "")
            waiting += stages[name].needs
            found |= {model: used.version for model, used in models.resources().items()}
    return found


def state_of(outcomes: Iterable[Outcome]) -> tuple[State, Values]:
    """Return the digests and the values of the current results."""
    state: State = {}
    values: Values = {}
    for outcome in outcomes:
        state[outcome.name] = {INPUT: [outcome.input]} | {
            field: [digest(value), digest(makers(outcome, field))] for field, value in sorted(outcome.fields.items())
        }
        values[outcome.name] = outcome.fields
    return state, values


def load() -> tuple[State, Values]:
    """Return the last state. Raises FileNotFoundError if there is none."""
    state: State = json.loads(STATE.read_text("utf-8"))
    values: Values = json.loads(lzma.decompress(VALUES.read_bytes()))
    return state, values


def write(state: State, values: Values) -> None:
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(fields)}" for name, fields in sorted(state.items()))
    STATE.write_text(f"{{\n{lines}\n}}\n", "utf-8")
    VALUES.write_bytes(lzma.compress(json.dumps(values, sort_keys=True, ensure_ascii=False).encode(), preset=9))


def differences(before: tuple[State, Values], now: tuple[State, Values]) -> tuple[list[str], list[str]]:
    """Return what changed under the same version, which is a fault, and what may be accepted: changes under another
    version, and every field of a document that was itself edited.
    """
    faults, raised = [], []
    for name in sorted({*before[0], *now[0]}):
        old, new = before[0].get(name), now[0].get(name)
        if old is None or new is None:
            raised.append(f"{name}: {'new' if old is None else 'gone'}")
            continue
        edited = old.get(INPUT) != new.get(INPUT)
        if edited:
            raised.append(f"{name}: the document itself was edited")
        for field in sorted({*old, *new} - {INPUT}):
            was, is_ = old.get(field), new.get(field)
            if was == is_:
                continue
            if was and is_ and was[0] == is_[0]:
                raised.append(f"{name}: {field}: the same value by another version")
                continue
            shown = f"{name}: {field}\n    was {_shown(before[1][name].get(field))}\n    is  {_shown(now[1][name].get(field))}"
            (faults if was and is_ and was[1] == is_[1] and not edited else raised).append(shown)
    return faults, raised


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
