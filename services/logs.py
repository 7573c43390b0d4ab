"""Structured logs on standard error: JSON lines, or readable ones with ``COPYDESK_LOG_FORMAT=console``."""

from __future__ import annotations

import logging
import re
import sys

import structlog

from services.settings import Settings

_ID = re.compile(r"\b[0-9a-f]{24}\b")


def _document(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Return the document that a log line of Celery is about: its tasks have the id in their name, see
    `services.queue`."""
    record = event.get("_record")
    if record is not None and record.name.startswith("celery") and (found := _ID.search(str(event["event"]))):
        event.setdefault("document", found[0])
    return event


def configure(config: Settings) -> None:
    """Send structlog and the standard library's logging through one formatter."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if config.log_format == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _document],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.log_level.upper())
    for noisy in ("pymongo", "kombu", "amqp", "httpx", "httpcore", "uvicorn.access", "trafilatura", "htmldate"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
