"""Layout per_workflow: many executions of a workflow in one file and one COPY."""

from typing import Any

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, WorkflowExecution
from sync.queue.route import route
from sync.snowflake.identifiers import qualified
from tests.factories import WorkflowFactory
from tests.world import World

COLUMNS = [("name", "string"), ("clicks", "integer")]


@pytest.fixture
def shared(world: World) -> World:
    """A destination with a table a workflow, that has loaded once: stage, session and table are there."""
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    world.complete(COLUMNS, [["first", 0]])
    world.work()
    world.snowflake.server.reset_log()
    return world


def complete(world: World, count: int, **fields: Any) -> list[WorkflowExecution]:
    return [world.complete(COLUMNS, [[f"row {n}", n], ["", None]], **fields) for n in range(count)]


def table(world: World) -> str:
    name = SyncTable.objects.values_list("table_name", flat=True).get(execution_id=None)
    return qualified(world.snowflake.database, "PUBLIC", name)


def loaded(world: World, what: str = '"NAME", "CLICKS"') -> dict[str, list[tuple[Any, ...]]]:
    """The table's rows by execution, in their order."""
    rows = world.snowflake.rows(f'SELECT "_EXECUTION_ID", {what} FROM {table(world)} ORDER BY 1, "_ROW_NUMBER"')
    found: dict[str, list[tuple[Any, ...]]] = {}
    for execution_id, *values in rows:
        found.setdefault(execution_id, []).append(tuple(values))
    return found


def tried_before(executions: list[WorkflowExecution], outcome: str = "retry") -> None:
    """There was an attempt at each, of which nobody knows how far it came."""
    route()
    for item in SyncQueueItem.objects.filter(execution__in=executions):
        SyncAttempt.objects.create(item=item, outcome=outcome)


def kinds(world: World) -> list[str]:
    return [statement.sql.split()[0] for statement in world.snowflake.statements()]


def test_many_executions_are_two_statements(shared: World) -> None:
    executions = complete(shared, 20)
    worker = shared.work()
    assert worker.outcomes["completed"] == 20
    assert kinds(shared) == ["PUT", "COPY"]
    rows = loaded(shared)
    assert len(rows) == 21
    for n, execution in enumerate(executions):
        assert rows[execution.execution_id] == [(f"row {n}", n), ("", None)]
        execution.refresh_from_db()
        assert (execution.snowflake_status, execution.snowflake_row_count) == ("completed", 2)
    attempts = SyncAttempt.objects.filter(item__execution__in=executions)
    assert {(a.batch_size, a.statement_count, a.row_count) for a in attempts} == {(20, 2, 2)}


def test_the_first_batch_makes_the_table(world: World) -> None:
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    complete(world, 5)
    world.work()
    assert kinds(world) == ["CREATE", "CREATE", "PUT", "COPY"]
    assert len(loaded(world)) == 5


def test_a_new_process_asks_nothing_that_is_known(shared: World) -> None:
    complete(shared, 3)
    shared.work()
    assert "CREATE" not in kinds(shared)


def test_loading_again_doubles_nothing(shared: World) -> None:
    executions = complete(shared, 3)
    shared.work()
    executions[1].result_rows, executions[1].result_total_rows = [["changed", 7]], 1
    executions[1].save()
    complete(shared, 1)
    shared.snowflake.server.reset_log()
    shared.work()
    assert kinds(shared) == ["PUT", "BEGIN", "DELETE", "COPY", "COMMIT"]
    (delete,) = (statement.sql for statement in shared.snowflake.statements("DELETE FROM"))
    assert delete.endswith(f"IN ('{executions[1].execution_id}')")
    rows = loaded(shared)
    assert [rows[e.execution_id] for e in executions] == [
        [("row 0", 0), ("", None)],
        [("changed", 7)],
        [("row 2", 2), ("", None)],
    ]


@pytest.mark.parametrize("outcome", ["retry", "rescued", "released", "refused", "failed"])
def test_what_may_have_landed_before_is_replaced(shared: World, outcome: str) -> None:
    """The answer was lost, or the worker: whatever became of the attempt, its rows may be there."""
    executions = complete(shared, 2)
    first = executions[0]
    rows = f'SELECT "NAME", "CLICKS", \'{first.execution_id}\', 1, "_SYNCED_AT" FROM {table(shared)} LIMIT 1'
    shared.snowflake.rows(f"INSERT INTO {table(shared)} {rows}")
    tried_before([first], outcome)
    shared.work()
    assert loaded(shared)[first.execution_id] == [("row 0", 0), ("", None)]
    (delete,) = (statement.sql for statement in shared.snowflake.statements("DELETE FROM"))
    assert delete.endswith(f"IN ('{first.execution_id}')")


def test_of_a_batch_only_the_bad_one_fails(shared: World) -> None:
    good = complete(shared, 3)
    bad = shared.complete(COLUMNS, [["x", "many"]])
    none = shared.complete(COLUMNS, None)
    good += complete(shared, 3)
    worker = shared.work()
    assert (worker.outcomes["completed"], worker.outcomes["failed"]) == (6, 1)
    assert kinds(shared) == ["PUT", "COPY"]
    assert shared.item(bad).error_code == "value_does_not_fit"
    assert (shared.item(none).status, shared.item(none).error_code) == ("pending", None)
    assert set(loaded(shared)) >= {execution.execution_id for execution in good}
    assert bad.execution_id not in loaded(shared)


def test_a_bad_row_behind_a_megabyte_of_good_ones(shared: World) -> None:
    """Its file is partly written by then: another one is written for the others."""
    bad = shared.complete(COLUMNS, [["x" * 1_000, n] for n in range(3_000)] + [["x", "many"]])
    good = complete(shared, 2)
    shared.work()
    assert shared.item(bad).error_code == "value_does_not_fit"
    assert set(loaded(shared)) == {e.execution_id for e in good} | _first(good)


def test_what_snowflake_refuses_is_found_by_halving(shared: World) -> None:
    executions = complete(shared, 8)
    culprit = executions[5].execution_id
    tried_before(executions)
    refuse = {"code": "100038", "sqlstate": "22018", "message": "Numeric value is not recognized", "times": None}
    # Snowflake says no to every batch with this one in it; its DELETE names it.
    shared.snowflake.server.inject(f"DELETE FROM.*{culprit}", "error", **refuse)
    worker = shared.work()
    assert (worker.outcomes["completed"], worker.outcomes["failed"]) == (7, 1)
    assert shared.item(executions[5]).error_code == "load_rejected"
    # With the tries in which it travelled with others.
    (attempt,) = SyncAttempt.objects.filter(item__execution=executions[5], outcome="failed").order_by("-pk")[:1]
    sent = [statement.sql for statement in shared.snowflake.statements() if culprit in statement.sql]
    assert len(attempt.query_ids or ()) >= len(sent) > 1
    assert attempt.statement_count is not None
    assert attempt.statement_count > len(sent)
    assert set(loaded(shared)) == {e.execution_id for e in executions if e.execution_id != culprit} | _first(executions)


def test_columns_are_added_and_what_lacks_them_is_null(shared: World) -> None:
    complete(shared, 1)
    more = shared.complete([*COLUMNS, ("cost", "decimal(10,2)")], [["a", 1, "9.50"]])
    other = shared.complete([("clicks", "integer"), ("day", "date")], [[5, "2026-01-02"]])
    shared.work()
    assert kinds(shared) == [
        *["CREATE", "SHOW", "SELECT", "ALTER", "ALTER"],
        *["PUT", "COPY"],
    ]
    rows = loaded(shared, '"NAME", "CLICKS", "COST", "DAY"::TEXT')
    assert [str(value) for value in rows[more.execution_id][0]] == ["a", "1", "9.50", "None"]
    assert rows[other.execution_id] == [(None, 5, None, "2026-01-02")]
    shared.snowflake.server.reset_log()
    complete(shared, 1)
    shared.work()
    assert kinds(shared) == ["PUT", "COPY"]


def test_columns_of_one_name_keep_their_order_beside_another_result(shared: World) -> None:
    """One result has a key of the name that another's second column of one key would have."""
    first = shared.complete([("twice_2", "string"), ("twice", "string")], [["another key", "1st"]])
    second = shared.complete([("twice", "string"), ("twice", "string")], [["1st", "2nd"]])
    shared.work()
    names = SyncTable.objects.get(execution_id=None).names or {}
    assert names["twice_2"] == ["TWICE_2"]
    rows = loaded(shared, f'"TWICE", "TWICE_2", "{names["twice"][1]}"')
    assert rows[first.execution_id] == [("1st", "another key", None)]
    assert rows[second.execution_id] == [("1st", None, "2nd")]


def test_a_conflicting_type_fails_alone_and_names_the_column(shared: World) -> None:
    conflicting = shared.complete([("name", "string"), ("clicks", "date")], [["a", "2026-01-02"]])
    good = complete(shared, 2)
    shared.work()
    item = shared.item(conflicting)
    assert item.error_code == "table_conflict"
    assert "CLICKS" in str(item.error_message)
    assert "NUMBER(38,0)" in str(item.error_message)
    assert {e.execution_id for e in good} <= set(loaded(shared))


def test_the_register_is_doubted_before_an_execution_fails(shared: World) -> None:
    """Somebody has altered the table in Snowflake meanwhile."""
    shared.snowflake.rows(f'ALTER TABLE {table(shared)} DROP COLUMN "CLICKS"')
    shared.snowflake.rows(f'ALTER TABLE {table(shared)} ADD COLUMN "CLICKS" DATE')
    execution = shared.complete([("name", "string"), ("clicks", "date")], [["a", "2026-01-02"]])
    shared.work()
    assert shared.item(execution).status == "completed", shared.item(execution).error_message


def test_decimals_of_several_results_share_a_scale(world: World) -> None:
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    one = world.complete([("cost", "decimal")], [["1.5"]])
    other = world.complete([("cost", "decimal")], [["2.125"], [7]])
    world.work()
    rows = loaded(world, '"COST"::TEXT')
    assert rows == {one.execution_id: [("1.500000000",)], other.execution_id: [("2.125000000",), ("7.000000000",)]}


def test_the_advice_for_a_full_column_is_one_that_helps(world: World) -> None:
    """To declare another number does not: the table's column has no digit left."""
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    world.complete([("cost", "number")], [["0.0000000000001"]])
    world.work()
    large = [["12345678901234567890123456789"]]
    for declared in ("number", "decimal(29,0)"):
        execution = world.complete([("cost", declared)], large)
        world.work()
        item = world.item(execution)
        assert item.error_code == "value_does_not_fit"
        assert "NUMBER(38,13)" in str(item.error_message)
        assert "declare a type" not in str(item.error_remedy)
        assert "give the column another name" in str(item.error_remedy)
    renamed = world.complete([("cost in lire", "number")], large)
    world.work()
    assert world.item(renamed).status == "completed"


def test_an_item_that_failed_twice_travels_alone(shared: World) -> None:
    executions = complete(shared, 4)
    route()
    suspect = shared.item(executions[1])
    SyncQueueItem.objects.filter(pk=suspect.pk).update(retry_count=2)
    shared.work()
    sizes = {a.item_id: a.batch_size for a in SyncAttempt.objects.filter(item__execution__in=executions)}
    assert sizes.pop(suspect.pk) == 1
    assert max(sizes.values()) > 1
    assert len(loaded(shared)) == 5


def test_empty_results_are_loaded_as_such(shared: World) -> None:
    empty = shared.complete(COLUMNS, [])
    shared.work()
    assert shared.item(empty).status == "completed"
    assert kinds(shared) == []
    full = shared.complete(COLUMNS, [["a", 1]])
    empty = shared.complete(COLUMNS, [])
    shared.work()
    assert loaded(shared)[full.execution_id] == [("a", 1)]
    assert shared.item(empty).row_count == 0


def test_each_workflow_has_a_table_of_its_own(shared: World) -> None:
    shared.workflow = WorkflowFactory.create(user=shared.user)
    execution = complete(shared, 1)[0]
    shared.work()
    names = SyncTable.objects.filter(execution_id=None).values_list("table_name", flat=True)
    assert len(set(names)) == 2
    execution.refresh_from_db()
    assert execution.snowflake_table_name in names


def test_a_custom_table_is_shared_beside_the_workflows(shared: World) -> None:
    custom = [shared.complete(COLUMNS, [[str(n), n]], snowflake_table_name="MY_TABLE") for n in range(3)]
    plain = complete(shared, 2)
    shared.work()
    assert kinds(shared).count("COPY") == 2
    rows = shared.snowflake.rows(f"SELECT COUNT(*) FROM {qualified(shared.snowflake.database, 'PUBLIC', 'MY_TABLE')}")
    assert rows == [(3,)]
    assert {shared.item(e).status for e in custom + plain} == {"completed"}


def _first(executions: list[WorkflowExecution]) -> set[str]:
    """The execution that the fixture has loaded."""
    known = [execution.execution_id for execution in executions]
    completed = SyncQueueItem.objects.filter(status="completed").order_by("created_at")
    return {str(completed.values_list("execution__execution_id", flat=True)[0])} - set(known)
