"""Traces by OpenTelemetry: off unless its own environment variables name a place for them, and free then.

The packages are the extra `traces`. A span has ids, names of steps and codes of errors: no statement, no message, no
value.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

logger = logging.getLogger(__name__)

Attribute = str | int | Sequence[str]

# https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and …/configuration/sdk-environment-variables/
_PLACES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_NAME = "universal-snowflake-sync"

# A tracer of opentelemetry.trace, which is not there where the extra is not.
_tracer: Any = None


def trace_to(tracer: Any) -> None:
    """From now on spans go to the tracer; None: nowhere."""
    global _tracer  # noqa: PLW0603 -- one a process, as OpenTelemetry's own
    _tracer = tracer


def trace_from_environment() -> None:
    """Traces to where OTEL_EXPORTER_OTLP_ENDPOINT leads, if it is set. Without the packages it says so, and goes on."""
    if not any(os.environ.get(place) for place in _PLACES) or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return
    try:
        exporters = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        sdk, export = import_module("opentelemetry.sdk.trace"), import_module("opentelemetry.sdk.trace.export")
        resources = import_module("opentelemetry.sdk.resources")
    except ImportError:
        logger.exception(
            "No traces: install the packages of requirements/traces.txt, or unset %s", " and ".join(_PLACES)
        )
        return
    named = resources.Resource.create({} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": _NAME})
    provider = sdk.TracerProvider(resource=named)
    provider.add_span_processor(export.BatchSpanProcessor(exporters.OTLPSpanExporter()))
    trace_to(provider.get_tracer("sync"))


@contextmanager
def span(name: str, since: int | None = None, **attributes: Attribute) -> Iterator[None]:
    """A step of the work, within the one that goes on. `since`: when it began, in ns since 1970, if not now."""
    if _tracer is None:
        yield
        return
    begun = _tracer.start_as_current_span(
        name, start_time=since, attributes=_named(attributes), record_exception=False, set_status_on_exception=False
    )
    with begun as current:
        try:
            yield
        except BaseException as error:
            # Its message may quote what a span must not hold.
            _fail(current, str(getattr(error, "code", type(error).__name__)))
            raise


def past(name: str, began: int, ended: int) -> None:
    """A step that is over, of the step that goes on; both in ns since 1970."""
    if _tracer is not None:
        _tracer.start_span(name, start_time=began).end(ended)


def note(**attributes: Attribute) -> None:
    """Adds to the step that goes on what is known by now."""
    if _tracer is not None:
        import_module("opentelemetry.trace").get_current_span().set_attributes(_named(attributes))


def happened(name: str, **attributes: Attribute) -> None:
    """Adds an event to the step that goes on."""
    if _tracer is not None:
        import_module("opentelemetry.trace").get_current_span().add_event(name, _named(attributes))


def _named(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    return {f"sync.{key}": value for key, value in attributes.items()}


def _fail(current: Any, code: str) -> None:
    trace = import_module("opentelemetry.trace")
    current.set_status(trace.Status(trace.StatusCode.ERROR, code))
    current.set_attribute("error.type", code)
