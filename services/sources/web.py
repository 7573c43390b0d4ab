"""Send polite requests to web servers: follow robots.txt, pause between requests to a host, and respect their
limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import httpx

from services.outbound import Answer, Getter, Refused, TooLarge, of_sources
from services.settings import Settings
from services.sources.kinds import Failed

TIMEOUT_SECONDS = 20.0
ROBOTS_BYTES = 512 * 1024
"""How many bytes of a robots.txt must be read (RFC 9309, 2.5)."""
ROBOTS_SECONDS = 3600.0
"""How long a process remembers a robots.txt; RFC 9309 allows a day."""
MOST_CRAWL_DELAY_SECONDS = 30.0
BUSY_SECONDS = 60.0
"""Pause after a server says that it is too busy, if it does not say for how long."""
_NOT_NOW = (429, 503)

_rules: dict[
    str, tuple[float, RobotFileParser]
] = {}  # by scheme, host and port, with the time.monotonic() of their end


class Forbidden(Failed):
    """A robots.txt asks not to fetch this address."""


class Web:
    """Fetches addresses; ``reserve`` waits until a request to the host is allowed, given its pause in seconds."""

    def __init__(self, settings: Settings, reserve: Callable[[str, float], None]) -> None:
        self._settings, self._reserve = settings, reserve
        self._getter = Getter(of_sources(settings), settings.source_agent, timeout_seconds=TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._getter.__exit__()

    def get(self, url: str, headers: Mapping[str, str] | None = None, *, robots: bool = True) -> Answer:
        """Return the answer with a status below 400. ``robots`` says whether robots.txt is followed.

        Raises Failed for any other status, and if there is no answer; Forbidden if robots.txt disallows it.
        """
        answer = self._ask(url, self._settings.max_body_bytes, headers, self._polite if robots else self._wait)
        if answer.status < 400:
            return answer
        said = retry_after(answer.headers.get("retry-after", "")) or BUSY_SECONDS if answer.status in _NOT_NOW else 0.0
        raise Failed(f"{url} answered {answer.status}", retry_seconds=said, gone=answer.status == 410)

    def _ask(
        self, url: str, most_bytes: int, headers: Mapping[str, str] | None, before: Callable[[str], None]
    ) -> Answer:
        try:
            return self._getter.get(url, most_bytes, headers, before)
        except (Refused, TooLarge, TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise Failed(f"{url} cannot be fetched: {error or type(error).__name__}") from None

    def _polite(self, url: str) -> None:
        rules = self._robots(url)
        agent = self._settings.source_agent
        if not rules.can_fetch(agent, url):
            raise Forbidden(f"the robots.txt of {urlsplit(url).netloc} asks {agent} not to fetch {url}")
        self._wait(url, min(float(rules.crawl_delay(agent) or 0), MOST_CRAWL_DELAY_SECONDS))

    def _wait(self, url: str, least_seconds: float = 0.0) -> None:
        self._reserve(urlsplit(url).netloc.lower(), max(self._settings.source_pause_seconds, least_seconds))

    def _robots(self, url: str) -> RobotFileParser:
        """Return the rules of the address's host. Raises Failed if they cannot be fetched; then nothing is fetched.

        A status of 4xx means that there are none (RFC 9309, 2.3.1.3).
        """
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc.lower()}"
        until, rules = _rules.get(site, (0.0, None))
        if rules is None or until < time.monotonic():
            answer = self._ask(f"{site}/robots.txt", ROBOTS_BYTES, None, self._wait)
            if answer.status >= 500 or answer.status == 429:
                raise Failed(f"{site}/robots.txt answered {answer.status}, so nothing is fetched from there")
            rules = RobotFileParser()
            rules.parse(answer.body.decode("utf-8", "replace").splitlines() if answer.status < 400 else [])
            if len(_rules) > 1000:
                _rules.clear()
            _rules[site] = time.monotonic() + ROBOTS_SECONDS, rules
        return rules


def retry_after(said: str) -> float:
    """Return the seconds of a ``Retry-After``, which is a number or a date; at most a day, 0 if it is neither."""
    if said.strip().isdecimal():
        return min(float(said), 86_400.0)
    try:
        seconds = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return min(max(seconds, 0.0), 86_400.0)
