"""Find out, from outside, what became of every document that was accepted."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pymongo
from bson import ObjectId
from pymongo.database import Database

from services.settings import Settings
from services.store import raw
from tests.drill.documents import Document

Fetch = Callable[[str], bytes | None]
ASK_SECONDS = 60.0


@dataclass
class Reckoning:
    """The result. ``lost``: accepted, but without a record or with other bytes; ``duplicated``: more than one record,
    or a record that nobody was promised; ``stuck``: neither done nor failed with a reason. Each entry is an id with the
    reason."""

    done: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)


def reckon(db: Database[dict[str, Any]], accepted: Mapping[Document, set[str]], fetch: Fetch) -> Reckoning:
    """Return the result. ``accepted`` has the ids in the answers for each document; ``fetch`` returns the bytes of an
    id, None for 404."""
    found = Reckoning()
    shown = {"status": 1, "error": 1, "raw.sha256": 1}
    records = {str(record["_id"]): record for record in db.documents.find({}, shown)}
    by_bytes: dict[str, set[str]] = {}
    for id, record in records.items():
        by_bytes.setdefault(record["raw"]["sha256"], set()).add(id)
    for document, ids in accepted.items():
        same = by_bytes.get(document.sha256, set())
        if len(ids) > 1:
            found.duplicated.append(f"{' '.join(sorted(ids))}: answers to one document")
        if len(same) > 1:
            found.duplicated.append(f"{' '.join(sorted(same))}: records of the same bytes")
        for id in sorted(ids)[:1]:
            if wrong := _wrong(document, id, records, fetch):
                found.lost.append(f"{id}: {wrong}")
                continue
            status, error = records[id]["status"], records[id].get("error")
            if status == "done":
                found.done += 1
            elif status == "failed" and error:
                found.failed[f"{error['code']} at {error['stage']}"] += 1
            else:
                found.stuck.append(f"{id}: {status}")
    sent = {document.sha256 for document in accepted}
    for bytes_ in set(by_bytes) - sent:
        found.duplicated += [f"{id}: nobody was promised this record" for id in sorted(by_bytes[bytes_])]
    return found


def _wrong(document: Document, id: str, records: Mapping[str, Any], fetch: Fetch) -> str | None:
    if id not in records:
        return "no record"
    data = fetch(id)
    if data is None:
        return "no bytes"
    if hashlib.sha256(data).hexdigest() != document.sha256:
        return f"other bytes, {len(data)} of {len(document.data)}"
    return None


def by_http(http: httpx.Client) -> Fetch:
    """Return the bytes from the API, repeating the request while it cannot answer. Raises its last answer."""

    def fetch(id: str) -> bytes | None:
        end = time.monotonic() + ASK_SECONDS
        while True:
            try:
                answer = http.get(f"/v1/documents/{id}/raw")
                if answer.status_code == 404:
                    return None
                return answer.raise_for_status().content
            except (httpx.TransportError, httpx.HTTPStatusError):
                if time.monotonic() > end:
                    raise
                time.sleep(1)

    return fetch


def left_over(db: Database[dict[str, Any]], settings: Settings) -> int:
    """Return the bytes of uploads that never became documents, after the clean-up that usually runs an hour later."""
    time.sleep(1)
    with pymongo.timeout(120):  # all raw bytes at once, which a deployment never does
        raw.remove_orphans(db, settings.model_copy(update={"orphan_seconds": 0.001}))
    entries = {entry["_id"]: entry.get("file_id") for entry in db.raw.find({}, {"file_id": 1})}
    extra = len(set(entries) - {record["_id"] for record in db.documents.find({}, {"_id": 1})})
    files: set[Any] = {file_id for file_id in entries.values() if file_id}
    extra += len({file["_id"] for file in db["raw_large.files"].find({}, {"_id": 1})} - files)
    chunks: set[ObjectId] = set(db["raw_large.chunks"].distinct("files_id"))
    return extra + len(chunks - files)
