"""Send webhooks as specified by Standard Webhooks 1.0: signed and with retries.

https://www.standardwebhooks.com: ``webhook-signature`` is ``v1,`` and the base64 of HMAC-SHA256 over
``{webhook-id}.{webhook-timestamp}.{body}`` with the bytes of the secret after ``whsec_``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import secrets
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import structlog
from bson import ObjectId
from pymongo.database import Database

from services.outbound import TIMEOUT_SECONDS, Refused, Sender, of_webhooks
from services.settings import Settings
from services.store import rights, webhooks
from services.store.webhooks import PAUSES_SECONDS, WEBHOOKS, secrets_database

Doc = dict[str, Any]
log = structlog.get_logger()

RUN_SECONDS = 20.0
GONE = 410


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def deliver(db: Database[Doc], settings: Settings) -> int:
    """Create messages for finished documents, and send due messages for about 20 s. Returns how many were delivered."""
    active = {webhook["_id"]: webhook for webhook in db[WEBHOOKS].find({"disabled_at": None})}
    for webhook in [one for one in active.values() if not rights.keeps(db, one["key"], "admin", one["collections"])]:
        _disable(db, active.pop(webhook["_id"]), "its key is revoked or expired, or its person may no longer do this")
    for webhook in active.values():
        webhooks.enqueue(db, webhook)
    arrived, end = 0, time.monotonic() + RUN_SECONDS
    failing: list[ObjectId] = []  # not called again in this run, so that it does not hold up the others
    with Sender(of_webhooks(settings)) as sender:
        while time.monotonic() < end and (message := webhooks.take(db, 3 * TIMEOUT_SECONDS, failing)):
            hook = active.get(message["webhook"])
            if hook is None:
                outcome: Doc = {"status": None, "error": "the webhook was deleted"}
                webhooks.told(db, message, outcome, delivered=False, pause_seconds=None)
                continue
            if "search" in message and not rights.lives(db, message["key"]):
                outcome = {"status": None, "error": "the key of the saved search is revoked or expired"}
                webhooks.told(db, message, outcome, delivered=False, pause_seconds=None)
                continue
            outcome = _send(sender, db, hook, message)
            delivered = outcome["error"] is None
            arrived += delivered
            webhooks.told(db, message, outcome, delivered=delivered, pause_seconds=_pause(len(message["tries"])))
            if not delivered:
                failing.append(hook["_id"])
            if outcome["status"] == GONE:
                _disable(db, active.pop(hook["_id"]), "it answered 410 Gone")
    return arrived


def _disable(db: Database[Doc], webhook: Doc, why: str) -> None:
    log.warning("webhook_disabled", webhook=str(webhook["_id"]), why=why)
    db[WEBHOOKS].update_one({"_id": webhook["_id"]}, {"$set": {"disabled_at": datetime.now(UTC)}})


def _pause(tried: int) -> float | None:
    """Return the seconds until the next attempt, varied by a fifth so that not all are sent at once; None after the
    last one."""
    if tried >= len(PAUSES_SECONDS):
        return None
    return PAUSES_SECONDS[tried] * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


def _send(sender: Sender, db: Database[Doc], webhook: Doc, message: Doc) -> Doc:
    """Send one attempt. Returns ``{status, ms, error}``; error is None if the message was delivered."""
    started = time.monotonic()
    status, error = None, None
    try:
        kept = db.client[secrets_database(db.name)][WEBHOOKS].find_one({"_id": webhook["_id"]})
        if kept is None:
            raise Refused("its secret is missing; delete the webhook and create it again")
        body = json.dumps(message["body"], ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = int(time.time())
        status = sender.post(
            webhook["url"],
            body,
            {
                "Content-Type": "application/json",
                "User-Agent": "Copydesk",
                "webhook-id": message["_id"],
                "webhook-timestamp": str(timestamp),
                "webhook-signature": sign(kept["secret"], message["_id"], timestamp, body),
            },
        )
        if not 200 <= status < 300:
            error = f"answered {status}"
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, Refused) as failed:
        error = str(failed) or type(failed).__name__
    if error:
        log.info("webhook_failed", webhook=str(webhook["_id"]), error=error)
    return {"status": status, "ms": round((time.monotonic() - started) * 1000), "error": error}
