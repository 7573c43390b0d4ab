"""Mails about alerts: choose the alerts for each mail, write it and send it.

A mail is an entry of ``mails``: ``{search, key, alerts, status, tries, next_at, ...}``. It is composed by the process
that has the turn (`services.store.alerts`), so that each alert is in only one mail. The entry is stored before its alerts are
marked; a process that dies in between leaves alerts that the next one finds in the entry. A mail that is sent twice,
because a process died after the server took it, has the same ``Message-ID`` both times.
"""

from __future__ import annotations

import hashlib
import random
import smtplib
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import structlog
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

from services.mailing import TIMEOUT_SECONDS
from services.mailing import deliver as send
from services.search.params import Search
from services.search.prepared import Sight
from services.settings import Settings
from services.store import mails, rights
from services.store.alerts import ALERTS, SEARCHES
from services.store.mails import MAILS
from services.store.setup import DOCUMENTS
from services.store.webhooks import PAUSES_SECONDS

Doc = dict[str, Any]
log = structlog.get_logger()

MOST = 100
"""Maximum number of documents in one mail; the rest is sent in another."""
RUN_SECONDS = 15.0
_PERMANENT = 500
"""SMTP replies with this code or a higher one are permanent."""
_SHOWN = dict.fromkeys(("title", "url", "publisher", "published_at", "summary", "source.collection"), 1)


def due_at(every: str, hour: int, now: datetime) -> datetime:
    """Return when an alert that is found now is sent: at once, at the next full hour, or at the next ``hour`` (UTC)."""
    if every == "at_once":
        return now
    if every == "hourly":
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


async def compose(db: AsyncDatabase[Doc]) -> int:
    """Put the alerts that are due into mails. Returns how many mails are new."""
    now = datetime.now(UTC)
    due = {"mail_at": {"$lte": now}}
    made = 0
    for search in await db[ALERTS].distinct("search", due):
        entry = await db[SEARCHES].find_one({"_id": search}) or {}
        while alerts := await db[ALERTS].find({"search": search, **due}).sort("_id", 1).limit(MOST).to_list():
            ids = [one["_id"] for one in alerts]
            sent = {id for mail in await db[MAILS].find({"alerts": {"$in": ids}}).to_list() for id in mail["alerts"]}
            if entry.get("mail") and not entry["muted"] and (left := [one for one in alerts if one["_id"] not in sent]):
                await mails.insert(db, _mail(entry, left, now))
                made += 1
            await db[ALERTS].update_many({"_id": {"$in": ids}}, {"$unset": {"mail_at": ""}})
    return made


def _mail(entry: Doc, alerts: Sequence[Doc], now: datetime) -> Doc:
    ids = [one["_id"] for one in alerts]
    digest = hashlib.blake2b("\0".join(ids).encode(), digest_size=12).hexdigest()
    return {
        "_id": f"{entry['_id']}.{digest}",
        "search": entry["_id"],
        "key": entry["key"],
        "alerts": ids,
        "documents": [one["document"] for one in alerts],
        "status": "pending",
        "tries": [],
        "created_at": now,
        "next_at": now,
        "expires_at": max(one["expires_at"] for one in alerts),
    }


def deliver(db: Database[Doc], settings: Settings) -> int:
    """Send the mails that are due, for about 15 s. Returns how many the server took. Without a server they wait."""
    if settings.smtp_url is None:
        return 0
    taken, end = 0, time.monotonic() + RUN_SECONDS
    while time.monotonic() < end and (mail := mails.take(db, 4 * TIMEOUT_SECONDS)):
        error, again = None, True
        try:
            if (message := write(db, mail, settings)) is not None:
                send(message, settings)
                taken += 1
        except Stopped as stopped:
            error, again = str(stopped), False
        except (smtplib.SMTPException, OSError) as failed:
            error = f"{type(failed).__name__}: {failed}"[:500]
            again = not _is_final(failed)
        tried = len(mail["tries"])
        more = error is not None and again and tried < len(PAUSES_SECONDS)
        pause = PAUSES_SECONDS[tried] * random.uniform(0.8, 1.2) if more else None  # noqa: S311 - spreads load, guards nothing
        mails.told(db, mail, error, pause_seconds=pause)
        if error:
            log.warning("mail_failed", search=str(mail["search"]), error=error)
            if again:  # the server does not answer, so other mails would fail, too
                break
    return taken


class Stopped(Exception):
    """The mail must no longer be sent; the message says why."""


def write(db: Database[Doc], mail: Doc, settings: Settings) -> EmailMessage | None:
    """Return the message about those documents that the search's key may see now; None if there are none. Raises
    Stopped."""
    entry = db[SEARCHES].find_one({"_id": mail["search"]})
    if entry is None or entry["mail"] is None:
        raise Stopped("the saved search was deleted, or sends no mail any more")
    right = rights.decide(rights.now_of(db, mail["key"]), ["read"])
    if right is None:
        raise Stopped("the key of the saved search is revoked or expired, or its person may no longer read")
    sight = Sight.of(right.collections, right.scopes, withdrawn=Search.model_validate(entry["query"]).withdrawn)
    found = list(db[DOCUMENTS].find({"_id": {"$in": mail["documents"]}, **sight.found}, _SHOWN).sort("_id", 1))
    return _message(entry, mail, found, settings) if found else None


def _message(entry: Doc, mail: Doc, records: Sequence[Doc], settings: Settings) -> EmailMessage:
    first = _line(records[0].get("title") or "a document without a title")
    said = first if len(records) == 1 else f"{len(records)} documents"
    message = EmailMessage()
    message["Subject"] = _line(f"{entry['name']}: {said}")
    message["From"] = settings.mail_from
    message["To"] = ", ".join(entry["mail"]["to"])
    message["Date"] = format_datetime(mail["created_at"])
    message["Message-ID"] = f"<{mail['_id']}@{settings.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    parts = [_said(one, settings) for one in records]
    parts.append(
        f"-- \nThe saved search “{_line(entry['name'])}” of Copydesk reported this: copydesk searches mute {entry['_id']}"
    )
    message.set_content("\n\n".join(parts) + "\n")
    return message


def _said(record: Doc, settings: Settings) -> str:
    """Return what a mail says about a document: title, publisher and day, first sentence, address."""
    day = record["published_at"].date().isoformat() if record.get("published_at") else None
    sentences = [span["text"] for span in record.get("summary") or []]
    where = [record.get("publisher"), record["source"]["collection"], day]
    lines = [
        _line(record.get("title") or "Without a title"),
        " · ".join(_line(one) for one in where if one),
        _line(sentences[0])[:300] if sentences else "",
        f"{settings.public_url.rstrip('/')}/documents/{record['_id']}" if settings.public_url else str(record["_id"]),
    ]
    return "\n".join(filter(None, lines))


def _line(text: str) -> str:
    """Return the text on one line, without control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _is_final(error: Exception) -> bool:
    """Return whether the server refuses this mail permanently."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return False  # an operator must fix it
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= _PERMANENT
