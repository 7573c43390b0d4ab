"""Store documents found inside a document (an archive's files, a feed's entries) as documents of their own."""

from __future__ import annotations

import hashlib
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from services import tracing
from services.inputs import queued
from services.records import Beyond, MemberRef, Priority, Source
from services.settings import Settings
from services.store import cancel, shares, work
from workers.parse.base import Member


def store(
    db: Database[dict[str, Any]], claim: work.Claim, members: list[Member], config: Settings
) -> tuple[list[MemberRef], dict[Priority, list[str]]]:
    """Store each member as a queued document of its parent's collection.

    Returns all members by path, each with the id of its document, and the ids of new documents by priority. The
    priority is the parent's, except that documents beyond the sender's share are bulk. If their batch was canceled in
    the meantime, they are canceled too. Safe to repeat: a collection stores the same bytes only once, and a member
    whose bytes it already has gets the id of the existing document.
    """
    references = []
    new: dict[Priority, list[str]] = {priority: [] for priority in Priority}
    interactive, share = _room(db, claim, config) if members else (0, None)
    for member in members:
        beyond = share if len(new[Priority.INTERACTIVE]) >= interactive else None
        source = Source(
            collection=claim.source.collection,
            publisher=claim.source.publisher,
            tags=claim.source.tags,
            batch=claim.source.batch,
            key=claim.source.key,
            received_at=claim.received_at,
            parent=str(claim.id),
            path=member.path,
            depth=claim.source.depth + 1,
            url=member.url,
            fetched_from=claim.source.fetched_from,
            dialect=claim.source.dialect,
        )
        record = queued(
            source,
            sha256=hashlib.sha256(member.data).hexdigest(),
            size=len(member.data),
            declared_media_type=member.media_type,
            filename=member.path.rsplit("/", 1)[-1],
            priority=Priority.BULK if beyond else claim.priority,
            beyond_share=beyond,
            trace=tracing.traceparent(),
        )
        if id := work.insert(db, record, member.data, config):
            new[record.processing.priority].append(str(id))
        else:
            id = work.same_bytes(db, record)
        if id:  # otherwise somebody has deleted it since
            references.append(MemberRef(path=member.path, id=str(id)))
    found = [ObjectId(id) for ids in new.values() for id in ids]
    if found and claim.source.batch and cancel.late(db, claim.source.batch, claim.waiting_since, found):
        return references, {}
    return references, new


def _room(db: Database[dict[str, Any]], claim: work.Claim, config: Settings) -> tuple[int, Beyond | None]:
    """Return how many members may be interactive, and which share sets this limit; bulk documents have no share."""
    if claim.priority == Priority.BULK:
        return 0, None
    return shares.room(db, shares.of(claim.source.key, claim.source.collection, config))
