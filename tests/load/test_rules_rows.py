"""How many rows are loaded where rules leave some out, and what is said of it."""

from typing import Any

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, WorkflowExecution
from sync.operations import change_rules
from sync.queue import sweep
from sync.snowflake.identifiers import qualified
from tests.world import World

COLUMNS = [("name", "string"), ("clicks", "integer")]
ROWS = [["a", 1], ["b", 2], ["c", None]]


def rules(world: World, *documents: dict[str, Any]) -> None:
    named = [{"name": f"rule {number}", **document} for number, document in enumerate(documents)]
    change_rules(world.configuration.pk, named, author="test", expected_version=None)


def keep(least: int) -> dict[str, Any]:
    return {"kind": "rows", "where": {"column": "clicks", "operator": "ge", "value": least}}


def said(world: World, execution: WorkflowExecution) -> tuple[int | None, int | None, int | None]:
    """Rows loaded and rows of the result: of item, attempt and execution."""
    item = world.item(execution)
    assert item.status == "completed", item.error_message
    attempt = SyncAttempt.objects.filter(item=item).latest("pk")
    execution.refresh_from_db()
    assert (attempt.row_count, attempt.source_row_count) == (item.row_count, item.source_row_count)
    assert execution.snowflake_row_count == item.row_count
    return item.row_count, item.source_row_count, item.rules_version


def again(execution: WorkflowExecution, rows: Any) -> None:
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=rows, result_total_rows=len(rows))


def test_what_is_left_out_is_told_beside_what_is_loaded(world: World) -> None:
    execution = world.complete(COLUMNS, ROWS)
    world.work()
    assert said(world, execution) == (3, None, 0)
    rules(world, keep(2))
    again(execution, [*ROWS, ["d", 4]])
    world.work()
    assert said(world, execution) == (2, 4, 1)
    assert world.rows(execution) == [("b", 2), ("d", 4)]
    again(execution, [["e", 5]])
    world.work()
    assert said(world, execution) == (1, None, 1)


@pytest.mark.parametrize("layout", SnowflakeConfiguration.Layout.values)
def test_no_row_is_an_empty_table_with_its_columns(world: World, layout: str) -> None:
    SnowflakeConfiguration.objects.update(layout=layout)
    rules(world, keep(9), {"kind": "column", "action": "rename", "columns": ["name"], "to": "who"})
    executions = [world.complete(COLUMNS, ROWS) for _ in range(3)]
    world.work(concurrency=1)
    assert [said(world, execution) for execution in executions] == [(0, 3, 1)] * 3
    assert world.rows(executions[0], '"WHO", "CLICKS"') == []
    again(executions[0], [["x", 10]])
    world.work()
    assert world.rows(executions[0], '"WHO", "CLICKS"') == [("x", 10)]
    again(executions[0], ROWS)
    world.work()
    assert said(world, executions[0]) == (0, 3, 1)
    assert world.rows(executions[0], '"WHO", "CLICKS"') == []


def test_the_sweep_takes_nothing_for_changed(world: World) -> None:
    """Its hash is that of the result as it came."""
    rules(world, keep(2), {"kind": "column", "action": "drop", "columns": ["name"]})
    execution = world.complete(COLUMNS, ROWS)
    world.work()
    # Somebody else has written the row.
    WorkflowExecution.objects.filter(pk=execution.pk).update(snowflake_enabled=True)
    swept = sweep(interval=0.0)
    assert swept is not None
    assert (swept.missing, swept.changed) == (0, 0)


def test_a_type_that_a_rule_changes_is_said_to_be_the_rules(world: World) -> None:
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    first = world.complete(COLUMNS, ROWS)
    world.work()
    hashed = {"kind": "column", "action": "hash", "columns": ["clicks"]}
    rules(world, hashed)
    execution = world.complete(COLUMNS, ROWS)
    world.work()
    item = world.item(execution)
    assert item.error_code == "table_conflict"
    assert "CLICKS" in str(item.error_message)
    assert "rename" in str(item.error_remedy)
    assert "rule" in str(item.error_remedy)
    # What the remedy says helps.
    rules(world, hashed, {"kind": "column", "action": "rename", "columns": ["clicks"], "to": "clicks_hashed"})
    other = world.complete(COLUMNS, ROWS)
    world.work()
    table = qualified(world.snowflake.database, "PUBLIC", str(world.item(first).table_name))
    loaded = world.snowflake.rows(
        f'SELECT "CLICKS", LENGTH("CLICKS_HASHED") FROM {table} WHERE "_EXECUTION_ID" = \'{other.execution_id}\''
    )
    assert sorted(loaded, key=str) == [(None, 64), (None, 64), (None, None)]


def test_a_type_that_a_rule_only_declares_is_said_to_be_the_rules(world: World) -> None:
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    world.complete(COLUMNS, ROWS)
    world.work()
    rules(world, {"kind": "column", "action": "cast", "columns": ["clicks"], "type": "text"})
    execution = world.complete(COLUMNS, ROWS)
    world.work()
    item = world.item(execution)
    assert item.error_code == "table_conflict"
    assert "result_columns" not in str(item.error_remedy)
    assert "rule" in str(item.error_remedy)


def test_in_another_column_the_rules_are_not_blamed(world: World) -> None:
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    world.complete(COLUMNS, ROWS)
    world.work()
    rules(world, {"kind": "column", "action": "hash", "columns": ["name"]})
    execution = world.complete([("name", "string"), ("clicks", "date")], [["a", "2026-01-02"]])
    world.work()
    item = world.item(execution)
    assert item.error_code == "table_conflict"
    assert "rule" not in str(item.error_remedy)
