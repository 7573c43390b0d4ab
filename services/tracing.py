"""OpenTelemetry traces, off unless ``COPYDESK_OTLP_ENDPOINT`` is set: from the request to the final write.

Only this module uses OpenTelemetry; the others open a `span`, whether tracing is on or off.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from services.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

Kind = Literal["internal", "server", "producer", "consumer"]
EXPORT_TIMEOUT_SECONDS = 5
TRACEPARENT = "traceparent"  # https://www.w3.org/TR/trace-context/

_provider: TracerProvider | None = None


def configure(settings: Settings, service: str) -> None:
    """Send this process's spans to the endpoint; call it after any fork. The SDK's OTEL_* variables also apply. Ends
    the process if the packages are missing.
    """
    global _provider
    if settings.otlp_endpoint is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        sys.exit(
            "copydesk: COPYDESK_OTLP_ENDPOINT is set and OpenTelemetry is missing: pip install 'copydesk[tracing]'"
        )
    exporter = OTLPSpanExporter(f"{settings.otlp_endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_TIMEOUT_SECONDS)
    _provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    _provider.add_span_processor(BatchSpanProcessor(exporter))


def shut_down() -> None:
    """Send the remaining spans."""
    global _provider
    if _provider is not None:
        _provider.shutdown()
        _provider = None


@contextmanager
def span(
    name: str,
    kind: Kind = "internal",
    *,
    parent: str | None = None,
    links: Sequence[str] = (),
    **attributes: str | int,
) -> Iterator[Any]:
    """Open a span for the body of the ``with``; gives None if nothing is traced. An exception marks the span as failed.
    ``parent`` is a traceparent from elsewhere, by default the thread's current span; ``links`` are spans that led to
    this one but do not wait for it. In names of attributes, ``__`` becomes a dot.
    """
    if _provider is None:
        yield None
        return
    from opentelemetry import trace
    from opentelemetry.trace import Link, SpanKind

    contexts = [trace.get_current_span(_context(link)).get_span_context() for link in links]
    with _provider.get_tracer("copydesk").start_as_current_span(
        name,
        context=_context(parent),
        kind=SpanKind[kind.upper()],
        links=[Link(context) for context in contexts],
        attributes={key.replace("__", "."): value for key, value in attributes.items()},
    ) as opened:
        yield opened


def traceparent() -> str | None:
    """Return the current traceparent, for a header or a record; None if nothing is traced."""
    if _provider is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(TRACEPARENT)


def _context(given: str | None) -> Any:
    if given is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: Mapping[str, str] = {TRACEPARENT: given}
    return TraceContextTextMapPropagator().extract(carrier)
