"""Process claimed documents: one by itself, or several together when many are waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence, Sized
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DocumentTooLarge, PyMongoError, WriteError

from services import queue, tracing
from services.records import Failure, Priority, Record
from services.settings import Settings
from services.stages import MODEL, PROCESS, STORE, STORY
from services.store import counts, erase, raw, recovery, register, work
from services.store.inserts import TOO_LARGE, VALIDATION_FAILED
from workers import enrich, guard, identity, items, members, pipeline, slow, stories
from workers.enrich.base import Reading, Stage
from workers.enrich.whole import story
from workers.limits import limits
from workers.lists import watched
from workers.parse.base import ParseError

log = structlog.get_logger()


def story_version(config: Settings) -> dict[str, str]:
    """Return the version of the stage ``story`` as a record stores it; empty if it is switched off."""
    return {} if STORY in config.enrich_skip else {STORY: story.VERSION}


@dataclass(slots=True)
class Attempt:
    """An attempt at one document. ``stage`` is the current stage, which has its own span; ``result`` is set once the
    document is read. ``sent`` is the traceparent of its message; messages of the sweeper belong to no request and have
    none. ``is_over`` is true once the document was written or failed.
    """

    db: Database[dict[str, Any]]
    claim: work.Claim
    config: Settings
    stages: Sequence[Stage]
    tally: counts.Tally
    sent: str | None = None
    stage: str = PROCESS
    earlier: Record | None = None
    rerun: bool = False
    alone: bool = False
    reading: Reading | None = None
    result: pipeline.Result | None = None
    is_over: bool = False
    started: float = field(default_factory=time.monotonic)
    _steps: Generator[Reading, None, pipeline.Result] | None = None
    _span: ExitStack = field(default_factory=ExitStack)

    def within(self) -> ExitStack:
        """Return a context in which all logging and tracing belongs to this document."""
        stack = ExitStack()
        id = str(self.claim.id)
        link = [self.claim.trace] if self.claim.trace and not self.sent else []
        stack.enter_context(structlog.contextvars.bound_contextvars(document=id))
        stack.enter_context(
            tracing.span(
                PROCESS, "consumer", parent=self.sent, links=link, document__id=id, attempt=self.claim.attempts
            )
        )
        stack.push(self._close)
        return stack

    def _close(self, *raised: Any) -> None:
        slow.left()
        self._span.__exit__(*raised)

    def enter(self, stage: str) -> None:
        self.stage = stage
        slow.entered(self.db, self.claim, stage)
        self._span.close()
        self._span.enter_context(tracing.span(stage))
        # the first attempt may have died: this time, record the stage
        if self.claim.attempts > 1 or self.claim.watched:
            work.enter(self.db, self.claim, stage)

    def begin(self, raws: Mapping[ObjectId, bytes]) -> None:
        """Read the document up to the point where the model is needed; sets ``reading``, or ``result`` if no model is
        needed. Its bytes are fetched if they are needed and not in ``raws``.
        """
        self.earlier = work.earlier(self.db, self.claim)
        if self.earlier:
            with _whole():
                self.result = pipeline.rerun(
                    self.earlier, self.stages, self.config.enrich_languages, self.enter, self._guard
                )
            self.rerun = self.result is not None
        if self.result is None:
            id = self.claim.id
            self._steps = pipeline.steps(
                raws[id] if id in raws else work.read_raw(self.db, id),
                self.claim.source,
                declared_media_type=self.claim.raw.get("declared_media_type"),
                filename=self.claim.raw.get("filename"),
                limits=limits(self.config),
                stages=self.stages,
                languages=self.config.enrich_languages,
                entering=self.enter,
                guard=self._guard,
            )
            try:
                with _whole():
                    self.reading = next(self._steps)
            except StopIteration as end:
                self.result = end.value

    def read(self) -> None:
        """Run the remaining stages, including the model."""
        if self.result is None and self._steps is not None:
            with _whole():
                self.result = enrich.run_through(self._steps)

    def _guard(self, stage: str) -> AbstractContextManager[None]:
        seconds = self.config.stage_seconds
        if (
            self.alone
        ):  # otherwise several documents share the time, and one that takes too long is then taken by itself
            spent = time.monotonic() - self.started
            seconds = guard.allotted(seconds, self.config.task_soft_seconds, spent)
        return guard.within(seconds)

    def try_again(self, code: str, message: str, exception: type[BaseException]) -> None:
        """Release the document for another attempt, or fail it if this was the last one."""
        self.tally.error(exception.__name__)
        if self.claim.attempts >= self.config.max_attempts:
            self.fail(code, message, exception)
        else:
            self.tally.retried()
            work.release(self.db, self.claim, delay_seconds=work.backoff_seconds(self.claim.attempts, self.config))

    def wait(self, error: raw.Unavailable) -> None:
        """Release the document because the bucket of raw bytes is down; this does not count as an attempt."""
        log.error("raw_store_unavailable", error=str(error))
        pause = work.backoff_seconds(self.config.max_attempts, self.config)
        work.release(self.db, self.claim, delay_seconds=pause, counted=False)

    def fail(self, code: str, message: str, exception: type[BaseException]) -> None:
        failure = Failure(
            code=code,
            message=message,
            stage=self.stage,
            attempts=self.claim.attempts,
            exception=exception.__name__,
        )
        self.is_over = True
        if work.fail(self.db, self.claim, failure):
            self.tally.failed(code)
        log.info("failed", code=code, stage=self.stage)


@contextmanager
def _whole() -> Iterator[None]:
    """Raise the exception that ended the whole reading, without the wrapper that carried it through the stages."""
    try:
        yield
    except enrich.Interrupted as ended:
        raise ended.cause from None


def alone(attempt: Attempt) -> None:
    """Process one document. Raises PyMongoError if MongoDB does not answer."""
    attempt.alone = True
    with attempt.within():
        try:
            attempt.begin({})
            attempt.read()
            _write([attempt])
        except ParseError as error:
            attempt.fail(error.code, error.message, type(error))
        except Exception as error:
            if isinstance(error, SoftTimeLimitExceeded):
                attempt.try_again("poison", f"not done after {attempt.config.task_soft_seconds:g} s", type(error))
            elif isinstance(error, MemoryError):
                limit = attempt.config.task_memory_bytes
                attempt.try_again("poison", f"took more than {limit} bytes of memory", type(error))
            elif _too_large(error):
                message = "what was read of it is more than the 16 MB of one record in MongoDB; send it in parts"
                attempt.fail("record_too_large", message, type(error))
            elif isinstance(error, PyMongoError) and not _refused(error):
                raise
            elif isinstance(error, raw.Unavailable):
                attempt.wait(error)
            else:
                log.exception("document_failed", stage=attempt.stage, attempts=attempt.claim.attempts)
                attempt.try_again("internal_error", "the worker's log has the traceback", type(error))


def together(attempts: Sequence[Attempt]) -> None:
    """Process several documents together: one run of the model, one write. A document with any error is released, to be
    taken by itself. Raises PyMongoError if MongoDB does not answer.
    """
    db = attempts[0].db
    links = [attempt.sent for attempt in attempts if attempt.sent]
    try:
        raws = work.read_raws(db, [attempt.claim.id for attempt in attempts if not attempt.claim.finished_before])
        begun = [attempt for attempt in attempts if _goes_well(attempt, partial(attempt.begin, raws))]
        with tracing.span(MODEL, links=links):
            enrich.read_together([attempt.reading for attempt in begun if attempt.reading])
        read = [attempt for attempt in begun if _goes_well(attempt, attempt.read)]
        if read:
            with tracing.span("write", links=links):
                _write(read)
    except Exception as error:
        if isinstance(error, PyMongoError) and not (_too_large(error) or _refused(error)):
            raise
        attempts[0].tally.error(type(error).__name__)
        log.info("not_together", documents=len(attempts), error=repr(error))
    if left := [attempt.claim for attempt in attempts if not attempt.is_over]:
        work.give_back(db, left)
        queue.publish([str(claim.id) for claim in left], alone=True, traced=False)


def _goes_well(attempt: Attempt, step: Callable[[], None]) -> bool:
    """Return whether the document can continue; one that cannot be read fails. Raises errors that concern all
    documents."""
    with attempt.within():
        try:
            step()
        except ParseError as error:
            attempt.fail(error.code, error.message, type(error))
            return False
        except PyMongoError:
            raise
        except Exception as error:
            if isinstance(error, SoftTimeLimitExceeded | MemoryError):
                raise
            return False
        return True


def _write(attempts: Sequence[Attempt]) -> None:
    """Store stories, members and results, in as few round trips as for one document. Raises PyMongoError."""
    db, config = attempts[0].db, attempts[0].config
    told = story_version(config)
    _enter(attempts, STORY)
    results = [(attempt, attempt.result) for attempt in attempts if attempt.result]
    keep = {attempt.claim.id for attempt, result in results if told and stories.stands(attempt.earlier, result.article)}
    anew = {
        (claim := attempt.claim).id: stories.Told(result.article, claim.source.collection, claim.received_at)
        for attempt, result in results
        if attempt.claim.id not in keep
    }
    started = time.perf_counter()
    found = stories.assign(db, anew, config) if told and anew else {}
    for attempt, result in results:
        if attempt.claim.id in found:
            result.timings_ms[STORY] = _share_ms(started, found)
    _identify(db, results)
    started = _enter(attempts, STORE)
    outcomes = []
    inner: dict[Priority, list[str]] = {priority: [] for priority in Priority}
    for attempt, result in results:
        inside, new = members.store(db, attempt.claim, result.members, config)
        for priority, ids in new.items():
            inner[priority] += ids
        outcome = work.Outcome(
            article=result.article,
            media_type=result.media_type,
            members=None if attempt.rerun else inside,
            story=found.get(attempt.claim.id),
            keep_story=attempt.claim.id in keep,
            pipeline_version=pipeline.PIPELINE_VERSION,
            parser=result.parser,
            stages=result.stages | told,
            models=result.models,
            timings_ms=result.timings_ms,
            failures=result.failures,
            item=items.foresee(db, attempt.claim, result.article),
            unsettled=items.unsettled(attempt.claim, result.article),
            lists=partial(watched.fields, watched.current(db), attempt.claim.source.collection),
        )
        outcomes.append((attempt.claim, outcome))
    held = work.finish(db, outcomes)
    writing = {STORE: _share_ms(started, outcomes)}
    for priority, ids in inner.items():
        queue.publish(ids, bulk=priority == Priority.BULK)
    for attempt, result in results:
        id = attempt.claim.id
        attempt.is_over = True
        if id in held:
            attempt.tally.done(result.timings_ms | writing, [failure.stage for failure in result.failures])
        elif not work.stands(db, id):  # it was erased in the meantime, and this step has added it to the stories again
            erase.erase(db, [id])
        else:
            recovery.survived(db, attempt.claim)
        seconds = round(time.monotonic() - attempt.started, 3)
        log.info("done" if id in held else "lease_lost", document=str(id), seconds=seconds, together=len(attempts))
        for failure in result.failures:
            log.warning("stage_failed", document=str(id), **failure.model_dump())
    items.settle(db, [(attempt.claim, result.article) for attempt, result in results if attempt.claim.id in held])


def _identify(db: Database[dict[str, Any]], results: Sequence[tuple[Attempt, pipeline.Result]]) -> None:
    """Give people and organizations their ids. The register also counts again everybody who was in an earlier reading
    of a document and is not in this one."""
    identity.assign(db, ((result.article, attempt.claim.received_at) for attempt, result in results))
    former = set()
    for attempt, result in results:
        if attempt.earlier:
            former |= {one.id for one in attempt.earlier.entities if one.id} - {
                one.id for one in result.article.entities
            }
    register.mark(db, former)


def _share_ms(started: float, documents: Sized) -> float:
    """Return each document's share of the milliseconds since ``started``."""
    return round((time.perf_counter() - started) * 1000 / max(1, len(documents)), 2)


def _enter(attempts: Sequence[Attempt], stage: str) -> float:
    """Enter a stage, and return the time."""
    if len(attempts) == 1:
        attempts[0].enter(stage)
    return time.perf_counter()


def _refused(error: BaseException) -> bool:
    """Return whether MongoDB answers but refuses this record."""
    return VALIDATION_FAILED in _codes(error)


def _too_large(error: BaseException) -> bool:
    """Return whether the driver or the server says that a record exceeds MongoDB's limit of 16 MB."""
    return isinstance(error, DocumentTooLarge) or not _codes(error).isdisjoint(TOO_LARGE)


def _codes(error: BaseException) -> set[int]:
    if isinstance(error, BulkWriteError):
        return {one["code"] for one in error.details["writeErrors"]}
    return {error.code} if isinstance(error, WriteError) and error.code else set()
