"""Documents inside a document: the records of the container and of its members."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime

from bson import ObjectId

from services.records import Article, Raw, Record, Source
from services.store import work
from tests.conftest import make_settings
from tests.integration.conftest import Deployment
from workers import members
from workers.parse import Member


def test_a_container_lists_every_member_by_path_also_those_it_shares(deployment: Deployment) -> None:
    db, settings = deployment.db, make_settings(deployment.environment)
    collection = f"members-{uuid.uuid4().hex}"

    def insert(data: bytes) -> ObjectId:
        raw = Raw(sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
        source = Source(collection=collection, received_at=datetime.now(UTC))
        id = work.insert(db, Record(status="queued", raw=raw, source=source), data, settings)
        assert id is not None
        return id

    known = insert(b"The night ferry left late.")
    claim = work.claim(db, insert(b"an archive"), settings)
    assert claim is not None
    found = [
        Member("day/known.txt", b"The night ferry left late."),
        Member("day/fresh.txt", b"The night ferry came in."),
        Member("again/fresh.txt", b"The night ferry came in."),
    ]
    inside, by_priority = members.store(db, claim, found, settings)
    again = members.store(db, claim, found, settings)
    assert again == (inside, {priority: [] for priority in by_priority}), "a second worker finds the same documents"
    new = by_priority[claim.priority]
    read = work.Outcome(Article(format="container"), "application/zip", inside, None, "0", "zip", {}, {}, {})
    assert work.finish(db, [(claim, read)])

    record = db.documents.find_one({"_id": claim.id})
    assert record is not None
    ids = {member["path"]: member["id"] for member in record["members"]}
    assert ids == {"day/known.txt": str(known), "day/fresh.txt": new[0], "again/fresh.txt": new[0]}
    member = db.documents.find_one({"_id": ObjectId(new[0])})
    assert member is not None
    assert (member["source"]["parent"], member["source"]["path"]) == (str(claim.id), "day/fresh.txt")
    assert db.documents.count_documents({"source.collection": collection}) == 3
