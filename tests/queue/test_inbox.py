"""The inbox: what the trigger appends is folded by execution, and is a pending item for whoever reads the queue."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, connection, transaction

from accounts.models import User
from sync import queue
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.queue import Change, ItemFilter
from sync.reporting.items import list_items
from tests.factories import ConfigurationFactory, ExecutionFactory


def inbox() -> list[str]:
    """The executions of its rows, in the order of their arrival."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT execution_id FROM snowflake_sync_inbox ORDER BY run_after, arrival")
        return [str(row[0]) for row in cursor.fetchall()]


def completes_again(execution: WorkflowExecution, times: int = 1) -> None:
    for number in range(times):
        WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=[{"number": number}])


def test_what_waits_is_seen_and_counted_in_the_queue(user: User, workflow: Workflow) -> None:
    execution = ExecutionFactory.create(workflow=workflow)
    assert inbox() == [execution.execution_id]
    item = SyncQueueItem.objects.get()
    assert (item.status, item.user, item.configuration, item.generation) == ("pending", user, None, 1)
    assert queue.probe().to_route


def test_several_completions_become_one_item(user: User, workflow: Workflow, now: datetime) -> None:
    ConfigurationFactory.create(user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    first = SyncQueueItem.objects.get().pk
    completes_again(execution, times=3)
    assert len(inbox()) == 4
    assert queue.route(now=now).items == 4
    item = SyncQueueItem.objects.get()
    assert (item.pk, item.status, item.generation, inbox()) == (first, "pending", 1, [])


def test_completions_of_different_pages_raise_the_generation(user: User, workflow: Workflow, now: datetime) -> None:
    ConfigurationFactory.create(user=user)
    completes_again(ExecutionFactory.create(workflow=workflow), times=3)
    assert [queue.route(2, now=now).items for _ in range(3)] == [2, 2, 0]
    assert SyncQueueItem.objects.get().generation == 2


def test_an_item_that_found_no_destination_is_taken_along(user: User, workflow: Workflow, now: datetime) -> None:
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    skipped = SyncQueueItem.objects.get()
    ConfigurationFactory.create(user=user)
    completes_again(execution, times=2)
    queue.route(now=now)
    item = SyncQueueItem.objects.get()
    assert (item.pk, item.status, item.error_code) == (skipped.pk, "pending", None)
    assert item.configuration is not None


def test_without_an_owner_it_fails_visibly(workflow: Workflow, now: datetime) -> None:
    execution = ExecutionFactory.create(workflow=workflow)
    Workflow.objects.update(user=None)
    completes_again(execution)
    nobodys = ExecutionFactory.create(workflow=None)
    queue.route(now=now)
    items = {item.execution_id: item for item in SyncQueueItem.objects.all()}
    assert {item.error_code for item in items.values()} == {"no_owner"}
    item = items[nobodys.execution_id]
    assert item.error_message == f"Execution {nobodys.execution_id} has no owner."
    nobodys.refresh_from_db()
    assert nobodys.snowflake_status == "failed"


def test_what_is_deleted_before_it_is_routed_leaves_nothing(user: User, workflow: Workflow, now: datetime) -> None:
    ConfigurationFactory.create(user=user)
    kept, deleted = ExecutionFactory.create_batch(2, workflow=workflow)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM workflow_executions WHERE execution_id = %s", [deleted.execution_id])
    assert queue.route(now=now).items == 1
    assert [item.execution_id for item in SyncQueueItem.objects.all()] == [kept.execution_id]


@pytest.mark.parametrize("was_there", [False, True])
def test_what_waits_can_be_skipped(workflow: Workflow, now: datetime, was_there: bool) -> None:
    execution = ExecutionFactory.create(workflow=workflow)
    if was_there:
        queue.route(now=now)
    completes_again(execution, times=2)
    waiting = list(SyncQueueItem.objects.filter(status="pending").values_list("pk", flat=True))
    changed = queue.change_items(Change.SKIP, waiting, now=now)
    assert (set(changed.items), changed.held, inbox()) == (set(waiting), [], [])
    item = SyncQueueItem.objects.get()
    assert (item.status, item.error_code) == ("skipped", "skipped_by_hand")
    assert queue.route(now=now).items == 0


@pytest.mark.parametrize("change", ["status = 'skipped'", "configuration_id = gen_random_uuid()", "run_after = now()"])
def test_what_waits_is_not_updated(user: User, workflow: Workflow, now: datetime, change: str) -> None:
    """By an operator, or by a worker of an earlier release, which could load it and not say so."""
    ConfigurationFactory.create(user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    with (
        pytest.raises(Error, match=f"stop workers .* of an earlier version; .* [(]execution {execution.execution_id}"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE snowflake_sync_queue SET {change}")
    assert (queue.route(now=now).items, SyncQueueItem.objects.get().status) == (1, "pending")
    SyncQueueItem.objects.update(status="skipped")
    assert SyncQueueItem.objects.get().status == "skipped"


def test_a_full_inbox_holds_up_nothing_that_is_pending_again(user: User, workflow: Workflow) -> None:
    again = ExecutionFactory.create_batch(2, workflow=workflow)
    queue.route()
    destination = ConfigurationFactory.create(user=user)
    queue.follow_destinations()
    before = datetime.now(UTC) - timedelta(hours=2)
    SyncQueueItem.objects.update(run_after=before)
    ExecutionFactory.create_batch(20, workflow=workflow)
    start = queue.ScanStart()
    for _ in range(2):
        assert queue.probe(**start.params).to_route
        routed = queue.route(5, **start.params)
        start.learn(routed, more=True)
        assert (routed.items, routed.again_due) == (5, before)
    assert SyncQueueItem.objects.filter(execution__in=again, configuration=destination).count() == 2
    assert len(inbox()) == 12


def test_nobody_reads_it_for_what_is_routed(user: User, workflow: Workflow) -> None:
    """It has no index that leads to an id: only what is new is looked for there, once, by its time."""
    ConfigurationFactory.create(user=user)
    ExecutionFactory.create_batch(20, workflow=workflow)
    queue.route()

    def looks() -> int:
        with connection.cursor() as cursor:
            # A hash of nothing that is looked for is made of all that is there.
            cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
            cursor.execute(
                "SELECT seq_scan + idx_scan FROM pg_stat_xact_user_tables"
                " WHERE relid = 'snowflake_sync_inbox'::regclass"
            )
            return int(cursor.fetchone()[0])

    before = looks()
    listed = list_items(ItemFilter(statuses=("pending",), workflow_ids=(workflow.pk,)), limit=30).items
    queue.change_items(Change.SKIP, [item.id for item in listed])
    assert len(listed) == 20
    # How many exactly is the planner's: it goes by what other tests have left. One for each item would be twenty.
    assert looks() <= before + 4
    ExecutionFactory.create(workflow=workflow)
    (waiting,) = list_items(ItemFilter(statuses=("pending",), workflow_ids=(workflow.pk,)), limit=5).items
    assert (waiting.configuration, waiting.status) == (None, "pending")


def test_what_an_application_puts_into_the_queue_itself_is_routed(
    user: User, workflow: Workflow, now: datetime
) -> None:
    """As an earlier sync may."""
    destination = ConfigurationFactory.create(user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM snowflake_sync_inbox")
    theirs = SyncQueueItem.objects.create(execution=execution, user=user)
    assert queue.probe().to_route
    assert queue.route(now=now).items == 1
    item = SyncQueueItem.objects.get()
    assert (item.pk, item.configuration) == (theirs.pk, destination)
