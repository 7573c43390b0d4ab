"""Celery's consumer, less the step that makes 28 queues and exchanges in RabbitMQ for what is sent with a delay: nothing is."""

from __future__ import annotations

from typing import ClassVar

from celery.worker import consumer


class Consumer(consumer.Consumer):  # type: ignore[misc]
    class Blueprint(consumer.Consumer.Blueprint):  # type: ignore[misc]
        default_steps: ClassVar = [
            step for step in consumer.Consumer.Blueprint.default_steps if not step.endswith(":DelayedDelivery")
        ]
