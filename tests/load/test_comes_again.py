"""What left the queue and comes again under its id replaces its rows in a shared table."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import SnowflakeConfiguration, User
from sync import queue
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, WorkflowExecution
from sync.operations.prune import prune_history
from sync.snowflake.identifiers import qualified
from tests.factories import ConfigurationFactory
from tests.load.test_batches import COLUMNS, complete, loaded, shared
from tests.world import World

__all__ = ["shared"]

_DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"


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


@pytest.mark.parametrize("was", ["running", "arrived", "unrouted", "pending", "skipped"])
def test_what_was_loaded_after_a_backup_is_replaced(shared: World, was: str) -> None:
    """The statement of docs/operations.md, for an execution that had come this far when the backup was made."""
    execution = shared.complete(COLUMNS, [["after", 1]])
    shared.work()
    put_back(execution, was)
    put_on_record()
    if was == "running":
        WorkflowExecution.objects.filter(pk=execution.pk).update(status="completed")
    assert shared.work().outcomes["completed"] == 1
    assert loaded(shared)[execution.execution_id] == [("after", 1)]


def put_on_record() -> None:
    section = _DOCUMENT.read_text(encoding="utf-8").partition("\n## After a restore\n")[2].partition("\n## ")[0]
    (printed,) = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    with connection.cursor() as cursor:
        cursor.execute(printed)


def put_back(execution: WorkflowExecution, was: str) -> None:
    """Makes it as it was before it was loaded."""
    row = WorkflowExecution.objects.filter(pk=execution.pk)
    SyncQueueItem.objects.filter(execution=execution).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM snowflake_sync_removed_items")
    row.update(status="running", snowflake_status=None, snowflake_uploaded_at=None, snowflake_table_name=None)
    if was == "running":
        return
    row.update(status="completed")
    if was == "unrouted":
        SyncQueueItem.objects.filter(execution=execution).delete()
        SyncQueueItem.objects.create(execution=execution, user=User.objects.get())
    elif was != "arrived":
        queue.route()
    if was == "skipped":
        SyncQueueItem.objects.filter(execution=execution).update(status=was, error_code="destination_inactive")


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


def test_after_a_restore_what_waits_in_the_inbox_is_not_doubled(shared: World) -> None:
    """As docs/operations.md says, and in each of the destinations."""
    shared.snowflake.rows(f"CREATE SCHEMA {shared.snowflake.database}.SECOND")
    ConfigurationFactory.create(
        user=shared.user, database=shared.snowflake.database, schema="SECOND", layout="per_workflow"
    )
    complete(shared, 1)
    shared.work()
    (lost,) = complete(shared, 1)
    tables = [
        qualified(shared.snowflake.database, *names)
        for names in SyncTable.objects.values_list("schema_name", "table_name")
    ]
    for table in tables:
        rows = f'SELECT "NAME", "CLICKS", \'{lost.execution_id}\', 1, "_SYNCED_AT" FROM {table} LIMIT 1'
        shared.snowflake.rows(f"INSERT INTO {table} {rows}")
    put_on_record()
    shared.work()
    counts = [
        shared.snowflake.rows(f"SELECT count(*) FROM {table} WHERE \"_EXECUTION_ID\" = '{lost.execution_id}'")
        for table in tables
    ]
    assert counts == [[(2,)]] * 2
