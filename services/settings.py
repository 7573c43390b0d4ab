"""All settings in one place, read once from the environment (prefix ``COPYDESK_``)."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting is an environment variable: ``mongo_url`` is ``COPYDESK_MONGO_URL``."""

    model_config = SettingsConfigDict(env_prefix="COPYDESK_", extra="ignore")

    mongo_url: str = Field("mongodb://127.0.0.1:27017/?directConnection=true", description="MongoDB connection string.")
    mongo_username: str | None = Field(None, description="User; given apart from the URL so that it needs no escaping.")
    mongo_password: SecretStr | None = Field(None, description="Password of `mongo_username`.")
    mongo_database: str = Field("copydesk", description="Database that holds the collections.")
    mongo_timeout_seconds: float = Field(
        10.0, gt=0, description="How long one MongoDB operation may take, retries included."
    )
    reader_username: str = Field("reader", description="Read-only MongoDB user for people who query directly.")
    reader_password: SecretStr | None = Field(
        None, description="Its password; `copydesk init` creates the user when set."
    )
    app_username: str = Field(
        "copydesk", description="MongoDB user of the API and the workers, created by `copydesk init`."
    )
    app_password: SecretStr | None = Field(None, description="Its password; `copydesk init` creates the user when set.")

    redis_url: str = Field("redis://127.0.0.1:6379/0", description="Redis, the Celery broker.")
    redis_password: SecretStr | None = Field(None, description="Given apart from the URL so that it needs no escaping.")

    api_host: str = Field("127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(8000, ge=0, le=65535, description="Port the API listens on.")
    max_body_bytes: int = Field(25 * 1024 * 1024, gt=0, description="Largest request body and largest single document.")
    max_request_bytes: int = Field(
        512 * 1024 * 1024, gt=0, description="Largest multipart request, all files together."
    )
    inline_raw_bytes: int = Field(
        1024 * 1024,
        gt=0,
        le=15 * 1024 * 1024,
        description="Raw bytes up to this stand in `raw`; larger ones in GridFS.",
    )
    max_files: int = Field(1000, gt=0, description="Files in one multipart request.")
    idempotency_hours: float = Field(24.0, gt=0, description="How long an Idempotency-Key is remembered.")

    task_soft_seconds: float = Field(60.0, gt=0, description="After this a document's processing is interrupted.")
    task_hard_seconds: float = Field(75.0, gt=0, description="After this the worker process is killed.")
    lease_seconds: float = Field(90.0, gt=0, description="How long a worker owns a record it has claimed.")
    visibility_seconds: float = Field(
        600.0, gt=0, description="After this Redis hands an unacknowledged message out again."
    )
    overdue_seconds: float = Field(60.0, gt=0, description="A record queued for longer than this is published again.")
    sweep_seconds: float = Field(15.0, gt=0, description="How often the scheduler looks for overdue records.")
    sweep_batch: int = Field(1000, gt=0, description="Most records that one sweep publishes again.")
    max_attempts: int = Field(4, gt=0, description="After this many attempts a document is failed.")
    orphan_seconds: float = Field(3600.0, gt=0, description="Raw bytes without a record are removed after this.")
    shutdown_seconds: float = Field(30.0, ge=0, description="Soft shutdown: time a worker has to finish what it holds.")
    worker_concurrency: int = Field(0, ge=0, description="Processes of a worker; 0 means one for each core.")

    parse_expanded_bytes: int = Field(
        200 * 1024 * 1024, gt=0, description="Bytes that the members of one archive may have together, unpacked."
    )
    parse_expansion_ratio: float = Field(
        100.0, gt=1, description="Unpacked to packed bytes of an archive, looked at from 10 MiB unpacked on."
    )
    parse_members: int = Field(5000, gt=0, description="Members of one archive, entries of a feed, rows of a table.")
    parse_pages: int = Field(500, gt=0, description="Pages of one document.")
    parse_depth: int = Field(4, ge=0, description="Documents in documents: a message in an archive is at depth 1.")
    parse_seconds: float = Field(30.0, gt=0, description="Time to read one document of a format that is read isolated.")
    parse_memory_bytes: int = Field(
        1024 * 1024 * 1024, gt=0, description="Memory to read one document of a format that is read isolated."
    )
    parse_ocr: bool = Field(False, description="Read pictures and scanned pages with Tesseract, where it is installed.")
    parse_ocr_languages: str = Field(
        "eng", pattern=r"^[A-Za-z_]+(\+[A-Za-z_]+)*$", description="Tesseract's languages, joined by `+`."
    )
    parse_formats: dict[str, dict[str, float]] = Field(
        {},
        description='Other limits for a format, as JSON: `{"pdf": {"pages": 50}, "zip": {"members": 100}}`.',
    )

    event_patterns: Path | None = Field(
        None, description="A file of event patterns to add; docs/events.md gives its form."
    )

    log_format: str = Field("json", pattern="^(json|console)$", description="`json` or `console`.")
    log_level: str = Field("INFO", description="Level of the log.")

    @model_validator(mode="after")
    def _limits_nest(self) -> Settings:
        chain = ["task_soft_seconds", "task_hard_seconds", "lease_seconds", "visibility_seconds"]
        for shorter, longer in pairwise(chain):
            if getattr(self, shorter) >= getattr(self, longer):
                raise ValueError(f"COPYDESK_{shorter.upper()} must be shorter than COPYDESK_{longer.upper()}")
        return self

    @property
    def broker_url(self) -> str:
        """``redis_url`` with the password put in, escaped."""
        if self.redis_password is None:
            return self.redis_url
        parts = urlsplit(self.redis_url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f":{quote(self.redis_password.get_secret_value(), safe='')}@{host}"))


@lru_cache
def settings() -> Settings:
    """The process's settings. Raises pydantic.ValidationError where the environment is wrong."""
    return Settings()
