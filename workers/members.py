"""Documents found inside a document (an archive's files, a feed's entries) become documents of their own."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from services import tracing
from services.records import MemberRef, Processing, Raw, Record, Source, Status
from services.settings import Settings
from services.store import work
from workers.parse.base import Member


def store(
    db: Database[dict[str, Any]], claim: work.Claim, members: list[Member], config: Settings
) -> tuple[list[MemberRef], list[str]]:
    """Store each member as a queued document of its parent's collection.

    Returns all members by path, each with the id of its document, and the ids that are new. Safe to repeat: the same
    bytes stand once in a collection, and a member whose bytes stand there already is that document.
    """
    now = datetime.now(UTC)
    references = []
    new = []
    for member in members:
        record = Record(
            status=Status.QUEUED,
            raw=Raw(
                sha256=hashlib.sha256(member.data).hexdigest(),
                size_bytes=len(member.data),
                declared_media_type=member.media_type,
                filename=member.path.rsplit("/", 1)[-1],
            ),
            source=Source(
                collection=claim.source.collection,
                publisher=claim.source.publisher,
                tags=claim.source.tags,
                batch=claim.source.batch,
                received_at=claim.received_at,
                parent=str(claim.id),
                path=member.path,
                depth=claim.source.depth + 1,
                url=member.url,
            ),
            processing=Processing(
                waiting_since=now, queued_at=now, priority=claim.priority, trace=tracing.traceparent()
            ),
        )
        if id := work.insert(db, record, member.data, config):
            new.append(str(id))
        else:
            id = work.same_bytes(db, record)
        if id:  # else deleted by somebody since
            references.append(MemberRef(path=member.path, id=str(id)))
    return references, new
