"""Load one part of a manifest: bytes, records and messages, batch by batch; a checkpoint in MongoDB follows each
complete batch.

The checkpoint is in the same database as the documents, so that after a restore from a backup it matches the restored
documents. Documents that a killed process had loaded since its last checkpoint are read again and skipped, because a
collection stores the same bytes only once.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, PyMongoError

from services.bulk.manifest import FileIn, Part, WrongLine, fingerprint, read, read_line, seek_line
from services.bulk.reading import Reader, check_size
from services.inputs import queued
from services.records import Priority, Source
from services.settings import Settings
from services.store import backlog, inserts, raw
from services.store.audit import AUDIT, Action
from services.store.audit import entry as audit_entry
from services.store.setup import BULK, DOCUMENTS

Doc = dict[str, Any]
BATCH_BYTES = 16 * 1024 * 1024
LINE_BYTES = 1024 * 1024  # maximum length of a line without the document in it
GIVEN_BYTES = 64 * 1024  # longer lines are not copied to the reject file
PATIENCE_SECONDS = 600.0
PAUSE_SECONDS = 1.0
LOOK_SECONDS = 10.0  # maximum age in seconds of the count of waiting documents, because others send documents too


class Displaced(Exception):
    """Another process has started on this part."""


@dataclass(slots=True)
class Progress:
    """The progress of a part. ``position`` and ``end`` are bytes of the manifest. ``waits`` is true while it waits for
    room in the queue or for MongoDB."""

    start: int
    position: int
    end: int
    stored: int = 0
    already_there: int = 0
    rejected: int = 0
    bytes: int = 0
    waits: str | None = None

    @property
    def lines(self) -> int:
        return self.stored + self.already_there + self.rejected

    @property
    def share(self) -> float:
        """The share of the part that is done, from 0 to 1. The last line may extend beyond the part's end."""
        return min(1.0, (self.position - self.start) / max(1, self.end - self.start))


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What to load and how; ``defaults`` are the values for lines that do not give their own."""

    manifest: Path
    rejects: Path
    part: Part = field(default_factory=Part)
    defaults: Doc = field(default_factory=dict)
    lines: int = 500


@dataclass(frozen=True, slots=True)
class _Ready:
    """A line that can be loaded; ``at`` and ``line`` are kept in case MongoDB refuses it."""

    id: ObjectId
    at: int
    line: bytes
    source: Source
    data: bytes
    declared_media_type: str
    filename: str | None

    def arrival(self) -> inserts.Arrival:
        record = queued(
            self.source,
            sha256=hashlib.sha256(self.data).hexdigest(),
            size=len(self.data),
            declared_media_type=self.declared_media_type,
            filename=self.filename,
            priority=Priority.BULK,
        )
        return inserts.Arrival(self.id, record, self.data)


class _Rejects:
    """The file of lines that could not be loaded, ``{offset, reason, given}``. It is created with the first such
    line."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        if path.exists():  # lines that are read again must not appear here twice
            with path.open("r+b") as file:
                file.truncate(min(size, path.stat().st_size))

    def add(self, at: int, line: bytes | None, reason: str) -> None:
        given = _given(line) if line is not None and len(line) <= GIVEN_BYTES else None
        if self._file is None:
            self._file = self._path.open("ab")
        self._file.write(json.dumps({"offset": at, "reason": reason, "given": given}).encode() + b"\n")

    def sync(self) -> int:
        """Write everything to the disk; returns the size."""
        if self._file is None:
            return self._path.stat().st_size if self._path.exists() else 0
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def _given(line: bytes) -> Any:
    """Return the values of a line, or its text if it is not JSON; ``NaN`` is not JSON, although Python reads and writes
    it."""
    try:
        given = json.loads(line)
        json.dumps(given, allow_nan=False)
    except (ValueError, RecursionError):
        return line.decode(errors="replace")
    return given


def check(job: Job, settings: Settings, report: Report) -> Progress:
    """Read every line and document, but load nothing. Raises OSError."""
    progress = _begin(job)
    report(progress)
    with _Rejects(job.rejects, 0) as rejects:
        for batch in _batches(job, settings, progress, rejects, job.lines):
            progress.stored += len(batch)  # would be loaded
            progress.bytes += sum(len(ready.data) for ready in batch)
            report(progress)
    return progress


def load(db: Database[Doc], job: Job, settings: Settings, report: Report, *, again: bool = False) -> Progress:
    """Load the rest of the part; ``again`` starts at the first line. Raises Displaced, PyMongoError, raw.Unavailable,
    OSError."""
    from services import queue  # imported here: it reads the settings, which the command line has not checked before

    progress = _begin(job)
    server = _Server(db, progress, report)
    checkpoint = _Checkpoint(server, job, settings)
    rejected = checkpoint.take_up(progress, again=again)
    report(progress)
    room = _Room(server, job.part, settings)
    most = min(job.lines, room.most)
    # messages are published while the next batch is stored; the sweeper publishes those of a killed process
    with _Rejects(job.rejects, rejected) as rejects, ThreadPoolExecutor(1) as sender:
        sent: Future[int] | None = None
        for batch in _batches(job, settings, progress, rejects, most):
            room.wait(batch, progress, report)
            new = _store(server, batch, settings, progress, rejects)
            if sent is not None:
                sent.result()
            sent = sender.submit(queue.publish, [str(id) for id in new], bulk=True)
            checkpoint.write(progress, rejects.sync())
            report(progress)
        checkpoint.write(progress, rejects.sync(), finished=True)
    return progress


def _begin(job: Job) -> Progress:
    start, end = job.part.bounds(job.manifest.stat().st_size)
    return Progress(start, start, end)


def _batches(job: Job, settings: Settings, progress: Progress, rejects: _Rejects, most: int) -> Iterator[list[_Ready]]:
    """Yield batches of lines from ``progress.position``; when a batch is yielded, the position is after it."""
    reader = Reader(job.manifest.parent, settings.max_body_bytes)
    batch: list[_Ready] = []
    lines = size = 0
    with job.manifest.open("rb") as file:
        at = seek_line(file, progress.position)
        while at < progress.end:
            line = read_line(file, settings.max_body_bytes + LINE_BYTES)
            try:
                if line is None:
                    raise WrongLine("the line is too long; put the document into a separate file")
                if line:
                    batch.append(_ready(at, line, reader, job.defaults, settings))
                    size += len(batch[-1].data)
            except WrongLine as error:
                rejects.add(at, line, str(error))
                progress.rejected += 1
            lines += 1
            at = progress.position = file.tell()
            if lines >= most or size >= BATCH_BYTES:
                yield batch
                batch, lines, size = [], 0, 0
    reader.close()
    yield batch


def _ready(at: int, line: bytes, reader: Reader, defaults: Doc, settings: Settings) -> _Ready:
    said = read(line, defaults)
    if isinstance(said, FileIn):
        data, media_type, filename = reader.read(said), said.declared_media_type, said.name
    else:
        data, media_type, filename = line, "application/json", None  # the same bytes as in a POST
        check_size(len(data), settings.max_body_bytes)
    return _Ready(ObjectId(), at, line, said.source(), data, media_type, filename)


def _store(
    server: _Server, batch: list[_Ready], settings: Settings, progress: Progress, rejects: _Rejects
) -> list[ObjectId]:
    """Return the ids of new documents."""
    arrivals = [ready.arrival() for ready in batch]
    stored = server.ask(lambda db: inserts.store(db, arrivals, settings))
    new = set(stored.new)
    for ready in batch:
        if ready.id in stored.refused:
            rejects.add(ready.at, ready.line, f"MongoDB: {stored.refused[ready.id]}")
        if ready.id in new:
            progress.bytes += len(ready.data)
    progress.stored += len(new)
    progress.rejected += len(stored.refused)
    progress.already_there += stored.known
    return stored.new


class _Server:
    """MongoDB and the bucket of raw bytes. Either may be down for a while: a backfill that runs for days must survive
    an election or a restart."""

    def __init__(self, db: Database[Doc], progress: Progress, report: Report) -> None:
        self._db, self._progress, self._report = db, progress, report

    def ask[Answer](self, act: Callable[[Database[Doc]], Answer]) -> Answer:
        """Repeat an operation until there is an answer. Raises PyMongoError or raw.Unavailable after
        ``PATIENCE_SECONDS``, or if waiting does not help."""
        began = time.monotonic()
        waited = False
        while True:
            try:
                answer = act(self._db)
            except (PyMongoError, raw.Unavailable) as error:
                passes = isinstance(error, ConnectionFailure | raw.Unavailable) or error.timeout
                if not passes or time.monotonic() - began > PATIENCE_SECONDS:
                    raise
                waited = True
                self._progress.waits = f"the store does not answer: {error}"[:200]
                self._report(self._progress)
                time.sleep(PAUSE_SECONDS)
            else:
                if waited:
                    self._progress.waits = None
                return answer


class _Room:
    """Waits until the queue has room for a batch. Between two counts a part uses its share of the room, so that all
    parts together stay within it.
    """

    def __init__(self, server: _Server, part: Part, settings: Settings) -> None:
        self._server, self._part, self._settings = server, part, settings
        self.most = max(1, int(settings.max_queued_documents * settings.bulk_share))
        self._most_bytes = settings.max_queued_bytes * settings.bulk_share
        self._documents = self._bytes = self._added = self._added_bytes = 0
        self._counted_at = float("-inf")
        self._pause = 0.0

    def wait(self, batch: list[_Ready], progress: Progress, report: Report) -> None:
        size = sum(len(ready.data) for ready in batch)
        while not self._fits(self._part.of * (self._added + len(batch)), self._part.of * (self._added_bytes + size)):
            self._count()
            if not self._documents or self._fits(
                len(batch), size
            ):  # if no document waits, a batch of any size may be loaded
                break
            progress.waits = f"{self._documents:,} documents wait for a worker"
            report(progress)
            time.sleep(max(PAUSE_SECONDS, self._pause))
        progress.waits = None
        self._added += len(batch)
        self._added_bytes += size

    def _fits(self, documents: int, size: int) -> bool:
        return (
            time.monotonic() - self._counted_at < max(LOOK_SECONDS, self._pause)
            and self._documents + documents <= self.most
            and self._bytes + size <= self._most_bytes
        )

    def _count(self) -> None:
        began = time.monotonic()
        found = self._server.ask(lambda db: list(db[DOCUMENTS].aggregate(backlog.stages(self._settings))))
        self._documents, self._bytes = (found[0]["documents"], found[0]["bytes"]) if found else (0, 0)
        self._added = self._added_bytes = 0
        self._counted_at = time.monotonic()
        self._pause = (self._counted_at - began) / backlog.REFRESH_SHARE


class _Checkpoint:
    """The checkpoint of this part, in ``bulk_loads``. ``run`` names the process that loads it, so that no two processes
    do."""

    def __init__(self, server: _Server, job: Job, settings: Settings) -> None:
        self._server, self._job, self._settings = server, job, settings
        self._id = f"{fingerprint(job.manifest, job.defaults)} {job.part}"
        self._run = uuid.uuid4().hex

    def take_up(self, progress: Progress, *, again: bool) -> int:
        """Set ``progress`` to the last checkpoint; returns the size of the reject file at that point."""
        known = self._server.ask(lambda db: db[BULK].find_one({"_id": self._id})) or {}
        resumed = bool(known) and not again
        if resumed:
            progress.position = known["position"]
            for name in ("stored", "already_there", "rejected", "bytes"):
                setattr(progress, name, known[name])
        details: Doc = {"part": str(self._job.part), "position": progress.position, "end": progress.end}
        note = audit_entry(Action.BULK, str(self._job.manifest), self._settings, name=_who(), **details)
        self._server.ask(lambda db: db[AUDIT].update_one({"_id": ObjectId()}, {"$setOnInsert": note}, upsert=True))
        said: Doc = {"manifest": str(self._job.manifest), "part": str(self._job.part), "run": self._run,
                     "collection": self._job.defaults.get("collection")}  # fmt: skip
        if not resumed:
            said |= {**self._state(progress), "rejects_bytes": 0, "started_at": datetime.now(UTC), "finished_at": None}
        self._server.ask(lambda db: db[BULK].update_one({"_id": self._id}, {"$set": said}, upsert=True))
        return int(known["rejects_bytes"]) if resumed else 0

    def write(self, progress: Progress, rejects_bytes: int, *, finished: bool = False) -> None:
        now = datetime.now(UTC)
        state = {**self._state(progress), "rejects_bytes": rejects_bytes, "finished_at": now if finished else None}
        mine = {"_id": self._id, "run": self._run}
        if self._server.ask(lambda db: db[BULK].update_one(mine, {"$set": state})).matched_count == 0:
            raise Displaced(f"another process has started on part {self._job.part} of {self._job.manifest}")

    def _state(self, progress: Progress) -> Doc:
        return {
            "start": progress.start,
            "position": progress.position,
            "end": progress.end,
            "stored": progress.stored,
            "already_there": progress.already_there,
            "rejected": progress.rejected,
            "bytes": progress.bytes,
            "updated_at": datetime.now(UTC),
        }


def _who() -> str:
    try:
        return f"bulk: {getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # the user has no name, as is common in containers
        return f"bulk: {os.getuid()}@{socket.gethostname()}"


def loads(db: Database[Doc]) -> list[Doc]:
    """Return finished and running loads, latest first."""
    return list(db[BULK].find({}, {"run": 0}).sort("updated_at", -1))
