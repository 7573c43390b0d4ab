"""Fetch an HTTP endpoint that answers with NDJSON, a JSON object on each line, and store its new lines.

A line is identified by its ``external_id``, ``id``, ``guid`` or ``url``, otherwise by its text; if it has changed, it
is new. An address with ``{cursor}`` is requested from where the last run ended: with the value that the last stored
line has in the source's ``cursor_field``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services import outbound
from services.settings import Settings
from services.sources.kinds import Failed, Haul, Item, Trip, Wrong
from services.sources.model import Coming
from services.sources.web import Web

Doc = dict[str, Any]
ACCEPT = "application/x-ndjson, application/jsonl;q=0.9, */*;q=0.1"
CURSOR = "{cursor}"
IDS = ("external_id", "id", "guid", "url")
REMEMBERED = 10_000
"""Minimum number of lines to remember; those of the last answer are always remembered."""
_MARK = 16


def check(plan: Doc, settings: Settings) -> str:
    """Return the address. Raises Wrong if it may not be fetched."""
    address, field = str(plan["address"]), plan["cursor_field"]
    if (CURSOR in address) != bool(field):
        raise Wrong(f"give `cursor_field` with an address that contains {CURSOR}, and only with it")
    try:
        outbound.resolve(address.replace(CURSOR, "0"), outbound.of_sources(settings))
    except outbound.Refused as error:
        raise Wrong(str(error)) from None
    return address


def fetch(trip: Trip) -> Iterator[Haul]:
    """Yield the new lines as one document, which the workers split into one for each line. Raises Failed."""
    known: Doc = trip.source["cursor"]
    url = trip.source["address"].replace(CURSOR, quote(known.get("after") or "", safe=""))
    asked = {"Accept": ACCEPT, **_authorized(trip, url)}
    if known.get("etag") and known.get("url") == url:
        asked["If-None-Match"] = known["etag"]
    with Web(trip.settings, trip.reserve) as web:
        answer = web.get(url, asked, robots=False)
    if answer.status == 304:
        yield Haul([])
        return
    lines, broken = _read(answer.body)
    if broken and not lines:
        raise Failed(f"{trip.source['address']}: the answer is not NDJSON: no line of it is a JSON object")
    seen: dict[str, str] = dict(known.get("seen", {}))
    new = [line for line in {line.key: line for line in lines}.values() if seen.get(line.key) != line.print]
    taken, more = new[: trip.limit], len(new) > trip.limit
    for line in taken:
        seen.pop(line.key, None)
        seen[line.key] = line.print
    here = {line.key for line in lines}
    older = [key for key in seen if key not in here]
    for key in older[: max(0, len(seen) - max(REMEMBERED, len(here)))]:
        del seen[key]
    etag = None if more else answer.headers.get("etag")
    cursor: Doc = {"url": url, "etag": etag, "seen": seen, "after": known.get("after")}
    reached = taken if more else lines
    if reached and (after := _at(reached[-1].said, trip.source["cursor_field"])) is not None:
        cursor["after"] = after
    problems = [f"{broken} lines are not JSON objects, and are left out"] if broken else []
    yield Haul([_item(taken)] if taken else [], cursor, more, problems=problems)


def _authorized(trip: Trip, url: str) -> Doc:
    """Return the header with the password: that of a user, otherwise a token. Raises Failed if others could read it on
    the way."""
    if not trip.password:
        return {}
    if not url.startswith("https://") and not trip.settings.source_private:
        raise Failed("a password is sent only to an address with https://; COPYDESK_SOURCE_PRIVATE=true allows http://")
    if (user := trip.source["user"]) is None:
        return {"Authorization": f"Bearer {trip.password}"}
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{trip.password}'.encode()).decode()}"}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is an object: ``key`` identifies it, and ``print`` changes when it does."""

    data: bytes
    said: Doc
    key: str
    print: str


def _read(body: bytes) -> tuple[list[_Line], int]:
    """Return the lines that are objects, and how many others there are."""
    lines, broken = [], 0
    for data in body.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        data = data.strip()
        if not data:
            continue
        try:
            said = json.loads(data)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            broken += 1
            continue
        id = next((f"{name} {said[name]}" for name in IDS if isinstance(said.get(name), str | int) and said[name]), "")
        lines.append(_Line(data, said, _mark(id.encode("utf-8", "replace") or data), _mark(data)))
    return lines, broken


def _mark(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_MARK]


def _at(said: Doc, path: str | None) -> str | None:
    """Return the string or number at a path such as ``meta.updated_at``, None if there is none."""
    value: Any = said
    for part in (path or "").split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _item(lines: list[_Line]) -> Item:
    coming = []
    for line in lines:
        title, url = (line.said.get(name) for name in ("title", "url"))
        coming.append(
            Coming(
                title=title if isinstance(title, str) else None,
                url=url if isinstance(url, str) else None,
                size_bytes=len(line.data),
            )
        )
    data = b"\n".join(line.data for line in lines) + b"\n"
    return Item(data, "application/x-ndjson", "lines.ndjson", coming=coming)
