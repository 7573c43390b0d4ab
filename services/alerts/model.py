"""The model of a saved search as it is requested and as it is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.search.params import Search

Doc = dict[str, Any]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
WebhookId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{24}$")]
_LISTS = {name for name, field in Search.model_fields.items() if get_origin(field.annotation) is list}


def _as_given(value: object) -> object:
    """Read the parameters as an address has them (``q=harbour&place=Oslo``), and one value for a list or the reverse."""
    if isinstance(value, str):
        given: Doc = {}
        for name, one in parse_qsl(value.removeprefix("?"), max_num_fields=200):
            given.setdefault(name, []).append(one)
        value = given
    if not isinstance(value, dict):
        return value
    found: Doc = {}
    for name, one in value.items():
        many = name in _LISTS
        found[name] = [one] if many and isinstance(one, str | int) else one
        if not many and isinstance(one, list) and len(one) == 1:
            found[name] = one[0]
    return found


Query = Annotated[
    Search,
    BeforeValidator(_as_given),
    Field(description="the parameters of `GET /v1/documents`; those that may be repeated are lists"),
]
Hook = Annotated[
    WebhookId | None,
    Field(description="id of a webhook with the event `search.matched`; naming one needs the scope `admin`"),
]


EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$"
"""Match ``desk@news.example``, but not ``Desk <desk@news.example>``, ``a@b,c@d`` or an address in another script."""
Email = Annotated[str, StringConstraints(max_length=254, pattern=EMAIL)]


class Mail(BaseModel):
    """Where mails about a saved search go, and how often."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": ["desk@news.example"]}]})

    to: Annotated[list[Email], Field(min_length=1, max_length=20)]
    every: Annotated[
        Literal["at_once", "hourly", "daily"],
        Field(description="send a mail at once, or one for everything found in an hour or in a day"),
    ] = "at_once"
    hour: Annotated[int, Field(ge=0, le=23, description="hour of the day (UTC) of a `daily` mail")] = 6


class SearchIn(BaseModel):
    """A search to save, and where its alerts go."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Harbour", "query": {"q": "harbour", "place": ["Oslo"]}}]},
    )

    name: Title
    query: Query
    webhook: Hook = None
    mail: Mail | None = None
    muted: Annotated[bool, Field(description="nothing is reported until somebody unmutes it")] = False


class SearchChange(BaseModel):
    """The fields of a saved search to change."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"muted": True}]})

    name: Title | None = None
    query: Query | None = None
    webhook: Hook = None
    mail: Mail | None = None
    muted: bool | None = None


class SavedSearch(BaseModel):
    """A saved search. ``matched`` counts the documents that it reported, ``matched_at`` is the time of the last one.
    ``error`` says why it finds nothing any more, ``mail_error`` why its last mail was not delivered."""

    id: str
    name: str
    query: dict[str, Any]
    webhook: str | None
    mail: Mail | None
    muted: bool
    created_at: datetime
    matched: int
    matched_at: datetime | None
    error: str | None
    mail_error: str | None


class SearchList(BaseModel):
    searches: list[SavedSearch]


class Match(BaseModel):
    """A document that a saved search reports. ``at`` is when it was found, null in a test."""

    document: str
    at: datetime | None
    title: str | None
    url: str | None
    publisher: str | None
    published_at: datetime | None
    collection: str
    status: str


class Matches(BaseModel):
    """A page of matches, latest first. ``next`` is the cursor of the next page, null at the end."""

    matches: list[Match]
    next: str | None = None


class Trial(BaseModel):
    """What a saved search would report: the newest documents that it finds now. ``more`` says whether there are
    others."""

    matches: list[Match]
    more: bool


def stored(query: Search) -> Doc:
    """Return the given parameters in the form that is stored, as JSON values."""
    return query.model_dump(mode="json", exclude_unset=True)


def match(record: Doc, at: datetime | None = None) -> Match:
    """Return what is reported about a record."""
    named = {name: record.get(name) for name in ("title", "url", "publisher", "published_at", "status")}
    return Match(document=str(record["_id"]), at=at, collection=record["source"]["collection"], **named)
