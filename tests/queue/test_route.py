"""Routing: one item for each active destination of the owner."""

from datetime import datetime

from accounts.models import User
from sync import queue
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from tests.factories import ConfigurationFactory, ExecutionFactory
from tests.queue.conftest import LEASE


def test_without_a_destination_it_is_skipped_with_the_reason(workflow: Workflow, now: datetime) -> None:
    execution = ExecutionFactory.create(workflow=workflow)
    routed = queue.route(now=now)
    assert (routed.items, routed.skipped) == (1, (execution.execution_id,))
    item = SyncQueueItem.objects.get()
    assert (item.status, item.error_code) == ("skipped", "no_destination")
    execution.refresh_from_db()
    assert execution.snowflake_status == "skipped"
    assert "no destination that is switched on" in (execution.snowflake_error_message or "")


def test_the_item_keeps_its_id_and_others_are_added(user: User, workflow: Workflow, now: datetime) -> None:
    first, second = ConfigurationFactory.create_batch(2, user=user)
    ConfigurationFactory.create(user=user, is_active=False)
    ConfigurationFactory.create()
    ExecutionFactory.create(workflow=workflow)
    unrouted = SyncQueueItem.objects.get()
    queue.route(max_retries=7, now=now)
    items = {item.configuration_id: item for item in SyncQueueItem.objects.all()}
    assert set(items) == {first.pk, second.pk}
    assert items[first.pk].pk == unrouted.pk
    assert {item.max_retries for item in items.values()} == {7}


def test_new_results_are_folded_into_the_items(user: User, workflow: Workflow, now: datetime) -> None:
    ConfigurationFactory.create_batch(2, user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    before = set(SyncQueueItem.objects.values_list("pk", flat=True))
    SyncQueueItem.objects.update(status="completed", retry_count=2)
    execution.result_rows = [{"campaign": "Autumn", "clicks": 1}]
    execution.save()
    queue.route(now=now)
    items = list(SyncQueueItem.objects.all())
    assert {item.pk for item in items} == before
    assert {(item.status, item.generation, item.retry_count) for item in items} == {("pending", 2, 0)}


def test_a_new_destination_takes_over_the_unrouted_item(user: User, workflow: Workflow, now: datetime) -> None:
    ConfigurationFactory.create(user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    later = ConfigurationFactory.create(user=user)
    queue.enqueue([execution.execution_id], now=now)
    queue.route(now=now)
    assert SyncQueueItem.objects.count() == 2
    assert SyncQueueItem.objects.get(configuration=later).status == "pending"


def test_a_busy_item_stays_with_its_worker(user: User, workflow: Workflow, worker_id: int, now: datetime) -> None:
    ConfigurationFactory.create(user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    queue.claim(worker_id, 1, lease_seconds=LEASE, now=now)
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=[])
    queue.route(now=now)
    item = SyncQueueItem.objects.get()
    assert (item.status, item.generation, item.claimed_generation) == ("processing", 2, 1)


def test_a_destination_that_becomes_active_picks_up_what_was_skipped(
    user: User, workflow: Workflow, now: datetime
) -> None:
    ExecutionFactory.create_batch(3, workflow=workflow)
    ExecutionFactory.create()
    queue.route(now=now)
    ConfigurationFactory.create(user=user)
    assert queue.follow_destinations(now=now) == (0, 0, 3)
    queue.route(now=now)
    assert SyncQueueItem.objects.filter(status="pending", configuration__isnull=False).count() == 3
    assert SyncQueueItem.objects.filter(status="skipped").count() == 1


def test_items_follow_a_destination_that_is_switched_off_and_on(user: User, workflow: Workflow, now: datetime) -> None:
    destination = ConfigurationFactory.create(user=user)
    ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    destination.is_active = False
    destination.save()
    queue.follow_destinations(now=now)
    item = SyncQueueItem.objects.get()
    assert (item.status, item.error_code) == ("skipped", "destination_inactive")
    destination.is_active = True
    destination.save()
    assert queue.follow_destinations(now=now) == (0, 0, 1)
    assert SyncQueueItem.objects.get().status == "pending"


def test_it_stops_at_the_limit(user: User, workflow: Workflow, now: datetime) -> None:
    ConfigurationFactory.create(user=user)
    ExecutionFactory.create_batch(5, workflow=workflow)
    assert [queue.route(3, now=now).items for _ in range(3)] == [3, 2, 0]


def test_a_destination_that_was_off_gets_the_news_when_it_is_on(user: User, workflow: Workflow, now: datetime) -> None:
    off, _ = ConfigurationFactory.create_batch(2, user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    SyncQueueItem.objects.update(status="completed")
    off.is_active = False
    off.save()
    queue.enqueue([execution.execution_id], now=now)
    queue.route(now=now)
    assert SyncQueueItem.objects.get(configuration=off).status == "skipped"
    off.is_active = True
    off.save()
    queue.follow_destinations(now=now)
    assert SyncQueueItem.objects.get(configuration=off).status == "pending"
