"""Types of what senders give: only values that MongoDB can store and JSON can return. Each type raises ValueError for
others."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.records import Beyond, Priority, Processing, Raw, Record, Source, Status

METADATA_BYTES = 256 * 1024
METADATA_DEPTH = 50
_INTEGERS = range(-(2**63), 2**63)  # BSON's long


def _bounded(value: dict[str, Any]) -> dict[str, Any]:
    _check(value, 1)
    if len(json.dumps(value, ensure_ascii=False).encode()) > METADATA_BYTES:
        raise ValueError(f"metadata has more than {METADATA_BYTES} bytes as JSON; send large content as a document")
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
        raise ValueError("metadata has half of a surrogate pair, which is not a character") from None


def within_years(given: datetime) -> datetime:
    """Return the instant. Raises ValueError if its year in UTC is out of range: offsets can cross either end of the
    calendar."""
    try:
        if given.tzinfo:
            given.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is outside the years 1 to 9999 in UTC") from None
    return given


Metadata = Annotated[dict[str, Any], AfterValidator(_bounded)]
Instant = Annotated[AwareDatetime, AfterValidator(within_years)]
InstantOrWallClock = Annotated[datetime, AfterValidator(within_years)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SourceIn(BaseModel):
    """What the sender says about a document: in JSON, as query parameters, as form fields, or in a manifest."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(max_length=2000)] | None = None
    url: Annotated[str, StringConstraints(max_length=4000)] | None = None
    publisher: Name | None = None
    published_at: InstantOrWallClock | None = None
    collection: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = "default"
    tags: Annotated[list[Name], Field(max_length=100)] = []
    metadata: Metadata = {}
    external_id: Name | None = None

    def source(self) -> Source:
        said = {name: getattr(self, name) for name in SourceIn.model_fields if name != "published_at"}
        published, zone = self.published_at, None
        if published is not None:
            zone = published.strftime("%:z") if published.tzinfo else None
            published = published.astimezone(UTC) if published.tzinfo else published.replace(tzinfo=UTC)
        return Source(**said, published_at=published, published_zone=zone, received_at=datetime.now(UTC))


class DocumentIn(SourceIn):
    """A document as JSON: its text or its HTML, and its metadata."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [
        {"text": "LONDON (Reuters) - Ministers met on Monday.", "title": "Ministers meet", "tags": ["politics"]}
    ]})  # fmt: skip

    text: str | None = None
    html: str | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if (self.text is None) == (self.html is None):
            raise ValueError("give the document as either `text` or `html`")
        return self


def explain(errors: Iterable[Any]) -> list[dict[str, str]]:
    """Return pydantic's errors in words for the sender: ``at``, which may be empty, and ``message``."""
    return [{"at": ".".join(str(part) for part in error["loc"]), "message": _message(error)} for error in errors]


def in_a_line(explained: list[dict[str, str]]) -> str:
    """Return the first few errors."""
    return "; ".join(f"{one['at']}: {one['message']}" if one["at"] else one["message"] for one in explained[:3])


def _message(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown field"
    return str(error["msg"]).removeprefix("Value error, ")


def queued(
    source: Source,
    *,
    sha256: str,
    size: int,
    declared_media_type: str | None,
    filename: str | None,
    priority: Priority = Priority.INTERACTIVE,
    beyond_share: Beyond | None = None,
    watched: bool = False,
    trace: str | None = None,
) -> Record:
    """Return the record of a new document, to be stored after its bytes."""
    now = datetime.now(UTC)
    return Record(
        status=Status.QUEUED,
        raw=Raw(sha256=sha256, size_bytes=size, declared_media_type=declared_media_type, filename=filename),
        source=source,
        processing=Processing(
            waiting_since=now,
            queued_at=now,
            priority=priority,
            beyond_share=beyond_share,
            watched=watched,
            trace=trace,
        ),
    )
