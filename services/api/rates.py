"""Rate limits: a token bucket for each key in Redis, shared by all API processes. With RabbitMQ as the queue and no
Redis, every API process counts separately.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services.settings import Settings

log = structlog.get_logger()

WINDOW_SECONDS = 60
PAUSE_SECONDS = 5.0
TIMEOUT_SECONDS = 0.5

# The bucket as the generic cell rate algorithm (ITU-T I.371) keeps it: one instant, at which the bucket is full again.
# Redis's own clock, so that the clocks of the API's machines do not matter. Returns {allowed, seconds until full
# again}.
_TAKE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local window, interval = tonumber(ARGV[1]), ARGV[1] / ARGV[2]
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now)) + interval
if full - now > window then
  return {0, string.format('%.6f', full - interval - now)}
end
redis.call('SET', KEYS[1], string.format('%.6f', full), 'PX', math.ceil((full - now) * 1000))
return {1, string.format('%.6f', full - now)}
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """The state of a bucket. It holds ``per_minute`` requests and refills within a minute; ``full_seconds`` until it is
    full."""

    allowed: bool
    per_minute: int
    full_seconds: float

    @property
    def retry_seconds(self) -> int:
        """Seconds until one more request is allowed."""
        return max(1, math.ceil(self.full_seconds + WINDOW_SECONDS / self.per_minute - WINDOW_SECONDS))

    def headers(self) -> dict[str, str]:
        """Return the RateLimit fields of draft-ietf-httpapi-ratelimit-headers-09, and Retry-After if the request is
        refused."""
        left = int((WINDOW_SECONDS - self.full_seconds) * self.per_minute / WINDOW_SECONDS + 1e-3)
        found = {
            "RateLimit-Policy": f'"key";q={self.per_minute};w={WINDOW_SECONDS}',
            "RateLimit": f'"key";r={left};t={math.ceil(self.full_seconds)}',
        }
        return found if self.allowed else {**found, "Retry-After": str(self.retry_seconds)}


def limiter(settings: Settings) -> Limiter | OwnLimiter:
    """Return the limiter that the settings require."""
    return Limiter(_client(settings)) if settings.needs_redis else OwnLimiter()


def _client(settings: Settings) -> Redis:
    waits: dict[str, Any] = {"socket_connect_timeout": TIMEOUT_SECONDS, "socket_timeout": TIMEOUT_SECONDS}
    again = Retry(NoBackoff(), 1)
    if not settings.sentinels:
        return Redis.from_url(settings.redis_address, **waits, retry=again)
    secret = settings.sentinel_password
    asking = {**waits, "password": secret.get_secret_value()} if secret else waits
    sentinel: Any = Sentinel(settings.sentinels, sentinel_kwargs=asking, **waits)  # type: ignore[no-untyped-call]
    one = urlsplit(settings.redis_address.split(";")[0])
    login: dict[str, Any] = {
        "username": one.username or None,
        "password": unquote(one.password) if one.password else None,
    }
    found: Redis = sentinel.master_for(settings.redis_master, db=int(one.path.strip("/") or 0), **login, retry=again)
    return found


class OwnLimiter:
    """A limiter that counts in this process."""

    def __init__(self) -> None:
        self._full: dict[str, float] = {}  # by key, time.monotonic() at which its bucket is full again

    async def take(self, key_id: str, per_minute: int) -> Rate | None:
        """Take one request from the key's bucket. Returns None if there is no limit."""
        if per_minute == 0:
            return None
        now, interval = time.monotonic(), WINDOW_SECONDS / per_minute
        full = max(now, self._full.get(key_id, now)) + interval
        if full - now > WINDOW_SECONDS:
            return Rate(False, per_minute, full - interval - now)
        self._full[key_id] = full
        return Rate(True, per_minute, full - now)

    async def close(self) -> None:
        pass


class Limiter:
    """A limiter that counts in Redis. While Redis does not answer, nothing is limited: documents are accepted without
    Redis too."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._take: Any = self._redis.register_script(_TAKE)
        self._paused_until = 0.0

    async def take(self, key_id: str, per_minute: int) -> Rate | None:
        """Take one request from the key's bucket. Returns None if there is no limit."""
        if per_minute == 0 or time.monotonic() < self._paused_until:
            return None
        try:
            allowed, full = await self._take(keys=[f"copydesk:rate:{key_id}"], args=[WINDOW_SECONDS, per_minute])
        except (RedisError, OSError) as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("rate_limit_off", error=str(error), seconds=PAUSE_SECONDS)
            return None
        return Rate(bool(allowed), per_minute, float(full))

    async def close(self) -> None:
        await self._redis.aclose()
