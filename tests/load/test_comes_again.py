"""What left the queue and comes again under its id replaces its rows in a shared table."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, WorkflowExecution
from sync.operations.prune import prune_history
from tests.load.test_batches import COLUMNS, complete, loaded, shared
from tests.world import World

__all__ = ["shared"]


def test_what_was_deleted_and_copied_back_is_not_doubled(shared: World) -> None:
    """Its item is a new one, without attempts: TRUNCATE … CASCADE and a copy of before, a partition that comes back."""
    (execution,) = complete(shared, 1)
    shared.work()
    execution.refresh_from_db()
    execution.delete()
    execution.save(force_insert=True)
    assert not SyncAttempt.objects.filter(item__execution=execution).exists()
    shared.work()
    assert loaded(shared)[execution.execution_id] == [("row 0", 0), ("", None)]


@pytest.mark.parametrize("how", ["deleted", "truncated", "orphaned"])
def test_what_comes_again_under_its_id_is_replaced(shared: World, how: str) -> None:
    """The application deletes an execution, or empties its table, or puts a partition away, and brings it back."""
    execution = shared.complete(COLUMNS, [["before", 1]], execution_id="comes again")
    shared.work()
    with connection.cursor() as cursor:
        if how == "truncated":
            cursor.execute("TRUNCATE workflow_executions CASCADE")
        elif how == "orphaned":
            cursor.execute("DELETE FROM snowflake_sync_queue")
        execution.delete()
    shared.complete(COLUMNS, [["after", 2]], execution_id="comes again")
    shared.work()
    assert loaded(shared)["comes again"] == [("after", 2)]


def test_what_was_removed_is_forgotten_with_its_destination_and_with_the_years(shared: World) -> None:
    for number in range(2):
        shared.complete(COLUMNS, [["a", 1]], execution_id=f"gone {number}")
    shared.work()
    WorkflowExecution.objects.filter(execution_id__startswith="gone").delete()
    assert removed(shared) == 2
    prune_history(days=90)
    assert removed(shared) == 2
    prune_history(days=90, now=timezone.now() + timedelta(days=91))
    assert removed(shared) == 0
    shared.complete(COLUMNS, [["a", 1]])
    shared.work()
    SnowflakeConfiguration.objects.filter(pk=shared.configuration.pk).delete()
    assert removed(shared) == 0


def removed(world: World) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM snowflake_sync_removed_items WHERE configuration_id = %s", [world.configuration.pk]
        )
        return int(cursor.fetchone()[0])
