"""Views of tables that several executions share: the catalogue says which is the latest."""

from datetime import timedelta

import pytest

from sync.models import SyncTable
from sync.postgres import fetch
from sync.snowflake.statements import Table
from sync.warehouse import views
from tests.factories import WorkflowFactory
from tests.long import first
from tests.warehouse.conftest import Catalogued, run
from tests.warehouse.viewing import ID, NOON, follow, loaded, session_of, shown
from tests.world import World


@pytest.fixture
def called(world: World) -> World:
    world.workflow.name = "Campaign results"
    world.workflow.save()
    return world


def test_a_shared_tables_latest_is_chosen_by_the_catalogue_without_a_statement(called: World) -> None:
    called.configuration.layout = "per_workflow"
    called.configuration.save()
    place = called.configuration
    catalogue = Table(called.snowflake.database, "PUBLIC", "SYNC_EXECUTIONS")
    cursor = called.snowflake.connect().cursor()
    columns = "WORKFLOW_ID, STATUS, SCHEMA_NAME, TABLE_NAME, EXECUTION_ID"
    moments = "COMPUTED_AT TIMESTAMP_TZ, LOADED_AT TIMESTAMP_TZ"
    cursor.execute(f"CREATE TABLE {catalogue} ({columns.replace(',', ' TEXT,')} TEXT, {moments}, IN_ALL_VIEW TEXT)")
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


def test_the_one_before_is_the_latest_before_rows_of_a_shared_table_go(called: World, catalogued: Catalogued) -> None:
    catalogued.change(layout="per_workflow")
    before = loaded(called, NOON - timedelta(days=1), rows=[[1]])
    latest = loaded(called, rows=[[2]])
    catalogued.publish()
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [2]
    shared = SyncTable.objects.get()
    table = Table(shared.database_name, shared.schema_name, shared.table_name)

    with session_of(called) as session:
        views.release(session, catalogued.configuration, [table], executions=[latest.execution_id])
        assert session.statements == 1

    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [1]
    assert catalogued.row(latest) == {"STATUS": "removed"}
    assert catalogued.row(before) == {"STATUS": "completed"}


def test_a_column_of_a_shared_table_grows_and_its_view_can_be_read(called: World, catalogued: Catalogued) -> None:
    catalogued.change(layout="per_workflow")
    columns = [*ID, ("amount", "decimal(10, 2)")]
    loaded(called, NOON - timedelta(days=1), columns, [[1, 1.25]])
    catalogued.publish()

    # Not published by the worker: what is there then is what the load has left.
    called.complete([*ID, ("amount", "decimal(12, 4)")], [[2, 2.1255]], completed_at=NOON)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sync.warehouse.publish_due", lambda *_, **__: None)
        catalogued.work()

    assert len(called.snowflake.statements("OR REPLACE VIEW")) == 2
    assert shown(called, "CAMPAIGN_RESULTS_ALL") == [1, 2]
    catalogued.publish()
    assert len(called.snowflake.rows("SELECT AMOUNT FROM CAMPAIGN_RESULTS_ALL")) == 2


@pytest.mark.parametrize("seconds", [15.0, 0.0])
def test_a_load_pays_no_more_than_it_has_time_for_where_workflows_share_a_table(
    called: World, catalogued: Catalogued, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """One look for all views; those that there was no time for are due, as are those that were changed."""
    fields = {"snowflake_table_name": "SHARED"}
    columns = [*ID, ("amount", "decimal(10, 2)")]
    loaded(called, NOON - timedelta(days=1), columns, [[1, 1.25]], **fields)
    first, called.workflow = called.workflow, WorkflowFactory.create(user=called.user, name="Other")
    loaded(called, NOON - timedelta(days=1), columns, [[2, 1.25]], **fields)
    catalogued.publish()
    called.snowflake.server.reset_log()
    called.workflow = first
    called.complete([*ID, ("amount", "decimal(12, 4)")], [[3, 2.1255]], completed_at=NOON, **fields)
    with monkeypatch.context() as patched:
        patched.setattr("sync.warehouse.publish_due", lambda *_, **__: None)
        patched.setattr(views, "PATIENCE", seconds - 1)
        catalogued.work()

    assert len(called.snowflake.statements("SHOW VIEWS")) == (1 if seconds else 0)
    assert len(called.snowflake.statements("OR REPLACE VIEW")) == (4 if seconds else 0)
    assert len(fetch("SELECT FROM snowflake_sync_views WHERE due_at IS NOT NULL", ())) == 2
    catalogued.publish()
    assert shown(called, "OTHER_ALL") == [2]
    assert shown(called, "CAMPAIGN_RESULTS_ALL") == [1, 3]
    assert fetch("SELECT FROM snowflake_sync_views WHERE due_at IS NOT NULL", ()) == []


@pytest.mark.parametrize("layout", ["per_execution", "per_workflow"])
@pytest.mark.parametrize("odd", first(1, ["infinity", "20107-05-10 00:00:00+00", "2107-05-10 00:00:00+00"]))
def test_a_result_of_a_time_to_come_is_the_latest_until_others_are_loaded(
    called: World, catalogued: Catalogued, odd: str, layout: str
) -> None:
    catalogued.change(layout=layout)
    early = called.complete(ID, [[1]])
    run("UPDATE workflow_executions SET completed_at = %s WHERE id = %s", [odd, early.pk])
    called.work()
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [1]
    called.complete(ID, [[2]])
    called.work()
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [2]
