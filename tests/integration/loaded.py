"""Load once what a worker loads before it takes work; the tests' workers are forked from the process that has it.

It may import nothing that reads the settings: each worker has its own.
"""

from __future__ import annotations

import gc

import celery.apps.worker
import celery.bin.celery
import celery.concurrency.prefork  # noqa: F401
import kombu.transport.redis  # noqa: F401

from workers import enrich, pipeline  # noqa: F401
from workers.enrich.languages import models
from workers.parse import nursery

nursery.ours.start()
enrich.preload(models.ALL)
gc.collect()
gc.freeze()
