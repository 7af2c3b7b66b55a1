"""Views of workflows: what they show, after which changes, and whose they are."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from sync.destinations import Access
from sync.errors import SyncError
from sync.models import SyncTable, WorkflowExecution
from sync.postgres import fetch
from sync.snowflake.session import Pool, Session
from sync.snowflake.statements import Table
from sync.warehouse import views
from tests.factories import ConfigurationFactory, WorkflowFactory
from tests.warehouse.conftest import Catalogued
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


def follow(world: World, *executions: WorkflowExecution, renamed: Any = (), **more: Any) -> int:
    """How many statements it took."""
    with session_of(world) as session:
        ids = [execution.execution_id for execution in executions]
        views.note(world.configuration, ids, workflow_ids=renamed)
        views.follow(session, world.configuration, **more)
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


def test_what_was_noted_is_followed_by_the_next_who_comes(called: World) -> None:
    execution = loaded(called)
    views.note(called.configuration, [execution.execution_id])
    called.snowflake.server.inject("CREATE VIEW", "error", code="390114", sqlstate="08001", message="Token expired")
    with pytest.raises(SyncError):
        follow(called)

    fetch("UPDATE snowflake_sync_views SET error_at = NULL RETURNING 1")
    assert follow(called) == 2
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [1]
    assert follow(called) == 0


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


def test_names_are_given_once_and_differ_where_they_fold_alike(called: World) -> None:
    renamed = called.workflow
    follow(called, loaded(called))
    first = names(called)
    called.workflow = WorkflowFactory.create(user=called.user, name="campaign-results")
    follow(called, loaded(called, rows=[[7]]))
    renamed.name = "Renamed"
    renamed.save()

    assert follow(called, renamed=[renamed.pk]) == 3

    hashed = [name for name in names(called) if name not in first]
    assert first == ["CAMPAIGN_RESULTS_LATEST", "CAMPAIGN_RESULTS_ALL"]
    assert [shown(called, name) for name in hashed] == [[7], [7]]
    comments = called.snowflake.rows(f"SHOW VIEWS STARTS WITH '{first[0]}'")
    assert f"of the workflow {renamed.workflow_id}: Renamed" in str(comments)


@pytest.mark.parametrize("theirs", ["CREATE TABLE {} (mine INT)", "CREATE VIEW {} AS SELECT 5 AS mine"])
def test_what_somebody_else_has_made_is_left_alone(called: World, theirs: str) -> None:
    called.snowflake.connect().cursor().execute(theirs.format("CAMPAIGN_RESULTS_ALL"))
    execution = loaded(called)
    follow(called, execution)
    latest, of_all = names(called)

    assert latest == "CAMPAIGN_RESULTS_LATEST"
    assert of_all != "CAMPAIGN_RESULTS_ALL"
    assert shown(called, of_all) == [1]
    assert called.snowflake.rows("SELECT mine FROM CAMPAIGN_RESULTS_ALL WHERE mine <> 5") == []


def test_a_view_that_somebody_has_put_in_the_place_of_ours_is_left_alone(called: World) -> None:
    follow(called, loaded(called))
    cursor = called.snowflake.connect().cursor()
    cursor.execute("CREATE OR REPLACE VIEW CAMPAIGN_RESULTS_LATEST AS SELECT 5 AS mine")
    cursor.execute("DROP VIEW CAMPAIGN_RESULTS_ALL")

    follow(called, loaded(called, NOON + timedelta(days=1), rows=[[2]]))
    latest, of_all = names(called)

    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [5]
    assert shown(called, latest) == [2]
    assert (of_all, shown(called, of_all)) == ("CAMPAIGN_RESULTS_ALL", [1, 2])


def test_two_destinations_in_one_schema_have_a_view_each(called: World) -> None:
    follow(called, loaded(called))
    first, second = (
        called.configuration,
        ConfigurationFactory.create(user=called.user, database=called.snowflake.database),
    )
    first.is_active = False
    first.save()
    called.configuration = second
    follow(called, loaded(called, NOON + timedelta(days=1), rows=[[2]]))

    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [1]
    latest = fetch("SELECT latest_name FROM snowflake_sync_views WHERE configuration_id = %s", [second.pk])[0][0]
    assert shown(called, latest) == [2]


def test_a_shared_tables_latest_is_chosen_by_the_catalogue_without_a_statement(called: World) -> None:
    called.configuration.layout = "per_workflow"
    called.configuration.save()
    place = called.configuration
    catalogue = Table(called.snowflake.database, "PUBLIC", "SYNC_EXECUTIONS")
    cursor = called.snowflake.connect().cursor()
    columns = "WORKFLOW_ID, STATUS, SCHEMA_NAME, TABLE_NAME, EXECUTION_ID"
    cursor.execute(
        f"CREATE TABLE {catalogue} ({columns.replace(',', ' TEXT,')} TEXT, COMPUTED_AT TIMESTAMP_TZ, IN_ALL_VIEW TEXT)"
    )
    march, february = loaded(called, rows=[[1]]), loaded(called, NOON - timedelta(days=28), rows=[[2]])
    for execution in (march, february):
        execution.refresh_from_db()
        said = (
            called.workflow.workflow_id,
            "completed",
            "PUBLIC",
            execution.snowflake_table_name,
            execution.execution_id,
        )
        cursor.execute(
            f"INSERT INTO {catalogue} ({columns}, COMPUTED_AT) VALUES (%s, %s, %s, %s, %s, %s)",
            (*said, f"{execution.completed_at:%Y-%m-%dT%H:%M:%S}+00:00"),
        )

    assert follow(called, march, february, catalogue=catalogue) == 2
    assert (shown(called, "CAMPAIGN_RESULTS_LATEST"), shown(called, "CAMPAIGN_RESULTS_ALL")) == ([1], [1, 2])
    cursor.execute(f"UPDATE {catalogue} SET STATUS = 'skipped' WHERE EXECUTION_ID = '{march.execution_id}'")
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [2]
    place.layout = "per_execution"
    place.save()

    assert follow(called, loaded(called, NOON + timedelta(days=1), rows=[[3]]), catalogue=catalogue) == 3
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == shown(called, "CAMPAIGN_RESULTS_ALL") == [3]


def test_the_one_before_is_the_latest_before_rows_of_a_shared_table_go(catalogued: Catalogued) -> None:
    catalogued.world.workflow.name = "Campaign results"
    catalogued.world.workflow.save()
    catalogued.change(layout="per_workflow")
    before = loaded(catalogued.world, NOON - timedelta(days=1), rows=[[1]])
    latest = loaded(catalogued.world, rows=[[2]])
    catalogued.publish()
    assert shown(catalogued.world, "CAMPAIGN_RESULTS_LATEST") == [2]
    shared = SyncTable.objects.get()
    table = Table(shared.database_name, shared.schema_name, shared.table_name)

    with session_of(catalogued.world) as session:
        views.release(session, catalogued.configuration, [table], executions=[latest.execution_id])
        assert session.statements == 1

    assert shown(catalogued.world, "CAMPAIGN_RESULTS_LATEST") == [1]
    assert catalogued.row(latest) == {"STATUS": "removed"}
    assert catalogued.row(before) == {"STATUS": "completed"}


def test_a_column_of_a_shared_table_grows_and_its_view_can_be_read(catalogued: Catalogued) -> None:
    catalogued.world.workflow.name = "Campaign results"
    catalogued.world.workflow.save()
    catalogued.change(layout="per_workflow")
    columns = [*ID, ("amount", "decimal(10, 2)")]
    loaded(catalogued.world, NOON - timedelta(days=1), columns, [[1, 1.25]])
    catalogued.publish()

    # Not published by the worker: what is there then is what the load has left.
    catalogued.world.complete([*ID, ("amount", "decimal(12, 4)")], [[2, 2.1255]], completed_at=NOON)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sync.warehouse.publish_due", lambda *_, **__: None)
        catalogued.work()

    assert shown(catalogued.world, "CAMPAIGN_RESULTS_ALL") == [1, 2]
    catalogued.publish()
    assert len(catalogued.world.snowflake.rows("SELECT AMOUNT FROM CAMPAIGN_RESULTS_ALL")) == 2


def test_a_right_that_the_role_lacks_is_said_with_its_cure_and_holds_up_nothing(called: World, client: Client) -> None:
    client.force_login(called.user)
    execution = loaded(called)
    words = {"code": "003001", "sqlstate": "42501", "message": "Insufficient privileges to operate on schema 'PUBLIC'"}
    called.snowflake.server.inject("CREATE VIEW", "error", times=None, **words)

    follow(called, execution)
    called.snowflake.server.clear_faults()
    page = client.get(f"/runs/{execution.execution_id}").content.decode()

    assert follow(called, execution) == 0
    assert "A view could not be made" in page
    assert "Run GRANT CREATE VIEW ON SCHEMA" in page
    fetch("UPDATE snowflake_sync_views SET error_at = error_at - interval '11 minutes' RETURNING 1")
    assert follow(called, execution) == 2
    page = client.get(f"/runs/{execution.execution_id}").content.decode()
    assert "PUBLIC.CAMPAIGN_RESULTS_LATEST" in page
    assert "could not be made" not in page


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
