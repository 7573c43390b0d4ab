"""Measure what the service is compared with: the model alone, and the single-process script that one would write
instead."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any

from pymongo.database import Database

from workers.enrich.languages import models
from workers.parse import parse


def pipe(texts: Sequence[str], processes: int) -> tuple[float, float]:
    """Return the wall and CPU seconds of ``nlp.pipe`` in this many processes; the model is loaded before the fork, as
    in a worker."""
    model = models.loaded("en")
    model("Warm up.")
    return _forked(processes, lambda number: _drain(model.pipe(texts[number::processes])))


def _drain(docs: Any) -> None:
    for _ in docs:
        pass


def _forked(processes: int, work: Callable[[int], None]) -> tuple[float, float]:
    context = get_context("fork")
    start = context.Barrier(processes + 1)
    running = [context.Process(target=_one, args=(start, work, number)) for number in range(processes)]
    for process in running:
        process.start()
    before = os.times()
    start.wait()
    began = time.perf_counter()
    for process in running:
        process.join()
    seconds = time.perf_counter() - began
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, used


def _one(start: Barrier, work: Callable[[int], None], number: int) -> None:
    start.wait()
    work(number)


def script(texts: Sequence[str], db: Database[dict[str, Any]]) -> float:
    """Return the wall seconds of one process that parses, runs the model and inserts, one document at a time."""
    model = models.loaded("en")
    began = time.perf_counter()
    for text in texts:
        article = parse(text.encode(), "text/plain", None).article
        assert article is not None
        doc = model(article.text)
        entities = [{"text": entity.text, "type": entity.label_} for entity in doc.ents]
        db.bench_script.insert_one({**article.model_dump(), "entities": entities})
    return time.perf_counter() - began
