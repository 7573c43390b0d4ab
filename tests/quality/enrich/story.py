"""Read and score the near-duplicates: stories in several versions, and documents that only look alike.

``stories/HALF.txt`` gives each story as an annotated article and edits of it; the format is in README.md.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from services import embedded
from services.store import stories
from tests.quality.enrich.gold import HERE, AnnotationError, Gold
from tests.quality.enrich.score import Table
from workers.enrich.whole import story, versions


@dataclass(frozen=True, slots=True)
class Version:
    """Versions with the same ``story`` tell one story."""

    story: str
    name: str
    text: str


def _edited(lines: list[str], paragraphs: list[str], where: str) -> str:
    """``> text`` is a new paragraph, numbers are unchanged paragraphs, and a number may be followed by ``"old" ->
    "new"``."""
    made: list[str] = []
    for line in lines:
        if line.startswith("> "):
            made.append(line[2:])
            continue
        for number, change in re.findall(r'(\d+)( ".*?" -> ".*?")?(?: |$)', line):
            paragraph = paragraphs[int(number) - 1]
            if change:
                old, new = re.fullmatch(r' "(.*?)" -> "(.*?)"', change).groups()
                if old not in paragraph:
                    raise AnnotationError(f"{where}: not in paragraph {number}: {old!r}")
                paragraph = paragraph.replace(old, new)
            made.append(paragraph)
    return "\n\n".join(made)


def load(half: str, articles: list[Gold]) -> list[Version]:
    """Return every article of the half, the versions of those that have some, and the look-alikes (``@!``), each its
    own story."""
    bodies = {gold.name: gold.article.text for gold in articles}
    versions = [Version(name, "as marked", text) for name, text in bodies.items()]
    for part in re.split(r"(?m)^# ", (HERE / "stories" / f"{half}.txt").read_text(encoding="utf-8"))[1:]:
        head, _, rest = part.partition("\n")
        paragraphs = bodies.get(head, "").split("\n\n")
        if head not in bodies and not head.startswith("alone: "):
            raise AnnotationError(f"{half}: no article {head!r}")
        for block in re.split(r"(?m)^@", rest)[1:]:
            name, *lines = block.strip("\n").split("\n")
            told = f"{head}: {name[1:].strip()}" if name.startswith("!") else head
            text = _edited([line for line in lines if line], paragraphs, f"{half}/{head}/{name}")
            versions.append(Version(told, name.strip("! "), text))
    return versions


@contextmanager
def _database() -> Iterator[Database[dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder:
        servers = embedded.Servers(Path(folder))
        servers.start()
        try:
            with MongoClient[dict[str, Any]](servers.environment["COPYDESK_MONGO_URL"]) as client:
                yield client["quality"]
        finally:
            servers.stop()


def found_by_index(
    texts: list[str],
    titles: Sequence[str | None] = (),
    at: Sequence[float | None] = (),
    within: float | None = None,
) -> set[tuple[int, int]]:
    """Return the pairs that the store's index puts into one story if the documents arrive in shuffled order.

    ``titles`` and ``at`` (the times in seconds) are as many as ``texts``, or none; ``within`` as in `same`.
    """
    titles, at = titles or [None] * len(texts), at or [None] * len(texts)
    order = list(range(len(texts)))
    random.Random(7).shuffle(order)
    ids = {n: ObjectId() for n in range(len(texts))}
    with _database() as db:
        stories.create_indexes(db)
        for n in order:
            made = stories.Fingerprint(**story.numbers(texts[n], titles[n]), at=at[n])
            stories.assign(db, {ids[n]: made}, lambda _, one, other: versions.same(one, other, within))
        known = {e["_id"]: stories.resolve(db, e["story"]) for e in db.story_index.find({"bands": {"$exists": True}})}
    return {(a, b) for a, b in combinations(range(len(texts)), 2) if known[ids[a]] == known[ids[b]]}


def found_by_lead(texts: list[str]) -> set[tuple[int, int]]:
    """Return the pairs of the baseline: those with the same first paragraph, whatever its dateline."""
    leads = [re.sub(r"^.{0,80}?(?:—|–|--| - |\)-|:)\s*", "", text.split("\n\n")[0]) for text in texts]
    return {(a, b) for a, b in combinations(range(len(texts)), 2) if leads[a] == leads[b]}


def score(half: str, articles: list[Gold], ours: Table, baseline: Table) -> None:
    versions = load(half, articles)
    texts = [v.text for v in versions]
    wanted = {(a, b) for a, b in combinations(range(len(texts)), 2) if versions[a].story == versions[b].story}
    for table, found in ((ours, found_by_index(texts)), (baseline, found_by_lead(texts))):
        tally = table["near-duplicates"]
        tally.tp += len(wanted & found)
        for pairs, mark in ((wanted - found, tally.missed), (found - wanted, tally.wrong)):
            for a, b in sorted(pairs):
                one, other = versions[a], versions[b]
                mark(f"{one.story} ({one.name}) with {other.story} ({other.name})")
