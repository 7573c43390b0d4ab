"""The model of a source as it is requested and as it is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from services.inputs import Name

Doc = dict[str, Any]
Kind = Literal["folder", "feed", "mailbox", "ftp", "sftp", "bucket", "ndjson"]
Take = Literal["entry", "page"]
Then = Literal["keep", "mark", "move", "delete"]
Collection = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Every = Annotated[float, Field(ge=1, le=31 * 86_400, description="seconds from one fetch to the next")]
Limit = Annotated[
    int,
    Field(
        ge=1,
        le=5000,
        description="maximum number of documents in one run; the next run follows at once and takes the rest",
    ),
]
Idle = Annotated[
    float | None,
    Field(
        ge=60,
        le=366 * 86_400,
        description="it is `idle` after this many seconds without a document; null: never",
    ),
]
Tags = Annotated[list[Name], Field(max_length=100, description="tags for its documents")]


Dialect = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Patterns = Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=200)]], Field(max_length=100)]
User = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
HostKey = Annotated[str, StringConstraints(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,50}$")]
Place = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,500}$")]
Secret = Annotated[
    SecretStr | None,
    Field(
        max_length=20_000,
        description="password of the user; a private key for SFTP, the secret key for a bucket, a token without a user for NDJSON; it is never shown",
    ),
]
SERVERS: tuple[Kind, ...] = ("mailbox", "ftp", "sftp", "bucket")
ONLY: dict[str, tuple[Kind, ...]] = {
    "take": ("feed",),
    "user": (*SERVERS, "ndjson"),
    "password": (*SERVERS, "ndjson"),
    "host_key": ("sftp",),
    "endpoint": ("bucket",),
    "region": ("bucket",),
    "cursor_field": ("ndjson",),
    "senders": ("mailbox",),
    "subjects": ("mailbox",),
    "then": SERVERS,
    "move_to": SERVERS,
}
"""Fields that only some kinds have."""
CLEARED = (
    "host_key",
    "endpoint",
    "region",
    "cursor_field",
    "publisher",
    "dialect",
    "idle_seconds",
    "user",
    "password",
    "move_to",
)
"""Fields that a change may set to null."""
TIED = ("address", "user", "host_key", "endpoint", "region")
"""A change of one of these needs the password again, so that nobody can have it sent to a server of their choice."""


class Asked(BaseModel):
    """A source: where it is, how often it is fetched, and the metadata of its documents."""

    name: Title
    kind: Kind
    address: Annotated[
        Address,
        Field(
            description="a feed's address, a folder under `COPYDESK_SOURCE_FOLDER`, `imaps://host/INBOX`, `ftps://host/folder`, "
            "`sftp://host/folder`, `s3://bucket/prefix`, or the address of an endpoint with NDJSON"
        ),
    ]
    take: Annotated[Take, Field(description="for a feed: take the `entry` itself, or the `page` that it links to")] = (
        "entry"
    )
    user: Annotated[User | None, Field(description="user name at the server; for a bucket, the id of the key")] = None
    host_key: Annotated[
        HostKey | None, Field(description="for SFTP: the fingerprint of the server's host key, `SHA256:…`")
    ] = None
    endpoint: Annotated[
        Address | None, Field(description="for a bucket: address of a store other than AWS, `https://s3.store.example`")
    ] = None
    region: Annotated[Region | None, Field(description="for a bucket: its region; null: `us-east-1`")] = None
    cursor_field: Annotated[
        User | None,
        Field(description="for NDJSON: the field of the last line whose value replaces `{cursor}` in the address"),
    ] = None
    senders: Annotated[
        Patterns,
        Field(
            description="for a mailbox: take only messages from one of these addresses, such as `*@agency.example`; "
            "without any, from everybody"
        ),
    ] = []
    subjects: Annotated[
        Patterns,
        Field(description="for a mailbox: take only messages with one of these subjects, such as `*embargo*`"),
    ] = []
    then: Annotated[
        Then,
        Field(
            description="what happens on the server to an item that was stored: `keep` changes nothing, `mark` marks a "
            "mail as read, `move` moves it to `move_to`, `delete` deletes it"
        ),
    ] = "keep"
    move_to: Annotated[
        Place | None,
        Field(description="where `move` moves to: a folder of the mailbox, or one below the folder of the address"),
    ] = None
    every_seconds: Every = 900.0
    collection: Collection = "default"
    publisher: Annotated[Name | None, Field(description="replaces the publisher that a document itself states")] = None
    tags: Tags = []
    dialect: Annotated[
        Dialect | None,
        Field(
            description="the agency whose dialect its documents are read in, such as `reuters`; null: each document shows it"
        ),
    ] = None
    limit: Limit = 200
    idle_seconds: Idle = None
    paused: Annotated[bool, Field(description="it is not fetched until somebody resumes it")] = False


class Plan(Asked):
    """A source to create."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Harbour news", "kind": "feed", "address": "https://news.example/rss"}]
        },
    )

    password: Secret = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        defaults = {name: field.default for name, field in type(self).model_fields.items()}
        given = {name: getattr(self, name) for name in ONLY if getattr(self, name) != defaults[name]}
        if wrong := misfit({"kind": self.kind, "then": self.then, "move_to": self.move_to}, given):
            raise ValueError(wrong)
        return self


class Change(BaseModel):
    """The fields of a source to change. With another ``address``, it starts from scratch."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"every_seconds": 300}]})

    name: Title | None = None
    address: Address | None = None
    take: Take | None = None
    user: User | None = None
    password: Secret = None
    host_key: HostKey | None = None
    endpoint: Address | None = None
    region: Region | None = None
    cursor_field: User | None = None
    senders: Patterns | None = None
    subjects: Patterns | None = None
    then: Then | None = None
    move_to: Place | None = None
    every_seconds: Every | None = None
    collection: Collection | None = None
    publisher: Name | None = None
    tags: Tags | None = None
    dialect: Dialect | None = None
    limit: Limit | None = None
    idle_seconds: Idle = None


def misfit(source: Doc, given: Doc) -> str | None:
    """Return why the ``given`` fields do not fit a source, None if they do."""
    for name in given:
        if name in ONLY and source["kind"] not in ONLY[name]:
            return f"`{name}` is for sources of the kind {' or '.join(ONLY[name])}: leave it out"
    if source.get("then") == "mark" and source["kind"] != "mailbox":
        return "`then` set to `mark` is for mailboxes: give `keep`, `move` or `delete`"
    if (source.get("then") == "move") != (source.get("move_to") is not None):
        return "give `move_to` with `then` set to `move`, and only with it"
    return None


class Run(BaseModel):
    """The result of a run. ``problems`` are the first errors of single documents; ``error`` is the error that ended the
    run."""

    started_at: datetime
    finished_at: datetime
    documents: int
    duplicates: int
    refused: int
    problems: list[str]
    error: str | None


class Counts(BaseModel):
    """Totals since the source was created. ``duplicates`` were in the collection already, ``refused`` could not be
    stored."""

    runs: int
    documents: int
    duplicates: int
    refused: int
    errors: int


class Failure(BaseModel):
    at: datetime
    message: str


class Drift(BaseModel):
    """What has changed in the documents of a source since a day, for one parser. ``field`` is ``author``, ``date`` or
    ``title``, and ``before`` and ``now`` are the shares of documents that have it; or it is ``words``, and they are the
    median numbers of words."""

    parser: str
    field: str
    since: datetime
    before: float
    now: float

    @property
    def said(self) -> str:
        """Return the drift as a line."""
        day = f"{self.since:%A %-d %B}"
        if self.field == "words":
            return f"since {day} {self.now:,.0f} words, before {self.before:,.0f} ({self.parser})"
        return f"since {day} {self.field} in {self.now:.0%} of documents, before in {self.before:.0%} ({self.parser})"


class Source(Asked):
    """A source and its state. ``has_password`` says that a password is stored; it is not shown. ``error`` is null when the last run went well; ``failures`` counts failed runs in a row.

    ``running`` means that a worker is fetching it, ``idle`` that no new document has come from it for longer than
    ``idle_seconds``; ``drift`` is what has changed in its documents. To resume a source is to accept the drift: only
    later documents are compared.
    """

    model_config = ConfigDict(extra="ignore", title="FetchedSource")

    id: str
    has_password: bool
    created_at: datetime
    next_at: datetime
    running: bool
    idle: bool
    failures: int
    error: Failure | None
    last_run: Run | None
    last_document_at: datetime | None
    drift: list[Drift] = []
    counts: Counts


class Coming(BaseModel):
    """A document that the next run would store, with what is known about it before it is read. ``size_bytes`` is null
    for an entry of a feed."""

    title: str | None = None
    url: str | None = None
    filename: str | None = None
    media_type: str | None = None
    size_bytes: int | None = None


class Look(BaseModel):
    """The documents that the next run would store, at most ``limit``; ``more`` says whether there are others. Nothing
    was stored."""

    documents: list[Coming]
    more: bool
    problems: list[str]
    error: str | None


def is_idle(entry: Doc, now: datetime) -> bool:
    """Return whether no new document has come from the source for longer than ``idle_seconds``; a paused source is not
    idle."""
    if entry["idle_seconds"] is None or entry["paused"]:
        return False
    since: datetime = entry["last_document_at"] or entry["created_at"]
    return now - since > timedelta(seconds=entry["idle_seconds"])


def shown(entry: Doc) -> Source:
    """Return the source for an entry of ``sources``."""
    state = {
        "id": str(entry["_id"]),
        "has_password": entry.get("has_password", False),
        "running": entry["lease"] is not None,
        "idle": is_idle(entry, datetime.now(UTC)),
    }
    return Source.model_validate({**entry, **state})
