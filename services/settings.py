"""All settings in one place, read once from the environment (prefix ``COPYDESK_``)."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from services.addresses import is_loopback, with_password
from services.login_settings import LoginSettings

SENTINEL_PORT = 26379


class Settings(LoginSettings):
    """Every setting is an environment variable: ``mongo_url`` is ``COPYDESK_MONGO_URL``."""

    model_config = SettingsConfigDict(env_prefix="COPYDESK_", env_ignore_empty=True, extra="ignore")

    mongo_url: str = Field("mongodb://127.0.0.1:27017/?directConnection=true", description="MongoDB connection string.")
    mongo_username: str | None = Field(None, description="User; separate from the URL, so that it needs no escaping.")
    mongo_password: SecretStr | None = Field(None, description="Password of `mongo_username`.")
    mongo_database: str = Field("copydesk", description="Database that holds the collections.")
    mongo_timeout_seconds: float = Field(10.0, gt=0, description="How long a MongoDB operation may take, with retries.")
    reader_username: str = Field("reader", description="Read-only MongoDB user for people who query directly.")
    reader_password: SecretStr | None = Field(
        None, description="Its password; `copydesk init` creates the user when set."
    )
    app_username: str = Field(
        "copydesk", description="MongoDB user of the API and the workers, created by `copydesk init`."
    )
    app_password: SecretStr | None = Field(None, description="Its password; `copydesk init` creates the user when set.")

    redis_url: str = Field(
        "redis://127.0.0.1:6379/0",
        description="Redis, for the queue and the rate limits of keys; or its Sentinels: `sentinel://one:26379;sentinel://two:26379`.",
    )
    redis_password: SecretStr | None = Field(None, description="Separate from the URL, so that it needs no escaping.")
    redis_master: str = Field("mymaster", description="The Sentinels' name of the Redis master.")
    sentinel_password: SecretStr | None = Field(None, description="Password of the Sentinels, if they require one.")
    broker_url: str | None = Field(
        None,
        description="RabbitMQ for the queue in place of Redis: `amqp://user@host:5672/vhost`, several nodes joined by `;`.",
    )
    broker_password: SecretStr | None = Field(None, description="Its password, also given separately from the URL.")

    api_host: str = Field("127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(8000, ge=0, le=65535, description="Port the API listens on.")
    auth: bool = Field(True, description="Require API keys, except for health checks and docs; docs/security.md.")
    auth_off_anywhere: bool = Field(
        False, description="Let the API run without `auth` on an address that other machines can reach."
    )
    auth_cache_seconds: float = Field(
        5.0, ge=0, le=300, description="How long an API process caches a key, and a revoked key may still work."
    )
    bootstrap_key: SecretStr | None = Field(
        None, description="The first API key, all scopes; `copydesk init` stores its hash. `make env` writes one."
    )
    api_key: SecretStr | None = Field(None, description="API key that the command line sends.")
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks, separated by commas, whose X-Forwarded-For and -Proto headers are trusted; `*` means all.",
    )
    cors_origins: list[str] = Field(
        [], description='Origins whose pages may read answers, as JSON: `["https://desk.example"]`.'
    )
    audit_days: float = Field(365.0, ge=0, description="How long the audit log is kept; 0 means for ever.")
    max_body_bytes: int = Field(25 * 1024 * 1024, gt=0, description="Largest request body and largest single document.")
    max_request_bytes: int = Field(
        512 * 1024 * 1024, gt=0, description="Largest multipart request, all files together."
    )
    inline_raw_bytes: int = Field(
        1024 * 1024,
        gt=0,
        le=15 * 1024 * 1024,
        description="Raw bytes up to this size are stored in `raw`; larger ones go to GridFS while they arrive.",
    )
    raw_url: str | None = Field(
        None,
        pattern=r"^s3://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?$",
        description="A bucket for the raw bytes, `s3://bucket/prefix`; without it they are stored in MongoDB. docs/raw-store.md.",
    )
    raw_endpoint: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Address of the bucket's service, unless it is AWS. Those of these four settings that are not set come from AWS's own variables and roles.",
    )
    raw_region: str | None = Field(None, description="Region of the bucket.")
    raw_access_key_id: str | None = Field(None, description="Access key for the bucket.")
    raw_secret_access_key: SecretStr | None = Field(None, description="The secret of that key.")
    raw_timeout_seconds: float = Field(
        10.0, gt=0, description="How long one request to the bucket may take, retries included."
    )
    max_files: int = Field(1000, gt=0, description="Files in one multipart request.")
    max_queued_documents: int = Field(
        100_000, gt=0, description="When this many documents wait for a worker, further ones are refused (429)."
    )
    max_queued_bytes: int = Field(
        20 * 1024**3, gt=0, description="The same limit for the raw bytes of waiting documents."
    )
    bulk_share: float = Field(0.9, gt=0, le=1, description="Share of these two limits that bulk documents may use.")
    share_of_key: int = Field(
        20,
        ge=0,
        description="How many interactive documents of one API key may wait; further ones become bulk. If the API works "
        "without keys, the limit is for each collection. 0: no limit.",
    )
    share_of_collection: int = Field(
        100,
        ge=0,
        description="How many interactive documents of one collection may wait, for all keys together. 0: no limit.",
    )
    max_connections: int = Field(1000, gt=0, description="Maximum connections to one API process; beyond that 503.")
    head_seconds: float = Field(20.0, gt=0, description="How long a connection may take to send a request's head.")
    upload_memory_bytes: int = Field(
        256 * 1024 * 1024, gt=0, description="Memory of one API process for bodies that are being read."
    )
    upload_wait_seconds: float = Field(
        10.0, ge=0, description="How long an upload waits for memory before it is refused (429)."
    )
    upload_grace_seconds: float = Field(
        15.0, gt=0, description="How long a body may take in any case; slower than the next setting allows: 408."
    )
    upload_bytes_per_second: int = Field(
        16 * 1024, gt=0, description="Minimum speed of a body: its time limit grows with the bytes received."
    )
    upload_seconds: float = Field(1800.0, gt=0, description="Longest time for one request's body.")
    api_shutdown_seconds: float = Field(
        25.0, gt=0, description="How long the API may finish open requests after it is asked to stop."
    )
    idempotency_hours: float = Field(24.0, gt=0, description="How long an Idempotency-Key is remembered.")

    events_seconds: float = Field(0.3, gt=0, description="How often an API process polls for its open event streams.")
    webhook_seconds: float = Field(5.0, gt=0, description="How often webhooks are called for finished documents.")
    webhook_private: bool = Field(
        False, description="Allow webhooks to loopback and private networks, and to any port."
    )
    webhook_ports: list[int] = Field([80, 443], description="The ports that webhooks may use.")
    alert_seconds: float = Field(5.0, gt=0, description="How often new documents are tested with the saved searches.")
    register_seconds: float = Field(10.0, gt=0, description="How often the register of people follows the records.")
    alert_days: float = Field(
        90.0,
        gt=0,
        description="How long alerts are remembered; a saved search does not report documents received before that.",
    )
    max_searches: int = Field(1000, ge=0, description="Saved searches of one key; beyond that 409.")
    max_list_names: int = Field(200_000, ge=0, description="Names on all watch lists together; beyond that 409.")
    smtp_url: str | None = Field(
        None,
        pattern=r"^smtps?://",
        description="Server for mails about alerts: `smtp://user@mail.example:587`, `smtps://…`.",
    )
    smtp_password: SecretStr | None = Field(None, description="Password of its user.")
    mail_from: str = Field("copydesk@localhost", pattern=r"^\S+@\S+$", description="Sender of mails.")
    mail_to: list[str] = Field([], description='Addresses that mails may go to: `["*@desk.example"]`; by default none.')
    public_url: str | None = Field(
        None, pattern=r"^https?://", description="Address of the console, for the links in mails."
    )
    source_folder: Path | None = Field(
        None, description="Sources of the kind `folder` must be under this folder; without it there are none."
    )
    source_private: bool = Field(
        False, description="Let sources fetch from loopback and private networks, and from any port."
    )
    source_ports: list[int] = Field([80, 443], description="Ports for sources, besides those of mail, FTP and SSH.")
    source_ca_file: Path | None = Field(None, description="PEM file with your own CAs for mail and file servers.")
    source_agent: str = Field(
        "Copydesk",
        min_length=1,
        description="The `User-Agent` for fetches, and the name that is looked up in robots.txt.",
    )
    source_pause_seconds: float = Field(
        1.0, ge=0, description="Pause between two requests to one host; a `Crawl-delay` of robots.txt may lengthen it."
    )
    source_rest_seconds: float = Field(
        5.0, ge=0, description="A file in a watched folder is taken when it has not changed for this long."
    )
    source_test_seconds: float = Field(
        45.0, gt=0, description="How long the test run of a source waits for a worker's answer."
    )
    source_fetches: int = Field(2, gt=0, description="Maximum number of sources fetched at a time, over all workers.")
    max_listeners: int = Field(500, ge=0, description="Maximum open event streams of one API process; beyond that 503.")
    max_listeners_of_key: int = Field(
        100, ge=0, description="Maximum open event streams with one API key; beyond that 429."
    )

    stage_seconds: float = Field(
        30.0, gt=0, description="After this time a stage fails, and the document is done without its field."
    )
    task_soft_seconds: float = Field(60.0, gt=0, description="After this time processing is interrupted.")
    task_hard_seconds: float = Field(75.0, gt=0, description="After this time the worker process is killed.")
    task_memory_bytes: int = Field(
        4 * 1024**3, ge=0, description="Memory of one worker process, including its models (1 GiB); 0 means no limit."
    )
    batch_documents: int = Field(
        16,
        ge=1,
        description="Maximum number of documents that a worker process takes together when many are waiting; 1 means one at a time.",
    )
    batch_document_bytes: int = Field(
        32 * 1024, gt=0, description="Maximum raw bytes of a document that is taken together with others."
    )
    lease_seconds: float = Field(
        6.0,
        ge=2,
        description="How long a lease lasts without renewal; a living worker renews it every quarter of this time.",
    )
    visibility_seconds: float = Field(
        600.0,
        gt=0,
        description="After this time Redis delivers an unacknowledged message again (RabbitMQ: docs/brokers.md).",
    )
    overdue_seconds: float = Field(15.0, gt=0, description="A record queued for longer than this is published again.")
    sweep_seconds: float = Field(
        2.0, gt=0, description="How often the scheduler looks for expired leases and overdue records."
    )
    sweep_batch: int = Field(1000, gt=0, description="Maximum number of records that one sweep publishes again.")
    max_attempts: int = Field(4, gt=0, description="After this many attempts a document fails.")
    retry_base_seconds: float = Field(
        2.0,
        ge=0,
        description="Maximum pause before the second attempt; it doubles with each attempt. The actual pause is random, up to this maximum.",
    )
    retry_most_seconds: float = Field(60.0, ge=0, description="Maximum pause between attempts.")
    retention: dict[str, Annotated[float, Field(gt=0)]] = Field(
        {},
        description='How many days documents are kept, by collection, as JSON: `{"wire-*": 90, "*": 3650}`; the first pattern that matches counts.',
    )
    story_hours: dict[str, Annotated[float, Field(gt=0)]] = Field(
        {"*": 48},
        description="Maximum hours between two versions of a story, by collection, as JSON; the first pattern that matches "
        "counts, and without one there is no limit. Uses the documents' dates, otherwise the times of receipt.",
    )
    orphan_seconds: float = Field(3600.0, gt=0, description="Raw bytes without a record are removed after this.")
    shutdown_seconds: float = Field(30.0, ge=0, description="Soft shutdown: time for a worker to finish its documents.")
    worker_concurrency: int = Field(0, ge=0, description="Processes of a worker; 0 means one for each core.")
    worker_max_tasks_per_child: int = Field(
        1000,
        ge=0,
        description="After this many messages a worker process is replaced by a new one, so that its memory does not grow for ever; 0: never.",
    )
    worker_heartbeat_file: Path | None = Field(
        None, description="A file for probes that a worker touches every two seconds while connected to the broker."
    )

    parse_expanded_bytes: int = Field(
        200 * 1024 * 1024, gt=0, description="Maximum unpacked bytes of all members of one archive."
    )
    parse_expansion_ratio: float = Field(
        100.0, gt=1, description="Maximum ratio of unpacked to packed bytes, checked from 10 MiB unpacked."
    )
    parse_members: int = Field(
        5000, gt=0, description="Maximum members of an archive, entries of a feed, rows of a table."
    )
    parse_pages: int = Field(500, gt=0, description="Maximum pages of one document.")
    parse_cells: int = Field(
        50_000, gt=0, description="How many non-empty cells of one workbook are read; the rest is left out."
    )
    parse_depth: int = Field(
        4, ge=0, description="Maximum nesting of documents: a message in an archive is at depth 1."
    )
    parse_seconds: float = Field(
        30.0, gt=0, description="Time limit for a document of a format that is read in a child process."
    )
    parse_memory_bytes: int = Field(
        1024 * 1024 * 1024, gt=0, description="Memory limit for a document of a format that is read in a child process."
    )
    parse_ocr: bool = Field(False, description="Read pictures and scanned pages with Tesseract, if it is installed.")
    parse_ocr_pages: int = Field(20, gt=0, description="How many scanned pages are read in one document.")
    parse_ocr_seconds: float = Field(
        10.0, gt=0, description="Time limit for one picture; `parse_seconds` still limits the document."
    )
    parse_ocr_languages: str = Field(
        "eng", pattern=r"^[A-Za-z_]+(\+[A-Za-z_]+)*$", description="Tesseract's languages, joined by `+`."
    )
    parse_formats: dict[str, dict[str, float]] = Field(
        {}, description='Other limits for a format, as JSON: `{"pdf": {"pages": 50}, "zip": {"members": 100}}`.'
    )

    dialects: Path | None = Field(
        None,
        description="A folder with additional dialects, which describe how an agency's documents look; docs/dialects.md.",
    )

    enrich_skip: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="Stages to switch off: `topics,summary`; docs/stages.md lists them."
    )
    enrich_replace: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="Your own stages, which replace the built-in ones: `money=mypackage.module:stage`, separated by commas.",
    )
    enrich_languages: Annotated[frozenset[str], NoDecode] = Field(
        frozenset({"en", "fr", "ru"}),
        description="Languages whose models a worker loads; for other languages only stages that need no model run.",
    )
    event_patterns: Path | None = Field(
        None, description="A file with additional event patterns; docs/events.md describes its format."
    )
    event_confidence: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Events with a lower confidence are left out of the timeline and, after the next `copydesk init`, of the view `events_daily`; docs/events.md.",
    )

    otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Address for OpenTelemetry traces, OTLP over HTTP: `http://collector:4318`. Without it nothing is traced.",
    )
    log_format: str = Field("json", pattern="^(json|console)$", description="`json` or `console`.")
    log_level: str = Field("INFO", description="Minimum level of log lines.")

    @field_validator("enrich_skip", "enrich_languages", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return _listed(value) if isinstance(value, str) else value

    @field_validator("enrich_replace", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [pair.partition("=") for pair in _listed(value)]
        return {name.strip(): dotted.strip() for name, _, dotted in pairs}

    @field_validator("redis_url", "broker_url")
    @classmethod
    def _known_schemes(cls, value: str | None, info: ValidationInfo) -> str | None:
        schemes = ("amqp", "amqps") if info.field_name == "broker_url" else ("redis", "rediss", "sentinel")
        for url in value.split(";") if value else ():
            if urlsplit(url).scheme not in schemes:
                raise ValueError(
                    f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}, each part between `;`"
                )
        return value

    @model_validator(mode="after")
    def _limits_nest(self) -> Settings:
        chain = ["task_soft_seconds", "task_hard_seconds", "visibility_seconds"]
        for shorter, longer in [*pairwise(chain), ("lease_seconds", "visibility_seconds")]:
            if getattr(self, shorter) >= getattr(self, longer):
                raise ValueError(f"COPYDESK_{shorter.upper()} must be shorter than COPYDESK_{longer.upper()}")
        return self

    @model_validator(mode="after")
    def _uploads_end_before_they_are_orphans(self) -> Settings:
        if self.upload_seconds >= self.orphan_seconds:
            raise ValueError("COPYDESK_UPLOAD_SECONDS must be shorter than COPYDESK_ORPHAN_SECONDS")
        return self

    @model_validator(mode="after")
    def _open_on_loopback_only(self) -> Settings:
        if not (self.auth or self.auth_off_anywhere or is_loopback(self.api_host)):
            raise ValueError(
                f"COPYDESK_AUTH is off and COPYDESK_API_HOST {self.api_host} is not a loopback address: anybody could "
                "write and delete; turn it on, or set COPYDESK_AUTH_OFF_ANYWHERE=true if this is intended"
            )
        return self

    @property
    def redis_address(self) -> str:
        """``redis_url`` with the escaped password."""
        return with_password(self.redis_url, self.redis_password)

    @property
    def broker_address(self) -> str:
        """The address of the queue with its password: RabbitMQ, Redis, or Sentinels."""
        return with_password(self.broker_url, self.broker_password) if self.broker_url else self.redis_address

    @property
    def broker(self) -> Literal["redis", "rabbitmq"]:
        """The kind of broker that has the queue."""
        return "rabbitmq" if self.broker_url else "redis"

    @property
    def sentinels(self) -> list[tuple[str, int]]:
        """Host and port of each Sentinel; empty if ``redis_url`` names a Redis."""
        parts = [urlsplit(url) for url in self.redis_url.split(";")]
        return [(one.hostname or "", one.port or SENTINEL_PORT) for one in parts if one.scheme == "sentinel"]

    @property
    def needs_redis(self) -> bool:
        """Whether Redis is used: always, except if RabbitMQ has the queue and no setting names a Redis."""
        return self.broker == "redis" or "redis_url" in self.model_fields_set


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


@lru_cache
def settings() -> Settings:
    """Return the process's settings. Raises pydantic.ValidationError if the environment is wrong."""
    return Settings()
