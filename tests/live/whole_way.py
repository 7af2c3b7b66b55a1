"""An execution's results on the whole way: through trigger, queue and worker into the account, and changed later."""

from typing import Any

from sync.models import SyncQueueItem, WorkflowExecution
from tests.world import Columns, World


def arrive(world: World, columns: Columns, rows: Any, **fields: Any) -> WorkflowExecution:
    """An execution that has completed, and whose table is there."""
    execution = world.complete(columns, rows, **fields)
    work(world, execution)
    return execution


def change(world: World, execution: WorkflowExecution, columns: Columns, rows: Any) -> None:
    """Gives it other results, which then are there."""
    declared = [{"name": name, "type": type_} for name, type_ in columns]
    changed = {"result_columns": declared, "result_rows": rows, "result_total_rows": len(rows)}
    WorkflowExecution.objects.filter(pk=execution.pk).update(**changed)
    work(world, execution)


def work(world: World, execution: WorkflowExecution) -> None:
    world.work()
    item = world.item(execution)
    assert item.status == SyncQueueItem.Status.COMPLETED, item.error_message


def table_of(world: World, execution: WorkflowExecution) -> str:
    execution.refresh_from_db()
    return f'"{execution.snowflake_schema_name}"."{execution.snowflake_table_name}"'
