"""What is under way is no finding, shared tables are held against what is known of them, and who looks when."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import DestinationState, SnowflakeConfiguration
from sync.models import SyncFinding, SyncQueueItem, SyncReconciliation, SyncTable, WorkflowExecution
from sync.operations import CannotCureError, Cure, cure_finding
from sync.queue import load_again
from sync.snowflake.session import Pool
from sync.warehouse import BusyError, ask_look, destination_due, reconcile
from sync.worker.looking import look_once
from tests.factories import ConfigurationFactory
from tests.world import World

COLUMNS = [("campaign", "string"), ("clicks", "integer")]
ROWS = [["Spring", 17], ["Autumn", 3]]


def look(world: World) -> list[tuple[str, int]]:
    """What a worker's look finds: kinds, and rows."""
    ask_look(world.configuration.pk)
    assert look_once()
    open_ = SyncFinding.objects.filter(closed_at=None).order_by("id")
    return [(one.kind, one.found.get("rows", 0)) for one in open_]


def change(statement: str, values: Sequence[str] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def shared(world: World, *statements: str) -> None:
    table = f'"{world.snowflake.database}"."PUBLIC"."SHARED"'
    for statement in statements:
        world.snowflake.rows(statement.format(t=table))


def test_a_shared_table_and_what_is_under_way(world: World) -> None:
    runs: list[WorkflowExecution] = [world.complete(COLUMNS, ROWS, snowflake_table_name="SHARED") for _ in range(3)]
    world.work()
    assert look(world) == []
    first, *_ = runs

    # More than is known of is nobody's while something is under way there, or failed half-way.
    shared(world, "INSERT INTO {t} (CAMPAIGN) VALUES ('mine')", "ALTER TABLE {t} ADD COLUMN MINE DATE")
    change("UPDATE snowflake_sync_queue SET status = 'processing' WHERE execution_id = %s", [first.execution_id])
    assert look(world) == []
    change("UPDATE snowflake_sync_queue SET status = 'completed' WHERE execution_id = %s", [first.execution_id])
    change("UPDATE snowflake_sync_queue SET open_load = '{}' WHERE execution_id = %s", [first.execution_id])
    assert look(world) == []
    # An execution that the application deletes leaves its rows.
    change("UPDATE snowflake_sync_queue SET open_load = NULL WHERE execution_id = %s", [first.execution_id])
    change("DELETE FROM workflow_executions WHERE execution_id = %s", [first.execution_id])
    assert sorted(look(world)) == [("columns", 0), ("more_rows", 7)]
    # Fewer than is known of are fewer, whatever is under way.
    shared(world, "DELETE FROM {t} WHERE CLICKS = 17", "ALTER TABLE {t} DROP COLUMN MINE")
    assert look(world) == [("fewer_rows", 4)]
    assert set(SyncFinding.objects.exclude(closed_at=None).values_list("closed_how", flat=True)) == {"gone"}

    # What is adopted is quiet for as long as there are so many too few, also when more is loaded.
    cure_finding(SyncFinding.objects.get(closed_at=None).pk, Cure.ADOPT)
    assert look(world) == []
    world.complete(COLUMNS, ROWS, snowflake_table_name="SHARED")
    world.work()
    assert look(world) == []
    shared(world, "TRUNCATE TABLE {t}")
    assert look(world) == [("truncated", 0)]
    assert cure_finding(SyncFinding.objects.get(closed_at=None).pk, Cure.LOAD_AGAIN) == 3
    world.work()
    assert look(world) == [("fewer_rows", 6)], "what the deleted execution had does not come back"
    with pytest.raises(SyncFinding.DoesNotExist):
        cure_finding(0, Cure.ADOPT)


def test_what_has_changed_since_is_not_adopted_and_each_face_says_the_same(world: World) -> None:
    run = world.complete(COLUMNS, ROWS)
    world.work()
    run.refresh_from_db()
    world.snowflake.rows(f'TRUNCATE TABLE "{world.snowflake.database}"."PUBLIC"."{run.snowflake_table_name}"')
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("reconcile_syncs", "--all", stdout=out)
    assert f"{run.snowflake_table_name} has 0 rows; 2 were loaded." in out.getvalue()
    assert "Load its runs again, or adopt it as it is." in out.getvalue()
    finding = SyncFinding.objects.get()
    SyncQueueItem.objects.update(updated_at=timezone.now())
    with pytest.raises(CannotCureError, match="changed since the look"):
        cure_finding(finding.pk, Cure.ADOPT)
    SyncFinding.objects.update(last_seen_at=timezone.now() + timedelta(seconds=1))
    cure_finding(finding.pk, Cure.ADOPT)
    run.refresh_from_db()
    assert (SyncQueueItem.objects.get().row_count, run.snowflake_row_count) == (0, 0)
    assert look(world) == []

    # One look at a time; what is in its way is noted, and no login is tried while the destination is paused.
    SyncReconciliation.objects.update(busy_until=timezone.now() + timedelta(hours=1))
    with pytest.raises(BusyError):
        reconcile(world.configuration.pk, Pool())
    SyncReconciliation.objects.update(busy_until=None)
    world.snowflake.server.inject("SHOW TABLES", "error", code="002043", sqlstate="02000", message="It does not exist")
    ask_look(world.configuration.pk)
    assert not look_once()
    noted = SyncReconciliation.objects.get()
    assert (noted.error_code, noted.asked_at, noted.busy_until) == ("table_gone", None, None)
    DestinationState.objects.update(breaker_state="open", breaker_until=timezone.now() + timedelta(hours=1))
    ask_look(world.configuration.pk)
    assert destination_due() is None


@pytest.mark.django_db
def test_each_destination_has_its_hour_of_the_night() -> None:
    made = datetime(2026, 11, 20, 12, tzinfo=UTC)
    one = ConfigurationFactory.create(created_at=made)

    def due(day: int, hour: float) -> bool:
        return destination_due(made.replace(day=day, hour=0) + timedelta(hours=hour)) == one.pk

    assert not due(20, 23)
    assert not due(21, 0.9)
    assert due(21, 5.1)
    assert not due(21, 12), "it waits for the night, as at noon after an upgrade"
    known = SyncReconciliation.objects.create(configuration=one, looked_at=made.replace(day=21, hour=5, minute=10))
    assert not due(21, 23)
    assert due(22, 5.1)
    assert not due(22, 12)
    assert due(23, 12), "it was left out for a whole night"
    known.tried_at = made.replace(day=22, hour=5)
    known.save()
    assert not due(22, 5.9), "what failed is tried again after an hour"
    assert due(22, 6.1)
    known.busy_until = made.replace(day=22, hour=7)
    known.save()
    assert not due(22, 6.1)
    SnowflakeConfiguration.objects.update(is_active=False)
    assert not due(22, 8)


@pytest.mark.parametrize("shared_by_several", [False, True])
def test_columns_are_not_adopted_of_a_table_that_was_loaded_since(world: World, shared_by_several: bool) -> None:
    named = {"snowflake_table_name": "SHARED"} if shared_by_several else {}
    run = world.complete(COLUMNS, ROWS, **named)
    world.work()
    run.refresh_from_db()
    table = f'"{world.snowflake.database}"."PUBLIC"."{run.snowflake_table_name}"'
    world.snowflake.rows(f"ALTER TABLE {table} DROP COLUMN CAMPAIGN")
    look(world)
    finding = SyncFinding.objects.get(kind="columns")
    before = SyncTable.objects.get().columns
    if shared_by_several:
        world.complete([*COLUMNS, ("more", "integer")], [[*row, 1] for row in ROWS], **named)
    else:
        load_again([SyncQueueItem.objects.get().pk], as_of=timezone.now())
    world.work()
    known = SyncTable.objects.get().columns
    assert (known == before) is not shared_by_several
    with pytest.raises(CannotCureError, match="changed since the look"):
        cure_finding(finding.pk, Cure.ADOPT)
    assert SyncTable.objects.get().columns == known
