"""``python -m tests.replay``: read our own documents again and show what changed; with ACCEPT=1, write the new
state."""

from __future__ import annotations

import os
import sys

from tests.replay import state
from tests.replay.documents import read_all


def main() -> int:
    now = state.state_of(read_all())
    print(f"{len(now[0])} documents were read.")
    try:
        faults, raised = state.differences(state.load(), now)
    except FileNotFoundError:
        faults, raised = [], ["there is no state yet"]
    for line in [*faults, *raised]:
        print(line)
    if faults:
        print(f"{len(faults)} fields changed under the same version: raise that of the stage or parser that made them.")
        return 1
    if not raised:
        print("Nothing changed.")
        return 0
    if os.environ.get("ACCEPT") != "1":
        print(
            f"{len(raised)} changes with a raised version or of the documents themselves. If that is what you meant: ACCEPT=1 make replay"
        )
        return 1
    state.write(*now)
    print("The new state is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
