from sync.telemetry.about import about, facts
from sync.telemetry.spans import happened, note, past, span, trace_from_environment, trace_to

__all__ = ["about", "facts", "happened", "note", "past", "span", "trace_from_environment", "trace_to"]
