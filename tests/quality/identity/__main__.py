"""Print the figures of the marked set, and what went wrong: ``python -m tests.quality.identity``."""

from __future__ import annotations

from collections import defaultdict

from tests.quality.identity.marked import documents, pairwise, people, read


def main() -> None:
    for held in (True, False):
        _print(held)


def _print(held: bool) -> None:
    """Print the figures of a set; what went wrong only for the one on which rules may be tuned."""
    found = read(held=held)
    precision, recall, f1 = pairwise(found)
    print(f"{'held back' if held else 'tuned on'}: {len(list(documents(held=held)))} documents, "
          f"{len(found)} mentions of {len(people(held=held))} people")  # fmt: skip
    print(f"pairwise precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    if held:
        return
    of = defaultdict(list)
    for one in found:
        of[one.meant].append(f"{one.id} {one.name}")
    users = defaultdict(set)
    for one in found:
        users[one.id].add(one.meant)
    for meant, ids in of.items():
        if len({id.split()[0] for id in ids}) > 1 or any(len(users[id.split()[0]]) > 1 for id in ids):
            print(meant, *sorted(ids), sep="\n    ")


if __name__ == "__main__":
    main()
