"""Score the topics of Reuters stories by their codes, and those of the articles of ``tests/real/marks/gist.jsonl``, by
marks.

The stories are those of the last four files; the words were chosen on the first four. ``topics.first`` is the share of
stories whose first topic is the right top term, which is the economy for each. ``topics.covered`` is the share with a
term of the second level, ``topics.second`` the share of these whose term ``tests.real.topics`` allows for the story's
codes. ``topics.marked`` is the share of the marked articles, of all kinds, whose first topic is one of the marked.
"""

from __future__ import annotations

from pathlib import Path

from services.records import Topic
from tests.real import topics as codes
from tests.real.reuters import FOLDER, Story, stories
from tests.real.scored import Scored, digest_of, sample_of
from tests.real.sets import gist
from workers.enrich.whole.topics import topics_of

NAME = "topics"
IN_SAMPLE = 300
_MEASURED = tuple(f"reut2-00{number}.sgm" for number in (5, 6, 7, 8))
_SECOND = "medtop:2"


def _stories(root: Path) -> list[Story]:
    return [story for story in stories(root).values() if story.file in _MEASURED and story.body and codes.terms(story)]


def _code(topic: Topic) -> str:
    return topic.code.removeprefix("medtop:")


def _marked(root: Path) -> tuple[int, int, list[str]]:
    right, misses = 0, []
    marked = gist.load(root)
    for each in marked:
        found = [_code(topic) for topic in topics_of(each.title or "", each.text)[:1]]
        right += bool(set(found) & set(each.topics))
        if not set(found) & set(each.topics):
            misses.append(f"first {each.name}: {found}, not {each.topics}")
    return right, len(marked), misses


def score(root: Path, *, sample: bool) -> Scored:
    """Give each story its topics and compare them with its codes; then the marked articles."""
    chosen = sample_of(_stories(root), IN_SAMPLE) if sample else _stories(root)
    first = given = right = 0
    marked, of, misses = _marked(root)
    for story in chosen:
        found = topics_of(story.title, story.body)
        first += bool(found) and _code(found[0]) == codes.ECONOMY
        second = [_code(topic) for topic in found if topic.code.startswith(_SECOND)]
        given += bool(second)
        right += bool(set(second) & codes.terms(story))
        if second and not set(second) & codes.terms(story):
            misses.append(f"second {story.name}: {second}, not {sorted(codes.terms(story))}: {story.title!r}")
    figures = {
        "topics.first": round(first / max(1, len(chosen)), 3),
        "topics.second": round(right / max(1, given), 3),
        "topics.covered": round(given / max(1, len(chosen)), 3),
        "topics.marked": round(marked / max(1, of), 3),
    }
    notes = [
        f"{first} of {len(chosen)} stories have the right top term; {right} of {given} the right narrower one",
        f"{marked} of {of} marked articles have a right first topic",
    ]
    stories_digest = digest_of(root / FOLDER / name for name in _MEASURED)
    digest = (
        digest_of([gist.MARKS])[:8] + stories_digest[:8]
    )  # one by one, because the two folders may be in different places
    return Scored(figures, size=len(chosen) + of, digest=digest, notes=notes, misses=misses)
