"""Executions that the trigger did not see, and items of theirs."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.operations.backfill import BackfillCounts
from tests.factories import ExecutionFactory

# What the columns of an execution say that somebody else has uploaded.
UPLOADED: dict[str, Any] = {
    "snowflake_status": "completed",
    "snowflake_table_name": "THEIRS",
    "snowflake_uploaded_at": datetime(2026, 1, 1, tzinfo=UTC),
    "snowflake_row_count": 2,
}


def past(workflow: Workflow, **fields: Any) -> WorkflowExecution:
    """An execution that the trigger did not see."""
    execution = ExecutionFactory.create(workflow=workflow, **fields)
    SyncQueueItem.objects.filter(execution=execution).delete()
    return execution


def add(execution: WorkflowExecution, configuration: SnowflakeConfiguration | None, **fields: Any) -> SyncQueueItem:
    owner = execution.workflow.user if execution.workflow else None
    return SyncQueueItem.objects.create(execution=execution, configuration=configuration, user=owner, **fields)


def state() -> list[tuple[Any, ...]]:
    names = [field.attname for field in SyncQueueItem._meta.concrete_fields if field.attname not in {"id"}]
    return sorted(SyncQueueItem.objects.values_list(*names), key=str)


def counted(counts: BackfillCounts) -> dict[str, int]:
    """The counts that are not 0."""
    others = {"finished", "position", "rules", "days", "workflows", "destinations"}
    return {name: value for name, value in asdict(counts).items() if value and name not in others}
