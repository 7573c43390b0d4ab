"""Measure what watch lists cost a worker: ``python -m tests.bench.lists``.

Invented names, two or three words each, are loaded into an index; then documents with thirty names each are matched with
it, a tenth of the names being on the list. Prints the memory that the index takes and the time for a document. Fails
if 100,000 names take more than 200 MB, or a document more than 2 ms.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from pathlib import Path
from typing import Any

from workers.lists.index import Entry, Index
from workers.lists.matching import match

NAMES, DOCUMENTS, EACH = 100_000, 1_000, 30
MOST_BYTES, MOST_SECONDS = 200_000_000, 0.002
_ONSETS = [
    "b",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "z",
    "br",
    "dr",
    "gr",
    "kh",
    "kr",
    "sh",
    "st",
    "tr",
    "zh",
]
_ENDS = [
    "a",
    "ak",
    "an",
    "ar",
    "as",
    "av",
    "el",
    "en",
    "er",
    "ev",
    "i",
    "in",
    "ir",
    "is",
    "o",
    "on",
    "or",
    "ov",
    "u",
    "un",
    "ur",
]


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def invented(rng: random.Random, count: int) -> list[str]:
    """Return names made of a few thousand first names and many surnames."""

    def one(parts: int) -> str:
        return "".join(rng.choice(_ONSETS) + rng.choice(_ENDS) for _ in range(parts)).capitalize()

    first, last = [one(2) for _ in range(2_000)], [one(3) for _ in range(40_000)]
    return [f"{rng.choice(first)} {rng.choice(last)}" for _ in range(count)]


def main() -> int:
    rng = random.Random(7)
    names = invented(rng, NAMES + 20_000)
    gc.collect()
    before, started = resident(), time.perf_counter()
    index = Index(1)
    index.collections["L"] = ("*",)
    for at, name in enumerate(names[:NAMES]):
        index.add(Entry("L", f"Q{at}", "person", ("no",), (str(1940 + at % 60),)), [name])
    seconds, size = time.perf_counter() - started, resident() - before
    documents: list[dict[str, Any]] = []
    for _ in range(DOCUMENTS):
        chosen = [rng.choice(names[:NAMES] if rng.random() < 0.1 else names[NAMES:]) for _ in range(EACH)]
        entities = [{"name": one, "type": "PERSON", "mentions": []} for one in chosen]
        documents.append({"source": {"collection": "wires"}, "text": "", "entities": entities, "places": []})
    started = time.process_time()
    found = sum(len(match(index, one)) for one in documents)
    each = (time.process_time() - started) / DOCUMENTS
    print(f"{len(index):,} names: {size / 1e6:.0f} MB, loaded in {seconds:.1f} s; {each * 1e3:.2f} ms a document of "
          f"{EACH} names; {found / DOCUMENTS:.1f} matches in each")  # fmt: skip
    return int(size > MOST_BYTES or each > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
