"""Workers keep to a destination's retention by themselves, and take out what the application has deleted."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.models import SyncTable, Workflow, WorkflowExecution
from sync.operations import Retention, set_retention
from sync.queue import ResultPlace, retention, retention_trouble, withdrawals
from sync.snowflake.session import Pool
from sync.warehouse.retention import keep_to_retention
from tests.load.excluded import complete, complete_again, layout, noisy, tables, there
from tests.load.test_retention import keep, loaded, results
from tests.world import World

__all__ = ["noisy"]


def run(sql: str, params: Sequence[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def look(world: World) -> None:
    pool = Pool()
    try:
        keep_to_retention(pool, lambda: None)
    finally:
        pool.close()


def look_again(world: World) -> None:
    """Some hours later."""
    run("UPDATE snowflake_sync_retention_walks SET next_at = now()")
    run("UPDATE snowflake_sync_results SET goes_at = goes_at - interval '3 hours'")
    run("UPDATE snowflake_sync_withdrawals SET until = until - interval '1 hour'")
    look(world)


def fall_asleep() -> None:
    run("UPDATE snowflake_sync_attempts SET finished_at = finished_at - interval '5 minutes'")


@pytest.mark.parametrize("way", ["per_execution", "per_workflow"])
def test_a_pass_asks_for_what_is_past_and_wakes_no_warehouse(world: World, way: str) -> None:
    layout(world, way)
    old, young = loaded(world, 2)
    fall_asleep()
    keep(world, Retention("last", 1))
    look(world)
    # Whoever set it has a day to look at it.
    assert set(results().values()) == {None}
    run("UPDATE snowflake_sync_retention_walks SET next_at = next_at - interval '23 hours'")
    look(world)
    assert set(results().values()) == {None}
    run("UPDATE snowflake_sync_retention_walks SET next_at = next_at - interval '1 hour'")
    look(world)
    asked = {young.execution_id: None, old.execution_id: 1 if way == "per_execution" else None}
    assert results() == asked
    # The next look is tomorrow; rows of a shared table go once a load has woken the warehouse.
    look(world)
    assert results() == asked
    if way == "per_workflow":
        complete(world, world.workflow)
        world.work()
        look(world)
    world.work()
    assert old.execution_id not in there(world)
    assert young.execution_id not in there(world) or way == "per_execution"


def test_a_walk_goes_on_where_it_was(world: World, noisy: Workflow) -> None:
    """Past what stays because it is the only copy, and from workflow to workflow."""
    only, *old, _ = loaded(world, 4)
    others = loaded(world, 2, noisy)
    WorkflowExecution.objects.filter(pk=only.pk).update(status="running")
    keep(world, Retention("last", 1))
    what = queue.PastRetention(world.configuration.pk)
    place: ResultPlace | None = retention.FIRST
    asked: list[str] = []
    pages = 0
    while place is not None:
        page = queue.ask_past(what, place, awake=True, rows=1, workflows=2)
        asked, place, pages = asked + page.asked, page.after, pages + 1
        assert pages < 12
    assert sorted(asked) == sorted(one.execution_id for one in [*old, others[0]])


@pytest.mark.parametrize("way", ["per_execution", "per_workflow"])
def test_what_the_application_deletes_goes_if_the_destination_says_so(world: World, way: str) -> None:
    layout(world, way)
    gone, kept = loaded(world, 2)
    WorkflowExecution.objects.filter(pk=gone.pk).delete()
    look_again(world)
    look_again(world)
    assert set(there(world)) == {gone.execution_id, kept.execution_id}
    SnowflakeConfiguration.objects.update(deleted_results="remove")
    look_again(world)
    assert gone.execution_id in there(world)
    fall_asleep()
    if way == "per_workflow":
        look_again(world)
        assert gone.execution_id in there(world)
        complete(world, world.workflow)
        world.work()
    look_again(world)
    assert gone.execution_id not in there(world)
    assert kept.execution_id in there(world)
    assert gone.execution_id not in results()
    assert not SyncTable.objects.filter(execution_id=gone.execution_id).exists()


def test_shared_rows_go_as_well_if_the_layout_has_changed_since(world: World) -> None:
    """The earlier own table is one more place, and not the result's."""
    (gone,) = loaded(world, 1)
    layout(world, "per_workflow")
    complete_again(gone)
    world.work()
    assert SyncTable.objects.filter(execution_id=gone.execution_id).exists()
    SnowflakeConfiguration.objects.update(deleted_results="remove")
    WorkflowExecution.objects.filter(pk=gone.pk).delete()
    for _ in range(6):
        # A load wakes the warehouse.
        complete(world, world.workflow)
        world.work()
        look_again(world)
    assert gone.execution_id not in there(world)
    assert gone.execution_id not in results()


def test_rows_that_wait_for_a_warehouse_keep_no_own_table_waiting(world: World) -> None:
    (own,) = loaded(world, 1)
    SnowflakeConfiguration.objects.update(deleted_results="remove")
    WorkflowExecution.objects.filter(pk=own.pk).delete()
    look_again(world)
    run(
        """
        INSERT INTO snowflake_sync_results (
            configuration_id, execution_id, workflow_id, schema_name, table_name, loaded_at, computed_at, goes_at
        )
        SELECT configuration_id, 'waiting' || number, workflow_id, 'S', 'SHARED', now(), now(), now() - interval '1 day'
        FROM snowflake_sync_results, generate_series(1, 1001) AS number
        """
    )
    fall_asleep()
    look_again(world)
    assert own.execution_id not in results()


def test_what_has_come_again_stays(world: World) -> None:
    (gone,) = loaded(world, 1)
    SnowflakeConfiguration.objects.update(deleted_results="remove")
    WorkflowExecution.objects.filter(pk=gone.pk).delete()
    look_again(world)
    complete(world, world.workflow, execution_id=gone.execution_id, created_at=gone.created_at)
    look_again(world)
    world.work()
    look_again(world)
    assert there(world) == {gone.execution_id: 2}


def test_what_is_loaded_while_it_is_taken_out_is_loaded_once_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The execution comes again, and is loaded, right before the DROP of what the earlier one left."""
    (gone,) = loaded(world, 1)
    SnowflakeConfiguration.objects.update(deleted_results="remove")
    WorkflowExecution.objects.filter(pk=gone.pk).delete()
    look_again(world)
    hold, ended = queue.hold_going, []

    def held(*args: Any) -> list[str]:
        found = hold(*args)
        complete(world, world.workflow, execution_id=gone.execution_id, created_at=gone.created_at)
        world.work()
        ended.append(there(world))
        return found

    monkeypatch.setattr(queue, "hold_going", held)
    look_again(world)
    assert ended == [{gone.execution_id: 2}]
    assert there(world) == {}
    run("UPDATE snowflake_sync_queue SET run_after = now()")
    run("UPDATE snowflake_sync_withdrawals SET until = now()")
    world.work()
    assert there(world) == {gone.execution_id: 2}


def test_a_table_of_somebody_else_stays_and_is_told(world: World) -> None:
    (gone,) = loaded(world, 1)
    SnowflakeConfiguration.objects.update(deleted_results="remove")
    made = SyncTable.objects.get(execution_id=gone.execution_id)
    world.snowflake.rows(f'CREATE OR REPLACE TABLE "{made.schema_name}"."{made.table_name}" ("X" TEXT)')
    WorkflowExecution.objects.filter(pk=gone.pk).delete()
    look_again(world)
    look_again(world)
    assert tables(world) == 1
    assert gone.execution_id in results()
    trouble = retention_trouble(world.configuration.pk)
    assert trouble
    assert trouble[0] == "table_not_ours"


def test_a_worker_that_died_holds_it_for_a_while_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (gone,) = loaded(world, 1)
    SnowflakeConfiguration.objects.update(deleted_results="remove")
    WorkflowExecution.objects.filter(pk=gone.pk).delete()
    look_again(world)
    with monkeypatch.context() as patch:
        patch.setattr(queue, "note_taken_out", lambda *_: None)
        look_again(world)
    assert there(world) == {}
    assert gone.execution_id in results()
    look(world)
    assert gone.execution_id in results()
    look_again(world)
    assert results() == {}
    assert withdrawals.next_going() == []


def test_where_all_is_kept_there_is_no_walk(world: World) -> None:
    set_retention(world.configuration, None, Retention("all"))
    look(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM snowflake_sync_retention_walks")
        assert cursor.fetchone() == (0,)
