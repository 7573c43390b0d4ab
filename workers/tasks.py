"""Celery tasks: thin, they claim a record, call the pipeline and write what it says."""

from __future__ import annotations

import gc
import resource
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from bson import ObjectId
from celery.signals import heartbeat_sent, setup_logging, worker_init, worker_process_init, worker_process_shutdown
from pymongo.database import Database
from pymongo.errors import DocumentTooLarge, PyMongoError, WriteError

from services import logs, queue, tracing, webhooks
from services.records import Failure
from services.settings import Settings, settings
from services.store import counts, current, erase, work
from services.store.client import connect
from workers import enrich, members, pipeline, stories
from workers.enrich import models, story
from workers.enrich.base import Stage
from workers.enrich.registry import STORY, WrongStage, configured
from workers.limits import limits
from workers.parse import isolate
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


@cache
def tally() -> counts.Tally:
    """What this process counts."""
    return counts.Tally(database())


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


@heartbeat_sent.connect
def _beat(**_: Any) -> None:
    """From the loop that takes messages: it stops where that hangs or has lost the broker."""
    if file := settings().worker_heartbeat_file:
        file.touch()


@worker_process_init.connect
def _bound_memory(**_: Any) -> None:
    """What takes more fails with MemoryError, or kills this process: better it than what the kernel picks."""
    if limit := settings().task_memory_bytes:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


@worker_process_init.connect
def _start_helper(**_: Any) -> None:
    isolate.start()


@worker_process_init.connect
def _connect(**_: Any) -> None:
    tracing.configure(settings(), "copydesk-worker")
    try:
        _announce()
    except PyMongoError as error:
        log.warning("not_announced", error=str(error), hint="the next sweep does it")


@worker_process_shutdown.connect
def _leave(**_: Any) -> None:
    tally().flush()
    tracing.shut_down()


def _announce() -> None:
    """Tell the API which versions are current here: it does not load the code that knows."""
    made_now = {stage.field: stage.full_version for stage in stages()} | _story_version()
    resources = {name: used.version for name, used in models.resources().items()}
    current.announce(database(), current.Current(pipeline.parsers(), made_now, resources))


def _story_version() -> dict[str, str]:
    return {} if STORY in settings().enrich_skip else {STORY: story.VERSION}


@app.task(name=queue.PROCESS, bind=True)
def process(self: Any, id: str) -> None:
    """Process one document, if it is still to be done and nobody else has it."""
    config = settings()
    db = database()
    with structlog.contextvars.bound_contextvars(document=id):
        claim = work.claim(db, ObjectId(id), config)
        if claim is None:
            return
        # a message of the sweeper belongs to no request: then the record says which one it came from
        sent = (self.request.headers or {}).get(tracing.TRACEPARENT)
        link = None if sent else claim.trace
        with (
            tracing.span("process", "consumer", parent=sent, link=link, document__id=id, attempt=claim.attempts),
            Attempt(db, claim, config) as attempt,
        ):
            _try(attempt)


def _try(attempt: Attempt) -> None:
    """Raises PyMongoError where MongoDB does not answer: the lease runs out and the sweeper has another worker try."""
    try:
        attempt.make()
    except ParseError as error:
        attempt.fail(error.code, error.message, type(error))
    except Exception as error:
        cause = error.__cause__ if isinstance(error, enrich.EnrichError) and error.__cause__ else error
        if isinstance(cause, SoftTimeLimitExceeded):
            attempt.try_again("poison", f"not done after {attempt.config.task_soft_seconds:g} s", type(cause))
        elif isinstance(cause, MemoryError):
            limit = attempt.config.task_memory_bytes
            attempt.try_again("poison", f"took more than {limit} bytes of memory", type(cause))
        elif _too_large(cause):
            message = "what was read of it is more than the 16 MB of one record in MongoDB; send it in parts"
            attempt.fail("record_too_large", message, type(cause))
        elif isinstance(cause, PyMongoError) and not _refused(cause):
            raise
        else:
            log.exception("stage_failed", stage=attempt.stage, attempts=attempt.claim.attempts)
            attempt.try_again("internal_error", "the worker's log has the traceback", type(cause))


def _refused(error: PyMongoError) -> bool:
    """Whether MongoDB answers and will not hold this very record."""
    return isinstance(error, WriteError) and error.code == _VALIDATION_FAILED


def _too_large(error: BaseException) -> bool:
    """Whether a record is over the 16 MB that MongoDB holds in one, by the driver's word or the server's."""
    return isinstance(error, DocumentTooLarge) or (isinstance(error, WriteError) and error.code in _TOO_LARGE)


@dataclass(slots=True)
class Attempt:
    """One worker's try at a document that it has claimed. ``stage`` is what it is at, and has a span of its own."""

    db: Database[dict[str, Any]]
    claim: work.Claim
    config: Settings
    stage: str = "process"
    _span: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: Any) -> None:
        self._span.__exit__(*raised)

    def enter(self, stage: str) -> None:
        self.stage = stage
        self._span.close()
        self._span.enter_context(tracing.span(stage))
        # the first attempt may have died: this time, leave word where
        if self.claim.attempts > 1 or self.claim.watched:
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
        if held:
            tally().done(result.timings_ms)
        elif not work.stands(self.db, self.claim.id):  # erased meanwhile, and this has put it among the stories again
            erase.erase(self.db, [self.claim.id])
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
        if work.fail(self.db, self.claim, failure):
            tally().failed(code)
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
    counts.swept(db)
    if taken or failed:
        tally().leases_expired(taken + failed)
        tally().failed("poison", failed)
        log.info("leases_expired", again=taken, failed=failed)
    room = queue.room(config)
    if room <= 0:
        return 0
    published = sum(queue.publish(map(str, ids), traced=False) for ids in work.overdue(db, config, room))
    if published:
        log.info("sweep", published=published)
    return published


@app.task(name=queue.DELIVER)
def deliver() -> int:
    """Tell webhooks of what was finished."""
    return webhooks.deliver(database(), settings())


@app.task(name=queue.TIDY)
def tidy() -> int:
    """Erase what was kept long enough, finish what was begun, remove raw bytes that never became a document."""
    config = settings()
    db = database()
    expired, more = erase.expire(db, config, seconds=config.task_soft_seconds / 2)
    if expired:
        log.info("expired", documents=expired)
    if more:
        app.send_task(queue.TIDY)
        return expired
    erase.finish_begun(db)
    return expired + work.remove_orphans(db, config)
