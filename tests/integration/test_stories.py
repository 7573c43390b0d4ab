"""The story index on the embedded MongoDB-compatible server."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient, monitoring
from pymongo.database import Database
from pymongo.errors import PyMongoError

from services.store.stories import Assigned, Fingerprint, assign, create_indexes, forget, remove, resolve
from services.store.story_bands import BEST, LISTED, LISTS, MOST_HOLDERS
from workers.enrich.whole.story import numbers
from workers.enrich.whole.versions import same

WORDS = [
    "harbour",
    "ferry",
    "bridge",
    "market",
    "council",
    "engine",
    "winter",
    "barley",
    "captain",
    "museum",
    "chess",
    "parrot",
    "crate",
    "oak",
    "tunnel",
    "glacier",
]


class Commands(monitoring.CommandListener):
    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("mongo")
    program = Path(sys.executable).with_name("secantusd-py")
    server = subprocess.Popen(
        [program, "--host", "127.0.0.1", "--port", str(port), "--storage-path", folder, "--standalone"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    try:
        with MongoClient[dict[str, Any]](address, serverSelectionTimeoutMS=500) as client:
            for _ in range(60):
                try:
                    client.admin.command("ping")
                    break
                except PyMongoError:
                    time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
def db(url: str, commands: Commands) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](url, event_listeners=[commands]) as client:
        name = f"stories_{ObjectId()}"
        create_indexes(client[name])
        yield client[name]
        client.drop_database(name)


def story(seed: int) -> list[str]:
    chance = random.Random(seed)
    return [" ".join([f"Town{seed}", *chance.choices(WORDS, k=24), str(seed * 1000 + n)]) for n in range(10)]


def printed(paragraphs: list[str], title: str | None = None, hours: float = 0) -> Fingerprint:
    return Fingerprint(**numbers("\n".join(paragraphs), title), at=hours * 3600)


def put_all(db: Database[dict[str, Any]], prints: dict[ObjectId, Fingerprint]) -> dict[ObjectId, Assigned]:
    return assign(db, prints, lambda _, one, other: same(one, other, 48 * 3600))


def put(
    db: Database[dict[str, Any]], id: ObjectId, paragraphs: list[str], title: str | None = None, hours: float = 0
) -> Assigned:
    return put_all(db, {id: printed(paragraphs, title, hours)})[id]


def stories_of(db: Database[dict[str, Any]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for entry in db.story_index.find({"bands": {"$exists": True}}):
        groups.setdefault(resolve(db, entry["story"]), []).append(str(entry["_id"]))
    return groups


def test_a_new_story_has_its_documents_id_and_takes_three_round_trips(db: Any, commands: Commands) -> None:
    document_id = ObjectId()
    commands.names.clear()
    assert put(db, document_id, story(1)) == Assigned(str(document_id))
    assert commands.names == ["find", "update", "aggregate"]


def test_a_cut_version_joins_with_its_similarity(db: Any, commands: Commands) -> None:
    first, second = ObjectId(), ObjectId()
    put(db, first, story(1))
    put(db, ObjectId(), story(2))
    commands.names.clear()
    found = put(db, second, story(1)[:4])
    assert (found.story, found.nearest) == (str(first), first)
    assert found.similarity > 0.8
    assert len(commands.names) <= 6


def test_putting_a_document_again_changes_nothing(db: Any) -> None:
    first, second = ObjectId(), ObjectId()
    put(db, first, story(1))
    once = put(db, second, story(1)[:6])
    again = put(db, second, story(1)[:6])
    assert (again.story, again.nearest, again.similarity) == (once.story, once.nearest, once.similarity)
    assert again.merged == ()


def test_a_document_that_joins_two_stories_makes_them_one(db: Any) -> None:
    first, second, both = ObjectId(), ObjectId(), ObjectId()
    paragraphs = story(3)
    put(db, first, paragraphs[:5])
    assert put(db, second, paragraphs[5:]).story == str(second)
    found = put(db, both, paragraphs)
    assert found.story == str(first)
    assert str(second) in found.merged
    assert resolve(db, str(second)) == str(first)
    assert len(stories_of(db)[str(first)]) == 3


def test_any_order_ends_in_the_same_stories(db: Any) -> None:
    paragraphs = {ObjectId(): story(seed)[:length] for seed in (4, 5, 6) for length in (10, 7, 5)}
    groups = []
    for order in (
        list(paragraphs),
        list(reversed(paragraphs)),
        random.Random(1).sample(list(paragraphs), len(paragraphs)),
    ):
        db.story_index.delete_many({})
        for one in order:
            put(db, one, paragraphs[one])
        groups.append({name: sorted(members) for name, members in stories_of(db).items()})
    assert groups[0] == groups[1] == groups[2]
    assert len(groups[0]) == 3


def test_versions_that_arrive_at_once_are_one_story(db: Any) -> None:
    paragraphs = {ObjectId(): story(seed)[:length] for seed in (7, 8) for length in (10, 9, 8, 7, 6, 5)}
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: put(db, one, paragraphs[one]), paragraphs))
    assert sorted(len(members) for members in stories_of(db).values()) == [6, 6]


def test_a_removed_document_is_no_longer_found(db: Any) -> None:
    first, second = ObjectId(), ObjectId()
    put(db, first, story(9))
    remove(db, first)
    assert put(db, second, story(9)).story == str(second)


def test_a_forgotten_document_gives_its_story_the_name_of_the_oldest_left(db: Any) -> None:
    first, second, both, later = (ObjectId() for _ in range(4))
    paragraphs = story(10)
    put(db, first, paragraphs[:5])
    put(db, second, paragraphs[5:])
    put(db, both, paragraphs)  # from here on the second one's story redirects to the first one's
    assert resolve(db, str(second)) == str(first)
    assert forget(db, [first]) == {str(first): str(second)}
    assert forget(db, [first]) == {str(first): None}, "nothing is left that had its name"
    assert stories_of(db) == {str(second): [str(second), str(both)]}
    assert put(db, later, paragraphs[:9]).story == str(second)
    assert set(forget(db, [second, both]).values()) == {str(later)}
    assert stories_of(db) == {str(later): [str(later)]}
    forget(db, [later])
    assert db.story_index.count_documents({}) == 0


def test_a_redirect_through_a_forgotten_name_still_leads_to_the_story(db: Any) -> None:
    names = sorted(ObjectId() for _ in range(3))
    first, middle, last = (str(name) for name in names)
    entry = {"bands": [], "signature": [], "size": 1, "facts": []}
    db.story_index.insert_many([{"_id": names[0], "story": first, **entry}, {"_id": names[2], "story": first, **entry}])
    db.story_index.insert_many([{"_id": middle, "into": first}, {"_id": last, "into": middle}])
    assert forget(db, [names[1]]) == {middle: first}
    assert resolve(db, last) == first
    assert forget(db, [names[0]]) == {first: last}
    assert resolve(db, last) == last


def test_a_text_without_words_is_a_story_of_its_own(db: Any) -> None:
    document_id = ObjectId()
    assert put(db, document_id, ["…"]) == Assigned(str(document_id))
    assert db.story_index.count_documents({}) == 0


def brief(number: int) -> list[str]:
    """Return one of many texts that are made from one template and differ in a figure or two."""
    return [
        "The company said its directors declared the regular quarterly dividend on the common stock outstanding.",
        f"Shareholders of record on day {number} receive {number * 7 % 97} cents a share, it said in a statement on Friday.",
    ]


def holders(db: Database[dict[str, Any]]) -> dict[int, int]:
    """Return how many entries name each band."""
    found: dict[int, int] = {}
    for entry in db.story_index.find({"bands": {"$exists": True}}, {"bands": 1}):
        for band in entry["bands"]:
            found[band] = found.get(band, 0) + 1
    return found


def test_what_a_band_leads_to_is_bounded(db: Any, commands: Commands) -> None:
    for number in range(150):
        put(db, ObjectId(), brief(number))
    assert max(holders(db).values()) == MOST_HOLDERS
    assert {len(entry["newest"]) for entry in db.story_index.find({"newest": {"$exists": True}})} <= set(
        range(2 * LISTED + 1)
    )
    assert max(len(entry["lists"]) for entry in db.story_index.find({"lists": {"$exists": True}})) <= 2 * LISTS
    commands.names.clear()
    put(db, ObjectId(), brief(150))
    assert len(commands.names) <= 9


def test_look_alikes_that_are_written_together_are_bounded_too(db: Any) -> None:
    for start in range(0, 96, 32):
        put_all(db, {ObjectId(): printed(brief(number)) for number in range(start, start + 32)})
    assert max(holders(db).values()) < 2 * MOST_HOLDERS


def test_a_version_is_found_among_very_many_look_alikes(db: Any) -> None:
    told = [*brief(1000), "The sawmill at Ulvik will close in May and forty people there will be offered other work."]
    for number in range(60):
        put(db, ObjectId(), brief(number))
    first = ObjectId()
    put(db, first, told)
    for number in range(60, 120):
        put(db, ObjectId(), brief(number))
    found = put(db, ObjectId(), [*told, "It did not say why."])
    assert found.nearest == first


def test_the_same_text_from_very_many_publishers_is_one_story(db: Any) -> None:
    ids = [ObjectId() for _ in range(4 * MOST_HOLDERS)]
    found = [put(db, id, story(11)) for id in ids]
    assert {one.story for one in found} == {str(ids[0])}
    assert all(one.nearest in ids[max(0, number - LISTED) : number] for number, one in enumerate(found) if number)
    assert len(ids) > BEST


def test_look_alikes_that_arrive_at_once_are_one_story_when_they_are_the_same_text(db: Any) -> None:
    for number in range(2 * MOST_HOLDERS):
        put(db, ObjectId(), brief(number))
    told = [*brief(7), *story(12)[:2]]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: put(db, one, told), [ObjectId() for _ in range(12)]))
    assert sorted(map(len, stories_of(db).values()))[-1] >= 12


def test_a_look_alike_keeps_its_story_when_it_is_read_again(db: Any) -> None:
    ids = [ObjectId() for _ in range(100)]
    first = put(db, ids[0], brief(0))
    for number, id in enumerate(ids[1:], 1):
        put(db, id, brief(number))
    again = put(db, ids[0], brief(0))
    assert again.story == first.story == str(ids[0])
    assert put(db, ids[99], brief(99)).nearest in {None, *ids}
    listed = [entry["newest"] for entry in db.story_index.find({"newest": {"$exists": True}})]
    assert all(len(set(newest)) == len(newest) for newest in listed)


def test_a_forgotten_look_alike_is_named_nowhere(db: Any) -> None:
    ids = [ObjectId() for _ in range(3 * MOST_HOLDERS)]
    for number, id in enumerate(ids):
        put(db, id, brief(number))
    changed = ids[-1]
    put(db, changed, story(13))  # its text has changed
    assert db.story_index.count_documents({"newest": {"$in": [changed, ids[-2]]}})
    forget(db, [changed])
    remove(db, ids[-2])
    assert not db.story_index.count_documents({"newest": {"$in": [changed, ids[-2]]}})


def notice(company: str, cents: int) -> list[str]:
    return [
        f"{company} declared a regular quarterly dividend of {cents} cents a share on its common stock, payable on May 4."
    ]


def test_notices_of_two_companies_are_two_stories_and_one_that_is_sent_again_is_one(db: Any) -> None:
    first, other, again = ObjectId(), ObjectId(), ObjectId()
    put(db, first, ["Qtly div 12 cts vs 12 cts prior. Pay May 4, record April 20."], "ALVORA MILLS SETS PAYOUT")
    told = put(
        db, other, ["Qtly div 12 cts vs 12 cts prior. Pay May 4, record April 20."], "TREFORD GLASS SETS QUARTERLY"
    )
    assert told.story == str(other)
    told = put(
        db, again, ["Qtly div 12 cts vs 12 cts prior. Pay May 4, record April 20."], "ALVORA MILLS SETS DIVIDEND"
    )
    assert told.story == str(first)
    assert put(db, ObjectId(), notice("Alvora Mills", 12)).nearest is None
    assert put(db, ObjectId(), notice("Treford Glass", 31)).nearest is None


def test_the_same_text_days_later_is_another_story(db: Any) -> None:
    first, soon, later = ObjectId(), ObjectId(), ObjectId()
    put(db, first, story(20))
    assert put(db, soon, story(20), hours=47).story == str(first)
    assert put(db, later, story(20), hours=96).story == str(later)


def test_a_flash_and_its_report_are_one_story_and_two_flashes_are_two(db: Any) -> None:
    first, other, report = ObjectId(), ObjectId(), ObjectId()
    put(db, first, ["More soon."], "VIKELAND ELECTED MAYOR OF TROMSO, COUNT SHOWS")
    assert put(db, other, ["More soon."], "OSLO COURT FREES TWO PILOTS").story == str(other)
    assert put(db, report, story(21), "Vikeland elected mayor of Tromso").story == str(first)


def test_a_report_that_was_written_again_is_found_by_its_title(db: Any) -> None:
    first, again = ObjectId(), ObjectId()
    one = story(22)
    changed = [
        " ".join(word + "s" if n % 6 == 3 and word.islower() else word for n, word in enumerate(text.split()))
        for text in one
    ]
    put(db, first, one, "Town22 harbour opens tunnel 22001")
    found = put(db, again, changed, "Town22 harbour opens tunnel 22001")
    assert (found.story, found.nearest) == (str(first), first)
