"""Celery tasks: thin, they claim a record, call the pipeline and write what it says."""

from __future__ import annotations

import gc
import random
import time
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from bson import ObjectId
from celery.signals import setup_logging, worker_init, worker_process_init
from pymongo.database import Database
from pymongo.errors import PyMongoError

from services import logs, queue
from services.records import Failure
from services.settings import settings
from services.store import work
from services.store.client import connect
from workers import enrich, members, pipeline, stories
from workers.limits import limits
from workers.parse.base import ParseError

app = queue.app
log = structlog.get_logger()
_database: Database[dict[str, Any]] | None = None


def database() -> Database[dict[str, Any]]:
    """This process's MongoDB client, made on first use, after the fork."""
    global _database
    if _database is None:
        _database = connect(settings())
    return _database


@setup_logging.connect
def _logging(**_: Any) -> None:
    logs.configure(settings())


@worker_init.connect
def _load_models(**_: Any) -> None:
    enrich.preload()
    gc.collect()
    gc.freeze()  # the forked workers share these pages as long as the collector leaves them alone


@worker_process_init.connect
def _connect(**_: Any) -> None:
    database()


@app.task(name=queue.PROCESS)
def process(id: str) -> None:
    """Process one document, if it is still to be done and nobody else has it."""
    config = settings()
    db = database()
    with structlog.contextvars.bound_contextvars(document=id):
        claim = work.claim(db, ObjectId(id), config)
        if claim is None:
            return
        started = time.monotonic()
        try:
            result = pipeline.run(
                work.read_raw(db, claim.id),
                claim.source,
                declared_media_type=claim.raw.get("declared_media_type"),
                filename=claim.raw.get("filename"),
                limits=limits(config),
            )
            story = stories.assign(db, claim.id, result.article)
            stored = members.store(db, claim, result.members, config)
        except ParseError as error:
            _fail(db, claim, error.code, error.message, "parse")
            return
        except SoftTimeLimitExceeded:
            _fail(db, claim, "timeout", f"not done after {config.task_soft_seconds:g} s", "process")
            return
        except PyMongoError:
            raise  # the lease runs out and the sweeper hands the document to the next worker
        except Exception as error:
            stage = getattr(error, "stage", "process")
            log.exception("stage_failed", stage=stage, attempts=claim.attempts)
            if claim.attempts >= config.max_attempts:
                _fail(db, claim, "internal_error", f"{type(error.__cause__ or error).__name__}; see the log", stage)
            else:
                work.release(db, claim, delay_seconds=backoff_seconds(claim.attempts))
            return
        held = work.finish(
            db,
            claim,
            result.article,
            media_type=result.media_type,
            story=story,
            pipeline_version=pipeline.PIPELINE_VERSION,
            models=result.models,
            timings_ms=result.timings_ms,
        )
        queue.publish(stored)
        log.info("done" if held else "lease_lost", seconds=round(time.monotonic() - started, 3), members=len(stored))


def backoff_seconds(attempts: int) -> float:
    """Exponential backoff with full jitter: up to 2, 4, 8 … seconds, 60 at most."""
    return random.uniform(0, min(60.0, 2.0**attempts))  # noqa: S311 - spreads load, guards nothing


def _fail(db: Database[dict[str, Any]], claim: work.Claim, code: str, message: str, stage: str) -> None:
    work.fail(db, claim, Failure(code=code, message=message, stage=stage, attempts=claim.attempts))
    log.info("failed", code=code, stage=stage)


@app.task(name=queue.SWEEP)
def sweep() -> int:
    """Publish again what is overdue. While messages are waiting, workers are busy and nothing is presumed lost."""
    config = settings()
    room = config.sweep_batch - queue.depth()
    if room <= 0:
        return 0
    ids = work.overdue(database(), config, room)
    if ids:
        log.info("sweep", published=queue.publish(str(id) for id in ids))
    return len(ids)


@app.task(name=queue.TIDY)
def tidy() -> int:
    """Remove raw bytes that never became a document."""
    return work.remove_orphans(database(), settings())
