"""What an execution's page says: its items, what the application asked for, and the first rows of its results."""

from collections.abc import Iterator, Sequence
from typing import Any

from sync.models import SyncQueueItem, WorkflowExecution
from sync.postgres import TooSlowError, bounded_reading
from sync.results import COLUMNS, LONGEST, ROWS, Preview, preview
from sync.web.admin.bounded import PATIENCE
from sync.web.shared import age, badge, exact

# Destinations, at most.
ITEMS = 50


def page_of(execution: WorkflowExecution, may_backfill: bool) -> dict[str, Any]:  # noqa: FBT001 - a fact, not a mode
    """The context of an execution's page."""
    items = SyncQueueItem.objects.filter(execution__execution_id=execution.execution_id)
    listed = list(items.select_related("configuration").order_by("created_at", "pk")[:ITEMS])
    return {
        "title": f"Execution {execution.execution_id}",
        "subtitle": None,
        "execution": execution,
        "facts": list(_facts(execution, listed)),
        "items": [{"item": item, "badge": badge(item.status), "age": age(item.updated_at)} for item in listed],
        "may_backfill": may_backfill,
        **_preview(execution),
    }


def _facts(execution: WorkflowExecution, items: Sequence[SyncQueueItem]) -> Iterator[tuple[str, str]]:
    yield "Status", execution.status
    yield "Created", exact(execution.created_at)
    yield "Completed", exact(execution.completed_at)
    if execution.result_total_rows is not None:
        yield "Rows of the result", f"{execution.result_total_rows:,}"
    asked = {f"{item.requested_schema or ''}.{item.requested_table or ''}" for item in items if _asks(item)}
    yield "Table asked for", ", ".join(sorted(asked)) or "none: one of its own"
    if execution.snowflake_enabled:
        yield "Asked for by snowflake_enabled", "yes"
    if execution.snowflake_table_name:
        yield "Table", f"{execution.snowflake_schema_name or ''}.{execution.snowflake_table_name}"


def _asks(item: SyncQueueItem) -> bool:
    return bool(item.requested_schema or item.requested_table)


def _preview(execution: WorkflowExecution) -> dict[str, Any]:
    """The page without a preview is better than none."""
    try:
        with bounded_reading(PATIENCE):
            found = preview(execution.pk)
    except TooSlowError:
        found = Preview(too_large=True)
    return {"preview": found, "preview_rows": ROWS, "preview_columns": COLUMNS, "preview_longest": LONGEST}
