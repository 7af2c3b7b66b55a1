"""Batch keys: items that share a table are claimed together, bounded, and by one worker at a time."""

import importlib
from collections import Counter
from datetime import datetime, timedelta

import pytest

from accounts.models import DestinationState, SnowflakeConfiguration, User
from sync import queue
from sync.errors import failure
from sync.models import SyncQueueItem, Workflow
from sync.queue import endings
from tests.factories import ConfigurationFactory, ExecutionFactory, WorkflowFactory
from tests.queue.conftest import LEASE, end

# The package's function of the same name hides it.
claim_module = importlib.import_module("sync.queue.claim")


@pytest.fixture
def destination(user: User) -> SnowflakeConfiguration:
    return ConfigurationFactory.create(user=user, layout="per_workflow")


def routed(workflow: Workflow, count: int, now: datetime) -> None:
    for _ in range(count):
        ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)


def claimed(worker_id: int, limit: int, now: datetime, batch: int = 100) -> list[queue.Claim]:
    return queue.claim(worker_id, limit, lease_seconds=LEASE, batch=batch, now=now)


def test_a_batch_key_takes_one_place(
    destination: SnowflakeConfiguration, workflow: Workflow, worker_id: int, now: datetime
) -> None:
    routed(workflow, 7, now)
    claims = claimed(worker_id, 1, now)
    assert {claim.batch_key for claim in claims} == {str(workflow.pk)}
    assert len(claims) == 7


def test_a_batch_has_an_end(
    destination: SnowflakeConfiguration, workflow: Workflow, worker_id: int, now: datetime
) -> None:
    routed(workflow, 7, now)
    first = list(SyncQueueItem.objects.order_by("run_after", "id").values_list("id", flat=True)[:4])
    assert {claim.item_id for claim in claimed(worker_id, 5, now, batch=4)} == set(first)


def test_nobody_else_works_on_a_batch_key_meanwhile(
    destination: SnowflakeConfiguration, workflow: Workflow, worker_id: int, now: datetime
) -> None:
    routed(workflow, 7, now)
    mine = claimed(worker_id, 5, now, batch=4)
    other = queue.register_worker("another", 2, 5, now=now)
    assert claimed(other, 5, now) == []
    for claim in mine:
        end(endings.released(claim, queue.Attempt()), now=now)
    assert len(claimed(other, 5, now)) == 7


def test_a_batch_key_is_not_held_up_by_who_may_have_died(
    destination: SnowflakeConfiguration, workflow: Workflow, worker_id: int, now: datetime
) -> None:
    routed(workflow, 7, now)
    assert len(claimed(worker_id, 5, now, batch=4)) == 4
    later = now + timedelta(seconds=61)
    other = queue.register_worker("another", 2, 5, now=later)
    assert len(claimed(other, 5, later)) == 3


def test_workflows_take_turns(destination: SnowflakeConfiguration, user: User, worker_id: int, now: datetime) -> None:
    """And a batch key that is being worked on does not hide what comes behind it."""
    busy, calm = (WorkflowFactory.create(user=user) for _ in range(2))
    routed(busy, 9, now)
    assert len(claimed(worker_id, 1, now, batch=3)) == 3
    routed(calm, 2, now + timedelta(seconds=1))
    batch_keys = Counter(claim.batch_key for claim in claimed(worker_id, 5, now + timedelta(seconds=1)))
    assert batch_keys == {str(calm.pk): 2}


def test_large_results_make_small_batches(
    destination: SnowflakeConfiguration,
    workflow: Workflow,
    worker_id: int,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    routed(workflow, 6, now)
    monkeypatch.setattr(claim_module, "BATCH_ROWS", 5)  # of two rows each
    assert len(claimed(worker_id, 1, now)) == 2
    queue.sign_off(worker_id, now=now)
    queue.rescue(lease_seconds=LEASE, now=now)
    worker_id = queue.register_worker("another", 2, 5, now=now)
    monkeypatch.setattr(claim_module, "BATCH_ROWS", 1)  # the first travels, however large it is
    assert len(claimed(worker_id, 1, now + timedelta(minutes=20))) == 0
    later = queue.register_worker("another", 3, 5, now=now + timedelta(minutes=20))
    assert len(claimed(later, 1, now + timedelta(minutes=20))) == 1


def test_bytes_count_as_postgresql_keeps_them(
    destination: SnowflakeConfiguration,
    workflow: Workflow,
    worker_id: int,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        ExecutionFactory.create(workflow=workflow, result_rows=[[f"{n}", n] for n in range(500)])
    queue.route(now=now)
    monkeypatch.setattr(claim_module, "BATCH_BYTES", 100)
    assert len(claimed(worker_id, 1, now)) == 1


def test_what_failed_twice_travels_alone(
    destination: SnowflakeConfiguration, workflow: Workflow, worker_id: int, now: datetime
) -> None:
    routed(workflow, 5, now)
    second = SyncQueueItem.objects.order_by("run_after", "id")[1]
    SyncQueueItem.objects.filter(pk=second.pk).update(retry_count=2)
    sizes = []
    while claims := claimed(worker_id, 1, now):
        sizes.append(len(claims))
        for claim in claims:
            end(endings.failed(claim, failure("no_results", "There are none"), queue.Attempt()), now=now)
    assert sizes == [1, 1, 3]


def test_items_of_one_batch_key_travel_alone_once_the_layout_is_another(
    destination: SnowflakeConfiguration, workflow: Workflow, worker_id: int, now: datetime
) -> None:
    routed(workflow, 3, now)
    SnowflakeConfiguration.objects.update(layout="per_execution")
    assert len(claimed(worker_id, 5, now)) == 1
    ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    assert SyncQueueItem.objects.filter(batch_key=None).count() == 1


def test_a_batch_tries_a_new_destination(
    destination: SnowflakeConfiguration, workflow: Workflow, worker_id: int, now: datetime
) -> None:
    routed(workflow, 5, now)
    routed(WorkflowFactory.create(user=workflow.user), 5, now)
    DestinationState.objects.update(last_login_at=None)
    assert len(claimed(worker_id, 5, now)) == 5
    assert claimed(worker_id, 5, now) == []


def test_one_item_of_one_batch_key_tries_a_paused_destination(
    destination: SnowflakeConfiguration, workflow: Workflow, worker_id: int, now: datetime
) -> None:
    routed(workflow, 5, now)
    DestinationState.objects.update(breaker_state="open", breaker_until=now)
    (claim,) = claimed(worker_id, 5, now)
    assert claim.on_trial
    assert claimed(worker_id, 5, now) == []
