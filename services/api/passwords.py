"""Hash and check passwords with Argon2id, a few at a time, so that they take neither all memory nor all threads."""

from __future__ import annotations

import asyncio
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.api.problems import Problem

SHORTEST, LONGEST = 12, 200
AT_ONCE = 4
# the second of the configurations of OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_room = asyncio.Semaphore(AT_ONCE)


@cache
def _nobodys() -> str:
    """Return a hash that no password matches, so that checking takes the same time for an account that does not
    exist."""
    return _hasher.hash("an account that does not exist")


def check_new(password: str, email: str) -> None:
    """Check a password that somebody chooses. Raises Problem 422."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Problem(422, "password", "The password cannot be used",
                      f"it must have {SHORTEST} to {LONGEST} characters; a few random words make a good password")  # fmt: skip
    if password.casefold() in (email, email.partition("@")[0] * 2) or len(set(password)) < SHORTEST // 3:
        raise Problem(422, "password", "The password cannot be used", "it is too easy to guess; choose another one")


def _normal(password: str) -> str:
    """Return the password in one form, whichever keyboard typed its accents (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password[:LONGEST])


async def hashed(password: str) -> str:
    async with _room:
        return await asyncio.to_thread(_hasher.hash, _normal(password))


async def right(password: str, stored: str | None) -> bool:
    """Return whether the password has this hash. Takes as long if ``stored`` is None, which no password matches."""
    async with _room:
        return await asyncio.to_thread(_verify, password, stored)


def _verify(password: str, stored: str | None) -> bool:
    try:
        return _hasher.verify(stored or _nobodys(), _normal(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
