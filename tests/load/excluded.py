"""What tests of removals share: rules that leave a workflow out, and what is in Snowflake then."""

from typing import Any

import pytest
from django.db.models import QuerySet

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, Workflow, WorkflowExecution
from sync.operations import ChangeCounts, change_rules, preview_removal, remove_excluded
from tests.factories import WorkflowFactory
from tests.world import World

COLUMNS = [("name", "string"), ("clicks", "integer")]
ROWS = [["a", 1], ["b", 2]]
NEW = [["c", 3]]


@pytest.fixture
def noisy(world: World) -> Workflow:
    """Another workflow of the user's, which a test leaves out."""
    return WorkflowFactory.create(user=world.user, workflow_id="noisy")


def layout(world: World, layout: str) -> None:
    SnowflakeConfiguration.objects.update(layout=layout)


def exclude(world: World, *workflows: str) -> None:
    rules = [
        {"name": f"no {workflow}", "kind": "scope", "action": "exclude", "workflow": workflow} for workflow in workflows
    ]
    change_rules(world.configuration.pk, rules, author="a test", expected_version=None)


def ask(world: World) -> ChangeCounts:
    preview = preview_removal(world.configuration.pk)
    return remove_excluded(
        world.configuration.pk, version=preview.version, as_of=preview.as_of, wanted=preview.executions
    )


def complete(world: World, workflow: Workflow, rows: Any = ROWS, **fields: Any) -> WorkflowExecution:
    world.workflow, before = workflow, world.workflow
    try:
        return world.complete(COLUMNS, rows, **fields)
    finally:
        world.workflow = before


def complete_again(execution: WorkflowExecution, rows: Any = NEW) -> None:
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=rows, result_total_rows=len(rows))


def rescue_all() -> None:
    queue.rescue(lease_seconds=0.0)


def attempts(execution: WorkflowExecution) -> list[str]:
    found: QuerySet[SyncAttempt] = SyncAttempt.objects.filter(item__execution=execution).order_by("id")
    return list(found.values_list("outcome", flat=True))


def there(world: World) -> dict[str, int]:
    """How many rows each execution has in Snowflake, in all the tables that are there."""
    tables = world.snowflake.rows(
        "SELECT TABLE_SCHEMA, TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_TYPE = 'BASE TABLE'"
    )
    found: dict[str, int] = {}
    for schema, name in tables:
        query = f'SELECT "_EXECUTION_ID", count(*) FROM "{schema}"."{name}" GROUP BY 1'
        for execution_id, count in world.snowflake.rows(query):
            assert execution_id not in found
            found[execution_id] = count
    return found


def tables(world: World) -> int:
    return len(world.snowflake.rows("SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_TYPE = 'BASE TABLE'"))


def is_forgotten(execution: WorkflowExecution) -> bool:
    item = SyncQueueItem.objects.get(execution=execution)
    execution.refresh_from_db()
    assert (item.status, item.error_code) == ("skipped", "excluded_by_rule")
    assert (item.table_name, item.schema_name, item.row_count, item.result_hash) == (None, None, None, None)
    assert (item.rules_version, item.is_to_be_removed) == (None, False)
    assert execution.snowflake_status == "skipped"
    assert (execution.snowflake_row_count, execution.snowflake_uploaded_at) == (None, None)
    return not SyncTable.objects.filter(execution_id=execution.execution_id).exists()


def out(world: World, *executions: WorkflowExecution) -> None:
    """Leaves out the noisy workflow, whose results were loaded, and works until they are out."""
    exclude(world, "noisy")
    ask(world)
    world.work()
    assert all(map(is_forgotten, executions))
