"""The Celery app and its configuration, and ``publish(ids)``. A message carries one id, never a document.

The broker is Redis, Redis with Sentinels, or RabbitMQ: docs/brokers.md.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

import structlog
from celery import Celery
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import ChannelError, ConnectionError, LimitExceeded, OperationalError
from kombu.pools import producers
from kombu.transport import pyamqp
from kombu.utils.json import loads

from services import tracing
from services.records import Priority
from services.settings import Settings, settings

PROCESS = "copydesk.process"
SWEEP = "copydesk.sweep"
TIDY = "copydesk.tidy"
DELIVER = "copydesk.deliver"
ALERT = "copydesk.alert"
REGISTER = "copydesk.register"
FETCH = "copydesk.fetch"
LOOK = "copydesk.look"
LISTS = "copydesk.lists"
ASK = "copydesk.ask"
DOCUMENT_QUEUE = "documents"
BULK_QUEUE = "bulk"
ALONE_QUEUE = "alone"
SWEEP_QUEUE = "maintenance"
SOURCE_QUEUE = "sources"
QUEUES = (SWEEP_QUEUE, SOURCE_QUEUE, DOCUMENT_QUEUE, ALONE_QUEUE, BULK_QUEUE)
"""The queues of a worker. With Redis it takes from the first of them that has a message, with RabbitMQ from each in
turn."""
OF_DOCUMENTS = (DOCUMENT_QUEUE, ALONE_QUEUE, BULK_QUEUE)
PRIORITIES = {DOCUMENT_QUEUE: Priority.INTERACTIVE, BULK_QUEUE: Priority.BULK}
"""The priority of each queue's documents; documents in `alone` have either priority."""
TOGETHER = (DOCUMENT_QUEUE, BULK_QUEUE)
"""Queues whose documents may be taken together; documents in the other queue are taken one at a time."""
DEEP = 2
"""With more messages than this for each process of a worker, a queue counts as deep, and a process takes several
documents together."""
AWAY = (OperationalError, LimitExceeded, ConnectionError, ChannelError, OSError)
"""The exceptions raised if the broker does not answer, or refuses a message."""

PUBLISH_TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 5.0
DEPTH_TIMEOUT_SECONDS = 2.0
FETCH_EXPIRES_SECONDS = 30.0
"""A message to fetch a source is dropped if no worker took it in this time; the sweeper has sent another by then."""
NO_SUCH_QUEUE = "404"  # AMQP's reply code
BROKER_HEARTBEAT_SECONDS = 20  # RabbitMQ only

log = structlog.get_logger()


def make_app(config: Settings) -> Celery:
    """Return the Celery app: JSON only, late acknowledgement, one prefetched message, no results."""
    app = Celery("copydesk", broker=config.broker_address)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_soft_time_limit=config.task_soft_seconds,
        task_time_limit=config.task_hard_seconds,
        worker_soft_shutdown_timeout=config.shutdown_seconds,
        worker_enable_soft_shutdown_on_idle=True,
        worker_concurrency=config.worker_concurrency or None,
        worker_max_tasks_per_child=config.worker_max_tasks_per_child or None,  # spaCy keeps every word that it has seen
        worker_hijack_root_logger=False,
        # a new process reports only after it has reached MongoDB, which may be down
        worker_proc_alive_timeout=config.mongo_timeout_seconds + 10,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,  # a Redis that refuses writes (disk full, no replica) ends no worker
        broker_transport_options=_transport_options(config),
        broker_heartbeat=BROKER_HEARTBEAT_SECONDS,
        task_queues=[_queue(name, config) for name in QUEUES],
        task_default_queue=DOCUMENT_QUEUE,
        task_routes={
            **{name: {"queue": SWEEP_QUEUE} for name in (SWEEP, TIDY, DELIVER, ALERT, REGISTER, LISTS)},
            **{name: {"queue": SOURCE_QUEUE} for name in (FETCH, LOOK, ASK)},
        },
        beat_schedule={
            "sweep": {"task": SWEEP, "schedule": config.sweep_seconds, "options": {"expires": config.sweep_seconds}},
            "deliver": {
                "task": DELIVER,
                "schedule": config.webhook_seconds,
                "options": {"expires": config.webhook_seconds},
            },
            "alert": {"task": ALERT, "schedule": config.alert_seconds, "options": {"expires": config.alert_seconds}},
            "register": {
                "task": REGISTER,
                "schedule": config.register_seconds,
                "options": {"expires": config.register_seconds},
            },
            "lists": {"task": LISTS, "schedule": config.sweep_seconds, "options": {"expires": config.sweep_seconds}},
            "tidy": {"task": TIDY, "schedule": 3600.0, "options": {"expires": 3600.0}},
        },
        timezone="UTC",
    )
    return app


def _queue(name: str, config: Settings) -> Queue:
    arguments = {"x-queue-type": "quorum"} if config.broker == "rabbitmq" else None
    return Queue(name, Exchange(name), routing_key=name, queue_arguments=arguments)  # type: ignore[no-untyped-call]


def _transport_options(config: Settings, seconds: float | None = None) -> dict[str, Any]:
    """Return the transport options. ``seconds`` limits how long one answer of the broker may take; by default the
    worker's limit."""
    if config.broker == "rabbitmq":
        return {"confirm_publish": True, "read_timeout": seconds, "write_timeout": seconds}
    sockets: dict[str, Any] = {
        "socket_connect_timeout": seconds or 3,
        "socket_timeout": seconds or 10,
        "socket_keepalive": True,
    }
    options = {
        **sockets,
        "visibility_timeout": config.visibility_seconds,
        "queue_order_strategy": "priority",
        "health_check_interval": 10,
    }
    if config.sentinels:
        password = config.sentinel_password
        asking = {**sockets, "password": password.get_secret_value()} if password else sockets
        options |= {"master_name": config.redis_master, "sentinel_kwargs": asking}
    return options


app = make_app(settings())
_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
_paused_until = 0.0  # time.monotonic()


def publish(ids: Iterable[str], *, traced: bool = True, bulk: bool = False, alone: bool = False) -> int:
    """Publish these documents to the workers. Returns how many messages the broker accepted. ``traced``: the workers
    continue the current trace. ``bulk``: as in ``processing.priority`` of the record. ``alone``: a worker takes each by
    itself. Never raises: MongoDB is the truth, and the sweeper publishes a record without a message again. If the
    broker does not answer, this takes about ``PUBLISH_TIMEOUT_SECONDS`` once, and the broker is not tried again for
    ``PAUSE_SECONDS``.
    """

    def document(send: Callable[..., object], id: str) -> None:
        with tracing.span("publish", "producer", document__id=id):
            where = tracing.traceparent()
            send(
                PROCESS,
                args=[id],
                shadow=f"process {id}",  # the task's name in Celery's log
                headers={tracing.TRACEPARENT: where} if where and traced else {},
                queue=ALONE_QUEUE if alone else BULK_QUEUE if bulk else DOCUMENT_QUEUE,
            )

    return _send(ids, document, "publish_failed")


def fetch(ids: Iterable[str], look: str | None = None) -> int:
    """Tell a worker to fetch these sources; returns how many messages the broker took.

    ``look`` means a test run: the worker only reports what would be stored, for the request with this token. Never
    raises: a source that is due is published again by the sweeper.
    """

    def source(send: Callable[..., object], id: str) -> None:
        send(LOOK if look else FETCH, args=[id, look] if look else [id], expires=FETCH_EXPIRES_SECONDS)

    return _send(ids, source, "fetch_not_published")


def match_lists() -> int:
    """Tell a worker to compare stored documents with the watch lists; returns how many messages the broker took. Never
    raises: the scheduler sends another."""

    def lists(send: Callable[..., object], _: str) -> None:
        send(LISTS, expires=FETCH_EXPIRES_SECONDS)

    return _send([LISTS], lists, "lists_not_published")


def ask(id: str) -> int:
    """Tell a worker to answer a question about names; returns how many messages the broker took."""

    def question(send: Callable[..., object], id: str) -> None:
        send(ASK, args=[id], expires=FETCH_EXPIRES_SECONDS)

    return _send([id], question, "question_not_published")


def _send(ids: Iterable[str], message: Callable[[Callable[..., object], str], None], failed: str) -> int:
    """Send a message for each id until the broker fails; returns how many it took. ``message`` sends one: it calls its
    first argument with the task and its options. ``failed`` is the event of the log.
    """
    global _paused_until
    sent, ids = 0, list(ids)
    if not ids or time.monotonic() < _paused_until:
        return sent
    try:
        with producers[_publishing()].acquire(block=True, timeout=PUBLISH_TIMEOUT_SECONDS) as producer:
            send = partial(
                app.send_task,
                producer=producer,
                confirm_timeout=PUBLISH_TIMEOUT_SECONDS,
                retry=settings().broker == "rabbitmq",  # the library notices too late that a connection is lost
                retry_policy=_ONCE,
            )
            for id in ids:
                message(send, id)
                sent += 1
    except AWAY as error:
        _paused_until = time.monotonic() + PAUSE_SECONDS
        log.warning(failed, error=str(error), sent=sent, hint="the sweeper will publish again")
    return sent


def take(queue: str, config: Settings) -> dict[str, str | None]:
    """Take this process's share of the other documents waiting in ``queue``. Returns ids with traceparents. Their
    messages are removed: MongoDB is the truth. Returns none if few documents are waiting or the broker does not answer.
    """
    global _paused_until
    found: dict[str, str | None] = {}
    if config.batch_documents == 1 or time.monotonic() < _paused_until:
        return found
    processes = config.worker_concurrency or os.cpu_count() or 1
    try:
        with producers[_publishing()].acquire(block=True, timeout=PUBLISH_TIMEOUT_SECONDS) as producer:
            from_queue = _get if config.broker == "rabbitmq" else _pop
            for message in from_queue(producer.channel, queue, config.batch_documents - 1, DEEP * processes):
                args, kwargs, _ = message.decode()
                if (task := message.headers.get("task")) == PROCESS:
                    found[args[0]] = message.headers.get(tracing.TRACEPARENT)
                else:  # a message of another version
                    app.send_task(task, args, kwargs, queue=queue, producer=producer, retry=False)
    except (*AWAY, *_publishing().connection_errors) as error:
        _paused_until = time.monotonic() + PAUSE_SECONDS
        log.warning("not_taken", error=str(error))
    return found


def _get(channel: Any, queue: str, most: int, shares: int) -> Iterator[Any]:
    """Take the first messages in ``queue``: one share of them, at most ``most``."""
    from_queue = app.amqp.queues[queue].bind(channel)
    waiting = from_queue.queue_declare(passive=True).message_count
    for _ in range(min(most, waiting // shares)):
        if (message := from_queue.get(no_ack=True)) is None:
            return
        yield message


def _pop(channel: Any, queue: str, most: int, shares: int) -> Iterator[Any]:
    """Take messages from Redis, in two round trips."""
    if share := min(most, channel.client.llen(queue) // shares):
        for payload in channel.client.rpop(queue, share) or ():
            yield channel.message_to_python(loads(payload))  # type: ignore[no-untyped-call]


def room(config: Settings, *, bulk: bool = False) -> int:
    """Return how many more messages may wait, so that old documents do not hold up new ones; 0 if the broker is
    down."""
    try:
        return room_beside(depths(), config, bulk=bulk)
    except AWAY:
        return 0


def room_beside(waiting: Mapping[str, int], config: Settings, *, bulk: bool) -> int:
    """Return how many more messages may wait in each queue if ``waiting`` do now."""
    return max(0, config.sweep_batch - waiting[BULK_QUEUE if bulk else DOCUMENT_QUEUE])


class _Impatient(pyamqp.Transport):
    """RabbitMQ's transport, with the connection's ``read_timeout`` for all waiting; py-amqp by itself waits for
    ever."""

    def establish_connection(self) -> Any:
        connection = super().establish_connection()  # type: ignore[no-untyped-call]
        connection.transport.raise_on_initial_eintr = True
        return connection


def _connection(seconds: float) -> Connection:
    """Return a connection with short time limits, without heartbeats."""
    rabbitmq = settings().broker == "rabbitmq"
    options = _transport_options(settings(), seconds) | {"connect_retries_timeout": seconds, **_ONCE}
    connection: Connection = app.connection_for_write(
        connect_timeout=seconds,
        transport_options=options,
        transport=_Impatient if rabbitmq else None,
        heartbeat=0,
    )
    return connection


@cache
def _publishing() -> Connection:
    """Return a connection that gives up soon, because a sender is waiting for the answer."""
    return _connection(PUBLISH_TIMEOUT_SECONDS)


def depths() -> dict[str, int]:
    """Return the number of messages in each queue. Raises one of ``AWAY``."""
    with _connection(DEPTH_TIMEOUT_SECONDS) as connection:
        depth = _declared if settings().broker == "rabbitmq" else _length
        try:
            return {name: depth(connection, name) for name in OF_DOCUMENTS}
        except connection.connection_errors as error:
            raise OperationalError(str(error)) from error


def _length(connection: Connection, name: str) -> int:
    return int(connection.default_channel.client.llen(name))  # type: ignore[attr-defined]


def _declared(connection: Connection, name: str) -> int:
    # RabbitMQ closes the channel if the queue does not exist yet
    with connection.channel() as channel:  # type: ignore[no-untyped-call]
        try:
            return int(channel.queue_declare(name, passive=True).message_count)
        except ChannelError as error:
            if str(error.reply_code) != NO_SUCH_QUEUE:
                raise
            return 0


def drop_periodic() -> None:
    """Drop the scheduler's messages from the time when no worker ran: there are sixty thousand in a day, all too old. A
    worker would otherwise handle each of them before it takes a document. Never raises.
    """
    with _connection(DEPTH_TIMEOUT_SECONDS) as connection:
        try:
            connection.default_channel.queue_purge(SWEEP_QUEUE)
        except (*AWAY, *connection.connection_errors, *connection.channel_errors) as error:
            log.info("periodic_not_dropped", error=str(error))
