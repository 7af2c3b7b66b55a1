"""Items, executions and attempts as answers have them."""

from collections.abc import Sequence
from typing import Any

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem
from sync.reporting import ExecutionSync, ListedItem, remedy_of, trouble

_ITEM = (
    "id",
    "status",
    "retry_count",
    "max_retries",
    "run_after",
    "error_code",
    "error_message",
    "schema_name",
    "table_name",
    "row_count",
    "created_at",
    "updated_at",
    "processed_at",
)
_LINE = ("execution_id", "workflow_id", "workflow_name", "user_email")
_FAILURE = (
    "id",
    "execution_id",
    "user_email",
    "workflow_name",
    "error_message",
    "error_code",
    "what_to_do",
    "retry_count",
    "created_at",
    "updated_at",
)
_EXECUTION = (
    "execution_id",
    "snowflake_enabled",
    "snowflake_status",
    "snowflake_table_name",
    "snowflake_schema_name",
    "snowflake_error_message",
    "snowflake_uploaded_at",
    "snowflake_row_count",
)
_WORST_FIRST = ("failed", "processing", "pending", "completed", "skipped")
_ATTEMPT = (
    "outcome",
    "started_at",
    "finished_at",
    "timings",
    "row_count",
    "byte_count",
    "batch_size",
    "statement_count",
    "query_ids",
    "error_code",
    "error_message",
)


def failure(line: dict[str, Any]) -> dict[str, Any]:
    """A line of the list of failures."""
    return {name: line[name] for name in _FAILURE}


def queue_item(item: ListedItem) -> dict[str, Any]:
    """A line of the queue."""
    return {**_fields(item, _LINE), **_item(item)}


def sync_status(found: ExecutionSync) -> dict[str, Any]:
    """An execution with its destinations and their attempts; `sync_queue_…` are of the one that most needs a look."""
    worst = min(found.items, key=lambda item: _WORST_FIRST.index(item.status), default=None)
    return {
        **_fields(found.execution, _EXECUTION),
        "execution_status": found.execution.status,
        "workflow_name": found.execution.workflow.name if found.execution.workflow else None,
        "sync_queue_status": worst.status if worst else None,
        "sync_queue_retry_count": worst.retry_count if worst else None,
        "sync_queue_error": worst.error_message if worst else None,
        "destinations": [
            {**_item(item), "attempts": [_attempt(attempt) for attempt in found.attempts[item.pk]]}
            for item in found.items
        ],
    }


def _item(item: SyncQueueItem | ListedItem) -> dict[str, Any]:
    what = trouble(item)
    return {
        **_fields(item, _ITEM),
        "what_to_do": remedy_of(item),
        "retry_helps": what.retry if what and item.status == "failed" else None,
        "destination": _destination(item.configuration),
    }


def _attempt(attempt: SyncAttempt) -> dict[str, Any]:
    return {**_fields(attempt, _ATTEMPT), "what_to_do": remedy_of(attempt)}


def _destination(configuration: SnowflakeConfiguration | None) -> dict[str, Any] | None:
    return {"id": configuration.pk, "name": str(configuration)} if configuration else None


def _fields(of: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}
