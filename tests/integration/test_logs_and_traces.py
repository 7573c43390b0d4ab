"""The path of a document in the logs and in OpenTelemetry traces."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from redis import Redis

from tests.conftest import make_settings
from tests.integration.conftest import Api, Deployment, eventually


def lines(log: Path) -> list[dict[str, Any]]:
    found = []
    for line in log.read_text().splitlines():
        if line.startswith("{"):
            found.append(json.loads(line))
    return found


def text() -> str:
    return f"Quay Cleared\n\nTRIESTE (Adria Wire) - The quay was cleared on Friday, said Anna Bressan. {uuid.uuid4()}"


def test_every_line_about_a_document_names_it(deployment: Deployment) -> None:
    asked = uuid.uuid4().hex
    sent = deployment.http.post(
        "/v1/documents", content=text(), headers={"Content-Type": "text/plain", "X-Request-ID": asked}
    )
    id = sent.json()["id"]
    assert sent.headers["X-Request-ID"] == asked
    assert deployment.final(id)["status"] == "done"
    bad = deployment.post(b"%PDF-1.7 " + uuid.uuid4().bytes)["id"]
    assert deployment.final(bad)["status"] == "failed"

    def worker_lines(document: str) -> list[str]:
        found = [line["event"] for line in lines(deployment.logs / "worker.log") if line.get("document") == document]
        return found if any(" succeeded " in event for event in found) else []

    events = eventually(lambda: worker_lines(id), "the worker has written about the document")
    assert [event for event in events if "received" in event]
    assert "done" in events
    assert "failed" in eventually(lambda: worker_lines(bad), "the worker has written about the other one")
    for line in lines(deployment.logs / "worker.log"):
        if "copydesk.process" in line["event"] or line["event"].startswith("Task process "):
            assert line.get("document"), line

    requests = [line for line in lines(deployment.logs / "api.log") if line.get("document") == id]
    assert {(line["method"], line["route"]) for line in requests} == {
        ("POST", "/v1/documents"),
        ("GET", "/v1/documents/{id}"),
    }
    assert [line["request"] for line in requests if line["method"] == "POST"] == [asked]
    assert all(line["request"] and line["status"] in (200, 202) for line in requests)
    other = deployment.http.get("/v1/documents", headers={"X-Request-ID": "no good\tone"})
    assert len(other.headers["X-Request-ID"]) == 32


@dataclass
class Collector:
    """An OTLP receiver on loopback."""

    url: str
    spans: list[Any] = field(default_factory=list)

    def of(self, trace_id: bytes) -> dict[str, Any]:
        return {span.name: span for span in self.spans if span.trace_id == trace_id}


@pytest.fixture
def collector() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        span.attributes.add(key="service").value.string_value = service
                        found.spans.append(span)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Collector(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def attributes(span: Any) -> dict[str, Any]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


def test_a_trace_leads_from_the_request_to_the_final_write(deployment: Deployment, collector: Collector) -> None:
    tracing = {"COPYDESK_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "500"}
    deployment.kill("worker")
    deployment.start_worker("worker", tracing)
    headers = {"Authorization": f"Bearer {deployment.key}", "Content-Type": "text/plain"}
    api = Api({**deployment.environment, **tracing}, deployment.logs / "traced.log", headers)
    try:
        api.wait(200)
        trace_id, caller = uuid.uuid4().bytes, uuid.uuid4().bytes[:8]
        traceparent = f"00-{trace_id.hex()}-{caller.hex()}-01"
        id = api.http.post("/v1/documents", content=text(), headers={"traceparent": traceparent}).json()["id"]
        assert deployment.final(id)["status"] == "done"
        wanted = {
            "POST /v1/documents",
            "publish",
            "process",
            "parse",
            "language",
            "entities",
            "terms",
            "story",
            "store",
        }
        eventually(lambda: wanted <= collector.of(trace_id).keys(), "the spans arrive")
        spans = collector.of(trace_id)
        parents = {"publish": "POST /v1/documents", "process": "publish", "parse": "process", "terms": "process"}
        assert spans["POST /v1/documents"].parent_span_id == caller
        for name, parent in parents.items():
            assert spans[name].parent_span_id == spans[parent].span_id, name
        stores = {attributes(span)["service"]: span for span in collector.spans if span.trace_id == trace_id and span.name == "store"}  # fmt: skip
        assert stores["copydesk-api"].parent_span_id == spans["POST /v1/documents"].span_id
        assert stores["copydesk-worker"].parent_span_id == spans["process"].span_id
        assert attributes(spans["process"])["document.id"] == id
        assert attributes(spans["POST /v1/documents"])["http.response.status_code"] == 202
        inside = [spans[name] for name in ("parse", "entities", "terms", "story")]
        for before, after in pairwise(inside):
            assert before.end_time_unix_nano <= after.start_time_unix_nano

        # its message lost, the sweeper publishes it again: another trace, with a link to this one
        deployment.kill("worker")
        lost = uuid.uuid4().bytes
        traceparent = f"00-{lost.hex()}-{caller.hex()}-01"
        id = api.http.post("/v1/documents", content=text(), headers={"traceparent": traceparent}).json()["id"]
        with Redis.from_url(make_settings(deployment.environment).redis_address) as redis:
            redis.flushall()
        deployment.start_worker("worker", tracing)
        assert deployment.final(id)["status"] == "done"

        def linked() -> Any:
            return [span for span in collector.spans if [link.trace_id for link in span.links] == [lost]]

        found = eventually(linked, "the linked span arrives")
        assert [(span.name, attributes(span)["document.id"]) for span in found] == [("process", id)]
        assert "process" not in collector.of(lost)
    finally:
        api.stop()
        deployment.kill("worker")
        deployment.start_worker()
