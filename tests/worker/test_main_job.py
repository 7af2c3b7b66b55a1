"""The main job: a finished execution becomes a table in Snowflake."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from sync.models import SyncAttempt, SyncTable, WorkflowExecution
from sync.worker.attempt import Batch
from tests.factories import ConfigurationFactory, ExecutionFactory, WorkflowFactory
from tests.world import World

CAMPAIGNS = [("campaign", "string"), ("day", "date"), ("clicks", "integer"), ("spend", "decimal(12,2)")]
ROWS: list[dict[str, Any]] = [
    {"campaign": 'Frühling "25%"\n🌷', "day": "2026-03-01", "clicks": 1200, "spend": 99.90},
    {"campaign": "", "day": None, "clicks": None, "spend": "0.05"},
    {"campaign": None},
]
LOADED = [
    ('Frühling "25%"\n🌷', date(2026, 3, 1), 1200, Decimal("99.90")),
    ("", None, None, Decimal("0.05")),
    (None, None, None, None),
]


def test_a_completed_execution_becomes_a_table(world: World) -> None:
    execution = world.complete(CAMPAIGNS, ROWS)
    worker = world.work()
    assert worker.outcomes["completed"] == 1
    assert world.rows(execution) == LOADED
    execution.refresh_from_db()
    name = f"WORKFLOW_EXECUTION_{execution.created_at.astimezone(UTC):%Y%m%d}_"
    assert execution.snowflake_table_name == name + execution.execution_id.upper().replace("-", "_")
    assert (execution.snowflake_status, execution.snowflake_row_count) == ("completed", 3)
    assert execution.snowflake_schema_name == "PUBLIC"
    assert execution.snowflake_uploaded_at is not None
    assert execution.snowflake_error_message is None


def test_own_columns_say_where_a_row_comes_from(world: World) -> None:
    execution = world.complete(CAMPAIGNS, ROWS)
    before = datetime.now(UTC).replace(tzinfo=None)
    world.work()
    rows = world.rows(execution, '"_EXECUTION_ID", "_ROW_NUMBER", "_SYNCED_AT"')
    assert [row[:2] for row in rows] == [(execution.execution_id, number) for number in (1, 2, 3)]
    assert all(before <= row[2] <= datetime.now(UTC).replace(tzinfo=None) for row in rows)


def test_a_first_load_takes_three_statements(world: World) -> None:
    for _ in range(4):
        world.complete(CAMPAIGNS, ROWS)
    world.work(concurrency=1, batch=1)
    kinds = [statement.sql.split()[0] for statement in world.snowflake.statements()]
    assert sorted(kinds) == sorted(["CREATE", "PUT", "COPY"] * 4 + ["CREATE"])
    assert len(world.snowflake.statements("CREATE STAGE")) == 1
    attempt = SyncAttempt.objects.order_by("-id").first()
    assert attempt is not None
    assert (attempt.outcome, attempt.statement_count, attempt.row_count) == ("completed", 3, 3)
    assert set(attempt.timings or {}) == {"extract", "load"}
    assert len(attempt.query_ids or []) >= 2  # a PUT has an id of its own only with some of the clouds


def test_small_results_that_wait_share_an_upload(world: World) -> None:
    for _ in range(4):
        world.complete(CAMPAIGNS, ROWS)
    world.work(concurrency=1)
    kinds = Counter(statement.sql.split()[0] for statement in world.snowflake.statements())
    assert kinds == {"CREATE": 1 + 4, "PUT": 1, "COPY": 4}


def test_threads_that_begin_together_make_the_stage_once(world: World) -> None:
    for _ in range(5):
        world.complete(CAMPAIGNS, ROWS)
    world.work(concurrency=5)
    assert len(world.snowflake.statements("CREATE STAGE")) == 1


def test_rows_as_arrays(world: World) -> None:
    execution = world.complete(CAMPAIGNS, [["a", "2026-01-02", 3, 4.5], [None, None, None, None]])
    world.work()
    assert world.rows(execution) == [("a", date(2026, 1, 2), 3, Decimal("4.50")), (None, None, None, None)]


def test_new_results_replace_the_old(world: World) -> None:
    execution = world.complete(CAMPAIGNS, ROWS)
    world.work()
    execution.result_rows = ROWS[:1]
    execution.result_total_rows = 1
    execution.save()
    world.work()
    assert world.rows(execution) == LOADED[:1]
    kinds = [statement.sql.split("(")[0].split('"')[0] for statement in world.snowflake.statements()[-5:]]
    assert [kind.split()[0] for kind in kinds][-4:] == ["PUT", "COPY", "INSERT", "DROP"]


def test_new_columns_replace_the_table(world: World) -> None:
    execution = world.complete(CAMPAIGNS, ROWS)
    world.work()
    WorkflowExecution.objects.filter(pk=execution.pk).update(
        result_columns=[{"name": "clicks", "type": "string"}, {"name": "new", "type": "json"}],
        result_rows=[["many", {"a": [1, None]}]],
        result_total_rows=1,
    )
    world.work()
    assert [(a, re.sub(r"\s", "", b)) for a, b in world.rows(execution)] == [("many", '{"a":[1,null]}')]


def test_the_same_results_are_not_loaded_twice(world: World) -> None:
    execution = world.complete(CAMPAIGNS, ROWS)
    world.work()
    before = len(world.snowflake.statements())
    execution.refresh_from_db()
    execution.save()
    world.work()
    assert len(world.snowflake.statements()) == before


def test_no_rows_make_an_empty_table(world: World) -> None:
    execution = world.complete(CAMPAIGNS, [])
    world.work()
    assert world.rows(execution) == []
    assert (execution.snowflake_status, execution.snowflake_row_count) == ("completed", 0)
    assert len(world.snowflake.statements()) == 1


def test_a_user_without_a_destination_is_skipped(world: World) -> None:
    execution = ExecutionFactory.create()
    assert world.work().outcomes["skipped"] == 1
    execution.refresh_from_db()
    assert execution.snowflake_status == "skipped"
    ConfigurationFactory.create(user=world.item(execution).user, database=world.snowflake.database)
    world.work()
    assert len(world.rows(execution)) == 2


def test_several_destinations_get_it_each(world: World) -> None:
    ConfigurationFactory.create(user=world.user, database=world.snowflake.database, schema="SECOND")
    execution = world.complete(CAMPAIGNS, ROWS)
    assert world.work().outcomes["completed"] == 2
    assert world.rows(execution) == LOADED
    name = execution.snowflake_table_name
    assert len(world.snowflake.rows(f'SELECT * FROM "SECOND"."{name}"')) == 3


def test_a_requested_table_is_shared(world: World) -> None:
    first = world.complete(CAMPAIGNS, ROWS, snowflake_table_name="All Campaigns", snowflake_enabled=True)
    second = world.complete(
        [*CAMPAIGNS, ("region", "string")], [{**ROWS[0], "region": "EU"}], snowflake_table_name="All Campaigns"
    )
    world.work(concurrency=1)
    first.refresh_from_db()
    # Its name had to be changed: another's that folds to the same is another table.
    assert str(first.snowflake_table_name).startswith("ALL_CAMPAIGNS_")
    grouped = f'SELECT "_EXECUTION_ID", COUNT(*) FROM "{first.snowflake_table_name}" GROUP BY 1'
    assert dict(world.snowflake.rows(grouped)) == {first.execution_id: 3, second.execution_id: 1}
    first.result_rows = ROWS[:2]
    first.result_total_rows = 2
    first.save()
    world.work()
    assert dict(world.snowflake.rows(grouped)) == {first.execution_id: 2, second.execution_id: 1}
    assert SyncTable.objects.get().execution_id is None


def test_preserved_names_are_exactly_the_logical_ones(world: World) -> None:
    world.configuration.identifier_case = "preserve"
    world.configuration.save()
    execution = world.complete([("Campaign name", "string")], [["a"]])
    world.work()
    assert world.rows(execution, '"Campaign name"') == [("a",)]
    assert str(execution.snowflake_table_name).endswith(f"_{execution.execution_id}")


@pytest.mark.parametrize("order", [1, -1])
def test_hostile_and_clashing_column_names_all_work(world: World, order: int) -> None:
    names = ['"; DROP TABLE x; --', "", "a b", "A_B", "x" * 300, "_row_number", "sélect", "%s", "a'b\\"][::order]
    execution = world.complete([(name, "integer") for name in names], [list(range(len(names)))])
    world.work()
    assert world.rows(execution) == [tuple(range(len(names)))]


def test_300_columns_with_and_without_rows(world: World) -> None:
    columns = [(f"column {number}", "integer") for number in range(300)]
    empty = world.complete(columns, [])
    full = world.complete(columns, [{name: number for number, (name, _) in enumerate(columns)}])
    world.work()
    assert world.rows(empty) == []
    assert world.rows(full) == [tuple(range(300))]


def test_a_workflow_without_an_owner_fails_and_can_be_retried(world: World) -> None:
    execution = ExecutionFactory.create(workflow=WorkflowFactory.create(user=None))
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code) == ("failed", "no_owner")


def test_attempts_that_were_not_written_down_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raises, is_refused = (world.complete(CAMPAIGNS, ROWS).execution_id for _ in range(2))
    loaded = world.complete(CAMPAIGNS, ROWS)
    attempt = Batch.attempt

    def fails(batch: Batch) -> list[str]:
        if batch.claims[0].execution_id == raises:
            raise RuntimeError
        return ["refused"] if batch.claims[0].execution_id == is_refused else attempt(batch)

    monkeypatch.setattr(Batch, "attempt", fails)
    call_command("run_sync_worker", "--once")
    said = capsys.readouterr().out
    assert "Completed 1, failed 0, skipped 0, waiting for another try 0." in said
    assert "Refused 1, unfinished 1: " in said
    assert world.rows(loaded) == LOADED
