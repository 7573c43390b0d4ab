"""``/metrics``: the state of the whole service, in Prometheus' text format.

Documents, queue and workers are counted in MongoDB and the broker at each request, so every API process gives the same
figures. The figures for requests are those of the process that answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from services import queue
from services.api import liveness
from services.api.auth import REFUSALS, Watcher
from services.records import Status
from services.settings import Settings
from services.sources.model import is_idle
from services.store.alerts import PASS, SEARCHES
from services.store.counts import BUCKETS, METRICS, WORKERS
from services.store.mails import MAILS
from services.store.setup import DOCUMENTS, SOURCES

Doc = dict[str, Any]

router = APIRouter(tags=["health"])


@router.get("/metrics", response_class=Response, responses={**REFUSALS, 200: {"content": {"text/plain": {}}}})
async def metrics(request: Request, watcher: Watcher) -> Response:
    """Return the metrics in Prometheus' text format; the counts cover all collections."""
    service = CollectorRegistry()
    db, config = request.app.state.db, request.app.state.settings
    documents, broker = await _documents(db)
    living = await _living(db, config, broker=broker)
    service.register(_Found([*documents, *await _workers(db), *living, *await _sources(db), *await _alerts(db)]))
    return Response(generate_latest(service) + generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


class _Found(Collector):
    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        yield from self._found


async def _documents(db: Any) -> tuple[list[Metric], bool]:
    """Return the depth of each queue, and whether the broker answers."""
    documents = db[DOCUMENTS]
    by_status = GaugeMetricFamily("copydesk_documents", "Documents by status.", labels=["status"])
    failed = GaugeMetricFamily("copydesk_documents_failed", "Failed documents by reason.", labels=["code"])
    oldest = GaugeMetricFamily(
        "copydesk_oldest_queued_seconds", "Seconds that the oldest waiting document has waited; 0 if none waits."
    )
    depth = GaugeMetricFamily(
        "copydesk_queue_depth",
        "Messages that wait for a worker, by queue; NaN if the broker is down.",
        labels=["queue"],
    )

    total = await documents.estimated_document_count()
    since = {"$ifNull": ["$processing.waiting_since", "$source.received_at"]}
    found = await documents.aggregate(
        [
            {"$match": {"status": Status.QUEUED}},
            {"$group": {"_id": None, "count": {"$sum": 1}, "oldest": {"$min": since}}},
        ]
    )
    waiting = (await found.to_list() or [{"count": 0, "oldest": None}])[0]
    processing = await documents.count_documents({"status": Status.PROCESSING})
    found = await documents.aggregate(
        [{"$match": {"status": Status.FAILED}}, {"$group": {"_id": "$error.code", "count": {"$sum": 1}}}]
    )
    by_code = {group["_id"] or "unknown": group["count"] for group in await found.to_list()}
    for code, count in by_code.items():
        failed.add_metric([code], count)
    canceled = await documents.count_documents({"status": Status.CANCELED})
    others = waiting["count"] + processing + sum(by_code.values()) + canceled
    by_status.add_metric([Status.QUEUED], waiting["count"])
    by_status.add_metric([Status.PROCESSING], processing)
    by_status.add_metric([Status.FAILED], sum(by_code.values()))
    by_status.add_metric([Status.CANCELED], canceled)
    by_status.add_metric([Status.DONE], max(0, total - others))
    age = (datetime.now(UTC) - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
    oldest.add_metric([], max(0.0, age))
    broker = True
    try:
        depths: dict[str, float] = {**await run_in_threadpool(queue.depths)}
    except Exception:
        broker = False
        depths = dict.fromkeys(queue.OF_DOCUMENTS, float("nan"))
    for name, waiting_there in depths.items():
        depth.add_metric([name], waiting_there)
    return [by_status, failed, oldest, depth], broker


async def _living(db: Any, config: Settings, *, broker: bool) -> list[Metric]:
    found = await liveness.look(db, config, {}, broker=broker)
    workers = GaugeMetricFamily("copydesk_workers", "Workers with a recent heartbeat.", value=len(found.workers))
    stalled = GaugeMetricFamily(
        "copydesk_stalled",
        "1 if documents wait and none was finished for a minute, otherwise 0; GET /v1/stats says why.",
        value=1 if found.stalled else 0,
    )
    return [workers, stalled]


async def _workers(db: Any) -> list[Metric]:
    counted: Doc = await db[METRICS].find_one({"_id": WORKERS}) or {}
    processed = CounterMetricFamily(
        "copydesk_processed",
        "Documents that workers finished; code says why a document failed.",
        labels=["status", "code"],
    )
    finished: Doc = counted.get("processed", {})
    processed.add_metric(["done", ""], finished.get("done", 0))
    for code, count in finished.get("failed", {}).items():
        processed.add_metric(["failed", code], count)
    expired = CounterMetricFamily(
        "copydesk_leases_expired", "Documents taken back from workers that died, hung or lost MongoDB."
    )
    expired.add_metric([], counted.get("leases_expired", 0))
    swept = GaugeMetricFamily(
        "copydesk_last_sweep_timestamp_seconds", "When a worker last ran the scheduler's sweep; 0 means never."
    )
    swept.add_metric([], counted["swept_at"].timestamp() if "swept_at" in counted else 0)
    broken = CounterMetricFamily(
        "copydesk_stage_failures",
        "Stages that failed on a document, which then lacks the stage's field.",
        labels=["stage"],
    )
    for name, count in counted.get("stage_failures", {}).items():
        broken.add_metric([name], count)
    stages = HistogramMetricFamily("copydesk_stage_seconds", "Time of each stage on one document.", labels=["stage"])
    for name, stage in counted.get("stages", {}).items():
        below = accumulate(stage["below"].get(str(n), 0) for n in range(len(BUCKETS) + 1))
        buckets = [(str(limit), count) for limit, count in zip((*BUCKETS, "+Inf"), below, strict=True)]
        stages.add_metric([name], buckets, stage["seconds"])
    errors = CounterMetricFamily("copydesk_task_errors", "Tasks that ended with an error, by kind.", labels=["kind"])
    for name, count in counted.get("errors", {}).items():
        errors.add_metric([name], count)
    retries = CounterMetricFamily(
        "copydesk_retries", "Documents queued for another attempt.", value=counted.get("retries", 0)
    )
    return [processed, expired, swept, broken, stages, errors, retries]


async def _sources(db: Any) -> list[Metric]:
    labels = ["source", "name"]
    fetches = CounterMetricFamily("copydesk_source_fetches", "Fetches of a source that have ended.", labels=labels)
    errors = CounterMetricFamily(
        "copydesk_source_errors", "Fetches of a source that ended with an error.", labels=labels
    )
    documents = CounterMetricFamily(
        "copydesk_source_documents", "Documents that were stored from a source.", labels=labels
    )
    silent = GaugeMetricFamily(
        "copydesk_source_silent_seconds",
        "Seconds since the last document from a source, or since it was created.",
        labels=labels,
    )
    idle = GaugeMetricFamily(
        "copydesk_source_idle",
        "1 if a source has had no new document for longer than its idle_seconds, otherwise 0.",
        labels=labels,
    )
    now = datetime.now(UTC)
    drift = GaugeMetricFamily("copydesk_source_drift", "Fields of a source's documents that show drift.", labels=labels)
    async for one in db[SOURCES].find({}, {"cursor": 0, "test": 0}):
        label, counts = [str(one["_id"]), one["name"]], one["counts"]
        fetches.add_metric(label, counts["runs"])
        errors.add_metric(label, counts["errors"])
        documents.add_metric(label, counts["documents"])
        silent.add_metric(label, (now - (one["last_document_at"] or one["created_at"])).total_seconds())
        idle.add_metric(label, is_idle(one, now))
        drift.add_metric(label, len(one.get("drift", [])))
    return [fetches, errors, documents, silent, idle, drift]


async def _alerts(db: Any) -> list[Metric]:
    turn: Doc = await db[PASS].find_one({}, {"seen": 0}) or {}
    searches = GaugeMetricFamily("copydesk_searches", "Saved searches.", labels=["state"])
    muted = await db[SEARCHES].count_documents({"muted": True})
    searches.add_metric(["muted"], muted)
    searches.add_metric(["on"], await db[SEARCHES].count_documents({}) - muted)
    tested = CounterMetricFamily(
        "copydesk_alert_documents", "Documents tested against the saved searches.", value=turn.get("documents", 0)
    )
    alerts = CounterMetricFamily(
        "copydesk_alerts", "Documents that saved searches reported.", value=turn.get("matched", 0)
    )
    until = GaugeMetricFamily(
        "copydesk_alert_timestamp_seconds", "Finished documents up to this time have been tested; 0 means none."
    )
    until.add_metric([], turn["after"].timestamp() if "after" in turn else 0)
    mails = GaugeMetricFamily("copydesk_alert_mails", "Stored mails about alerts, by state.", labels=["status"])
    for status in ("pending", "delivered", "failed"):
        mails.add_metric([status], await db[MAILS].count_documents({"status": status}))
    return [searches, tested, alerts, until, mails]
