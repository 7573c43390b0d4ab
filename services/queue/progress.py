"""Which stage a document is at, for those who watch: in Redis, a hint like the queue, never the truth."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache

import structlog
from redis import Redis
from redis.exceptions import RedisError

from services.settings import settings

KEPT_SECONDS = 120
TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 30.0  # for which Redis is not asked again after it did not answer

log = structlog.get_logger()
_paused_until = 0.0


@cache
def _redis() -> Redis:
    return Redis.from_url(
        settings().broker_url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        decode_responses=True,
    )


def tell(id: str, stage: str) -> None:
    """Say that the document is at this stage. Where Redis does not answer, nobody is told."""
    global _paused_until
    if time.monotonic() < _paused_until:
        return
    try:
        _redis().set(f"copydesk:stage:{id}", stage, ex=KEPT_SECONDS)
    except (RedisError, OSError) as error:
        _paused_until = time.monotonic() + PAUSE_SECONDS
        log.warning("progress_untold", error=str(error))


def stages(ids: Sequence[str]) -> dict[str, str]:
    """The stage of each of these documents that was told of lately; none where Redis does not answer."""
    if not ids:
        return {}
    try:
        found = _redis().mget([f"copydesk:stage:{id}" for id in ids])
    except (RedisError, OSError):
        return {}
    return {id: str(stage) for id, stage in zip(ids, found, strict=True) if stage}
