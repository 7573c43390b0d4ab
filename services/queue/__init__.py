"""The Celery app and its configuration, and ``publish(ids)``. A message carries one id, never a document."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from functools import cache

import structlog
from amqp.exceptions import ChannelError
from celery import Celery
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import LimitExceeded, OperationalError
from kombu.pools import producers

from services import tracing
from services.settings import Settings, settings

PROCESS = "copydesk.process"
SWEEP = "copydesk.sweep"
TIDY = "copydesk.tidy"
DELIVER = "copydesk.deliver"
DOCUMENT_QUEUE = "documents"
BULK_QUEUE = "bulk"
ALONE_QUEUE = "alone"
SWEEP_QUEUE = "maintenance"
QUEUES = (SWEEP_QUEUE, DOCUMENT_QUEUE, ALONE_QUEUE, BULK_QUEUE)
"""What a worker listens to; it takes from the first of them that has a message."""
OF_DOCUMENTS = (DOCUMENT_QUEUE, ALONE_QUEUE, BULK_QUEUE)
TOGETHER = (DOCUMENT_QUEUE, BULK_QUEUE)
"""Queues whose documents may be taken several at a time; in the other wait those that are to be taken alone."""
DEEP = 2
"""So many messages for each process of a worker make a queue deep: a process takes its share beyond them."""
PUBLISH_TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 5.0

log = structlog.get_logger()


def make_app(config: Settings) -> Celery:
    """The Celery app: JSON only, late acknowledgement, one message ahead, no results."""
    app = Celery("copydesk", broker=config.broker_url)
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
        worker_hijack_root_logger=False,
        # a new process speaks up after it has asked MongoDB, which may be away
        worker_proc_alive_timeout=config.mongo_timeout_seconds + 10,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": config.visibility_seconds,
            "queue_order_strategy": "priority",
            "socket_connect_timeout": 3,
            "socket_timeout": 10,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        task_queues=[_queue(name) for name in QUEUES],
        task_default_queue=DOCUMENT_QUEUE,
        task_routes={name: {"queue": SWEEP_QUEUE} for name in (SWEEP, TIDY, DELIVER)},
        beat_schedule={
            "sweep": {"task": SWEEP, "schedule": config.sweep_seconds, "options": {"expires": config.sweep_seconds}},
            "deliver": {
                "task": DELIVER,
                "schedule": config.webhook_seconds,
                "options": {"expires": config.webhook_seconds},
            },
            "tidy": {"task": TIDY, "schedule": 3600.0, "options": {"expires": 3600.0}},
        },
        timezone="UTC",
    )
    return app


def _queue(name: str) -> Queue:
    return Queue(name, Exchange(name), routing_key=name)  # type: ignore[no-untyped-call]


app = make_app(settings())
_paused_until = 0.0  # time.monotonic()


def publish(ids: Iterable[str], *, traced: bool = True, bulk: bool = False, alone: bool = False) -> int:
    """Tell the workers of these documents; returns how many messages the broker took.

    ``traced``: what the workers do then is part of the trace that is under way here. ``bulk``: after the documents that
    somebody waits for; it is what the record says as ``processing.priority``. ``alone``: each is to be taken by itself.
    Never raises: MongoDB is the truth, and a record without a message is published again by the sweeper. Where the broker
    does not answer this takes about ``PUBLISH_TIMEOUT_SECONDS`` once, and for ``PAUSE_SECONDS`` it is not asked again.
    """
    global _paused_until
    sent = 0
    if time.monotonic() < _paused_until:
        return sent
    try:
        with producers[_publishing()].acquire(block=True, timeout=PUBLISH_TIMEOUT_SECONDS) as producer:
            for id in ids:
                with tracing.span("publish", "producer", document__id=id):
                    where = tracing.traceparent()
                    headers = {tracing.TRACEPARENT: where} if where and traced else {}
                    # the shadow is the name by which Celery's log calls the task
                    app.send_task(
                        PROCESS,
                        args=[id],
                        shadow=f"process {id}",
                        headers=headers,
                        queue=ALONE_QUEUE if alone else BULK_QUEUE if bulk else DOCUMENT_QUEUE,
                        producer=producer,
                        retry=False,
                    )
                sent += 1
    except (OperationalError, LimitExceeded, OSError) as error:
        _paused_until = time.monotonic() + PAUSE_SECONDS
        log.warning("publish_failed", error=str(error), sent=sent, hint="the sweeper will publish again")
    return sent


def take(queue: str, config: Settings) -> dict[str, str | None]:
    """This process's share of the further documents waiting in ``queue``, by id, each with its traceparent.

    Their messages are gone with that: MongoDB is the truth. None where few are waiting, or the broker does not answer.
    """
    global _paused_until
    found: dict[str, str | None] = {}
    if config.batch_documents == 1 or time.monotonic() < _paused_until:
        return found
    processes = config.worker_concurrency or os.cpu_count() or 1
    try:
        with producers[_publishing()].acquire(block=True, timeout=PUBLISH_TIMEOUT_SECONDS) as producer:
            channel = producer.channel
            waiting = channel.queue_declare(queue, passive=True).message_count
            for _ in range(min(config.batch_documents - 1, waiting // (DEEP * processes))):
                if (message := channel.basic_get(queue, no_ack=True)) is None:
                    break
                args, kwargs, _ = message.decode()
                if (task := message.headers.get("task")) == PROCESS:
                    found[args[0]] = message.headers.get(tracing.TRACEPARENT)
                else:  # of another version
                    app.send_task(task, args, kwargs, queue=queue, producer=producer, retry=False)
    except ChannelError:  # Redis has no queue without messages
        pass
    except (OperationalError, LimitExceeded, OSError) as error:
        _paused_until = time.monotonic() + PAUSE_SECONDS
        log.warning("not_taken", error=str(error))
    return found


def room(config: Settings, *, bulk: bool = False) -> int:
    """How many more messages may wait, so that old documents never crowd out new ones; 0 where Redis does not answer."""
    try:
        return max(0, config.sweep_batch - depths()[BULK_QUEUE if bulk else DOCUMENT_QUEUE])
    except (OperationalError, OSError):
        return 0


@cache
def _publishing() -> Connection:
    """As the broker's other connections, but giving up soon: a sender is waiting for the answer."""
    options = app.conf.broker_transport_options | {
        "socket_connect_timeout": PUBLISH_TIMEOUT_SECONDS,
        "socket_timeout": PUBLISH_TIMEOUT_SECONDS,
        "connect_retries_timeout": PUBLISH_TIMEOUT_SECONDS,
        "max_retries": 0,
    }
    connection: Connection = app.connection_for_write(
        connect_timeout=PUBLISH_TIMEOUT_SECONDS, transport_options=options
    )
    return connection


def depths() -> dict[str, int]:
    """Messages of documents waiting for a worker, by queue. Raises kombu's OperationalError where Redis does not answer."""
    with app.connection_for_read() as connection:
        connection.ensure_connection(max_retries=1, timeout=3)
        client = connection.default_channel.client
        return {name: int(client.llen(name)) for name in OF_DOCUMENTS}
