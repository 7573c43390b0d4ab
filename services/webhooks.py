"""Sends webhooks as Standard Webhooks 1.0 says: signed, retried, and never into a network of our own.

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
import socket
import time
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from bson import ObjectId
from pymongo.database import Database

from services.settings import Settings
from services.store import webhooks
from services.store.webhooks import PAUSES_SECONDS, WEBHOOKS, secrets_database

Doc = dict[str, Any]
log = structlog.get_logger()

TIMEOUT_SECONDS = 10.0
RUN_SECONDS = 20.0
GONE = 410
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last 32 bits


class Refused(ValueError):
    """The address may not be told anything; the message is one line."""


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def resolve(url: str, settings: Settings) -> str:
    """The address to connect to. Raises Refused where it is not public, unless ``webhook_private`` allows that.

    The connection goes to this very address: a name that is looked up twice can answer twice.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        raise Refused("give an address as https://host/path, without a password")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise Refused(f"{parts.hostname} cannot be looked up: {error}") from None
    addresses = [str(one[4][0]) for one in found]
    if not settings.webhook_private and not all(_public(address) for address in addresses):
        raise Refused(f"{parts.hostname} is an address of a private network; COPYDESK_WEBHOOK_PRIVATE=true allows that")
    return addresses[0]


def _public(address: str) -> bool:
    """Tell whether an address is on the internet, or leads there from IPv6: ``::ffff:`` and ``64:ff9b::`` hold an IPv4 one."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        found = IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else found.ipv4_mapped or found
    return found.is_global and not found.is_multicast


def deliver(db: Database[Doc], settings: Settings) -> int:
    """Make messages of what was finished, send what is due for some 20 s; returns how many arrived."""
    active = {webhook["_id"]: webhook for webhook in db[WEBHOOKS].find({"disabled_at": None})}
    for webhook in active.values():
        webhooks.enqueue(db, webhook)
    arrived, end = 0, time.monotonic() + RUN_SECONDS
    failing: list[ObjectId] = []  # not asked again in this run, so that one does not hold up the others
    with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as http:
        while time.monotonic() < end and (message := webhooks.take(db, 3 * TIMEOUT_SECONDS, failing)):
            hook = active.get(message["webhook"])
            if hook is None:
                outcome: Doc = {"status": None, "error": "the webhook is no more"}
                webhooks.told(db, message, outcome, delivered=False, pause_seconds=None)
                continue
            outcome = _send(http, db, hook, message, settings)
            delivered = outcome["error"] is None
            arrived += delivered
            webhooks.told(db, message, outcome, delivered=delivered, pause_seconds=_pause(len(message["tries"])))
            if not delivered:
                failing.append(hook["_id"])
            if outcome["status"] == GONE:
                db[WEBHOOKS].update_one({"_id": hook["_id"]}, {"$set": {"disabled_at": datetime.now(UTC)}})
                del active[hook["_id"]]
    return arrived


def _pause(tried: int) -> float | None:
    """Seconds until the next try, a fifth more or less so that many do not come at once; None after the last."""
    if tried >= len(PAUSES_SECONDS):
        return None
    return PAUSES_SECONDS[tried] * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


def _send(http: httpx.Client, db: Database[Doc], webhook: Doc, message: Doc, settings: Settings) -> Doc:
    """One try: ``{status, ms, error}``, error None where it arrived."""
    started = time.monotonic()
    status, error = None, None
    try:
        address = resolve(webhook["url"], settings)
        kept = db.client[secrets_database(db.name)][WEBHOOKS].find_one({"_id": webhook["_id"]})
        if kept is None:
            raise Refused("its secret is gone; delete the webhook and create it again")
        body = json.dumps(message["body"], ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = int(time.time())
        url = httpx.URL(webhook["url"])
        answer = http.post(
            url.copy_with(host=address),
            content=body,
            headers={
                "Host": url.netloc.decode(),
                "Content-Type": "application/json",
                "User-Agent": "Copydesk",
                "webhook-id": message["_id"],
                "webhook-timestamp": str(timestamp),
                "webhook-signature": sign(kept["secret"], message["_id"], timestamp, body),
            },
            extensions={"sni_hostname": url.host},
        )
        status = answer.status_code
        if not answer.is_success:
            error = f"answered {status}"
    except (httpx.HTTPError, httpx.InvalidURL, Refused) as failed:
        error = str(failed) or type(failed).__name__
    if error:
        log.info("webhook_failed", webhook=str(webhook["_id"]), error=error)
    return {"status": status, "ms": round((time.monotonic() - started) * 1000), "error": error}
