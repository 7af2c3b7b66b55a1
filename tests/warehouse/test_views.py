"""Views of workflows: what they show, after which changes, and whose they are."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.destinations import Access
from sync.models import SyncTable, WorkflowExecution
from sync.postgres import fetch
from sync.snowflake.session import Pool, Session
from sync.snowflake.statements import Table
from sync.warehouse import views
from tests.world import World

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID = [("id", "integer")]


@contextmanager
def session_of(world: World) -> Iterator[Session]:
    pool = Pool()
    try:
        with Access(world.configuration.pk, pool, lambda: None).session() as session:
            yield session
    finally:
        pool.close()


def follow(world: World, *executions: WorkflowExecution, **more: Any) -> int:
    """How many statements it took."""
    with session_of(world) as session:
        ids = [execution.execution_id for execution in executions]
        views.follow(session, world.configuration, executions=ids, **more)
        return session.statements


def loaded(
    world: World, at: datetime = NOON, columns: Any = ID, rows: Any = ([1],), **fields: Any
) -> WorkflowExecution:
    execution = world.complete(columns, list(rows), completed_at=at, **fields)
    world.work()
    return execution


def shown(world: World, name: str) -> list[Any]:
    return sorted(row[0] for row in world.snowflake.rows(f'SELECT * FROM "{name}"'))


def names(world: World) -> list[str]:
    rows = fetch("SELECT latest_name, all_name FROM snowflake_sync_views ORDER BY 1", ())
    return [name for row in rows for name in row]


@pytest.fixture
def called(world: World) -> World:
    world.workflow.name = "Campaign results"
    world.workflow.save()
    return world


def test_views_show_what_was_computed_last_and_all_that_fit_it(called: World) -> None:
    march = loaded(called, rows=[[1], [2]])
    assert follow(called, march) == 2
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == shown(called, "CAMPAIGN_RESULTS_ALL") == [1, 2]
    assert follow(called, march) == 0

    april = loaded(called, NOON + timedelta(days=31), rows=[[3]])
    other = loaded(called, NOON - timedelta(days=1), [*ID, ("note", "text")], [[4, "x"]])
    february = loaded(called, NOON - timedelta(days=28), rows=[[5]])

    assert follow(called, april, other, february) == 3
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [3]
    assert shown(called, "CAMPAIGN_RESULTS_ALL") == [1, 2, 3, 5]
    assert follow(called, other, february) == 0


def test_a_view_never_fails_while_the_latest_is_loaded_with_fewer_columns(called: World) -> None:
    columns = [*ID, ("note", "text"), ("amount", "integer")]
    loaded(called, NOON - timedelta(days=1), columns, [[0, "w", 0]])
    latest = loaded(called, columns=columns, rows=[[1, "x", 2]])
    follow(called, latest)

    latest.result_columns = [{"name": "id", "type": "integer"}, {"name": "amount", "type": "text"}]
    latest.result_rows = [[1, "two"]]
    latest.save()
    with watched(called, "CAMPAIGN_RESULTS_LATEST", "CAMPAIGN_RESULTS_ALL") as met:
        called.work()

    assert met == []
    assert called.snowflake.rows('SELECT AMOUNT FROM "CAMPAIGN_RESULTS_LATEST"') == [("two",)]
    assert shown(called, "CAMPAIGN_RESULTS_ALL") == [0]
    follow(called, latest)
    assert shown(called, "CAMPAIGN_RESULTS_ALL") == [1]


def test_the_one_before_is_the_latest_where_that_is_removed(called: World) -> None:
    before = loaded(called, NOON - timedelta(days=1), rows=[[0]])
    latest = loaded(called)
    follow(called, latest)
    table = own_table(latest)

    with session_of(called) as session:
        views.release(session, called.configuration, [table])
        assert session.statements == 3
        assert shown(called, "CAMPAIGN_RESULTS_LATEST") == shown(called, "CAMPAIGN_RESULTS_ALL") == [0]
        views.release(session, called.configuration, [own_table(before)])

    assert called.snowflake.rows("SHOW VIEWS") == []


def test_tables_and_columns_say_where_they_come_from(called: World) -> None:
    execution = loaded(called, columns=[("a b", "varchar(20)"), ("id", "Integer")], rows=[["x", 1]])
    table = own_table(execution)

    described = called.snowflake.rows(f"DESCRIBE TABLE {table}")
    comment = called.snowflake.rows("SELECT comment FROM information_schema.tables")[0][0]

    assert [row[9] for row in described][:3] == [
        "'a b' in result_columns, declared as varchar(20)",
        "'id' in result_columns, declared as Integer",
        "The execution that has the row as a result",
    ]
    assert execution.execution_id in comment
    assert f"Of the workflow {called.workflow.workflow_id}" in comment


def own_table(execution: WorkflowExecution) -> Table:
    made = SyncTable.objects.get(execution_id=execution.execution_id)
    return Table(made.database_name, made.schema_name, made.table_name)


@contextmanager
def watched(world: World, *names: str) -> Iterator[list[Exception]]:
    """Somebody who reads these views all the time, and what he is told instead of rows."""
    cursor, ended, met = world.snowflake.connect().cursor(), threading.Event(), []

    def read() -> None:
        while not ended.is_set():
            for name in names:
                try:
                    assert cursor.execute(f'SELECT * FROM "{name}"').fetchall()
                except Exception as error:  # noqa: BLE001 - whatever it is
                    met.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield met
    finally:
        ended.set()
        reader.join()
