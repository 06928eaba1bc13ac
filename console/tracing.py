"""Traces for an OpenTelemetry collector: attempts at records, rounds of stock, and each call to a remote inside them."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version

from console.settings import Settings, SettingsTrouble
from engine.model.failure import Failure
from engine.model.hidden import hide
from engine.model.trace import Note, bound, trace_to

GOODBYE_MS = 2_000
"""How long the end of the process waits for a collector to take the last spans."""


@asynccontextmanager
async def tracing(settings: Settings) -> AsyncIterator[None]:
    """Spans go to the collector of the settings meanwhile. Raises SettingsTrouble without the packages for it."""
    endpoint = settings.tracing.endpoint
    if endpoint is None:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
        from opentelemetry.trace import Status, StatusCode
    except ImportError as missing:
        raise SettingsTrouble(
            "tracing.endpoint is set, and the packages that send traces are not installed.",
            "Install trueup[tracing], or leave the setting out.",
        ) from missing
    about_us = Resource.create(
        {
            "service.name": "trueup",
            "service.version": version("trueup"),
            "deployment.environment.name": settings.environment,
        }
    )
    provider = TracerProvider(
        resource=about_us,
        sampler=ParentBased(TraceIdRatioBased(settings.tracing.share)),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(endpoint=str(endpoint), timeout=GOODBYE_MS / 1000)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("trueup")

    @contextmanager
    def opened(name: str, facts: Mapping[str, str]) -> Iterator[Note]:
        told = {key: hide(value) for key, value in {**bound(), **facts}.items()}
        with tracer.start_as_current_span(
            hide(name), attributes=told, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield lambda key, value: span.set_attribute(key, hide(value))
            except Failure as failure:
                span.set_attributes({"outcome": failure.outcome, "code": failure.code})
                span.set_status(Status(StatusCode.ERROR, failure.cause))
                raise
            except Exception as defect:
                span.set_status(Status(StatusCode.ERROR, type(defect).__name__))
                raise

    trace_to(opened)
    try:
        yield
    finally:
        trace_to(None)
        await asyncio.to_thread(provider.force_flush, GOODBYE_MS)
        await asyncio.to_thread(provider.shutdown)
