"""Make the register of people and organizations from the records, in passes in the background.

A pass reads the documents that were finished since the last one, and what was marked as stale, and makes the entries of
every name in them again. Where a name belongs to several people (`workers.namesakes`), or an editor has joined entries,
it gives the records the right ids. Repeating a pass changes nothing.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

import structlog
from bson import ObjectId
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services import identity
from services.records import Status
from services.settings import Settings
from services.store import register
from services.store.register import ENTITIES, PASS, STALE
from services.store.setup import DOCUMENTS
from services.store.webhooks import OVERLAP, seen_mark
from workers import likeness, namesakes
from workers.namesakes import Described, described

Doc = dict[str, Any]
log = structlog.get_logger()
AT_ONCE = 100
"""Number of names whose entries are made together, and of documents that are read together."""
MOST_DOCUMENTS = 1000
"""Maximum number of documents in one pass; the next one continues."""
BUSY_SHARE = 0.02
"""Share of the time that passes take while documents wait."""
GROWTH = 0.1
"""A frequent name is counted again when it has this much more documents than last time."""
SMALL = 20
"""Names in fewer documents than this are counted again at once."""
LATEST = timedelta(minutes=10)
"""A frequent name is counted again after this time, however little it has grown."""
TURN = timedelta(seconds=120)
MOST_LISTED = 50
_READ = dict.fromkeys(
    ("entities.id", "entities.name", "entities.type", "entities.role", "entities.born", "published_at",
     "source.received_at", "corrections.kind", "corrections.now"), 1
)  # fmt: skip


@dataclass(slots=True)
class _Mention:
    """An entity in one document. ``at`` is its position in the record's list."""

    document: ObjectId
    at: int
    entity: Doc
    when: datetime
    who: Described
    pinned: bool
    id: str = ""


@dataclass(slots=True)
class _Counted:
    """What the records say of one id."""

    type: str
    names: Counter[str] = field(default_factory=Counter)
    roles: dict[str, list[Any]] = field(default_factory=dict)
    who: Described = field(default_factory=lambda: Described(documents=0))
    seen: list[datetime] = field(default_factory=list)
    documents: set[ObjectId] = field(default_factory=set)


def run(db: Database[Doc], settings: Settings) -> int:
    """Make a pass, unless another process is making one. Returns the number of names whose entries were made again.
    Raises PyMongoError."""
    turn = _take_turn(db)
    if turn is None:
        return 0
    busy = db[DOCUMENTS].find_one({"status": Status.QUEUED}, {"_id": 1}) is not None
    seconds = settings.register_seconds * BUSY_SHARE if busy else settings.task_soft_seconds / 4
    end, made = time.monotonic() + seconds, 0
    after, seen = turn["after"], set(turn["seen"])
    try:
        made += _stale(db, settings, end)
        for some in batched(_finished(db, after - OVERLAP, seen), AT_ONCE):
            if time.monotonic() > end:
                break
            ids = {id for one in some for id in register.ids_in(one)}
            made += _make(db, _grown(db, Counter(base for one in some for base in _bases(one))), ids)
            after = max(after, some[-1]["processing"]["finished_at"])
            seen |= {_mark(one) for one in some}
    finally:
        since = int((after - OVERLAP).timestamp() * 1000)
        kept = [one for one in seen if int(one.partition(" ")[2]) >= since]
        state = {"after": after, "seen": kept, "until": None}
        db[PASS].update_one({"_id": "pass", "token": turn["token"]}, {"$set": state})
    return made


def _take_turn(db: Database[Doc]) -> Doc | None:
    now, token = datetime.now(UTC), uuid.uuid4().hex
    turn = {"token": token, "until": now + TURN}
    if db[PASS].update_one({"_id": "pass", "until": {"$not": {"$gt": now}}}, {"$set": turn}).matched_count:
        return db[PASS].find_one({"_id": "pass", "token": token})
    first = {"_id": "pass", **turn, "after": datetime.fromtimestamp(0, UTC), "seen": []}
    try:
        db[PASS].insert_one(first)
    except DuplicateKeyError:
        return None
    return first


def _finished(db: Database[Doc], since: datetime, seen: set[str]) -> list[Doc]:
    """Return documents that were finished since a time and are not among those ``seen``, in that order."""
    shown = {"processing.finished_at": 1, "entities.id": 1}
    query = {"processing.finished_at": {"$gte": since}}
    found = db[DOCUMENTS].find(query, shown).sort("processing.finished_at", 1).limit(MOST_DOCUMENTS + len(seen))
    return [one for one in found if _mark(one) not in seen]


def _mark(record: Doc) -> str:
    return f"{seen_mark(record['_id'])} {int(record['processing']['finished_at'].timestamp() * 1000)}"


def _bases(record: Doc) -> set[str]:
    return {identity.base(id) for id in register.ids_in(record)}


def _grown(db: Database[Doc], named: Counter[str]) -> list[str]:
    """Return the names that are counted again now; the others are marked as stale, and counted later."""
    found = db[ENTITIES].find({"_id": {"$in": [*named]}, "documents": {"$gt": SMALL}}, {"documents": 1, "growth": 1})
    later = {}
    for one in found:
        growth = one.get("growth", 0) + named[one["_id"]]
        if growth < GROWTH * one["documents"]:
            later[one["_id"]] = growth
    if later:
        db[ENTITIES].bulk_write([UpdateOne({"_id": id}, {"$set": {"growth": new}}) for id, new in later.items()])
        due = datetime.now(UTC) + LATEST
        db[STALE].bulk_write(
            [UpdateOne({"_id": id}, {"$setOnInsert": {"due": due}}, upsert=True) for id in later], ordered=False
        )
    return [one for one in named if one not in later]


def _stale(db: Database[Doc], settings: Settings, end: float) -> int:
    """Make the entries that were marked as stale. A mark is removed once the write that it announced must have come."""
    now = datetime.now(UTC)
    made = 0
    over = now - timedelta(seconds=settings.task_hard_seconds + settings.lease_seconds)
    due = {"$or": [{"at": {"$ne": None}}, {"due": {"$lte": now}}]}
    for some in batched(list(db[STALE].find(due).limit(20 * AT_ONCE)), AT_ONCE):
        made += _make(db, [one["_id"] for one in some])
        ended = [one["_id"] for one in some if (one.get("at") or over) <= over]
        db[STALE].delete_many({"_id": {"$in": ended}, "$or": [{"at": None}, {"at": {"$lte": over}}]})
        if time.monotonic() > end:
            break
    return made


def _make(db: Database[Doc], bases: Iterable[str], also: Iterable[str] = ()) -> int:
    """Make the entries of these names again. ``also`` are ids in records, whose entries may be missing. Returns how many
    names."""
    wanted, made = list(bases), 0
    for some in batched(wanted, AT_ONCE):
        found = register.family(db, some)
        every = {*some, *(one["base"] for one in found.values())}
        ids = {*every, *map(identity.unsure, every), *found, *(id for id in also if identity.base(id) in every)}
        records = list(db[DOCUMENTS].find({"entities.id": {"$in": sorted(ids)}}, _READ).sort("_id", 1))
        mentions = _mentions(records, every, ids, found)
        counted = _identify(mentions, found)
        _write(db, counted, found)  # first, so that every id in a record is known
        _correct(db, mentions)
        likeness.suggest(db, counted)
        made += len(some)
    return made


def _mentions(records: Sequence[Doc], bases: set[str], ids: set[str], known: dict[str, Doc]) -> list[_Mention]:
    found = []
    for record in records:
        pinned = (one["now"].get("id") for one in record.get("corrections") or [] if one["kind"] == "pin")
        pins = {each for id in pinned if id for each in (id, register.resolve(id, known))}
        named = [(one["type"], one["name"]) for one in record.get("entities") or []]
        when = record.get("published_at") or record["source"]["received_at"]
        for at, entity in enumerate(record.get("entities") or []):
            id = entity.get("id")
            if id and (id in ids or identity.base(id) in bases):
                who = described(entity.get("role"), entity.get("born"), namesakes.company_of(entity["name"], named))
                found.append(_Mention(record["_id"], at, entity, when, who, id in pins))
    return found


def _identify(mentions: Sequence[_Mention], known: dict[str, Doc]) -> dict[str, _Counted]:
    """Set the id of each mention, and return what is counted for each id."""
    by_name: dict[str, list[_Mention]] = defaultdict(list)
    for one in mentions:
        own = identity.of_name(one.entity["type"], one.entity["name"])
        if one.pinned or own is None:
            one.id = register.resolve(one.entity["id"], known)
        else:
            by_name[own].append(one)
    counted: dict[str, _Counted] = {}
    for base, named in by_name.items():
        if named[0].entity["type"] != "PERSON":
            for one in named:
                one.id = register.resolve(base, known)
            continue
        groups, doubts = namesakes.group([one.who for one in named])
        for at, who in enumerate(_ids(base, named, groups)):
            named[at].id = identity.unsure(base) if at in doubts else register.resolve(who, known)
    for one in mentions:
        _count(counted.setdefault(one.id, _Counted(one.entity["type"])), one)
    return counted


def _ids(base: str, named: Sequence[_Mention], groups: Sequence[int]) -> list[str]:
    """Return the id of each mention. A group keeps the id that most of its documents have, unless an earlier group has
    it; the first group without one gets the id of the name."""
    of: dict[int, str] = {}
    for group in dict.fromkeys(groups):
        its = [one for one, each in zip(named, groups, strict=True) if each == group]
        ids = (one.entity["id"] for one in its)
        had = Counter(id for id in ids if identity.base(id) == base and not identity.is_unsure(id))
        kept = [id for id, _ in had.most_common() if id not in of.values()]
        new = base if base not in of.values() else identity.namesake(base, f"{its[0].document}:{its[0].at}")
        of[group] = kept[0] if kept else new
    return [of[group] for group in groups]


def _count(counted: _Counted, one: _Mention) -> None:
    counted.names[one.entity["name"]] += 1
    if role := one.entity.get("role"):
        seen = counted.roles.setdefault(role, [0, one.when, one.when])
        seen[0] += 1
        seen[1:] = min(seen[1], one.when), max(seen[2], one.when)
    counted.who.add(one.who)
    counted.seen.append(one.when)
    counted.documents.add(one.document)


def _correct(db: Database[Doc], mentions: Sequence[_Mention]) -> None:
    """Give the records the ids that were found. A record that has changed in between is left to the next pass."""
    writes = [
        UpdateOne(
            {
                "_id": one.document,
                f"entities.{one.at}.id": one.entity["id"],
                f"entities.{one.at}.name": one.entity["name"],
            },
            {"$set": {f"entities.{one.at}.id": one.id}},
        )
        for one in mentions
        if one.id != one.entity["id"]
    ]
    if writes:
        db[DOCUMENTS].bulk_write(writes, ordered=False)
        log.info("identified", records=len(writes))


def _write(db: Database[Doc], counted: dict[str, _Counted], known: dict[str, Doc]) -> None:
    writes = []
    people = Counter(identity.base(id) for id in counted)
    for id, one in counted.items():
        fields = _fields(id, one)
        before = known.get(id) or {}
        shared = {"shared": fields["base"]} if people[fields["base"]] > 1 or before.get("into") else {}
        unset = {name: "" for name in ("growth", "shared") if name in before and name not in shared}
        if unset or any(before.get(name) != value for name, value in (fields | shared).items()):
            change = {"$set": fields | shared, **({"$unset": unset} if unset else {})}
            writes.append(UpdateOne({"_id": id}, change, upsert=True))
    gone = set(known) - set(counted)
    since = datetime.now(UTC) - register.YOUNG
    edited = {id for id in gone if any(name in known[id] for name in register.EDITED)}
    edited |= {id for id in gone if (known[id].get("pinned") or since) > since}
    if gone - edited:
        db[ENTITIES].delete_many({"_id": {"$in": sorted(gone - edited)}})
    nothing = {"documents": 0, "names": [], "roles": []}
    writes += [UpdateOne({"_id": id}, {"$set": nothing}) for id in sorted(edited) if known[id].get("documents")]
    if writes:
        db[ENTITIES].bulk_write(writes, ordered=False)


def _fields(id: str, one: _Counted) -> Doc:
    names = sorted(one.names.items(), key=lambda item: (-item[1], item[0]))
    roles = sorted(one.roles.items(), key=lambda item: (-item[1][0], item[0]))
    kin = likeness.kin(one.type, names[0][0])
    company = sorted(one.who.company.items(), key=lambda item: (-item[1], item[0]))
    return {
        "base": identity.base(id),
        "type": one.type,
        "name": names[0][0],
        **({"kin": kin} if kin else {}),
        "names": [{"name": name, "count": count} for name, count in names[:MOST_LISTED]],
        "roles": [
            {"role": role, "count": count, "first": first, "last": last}
            for role, (count, first, last) in roles[:MOST_LISTED]
        ],
        "callings": sorted(one.who.callings),
        "countries": sorted(one.who.countries),
        "born": list(one.who.born) if one.who.born else None,
        "company": [{"name": name, "count": count} for name, count in company[: namesakes.COMPANY]],
        "first_seen": min(one.seen),
        "last_seen": max(one.seen),
        "documents": len(one.documents),
        "unsure": identity.is_unsure(id),
    }
