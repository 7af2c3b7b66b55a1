"""Somebody changed in Snowflake what we made there."""

import pytest

from sync.models import SyncTable, WorkflowExecution
from tests.world import World

COLUMNS = [("n", "integer"), ("m", "integer")]


@pytest.fixture
def execution(world: World) -> WorkflowExecution:
    found = world.complete(COLUMNS, [[1, 2]])
    world.work()
    found.refresh_from_db()
    return found


def change(world: World, execution: WorkflowExecution, *statements: str) -> None:
    for statement in statements:
        world.snowflake.rows(statement.format(table=f'"{execution.snowflake_table_name}"'))


def load_again(world: World, execution: WorkflowExecution, *row: int) -> None:
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=[row or (3, 4)])
    world.work()


def test_a_column_that_was_dropped_comes_back(world: World, execution: WorkflowExecution) -> None:
    change(world, execution, "ALTER TABLE {table} DROP COLUMN M")
    load_again(world, execution)
    assert world.item(execution).status == "completed", world.item(execution).error_message
    assert world.rows(execution, '"N", "M"') == [(3, 4)]


def test_a_column_that_got_another_type_gets_its_own(world: World, execution: WorkflowExecution) -> None:
    change(world, execution, "ALTER TABLE {table} DROP COLUMN M", "ALTER TABLE {table} ADD COLUMN M DATE")
    load_again(world, execution)
    assert world.item(execution).status == "completed", world.item(execution).error_message
    assert world.rows(execution, '"N", "M"') == [(3, 4)]


@pytest.mark.parametrize("theirs", ["CREATE VIEW {table} AS SELECT 'theirs' AS X", "CREATE TABLE {table} (X VARCHAR)"])
def test_what_is_somebody_elses_is_said_and_left(world: World, execution: WorkflowExecution, theirs: str) -> None:
    change(world, execution, "DROP TABLE {table}", theirs)
    load_again(world, execution)
    assert world.item(execution).error_code == "table_not_ours"
    assert not SyncTable.objects.filter(execution_id=execution.execution_id).exists()
    # Once it is out of the way, a retry makes ours.
    change(world, execution, "DROP VIEW {table}" if "VIEW" in theirs else "DROP TABLE {table}")
    load_again(world, execution, 5, 6)
    assert world.rows(execution, '"N", "M"') == [(5, 6)]


def test_a_shared_table_in_whose_place_a_view_is(world: World) -> None:
    executions = [world.complete(COLUMNS, [[1, 2]], snowflake_table_name="shared")]
    world.work()
    world.snowflake.rows("DROP TABLE SHARED")
    world.snowflake.rows("CREATE VIEW SHARED AS SELECT 'theirs' AS X")
    executions.append(world.complete(COLUMNS, [[3, 4]], snowflake_table_name="shared"))
    world.work()
    assert world.item(executions[1]).error_code == "table_not_ours"


def test_rows_of_a_shared_table_that_say_no_more_whose_they_are_get_no_doubles(world: World) -> None:
    """A DELETE would find none of them once the column was added again."""
    execution = world.complete(COLUMNS, [[1, 2]], snowflake_table_name="shared")
    world.work()
    world.snowflake.rows("ALTER TABLE SHARED DROP COLUMN _EXECUTION_ID")
    load_again(world, execution)
    item = world.item(execution)
    assert (item.status, item.error_code) == ("failed", "table_conflict")
    assert "no column _EXECUTION_ID any more" in str(item.error_message)
    assert world.snowflake.rows("SELECT N, M FROM SHARED") == [(1, 2)]
    world.snowflake.rows("DROP TABLE SHARED")
    load_again(world, execution, 5, 6)
    assert world.snowflake.rows("SELECT N, M, _EXECUTION_ID FROM SHARED") == [(5, 6, execution.execution_id)]


def test_an_own_table_s_decimal_makes_room_before_the_point(world: World) -> None:
    execution = world.complete([("n", "number")], [["0.0000000000001"]])
    world.work()
    large = 12345678901234567890123456789
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=[[str(large)]])
    world.work()
    assert world.rows(execution) == [(large,)]


def test_new_columns_of_a_later_result_leave_the_table_in_place(world: World, execution: WorkflowExecution) -> None:
    world.snowflake.server.reset_log()
    declared = [{"name": name, "type": type_} for name, type_ in [*COLUMNS, ("current_date", "string")]]
    for rows in ([[3, 4, "x"]], []):
        WorkflowExecution.objects.filter(pk=execution.pk).update(
            result_columns=declared, result_rows=rows, result_total_rows=len(rows)
        )
        world.work()
        assert world.rows(execution, '"N", "M", "_CURRENT_DATE"') == [tuple(row) for row in rows]
    assert not world.snowflake.statements("OR REPLACE")
    comment = f"SELECT COMMENT FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = '{execution.snowflake_table_name}'"
    assert "_CURRENT_DATE is 'current_date'" in world.snowflake.rows(comment)[0][0]
