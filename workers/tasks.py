"""Celery tasks: thin, they claim a record, call the pipeline and write what it says."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from bson import ObjectId
from celery.signals import setup_logging, worker_init, worker_process_init
from pymongo.database import Database
from pymongo.errors import DocumentTooLarge, PyMongoError, WriteError

from services import logs, queue
from services.records import Failure
from services.settings import Settings, settings
from services.store import current, work
from services.store.client import connect
from workers import enrich, members, pipeline, stories
from workers.enrich import models, story
from workers.enrich.base import Stage
from workers.enrich.registry import STORY, WrongStage, configured
from workers.limits import limits
from workers.parse.base import ParseError

app = queue.app
log = structlog.get_logger()
_VALIDATION_FAILED, _TOO_LARGE = 121, (10334, 17419, 17420)  # error codes of mongod
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


@cache
def stages() -> tuple[Stage, ...]:
    """The stages that the settings ask for. Raises WrongStage."""
    return configured(settings())


@worker_init.connect
def _load_models(**_: Any) -> None:
    try:
        stages()
    except WrongStage as error:
        sys.exit(f"copydesk: {error}")
    enrich.preload()
    gc.collect()
    gc.freeze()  # the forked workers share these pages as long as the collector leaves them alone


@worker_process_init.connect
def _connect(**_: Any) -> None:
    try:
        _announce()
    except PyMongoError as error:
        log.warning("not_announced", error=str(error), hint="the next sweep does it")


def _announce() -> None:
    """Tell the API which versions are current here: it does not load the code that knows."""
    made_now = {stage.field: stage.full_version for stage in stages()} | _story_version()
    resources = {name: used.version for name, used in models.resources().items()}
    current.announce(database(), current.Current(pipeline.parsers(), made_now, resources))


def _story_version() -> dict[str, str]:
    return {} if STORY in settings().enrich_skip else {STORY: story.VERSION}


@app.task(name=queue.PROCESS)
def process(id: str) -> None:
    """Process one document, if it is still to be done and nobody else has it."""
    config = settings()
    db = database()
    with structlog.contextvars.bound_contextvars(document=id):
        claim = work.claim(db, ObjectId(id), config)
        if claim is None:
            return
        attempt = Attempt(db, claim, config)
        try:
            attempt.make()
        except ParseError as error:
            attempt.fail(error.code, error.message, type(error))
        except Exception as error:
            cause = error.__cause__ if isinstance(error, enrich.EnrichError) and error.__cause__ else error
            if isinstance(cause, SoftTimeLimitExceeded):
                attempt.try_again("poison", f"not done after {config.task_soft_seconds:g} s", type(cause))
            elif _too_large(cause):
                message = "what was read of it is more than the 16 MB of one record in MongoDB; send it in parts"
                attempt.fail("record_too_large", message, type(cause))
            elif isinstance(cause, PyMongoError) and not _refused(cause):
                raise  # MongoDB does not answer; the lease runs out and the sweeper has another worker try
            else:
                log.exception("stage_failed", stage=attempt.stage, attempts=claim.attempts)
                attempt.try_again("internal_error", "the worker's log has the traceback", type(cause))


def _refused(error: PyMongoError) -> bool:
    """Whether MongoDB answers and will not hold this very record."""
    return isinstance(error, WriteError) and error.code == _VALIDATION_FAILED


def _too_large(error: BaseException) -> bool:
    """Whether a record is over the 16 MB that MongoDB holds in one, by the driver's word or the server's."""
    return isinstance(error, DocumentTooLarge) or (isinstance(error, WriteError) and error.code in _TOO_LARGE)


@dataclass(slots=True)
class Attempt:
    """One worker's try at a document that it has claimed. ``stage`` is what it is at."""

    db: Database[dict[str, Any]]
    claim: work.Claim
    config: Settings
    stage: str = "process"

    def enter(self, stage: str) -> None:
        self.stage = stage
        if self.claim.attempts > 1:  # the first attempt may have died: this time, leave word where
            work.enter(self.db, self.claim, stage)

    def make(self) -> None:
        """Read, annotate, write. Raises what the stages raise, and PyMongoError."""
        started = time.monotonic()
        earlier = work.earlier(self.db, self.claim)
        rerun = pipeline.rerun(earlier, stages(), self.enter) if earlier else None
        result = rerun or pipeline.run(
            work.read_raw(self.db, self.claim.id),
            self.claim.source,
            declared_media_type=self.claim.raw.get("declared_media_type"),
            filename=self.claim.raw.get("filename"),
            limits=limits(self.config),
            stages=stages(),
            entering=self.enter,
        )
        self.enter(STORY)
        told = _story_version()
        keep_story = bool(told) and stories.stands(earlier, result.article)
        found = stories.assign(self.db, self.claim.id, result.article) if told and not keep_story else None
        self.enter("store")
        inside, new = members.store(self.db, self.claim, result.members, self.config)
        held = work.finish(
            self.db,
            self.claim,
            result.article,
            media_type=result.media_type,
            members=None if rerun else inside,
            story=found,
            keep_story=keep_story,
            pipeline_version=pipeline.PIPELINE_VERSION,
            parser=result.parser,
            stages=result.stages | told,
            models=result.models,
            timings_ms=result.timings_ms,
        )
        queue.publish(new)
        log.info("done" if held else "lease_lost", seconds=round(time.monotonic() - started, 3), members=len(inside))

    def try_again(self, code: str, message: str, exception: type[BaseException]) -> None:
        """Give the document back for another attempt, or fail it where this was the last."""
        if self.claim.attempts >= self.config.max_attempts:
            self.fail(code, message, exception)
        else:
            work.release(self.db, self.claim, delay_seconds=work.backoff_seconds(self.claim.attempts, self.config))

    def fail(self, code: str, message: str, exception: type[BaseException]) -> None:
        failure = Failure(
            code=code,
            message=message,
            stage=self.stage,
            attempts=self.claim.attempts,
            exception=exception.__name__,
        )
        work.fail(self.db, self.claim, failure)
        log.info("failed", code=code, stage=self.stage)


@app.task(name=queue.SWEEP)
def sweep() -> int:
    """Take back what dead workers held, and publish again what is overdue.

    While messages are waiting, workers are busy and nothing is presumed lost.
    """
    config = settings()
    db = database()
    _announce()
    taken, failed = work.expire(db, config)
    if taken or failed:
        log.info("leases_expired", again=taken, failed=failed)
    room = queue.room(config)
    if room <= 0:
        return 0
    ids = work.overdue(db, config, room)
    if ids:
        log.info("sweep", published=queue.publish(str(id) for id in ids))
    return len(ids)


@app.task(name=queue.TIDY)
def tidy() -> int:
    """Remove raw bytes that never became a document."""
    return work.remove_orphans(database(), settings())
