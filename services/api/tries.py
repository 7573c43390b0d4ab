"""Count tries to log in, in MongoDB, so that all API processes count together and a restart forgets none."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from services.api.problems import Problem
from services.settings import Settings
from services.store.users import TRIES, secret

Doc = dict[str, Any]
WINDOW_SECONDS = 900
OF_ADDRESS, OF_ACCOUNT = 20, 10
"""How many times `login_tries` one address may try all accounts, and all addresses may try one account."""


async def take(db: AsyncDatabase[Doc], account: str, address: str | None, settings: Settings) -> list[str]:
    """Count a try before its password is checked, whether or not the account exists. Returns the counters, for
    `give_back`. Raises Problem 429 if the address or the account has used up its tries; refused tries count, too."""
    network = _network(address)
    most = settings.login_tries
    window = int(time.time() // WINDOW_SECONDS)
    ends = (window + 1) * WINDOW_SECONDS
    limits = {
        f"both {account} {network}": most,
        f"address {network}": most * OF_ADDRESS,
        f"account {account}": most * OF_ACCOUNT,
    }
    counters = []
    for what, allowed in limits.items():
        counters.append(f"{hashlib.sha256(what.encode()).hexdigest()[:32]}.{window}")
        if await _count(db, counters[-1], ends) > allowed:
            problem = Problem(429, "tries", "Too many tries to log in", "wait a quarter of an hour, then try again")
            problem.headers = {"Retry-After": str(max(1, round(ends - time.time())))}
            raise problem
    return counters


async def give_back(db: AsyncDatabase[Doc], counters: list[str]) -> None:
    """Take a try that succeeded off its counters: only failures use tries up."""
    await secret(db)[TRIES].update_many({"_id": {"$in": counters}}, {"$inc": {"count": -1}})


async def _count(db: AsyncDatabase[Doc], id: str, ends: float) -> int:
    change = {"$inc": {"count": 1}, "$setOnInsert": {"expires_at": datetime.fromtimestamp(ends, UTC)}}
    tries = secret(db)[TRIES]
    try:
        found = await tries.find_one_and_update({"_id": id}, change, upsert=True, return_document=ReturnDocument.AFTER)
    except DuplicateKeyError:  # another request inserted it in the meantime
        found = await tries.find_one_and_update({"_id": id}, change, return_document=ReturnDocument.AFTER)
    return int(found["count"]) if found else 1


def _network(address: str | None) -> str:
    """Return the address, or the /64 of an IPv6 address, which one machine has all to itself."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    return str(found) if not isinstance(found, IPv6Address) else found.exploded[:19]
