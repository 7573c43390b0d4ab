"""Check that no document of any set raises in any stage, and that none takes much longer than others of its length.
Documents that other sets have read in this run are not read again. ``crashes`` counts the documents that raised; a
refusal with a documented code is not a crash. The notes name the slow ones: the time for a thousand characters, of the
document or of its text if that is longer, over ten times the median, twice in a row. A document under a thousand
characters counts as one of a thousand.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.real.reading import READ, Read, Text, in_processes, read_all
from tests.real.reading import read as read_one
from tests.real.scored import Scored, digest_of, sample_of
from tests.real.sets import dates, events, names, places, speech
from workers.parse import parse

NAME = "crashes"
SLOW = 10
FOLDERS = {
    "cases": 10,
    "web/pages": 6,
    "web/wcxb-dev/html": 6,
    "wire/superdesk": 8,
    "wire/newsinjson": 6,
    "wire/reuters-21578": 1,
}
"""The folders of sets whose documents are files, and how many of these a sample has."""
_MARKS = frozenset({"expected.json", "NOTES.md"})
TEXTS: tuple[Callable[..., list[Text]], ...] = (dates.texts, places.texts, names.texts, speech.texts, events.texts)
"""The sets whose documents are parts of files."""


def files(root: Path, folder: str) -> list[Path]:
    """Return the documents of a folder, without the files that are for scoring."""
    found = [path for path in sorted((root / folder).iterdir()) if path.is_file() and path.name not in _MARKS]
    if folder == "cases":
        found = [path for path in found if not (path.suffix == ".json" and path.stem.isdigit())]
    return found


def members(text: Text) -> list[Text]:
    """Return the document itself, unless it only contains others, and the documents in it."""
    try:
        parsed = parse(text.data, text.media_type, text.filename)
    except Exception:  # the reading records the error
        return [text]
    inside = [
        Text(f"{text.name}!{number}", data=member.data, media_type=member.media_type, filename=member.path)
        for number, member in enumerate(parsed.members)
    ]
    return [text, *inside] if parsed.article is not None or not inside else inside


def documents(root: Path, *, sample: bool) -> tuple[list[Text], int]:
    """Return every document of every set, and how many there are before containers are opened."""
    found = [text for texts in TEXTS for text in texts(root, sample=sample)]
    size = len(found)
    for folder, in_sample in FOLDERS.items():
        paths = files(root, folder)
        some = [_of(root, path) for path in (sample_of(paths, in_sample) if sample else paths)]
        size += len(some)
        if not folder.startswith("web"):
            some = [inside for all_ in in_processes(members, some) for inside in all_]
        found += sample_of(some, 2 * in_sample) if sample else some
    return found, size


def _of(root: Path, path: Path) -> Text:
    data, name = path.read_bytes(), path.name
    if path.parent.name == "html" and name.endswith(".gz"):
        data, name = gzip.decompress(data), name.removesuffix(".gz")
    return Text(str(path.relative_to(root)), data=data, filename=name)


def pace(read: Read) -> float:
    """Return the seconds for a thousand characters."""
    return read.seconds * 1000 / max(1000, read.characters)


def slow(read: list[Read]) -> list[Read]:
    """Return the documents that took over `SLOW` times the median for their length, the slowest first."""
    usual = median(map(pace, read))
    return sorted((each for each in read if pace(each) > SLOW * usual), key=pace, reverse=True)


def score(root: Path, *, sample: bool) -> Scored:
    """Read every document and count those that raise."""
    wanted, size = documents(root, sample=sample)
    fresh = [text for text in wanted if text.name not in READ]
    read_all(fresh)
    read = [READ[text.name] for text in wanted]
    raised = [each for each in read if each.error and not each.refused]
    whole = [each for each in read if not each.error]
    again = {each.name for each in slow(whole)}  # another program may have had the processor
    second = {each.name: each for each in in_processes(read_one, [text for text in wanted if text.name in again])}
    laggards = slow([min(each, second.get(each.name, each), key=pace) for each in whole])
    notes = [
        f"{len(read)} documents, {sum(each.refused for each in read)} of them refused with a documented code",
        f"slow: {len(laggards)}",
        *(f"{each.name}: {pace(each) * 1000:.0f} ms for a thousand characters" for each in laggards[:10]),
    ]
    misses = [f"raised  {each.name}: {each.error}" for each in raised]
    paths = [path for folder in FOLDERS for path in files(root, folder)]
    return Scored({"crashes": len(raised)}, size=size, digest=digest_of(paths), notes=notes, misses=misses)
