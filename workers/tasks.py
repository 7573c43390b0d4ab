"""Celery tasks: they claim a record, call the pipeline and write its result."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import sys
from functools import cache
from typing import Any

import structlog
from bson import ObjectId
from celery.signals import (
    heartbeat_sent,
    setup_logging,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutdown,
)
from pymongo.database import Database
from pymongo.errors import PyMongoError

from services import logs, queue, tracing, webhooks
from services.alerts import mails
from services.alerts.passes import Alerter
from services.settings import Settings, settings
from services.sources import runs
from services.store import control, counts, current, erase, items, leases, lists, raw, sources, work
from services.store.client import connect, connect_async
from services.store.setup import SOURCES
from workers import attempts, enrich, pipeline, recovery, register, slow
from workers.attempts import Attempt
from workers.enrich.base import Stage
from workers.enrich.languages import models
from workers.enrich.registry import WrongStage, configured
from workers.heartbeat import Heartbeat
from workers.lists import asking, passes
from workers.parse import dialects, isolate, nursery

app = queue.app
app.conf.worker_consumer = "workers.consumer:Consumer"
log = structlog.get_logger()
_database: Database[dict[str, Any]] | None = None
_heartbeat: Heartbeat | None = None


def database() -> Database[dict[str, Any]]:
    """Return this process's MongoDB client, created on first use, after the fork."""
    global _database
    if _database is None:
        _database = connect(settings())
    return _database


@cache
def tally() -> counts.Tally:
    """Return the counters of this process."""
    return counts.Tally(database())


@setup_logging.connect
def _logging(**_: Any) -> None:
    logs.configure(settings())


@cache
def stages() -> tuple[Stage, ...]:
    """Return the stages that the settings choose. Raises WrongStage."""
    return configured(settings())


@worker_init.connect
def _load_models(**_: Any) -> None:
    try:
        stages()
        dialects.use(settings().dialects)
    except WrongStage as error:
        sys.exit(f"copydesk: {error}")
    except dialects.WrongDialect as error:
        sys.exit(f"copydesk: COPYDESK_DIALECTS: {error}")
    nursery.ours.start()  # before the processes of the pool are forked
    leases.worker()  # forked processes inherit the worker's name
    enrich.preload(settings().enrich_languages)
    queue.drop_periodic()
    gc.collect()
    gc.freeze()  # forked workers share these pages as long as the garbage collector does not touch them


@heartbeat_sent.connect
def _beat(**_: Any) -> None:
    """Touch the heartbeat file from the message loop, so that it stops if the loop hangs or has lost the broker."""
    if file := settings().worker_heartbeat_file:
        file.touch()


@worker_ready.connect
def _start_heartbeat(sender: Any, **_: Any) -> None:
    """Start the heartbeat once; Celery reports that it is ready again after each reconnection to the broker."""
    global _heartbeat
    if _heartbeat is None:
        _heartbeat = Heartbeat(lambda: sender.pool.info.get("processes", [os.getpid()]), settings())


@worker_shutdown.connect
def _stop_heartbeat(**_: Any) -> None:
    if _heartbeat:
        _heartbeat.stop()


@worker_process_init.connect
def _bound_memory(**_: Any) -> None:
    """Limit the memory of this process: work that needs more fails with MemoryError or kills the process, so that the
    kernel does not kill another one."""
    if limit := settings().task_memory_bytes:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


@worker_process_init.connect
def _start_helpers(**_: Any) -> None:
    isolate.start()
    slow.start()


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
    """Store the current versions for the API, which does not load the code of the stages."""
    made_now = {stage.field: stage.full_version for stage in stages()} | attempts.story_version(settings())
    resources = {name: used.version for name, used in models.resources().items()}
    current.announce(database(), current.Current(pipeline.parsers(), made_now, resources, dialects.names()))


@app.task(name=queue.PROCESS, bind=True)
def process(self: Any, id: str) -> None:
    """Process one document, if it is still waiting and nobody else has claimed it; if many are waiting, process a few
    more with it. Raises PyMongoError if MongoDB does not answer; claimed documents are released as soon as it does.
    """
    try:
        _process(self, id)
    except Exception as error:
        tally().error(type(error).__name__)
        recovery.after_failure(database(), tally(), settings())
        raise


def _process(self: Any, id: str) -> None:
    config = settings()
    db = database()
    sent = {id: (self.request.headers or {}).get(tracing.TRACEPARENT)}
    came_by = str((self.request.delivery_info or {}).get("routing_key"))
    state = control.read(db)
    if state.pauses(queue.PRIORITIES.get(came_by)):
        return  # the record waits, and the sweeper publishes it when the queue is resumed
    sent |= queue.take(came_by, config) if came_by in queue.TOGETHER else {}
    if len(sent) == 1:
        claim = work.claim(db, ObjectId(id), config, state)
        claims = [claim] if claim else []
    else:
        claims = _claim_together(db, list(sent), config, state)
    tries = [attempt(claim, sent[str(claim.id)]) for claim in claims]
    if len(tries) == 1:
        attempts.alone(tries[0])
    elif tries:
        attempts.together(tries)


def attempt(claim: work.Claim, sent: str | None = None) -> Attempt:
    """Return an attempt of this process; ``sent`` is the traceparent of the message."""
    return Attempt(database(), claim, settings(), stages(), tally(), sent)


def _claim_together(
    db: Database[dict[str, Any]], ids: list[str], config: Settings, state: control.State
) -> list[work.Claim]:
    """Return the documents that may be taken together; the others are published to the queue `alone`."""
    left = set(ids)
    try:
        claims = work.claim_together(db, [ObjectId(id) for id in ids], config, state)
        left -= {str(claim.id) for claim in claims}
        left = {str(id) for id in work.still_queued(db, [ObjectId(id) for id in left])}
    finally:
        queue.publish(left, alone=True, traced=False)
    return claims


@app.task(name=queue.SWEEP)
def sweep() -> int:
    """Take back the documents of dead workers, settle their items, and publish overdue documents again. The number of
    messages presumed lost is the number of waiting records minus the number of messages; a record that has waited long
    does not prove that its message is lost. Nothing is published for a paused queue.
    """
    config = settings()
    db = database()
    _announce()
    items.settle_left(db)
    if ended := leases.ended_before(db, config):
        recovery.take_back(db, tally(), config, {"processing.lease.expires_at": {"$lt": ended}})
        sources.take_back(db, {"lease.expires_at": {"$lt": ended}})
    counts.swept(db)
    published = 0
    try:
        waiting = queue.depths()
    except queue.AWAY as error:
        log.warning("sweep_without_broker", error=str(error))
        return published
    state = control.read(db)
    if not state.pauses(None):
        queue.fetch(map(str, sources.due(db, config)))
    running = {name: depth for name, depth in waiting.items() if not state.pauses(queue.PRIORITIES.get(name))}
    room = {
        bulk: queue.room_beside(waiting, config, bulk=bulk)
        for bulk in (False, True)
        if (queue.BULK_QUEUE if bulk else queue.DOCUMENT_QUEUE) in running
    }
    lost = work.without_message(db, sum(running.values()), config.sweep_batch, state) if any(room.values()) else 0
    for bulk in room:
        due = work.overdue(db, config, room[bulk], lost=lost, bulk=bulk, resumed_at=state.resumed_at)
        for ids, tried in due:
            published += queue.publish(map(str, ids), traced=False, bulk=bulk, alone=tried)
            lost -= 0 if tried else len(ids)
    if published:
        log.info("sweep", published=published)
    return published


@app.task(name=queue.FETCH)
def fetch(id: str) -> None:
    """Fetch a source, if it is due and no other worker is fetching it."""
    if not control.read(database()).pauses(None):
        runs.run(database(), ObjectId(id), settings())


@app.task(name=queue.LOOK)
def look(id: str, token: str) -> None:
    """Store in MongoDB what a fetch of the source would find now, for the request with this token."""
    if found := runs.look(database(), ObjectId(id), settings()):
        asked = {"_id": ObjectId(id), "test.token": token}
        database()[SOURCES].update_one(asked, {"$set": {"test.found": found.model_dump()}})


@app.task(name=queue.DELIVER)
def deliver() -> int:
    """Call webhooks for finished documents."""
    return webhooks.deliver(database(), settings())


async def _alerter() -> Alerter:
    return Alerter(connect_async(settings()), settings())


@cache
def _alerts() -> tuple[asyncio.Runner, Alerter]:
    """Return the event loop of this process, and the saved searches that it keeps there."""
    runner = asyncio.Runner()
    return runner, runner.run(_alerter())


@app.task(name=queue.ALERT)
def alert() -> int:
    """Find the saved searches that new documents match, and send mails about them."""
    runner, alerter = _alerts()
    try:
        found = runner.run(alerter.run())
    except BaseException:  # a time limit may have left a pass in the loop
        _alerts.cache_clear()
        runner.close()
        raise
    mails.deliver(database(), settings())
    return found


@app.task(name=queue.REGISTER)
def follow() -> int:
    """Make the entries of people and organizations in new and changed documents."""
    return register.run(database(), settings())


@app.task(name=queue.LISTS)
def match_lists() -> int:
    """Compare stored documents with the watch lists, if a list has changed."""
    compared, more = passes.run(database())
    if more:
        queue.match_lists()
    return compared


@app.task(name=queue.ASK)
def ask(id: str) -> None:
    """Answer a question: store which documents have its names."""
    asking.answer(database(), ObjectId(id))


@app.task(name=queue.TIDY)
def tidy() -> int:
    """Erase expired documents, complete interrupted erasures, remove raw bytes that never became a document."""
    config = settings()
    db = database()
    expired, more = erase.expire(db, config, seconds=config.task_soft_seconds / 2)
    if expired:
        log.info("expired", documents=expired)
    if more:
        app.send_task(queue.TIDY)
        return expired
    erase.finish_begun(db)
    lists.tidy(db)
    return expired + raw.remove_orphans(db, config)
