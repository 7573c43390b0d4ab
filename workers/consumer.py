"""Celery's consumer, without the step that creates 28 queues and exchanges in RabbitMQ for delayed messages, which are
not used."""

from __future__ import annotations

from typing import ClassVar

from celery.worker import consumer


class Consumer(consumer.Consumer):  # type: ignore[misc]
    class Blueprint(consumer.Consumer.Blueprint):  # type: ignore[misc]
        default_steps: ClassVar = [
            step for step in consumer.Consumer.Blueprint.default_steps if not step.endswith(":DelayedDelivery")
        ]
