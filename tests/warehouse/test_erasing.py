"""What was loaded of somebody is erased from Snowflake, whatever PostgreSQL still has of it."""

import io
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import SnowflakeConfiguration
from sync.load import forget_left, may_land_late
from sync.models import SyncActivity, SyncQueueItem, SyncTable, Workflow, WorkflowExecution
from sync.operations import ComesBackError, UnderWayError, erase_results, erasure, retry_failed_sync
from sync.queue import Erased, Whose
from sync.snowflake.statements import marker
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory
from tests.load.excluded import complete, complete_again, exclude, layout, noisy, there
from tests.long import first
from tests.warehouse.erasure import known, off, settle, sql, subject, tables
from tests.world import World

__all__ = ["noisy"]
WAYS = ["per_execution", "per_workflow"]


@pytest.mark.parametrize("way", first(1, WAYS))
@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("whose", ["user", "workflow", "execution"])
def test_it_goes_and_the_rest_stays(world: World, noisy: Workflow, whose: Whose, gone: bool, way: str) -> None:
    layout(world, way)
    kept = complete(world, world.workflow)
    one, other = complete(world, noisy), complete(world, noisy)
    world.work()
    off()
    if gone:
        # The workflow goes with its executions, as the application deletes them.
        sql("DELETE FROM workflow_executions WHERE execution_id = %s", one.execution_id)
        if whose != "execution":
            sql("DELETE FROM workflows WHERE workflow_id = 'noisy'")
        settle()
    what = subject(world, whose, one)

    (place,) = erase_results(what)

    left = {"user": set(), "workflow": {kept.execution_id}, "execution": {kept.execution_id, other.execution_id}}[whose]
    assert set(there(world)) == left
    assert not place.is_left
    assert (place.tables, place.rows) == (
        (0, 2) if (whose, way) == ("execution", "per_workflow") else (place.tables, 0)
    )
    assert known(what) == [] or (whose, way, gone) == ("execution", "per_workflow", False)
    if way == "per_execution" or whose == "user":
        assert len(tables(world)) == len(left)
    entry = SyncActivity.objects.get(action="erased")
    assert (entry.subject_id, entry.owner_id, entry.count) == (what.subject, world.user.pk, place.tables)
    if not gone:
        item = world.item(one)
        assert (item.status, item.error_code, item.table_name, item.row_count) == ("skipped", "erased", None, None)
        one.refresh_from_db()
        assert (one.snowflake_status, one.snowflake_table_name) == ("skipped", None)


def test_it_does_not_come_back_but_by_a_retry(world: World, noisy: Workflow) -> None:
    one = complete(world, noisy)
    world.work()
    erase_results(Erased("execution", one.execution_id))
    complete_again(one)
    world.work()
    off()
    complete_again(one, [["d", 4]])
    world.work()
    SnowflakeConfiguration.objects.update(is_active=True)
    world.work()
    call_command("backfill_syncs", "--force", stdout=io.StringIO())
    world.work()
    assert there(world) == {}
    assert world.item(one).error_code == "erased"
    assert retry_failed_sync(world.item(one).pk)[0]
    world.work()
    assert there(world) == {one.execution_id: 1}


@pytest.mark.parametrize("whose", ["user", "workflow"])
def test_what_would_come_back_is_refused_until_it_does_not(world: World, noisy: Workflow, whose: Whose) -> None:
    one = complete(world, noisy)
    world.work()
    with pytest.raises(ComesBackError, match="Switch it off first"):
        erase_results(subject(world, whose, one))
    assert set(there(world)) == {one.execution_id}
    if whose == "workflow":
        exclude(world, "noisy")
    else:
        off()
    erase_results(subject(world, whose, one))
    assert there(world) == {}


def test_a_load_under_way_is_waited_for(world: World, noisy: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    one = complete(world, noisy)
    world.work()
    what = Erased("execution", one.execution_id)
    SyncQueueItem.objects.update(status="processing")
    with pytest.raises(UnderWayError, match="1 run could not be ended"):
        erase_results(what, patience=0)
    assert set(there(world)) == {one.execution_id}

    def ends(_seconds: float) -> None:
        SyncQueueItem.objects.update(status="completed")

    monkeypatch.setattr("sync.operations.erasure.time.sleep", ends)
    erase_results(what)
    assert there(world) == {}


def test_what_may_land_late_is_waited_for(world: World, noisy: Workflow) -> None:
    one = complete(world, noisy)
    world.work()
    SyncQueueItem.objects.update(status="pending", open_load={"ends_by": "2999-01-01T00:00:00+00:00"})
    with pytest.raises(UnderWayError, match="under way of 1"):
        erase_results(Erased("execution", one.execution_id), patience=0)
    SyncQueueItem.objects.update(open_load={"ends_by": "2020-01-01T00:00:00+00:00"})
    erase_results(Erased("execution", one.execution_id), patience=0)
    assert there(world) == {}


def test_a_run_that_is_broken_off_is_done_by_the_next(
    world: World, noisy: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        complete(world, noisy)
    world.work()
    off()
    what, done = Erased("workflow", "noisy"), list[Any]()

    def killed(left: Any) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(left)
        forget_left(left)

    monkeypatch.setattr(erasure, "forget_left", killed)
    with pytest.raises(KeyboardInterrupt):
        erase_results(what)
    monkeypatch.undo()
    # Two are dropped, of one nobody noted it.
    assert (len(there(world)), SyncTable.objects.count()) == (1, 2)
    (place,) = erase_results(what)
    assert (there(world), SyncTable.objects.count()) == ({}, 0)
    assert place.tables == 1
    assert not SyncQueueItem.objects.filter(table_name__isnull=False).exists()


def test_another_destinations_tables_and_a_foreign_one_stay(world: World, noisy: Workflow) -> None:
    theirs = ConfigurationFactory.create(user=UserFactory.create(), database=world.snowflake.database)
    other = complete(world, WorkflowFactory.create(user=theirs.user))
    one, two = complete(world, noisy), complete(world, noisy)
    world.work()
    two.refresh_from_db()
    table = two.snowflake_table_name
    world.snowflake.rows(f'DROP TABLE "{table}"')
    world.snowflake.rows(f"""CREATE TABLE "{table}" ("_EXECUTION_ID" TEXT) COMMENT = 'mine'""")
    off()
    (place,) = erase_results(Erased("user", str(world.user.pk)))
    (refused,) = place.refused
    assert (str(table) in refused[0], refused[1].code) == (True, "table_not_ours")
    assert {str(table), str(WorkflowExecution.objects.get(pk=other.pk).snowflake_table_name)} == tables(world)
    assert one.execution_id not in there(world)
    assert theirs.pk != place.id


@pytest.mark.parametrize("known_by", ["row", "workflow_id", "id"])
def test_a_named_table_and_schema_lose_its_rows_alone(world: World, noisy: Workflow, known_by: str) -> None:
    world.snowflake.rows("CREATE SCHEMA ELSEWHERE")
    named = {"snowflake_schema_name": "elsewhere", "snowflake_table_name": "everything"}
    kept, one = complete(world, world.workflow, **named), complete(world, noisy, **named)
    alone = complete(world, noisy, snowflake_schema_name="elsewhere")
    world.work()
    exclude(world, "noisy")
    assert set(there(world)) == {run.execution_id for run in (kept, one, alone)}
    if known_by != "row":
        sql("DELETE FROM workflows WHERE workflow_id = 'noisy'")
        settle()
    what = Erased("workflow", str(noisy.pk) if known_by == "id" else "noisy")
    (place,) = erase_results(what)
    assert there(world) == {kept.execution_id: 2}
    assert (place.tables, place.rows) == (1, 2)
    if known_by == "row":
        one.refresh_from_db()
        assert (one.snowflake_schema_name, one.snowflake_table_name) == ("elsewhere", "everything")
    else:
        assert known(what) == []


def test_time_travel_ends_with_an_own_table(world: World, noisy: Workflow) -> None:
    one = complete(world, noisy)
    world.work()
    world.snowflake.server.reset_log()
    erase_results(Erased("execution", one.execution_id))
    name = one.execution_id.upper().replace("-", "_")
    sent = [statement.sql.split()[0] for statement in world.snowflake.statements(name)]
    assert sent == ["SHOW", "ALTER", "DROP"]


@pytest.mark.parametrize("whose", ["user", "execution"])
def test_a_table_whose_time_travel_cannot_be_ended_is_left_until_it_can(
    world: World, noisy: Workflow, whose: Whose
) -> None:
    one = complete(world, noisy)
    world.work()
    off()
    world.snowflake.server.inject("^ALTER TABLE", "error", times=None, code="098765", sqlstate="57014", message="new")
    what = subject(world, whose, one)
    (place,) = erase_results(what)
    assert "Could not end the Time Travel of" in str(place.refused[0][1])
    assert (place.is_left, len(tables(world)), len(known(what))) == (True, 1, 1)
    world.snowflake.server.clear_faults()
    (place,) = erase_results(what)
    assert (place.is_left, tables(world), known(what)) == (False, set(), [])


def test_what_lands_after_its_execution_was_deleted_goes_with_the_next_run(world: World, noisy: Workflow) -> None:
    one = complete(world, noisy)
    world.work()
    (table,) = SyncTable.objects.all()
    sql("UPDATE snowflake_sync_queue SET status = 'processing', table_name = NULL")
    sql("DELETE FROM workflow_executions")
    what = Erased("execution", one.execution_id)
    erase_results(what)
    assert (tables(world), may_land_late(what)) == (set(), True)
    mark = marker("execution", one.execution_id, world.configuration.pk)
    world.snowflake.rows(f"""CREATE TABLE "{table.table_name}" ("_EXECUTION_ID" TEXT) COMMENT = '{mark}'""")
    settle()
    erase_results(what)
    assert (tables(world), may_land_late(what), known(what)) == (set(), False, [])
