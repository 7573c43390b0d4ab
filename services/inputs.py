"""Types of what senders give: only what MongoDB can hold and JSON can give back. Each raises ValueError for other values."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime

METADATA_BYTES = 256 * 1024
METADATA_DEPTH = 50
_INTEGERS = range(-(2**63), 2**63)  # BSON's long


def _bounded(value: dict[str, Any]) -> dict[str, Any]:
    _check(value, 1)
    if len(json.dumps(value, ensure_ascii=False).encode()) > METADATA_BYTES:
        raise ValueError(f"metadata has more than {METADATA_BYTES} bytes as JSON; send documents as documents")
    return value


def _check(value: Any, depth: int) -> None:
    match value:
        case dict() | list() if depth > METADATA_DEPTH:
            raise ValueError(f"metadata is nested more than {METADATA_DEPTH} deep")
        case dict():
            for key, each in value.items():
                _no_surrogates(key)
                if "\0" in key:
                    raise ValueError("metadata has a key with a NUL character")
                _check(each, depth + 1)
        case list():
            for each in value:
                _check(each, depth + 1)
        case str():
            _no_surrogates(value)
        case float() if not math.isfinite(value):
            raise ValueError("metadata has a number that JSON cannot hold (NaN or infinite)")
        case int() if value not in _INTEGERS:
            raise ValueError("metadata has an integer of more than 64 bits; send it as a string")


def _no_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("metadata has half of a surrogate pair, which is no character") from None


def _within_years(given: datetime) -> datetime:
    try:
        if given.tzinfo:
            given.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is outside of the years 1 to 9999 in UTC") from None
    return given


Metadata = Annotated[dict[str, Any], AfterValidator(_bounded)]
Instant = Annotated[AwareDatetime, AfterValidator(_within_years)]
InstantOrWallClock = Annotated[datetime, AfterValidator(_within_years)]
