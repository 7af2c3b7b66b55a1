"""A trace an attempt: its steps, the query ids, and nothing that a result holds."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sync.models import SyncAttempt
from sync.telemetry import trace_to
from tests.processes import MANAGE
from tests.world import World

COLUMNS, SECRET = [("note", "string")], "a value that nobody may see"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    trace_to(provider.get_tracer("tests"))
    yield kept
    trace_to(None)


def named(kept: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in kept.get_finished_spans() if span.name == name]


def test_an_attempt_is_a_trace(world: World, spans: InMemorySpanExporter) -> None:
    execution = world.complete(COLUMNS, [{"note": SECRET}])
    world.work()
    (root,) = named(spans, "attempt")
    attempt = SyncAttempt.objects.get()
    assert root.attributes is not None
    assert root.attributes["sync.execution"] == execution.execution_id
    assert root.attributes["sync.attempt"] == attempt.claim_token
    assert root.attributes["sync.workflows"] == (world.workflow.workflow_id,)
    assert root.parent is None
    trace = [span for span in spans.get_finished_spans() if span.context.trace_id == root.context.trace_id]
    assert {"claim", "extract", "load", "create", "put", "copy", "finish"} <= {span.name for span in trace}
    ids = [span.attributes.get("sync.query_id") for span in trace if span.attributes and span.name in {"put", "copy"}]
    assert set(ids) <= set(attempt.query_ids or ())
    assert None not in ids
    (finish,) = named(spans, "finish")
    assert [(event.name, dict(event.attributes or {})["sync.outcome"]) for event in finish.events] == [
        ("ended", "completed")
    ]
    (claim,) = named(spans, "claim")
    assert root.start_time == claim.start_time
    assert SECRET not in "".join(span.to_json() for span in trace)


def test_a_failure_is_told_by_its_code_alone(world: World, spans: InMemorySpanExporter) -> None:
    world.complete([("day", "date")], [{"day": SECRET}])
    world.work()
    (finish,) = named(spans, "finish")
    assert dict(finish.events[0].attributes or {})["sync.error"] == "value_does_not_fit"
    assert SECRET not in "".join(span.to_json() for span in spans.get_finished_spans())


@contextmanager
def collector() -> Iterator[tuple[str, list[str]]]:
    """Where traces arrive by HTTP: its address, and the names of the spans that came."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            came.extend(span.name for of in sent.resource_spans for scope in of.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_worker_sends_its_traces_and_writes_lines_of_json(world: World) -> None:
    execution = world.complete(COLUMNS, [{"note": SECRET}])
    with collector() as (address, came):
        done = subprocess.run(
            [sys.executable, str(MANAGE), "run_sync_worker", "--once"],
            env=world.environment | {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "LOG_FORMAT": "json"},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    assert {"attempt", "claim", "extract", "put", "copy", "finish"} <= {*came}
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    (synced,) = [line for line in lines if line["message"].startswith("Successfully synced")]
    assert synced["execution"] == execution.execution_id
    assert synced["attempt"] == SyncAttempt.objects.get().claim_token
    assert synced["destination"] == str(world.configuration.pk)
    assert SECRET not in done.stderr
