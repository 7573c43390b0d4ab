"""Celery's consumer, with two changes.

It leaves out the step that creates 28 queues and exchanges in RabbitMQ for delayed messages, which are not used. And the
loss of a connection does not end the worker: Kombu 5.7 asks a closed connection to Redis for its address when it closes it,
and again when a message from it is acknowledged (``AttributeError: 'NoneType' object has no attribute 'hostname'``).
"""

from __future__ import annotations

from typing import ClassVar

import structlog
from celery.worker import consumer, state

log = structlog.get_logger()


class Consumer(consumer.Consumer):  # type: ignore[misc]
    class Blueprint(consumer.Consumer.Blueprint):  # type: ignore[misc]
        default_steps: ClassVar = [
            step for step in consumer.Consumer.Blueprint.default_steps if not step.endswith(":DelayedDelivery")
        ]

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Drop the lost connection and acknowledge nothing on it. The sweeper publishes what this leaves unfinished."""
        for request in (*state.reserved_requests, *state.active_requests):
            request.acknowledged = True
        try:
            super().on_connection_error_after_connected(exc)
        except Exception as error:
            self.connection = None
            log.warning("lost_connection_not_closed", error=repr(error))
