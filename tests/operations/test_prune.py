"""Pruning: old history goes; what the queue needs stays."""

from datetime import datetime, timedelta

import pytest

from sync.models import SyncAttempt, SyncQueueItem, SyncWorker, Workflow
from sync.operations import prune as services
from sync.operations.prune import PruneCounts, prune_history
from tests.factories import QueuedFactory, WorkflowFactory
from tests.queue.sessions import another_session


def history(workflow: Workflow, status: str, now: datetime, *days: int) -> SyncQueueItem:
    """An item with an attempt for each of these ages."""
    item = SyncQueueItem.objects.get(execution=QueuedFactory.create(workflow=workflow))
    SyncQueueItem.objects.filter(pk=item.pk).update(status=status, result_hash=7)
    for age in days:
        SyncAttempt.objects.create(item=item, outcome="retry", finished_at=now - timedelta(days=age))
    return item


def ages(item: SyncQueueItem, now: datetime) -> list[int]:
    return [(now - attempt.finished_at).days for attempt in item.attempts.order_by("id")]


def test_old_attempts_go_but_not_an_items_last(workflow: Workflow, now: datetime) -> None:
    kept = {
        history(workflow, "completed", now, 200, 100, 5): [5],
        history(workflow, "failed", now, 300, 200, 100): [100],
        history(workflow, "skipped", now, 91, 90, 89): [90, 89],
        history(workflow, "pending", now, 200, 100): [200, 100],
        history(workflow, "processing", now, 200, 100): [200, 100],
    }
    for dry_run in (True, False):
        assert prune_history(dry_run=dry_run, now=now) == PruneCounts(attempts=5)
    assert {item: ages(item, now) for item in kept} == kept
    assert SyncQueueItem.objects.filter(result_hash=7).count() == 5
    assert prune_history(now=now) == PruneCounts()
    assert prune_history(10, now=now) == PruneCounts(attempts=1)


def test_pages_cover_all_that_is_old(workflow: Workflow, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PRUNE_PAGE", 3)
    items = [history(workflow, "completed", now, 100, 99, 98, 97) for _ in range(3)]
    young = history(workflow, "completed", now, *range(20, 0, -1))
    told: list[tuple[int, int]] = []
    assert prune_history(now=now, progress=lambda *told_: told.append(told_)) == PruneCounts(attempts=9)
    assert told == [(3, 12), (6, 12), (9, 12), (12, 12), (12, 12)]
    assert [ages(item, now) for item in items] == [[97]] * 3
    assert len(ages(young, now)) == 20


def test_workers_that_are_long_gone_go(workflow: Workflow, now: datetime) -> None:
    def worker(host: str, beat: int, stopped: int | None = None) -> SyncWorker:
        return SyncWorker.objects.create(
            host=host,
            pid=1,
            concurrency=1,
            heartbeat_at=now - timedelta(days=beat),
            stopped_at=None if stopped is None else now - timedelta(days=stopped),
        )

    worker("stopped", 100, 100)
    worker("silent", 100)
    worker("alive", 0)
    worker("stopped lately", 80, 80)
    worker("signed off late", 100, 10)
    holding = worker("holding an item", 100)
    history(workflow, "processing", now)
    SyncQueueItem.objects.update(worker_id=holding.pk)
    for dry_run in (True, False):
        assert prune_history(dry_run=dry_run, now=now) == PruneCounts(workers=2)
    left = set(SyncWorker.objects.values_list("host", flat=True))
    assert left == {"alive", "stopped lately", "signed off late", "holding an item"}


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_holds_stays_for_the_next_time(now: datetime) -> None:
    item = history(WorkflowFactory.create(), "completed", now, 300, 200, 100)
    first = str(item.attempts.order_by("id")[0].pk)
    with another_session("SELECT FROM snowflake_sync_attempts WHERE id = %s FOR UPDATE", first):
        assert prune_history(now=now) == PruneCounts(attempts=1, held=1)
    assert prune_history(now=now) == PruneCounts(attempts=1)


@pytest.mark.django_db(transaction=True)
def test_what_is_not_in_the_statistics_yet_stays(workflow: Workflow, now: datetime) -> None:
    item = history(workflow, "completed", now, 300, 200, 100)
    with another_session("SELECT FROM snowflake_sync_history_state FOR UPDATE"):
        assert prune_history(now=now) == PruneCounts()
        assert prune_history(dry_run=True, now=now) == PruneCounts(attempts=2)
    assert ages(item, now) == [300, 200, 100]
    assert prune_history(now=now) == PruneCounts(attempts=2)
