"""The audit log, collection ``audit``: who did what, when and from where.

An entry is ``{_id, at, actor: {key, name}, address, action, target, details{}, expires_at}``. ``key`` is the id of an
API key, or ``user:`` and the id of a person, or null for ``init`` and if the API works without keys; ``name`` is the name
of the key or the person. ``address`` is null for ``init``. The entry is written
before the action, so every action is in the log.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from services.settings import Settings

AUDIT = "audit"


class Action(StrEnum):
    KEY_CREATE = "key.create"
    KEY_REVOKE = "key.revoke"
    BATCH_CANCEL = "batch.cancel"
    BULK = "document.bulk"
    CORRECT = "document.correct"
    UNCORRECT = "document.uncorrect"
    DELETE = "document.delete"
    ENTITY_APART = "entity.apart"
    ENTITY_JOIN = "entity.join"
    ENTITY_PART = "entity.part"
    ENTITY_RENAME = "entity.rename"
    ENTITY_SPLIT = "entity.split"
    ERASE = "document.erase"
    EXPIRE = "document.expire"
    REPROCESS = "document.reprocess"
    LIST_DELETE = "list.delete"
    LIST_LOAD = "list.load"
    QUEUE_PAUSE = "queue.pause"
    QUEUE_RESUME = "queue.resume"
    SEARCH_CREATE = "search.create"
    SEARCH_CHANGE = "search.change"
    SEARCH_DELETE = "search.delete"
    SOURCE_CREATE = "source.create"
    SOURCE_CHANGE = "source.change"
    SOURCE_DELETE = "source.delete"
    SOURCE_PAUSE = "source.pause"
    SOURCE_RESUME = "source.resume"
    SOURCE_RUN = "source.run"
    USER_CREATE = "user.create"
    USER_CHANGE = "user.change"
    USER_DELETE = "user.delete"
    USER_INVITE = "user.invite"
    USER_PASSWORD = "user.password"  # noqa: S105 - a name, no password
    USER_LOGIN = "user.login"
    USER_LOGOUT = "user.logout"
    USER_SECOND_FACTOR = "user.second_factor"
    WEBHOOK_CREATE = "webhook.create"
    WEBHOOK_DELETE = "webhook.delete"


def entry(
    action: Action,
    target: str,
    settings: Settings,
    *,
    name: str,
    key: str | None = None,
    address: str | None = None,
    **details: Any,
) -> dict[str, Any]:
    """Return an entry to insert into ``audit``; ``target`` is the id of a document or a key."""
    now = datetime.now(UTC)
    return {
        "at": now,
        "actor": {"key": key, "name": name},
        "address": address,
        "action": action,
        "target": target,
        "details": details,
        "expires_at": now + timedelta(days=settings.audit_days) if settings.audit_days else None,
    }
