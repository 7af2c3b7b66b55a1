"""Turns: users, their destinations and batch keys take turns, across claims and workers; and nobody is forgotten."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import DestinationState, SnowflakeConfiguration
from sync import queue
from sync.models import SyncQueueItem
from sync.queue import Line
from tests.factories import UserFactory, WorkflowFactory
from tests.queue.waiting import LEASE, add, of_a_user, served

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker_id(db: None) -> int:
    return queue.register_worker("host", 1, 5)


@pytest.fixture
def destination(db: None) -> SnowflakeConfiguration:
    return of_a_user()


@pytest.mark.parametrize("threads", [1, 50])
def test_another_users_item_is_claimed_within_two_claims(worker_id: int, threads: int) -> None:
    """However much one user has waiting, and wherever."""
    hog = UserFactory.create()
    WorkflowFactory.create(user=hog)
    for _ in range(60):
        add(of_a_user(hog), 30)
    line = Line()
    for _ in range(5):
        assert served(worker_id, threads, line=line)
    other = of_a_user()
    add(other)
    assert other.pk in served(worker_id, threads, line=line) + served(worker_id, threads, line=line)


def test_users_share_the_threads_however_many_destinations_they_have(worker_id: int) -> None:
    many, one = UserFactory.create(), of_a_user()
    WorkflowFactory.create(user=many)
    add(one, 100)
    for _ in range(20):
        add(of_a_user(many), 100)
    got = Counter(id_ == one.pk for _ in range(10) for id_ in served(worker_id))
    assert got == {True: 5, False: 5}
    assert Counter(id_ == one.pk for id_ in served(worker_id, 10)) == {True: 5, False: 5}


def test_a_users_destinations_take_turns_whoever_claims(worker_id: int, destination: SnowflakeConfiguration) -> None:
    workers = [worker_id, queue.register_worker("another", 2, 5)]
    all_of_them = [destination, *(of_a_user(destination.user) for _ in range(3))]
    for one in all_of_them:
        add(one, 10)
    got = [id_ for number in range(8) for id_ in served(workers[number % 2])]
    assert Counter(got[:4]) == Counter(got[4:]) == Counter(one.pk for one in all_of_them)


def test_batch_keys_take_turns(worker_id: int, destination: SnowflakeConfiguration) -> None:
    for key in "abc":
        add(destination, 4, batch_key=key)
    got = []
    for _ in range(6):
        (claim,) = queue.claim(worker_id, 1, lease_seconds=LEASE)
        got.append(claim.batch_key)
        queue.finish([queue.endings.completed(claim, queue.Outcome("S", "T", 0), queue.Attempt())])
    assert got == ["a", "b", "c", "a", "b", "c"]


def test_what_is_small_travels_together_and_is_spread_evenly(
    worker_id: int, destination: SnowflakeConfiguration
) -> None:
    add(destination, 100)
    claims = queue.claim(worker_id, 5, lease_seconds=LEASE, batch=500)
    assert sorted(Counter(claim.thread for claim in claims).values()) == [20] * 5
    add(destination, 7)
    claims = queue.claim(worker_id, 5, lease_seconds=LEASE, batch=500)
    assert sorted(Counter(claim.thread for claim in claims).values()) == [1, 1, 1, 2, 2]
    add(destination, 500)
    assert len(served(worker_id, 1, batch=500)) == 20
    assert len(served(worker_id, 5, batch=1)) == 5


def test_what_is_large_or_suspect_travels_alone(worker_id: int, destination: SnowflakeConfiguration) -> None:
    add(destination, 4)
    first, second, third, last = SyncQueueItem.objects.order_by("run_after")
    SyncQueueItem.objects.filter(pk=second.pk).update(retry_count=2)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflow_executions SET result_total_rows = 90000 WHERE execution_id = ANY (%s)",
            [[third.execution_id, last.execution_id]],
        )
    got = [queue.claim(worker_id, 1, lease_seconds=LEASE, batch=500) for _ in range(4)]
    assert [[claim.item_id for claim in claims] for claims in got] == [[i.pk] for i in (first, second, third, last)]


def test_an_item_that_is_made_due_by_hand_is_found(worker_id: int, destination: SnowflakeConfiguration) -> None:
    """By whatever statement, and however long ago it says that the item became due."""
    line = Line()
    add(destination, 3)
    claims = queue.claim(worker_id, 3, lease_seconds=LEASE, line=line)
    queue.finish([queue.endings.completed(claim, queue.Outcome("S", "T", 0), queue.Attempt()) for claim in claims])
    add(destination, 3)
    assert served(worker_id, 1, line=line)
    SyncQueueItem.objects.filter(pk=claims[0].item_id).update(status="pending")
    assert served(worker_id, 5, line=line) == [destination.pk] * 3
    assert served(worker_id, 5, line=line) == []
    assert not queue.probe().to_claim
    SyncQueueItem.objects.filter(pk=claims[1].item_id).update(status="pending")
    assert queue.probe().to_claim
    assert served(worker_id, 5, line=line) == [destination.pk]


def test_what_is_due_later_is_found_then(worker_id: int, destination: SnowflakeConfiguration) -> None:
    line = Line()
    add(destination, after=-60)
    add(destination, after=600)
    add(destination, batch_key="key", after=600)
    assert served(worker_id, 5, line=line) == [destination.pk]
    assert served(worker_id, 5, line=line) == []
    later = queue.claim(
        worker_id, 5, lease_seconds=LEASE, line=line, now=SyncQueueItem.objects.latest("run_after").run_after
    )
    assert len(later) == 2


def test_a_pause_that_ends_early_is_noticed(worker_id: int, destination: SnowflakeConfiguration) -> None:
    line = Line()
    add(destination)
    state = DestinationState.objects.filter(configuration=destination)
    for until in (None, SyncQueueItem.objects.get().run_after + timedelta(days=1)):
        state.update(breaker_state="open", breaker_until=until)
        assert served(worker_id, line=line) == []
        assert not queue.probe().to_claim
    state.update(breaker_state="closed", breaker_until=None)
    assert served(worker_id, line=line) == [destination.pk]


def test_who_left_a_busy_batch_key_alone_is_told(worker_id: int, destination: SnowflakeConfiguration) -> None:
    add(destination, 2, batch_key="key")
    line = Line()
    claims = queue.claim(worker_id, 1, lease_seconds=LEASE)
    assert served(worker_id, line=line) == []
    assert not queue.probe().to_claim
    queue.finish([queue.endings.completed(claim, queue.Outcome("S", "T", 0), queue.Attempt()) for claim in claims])
    assert served(worker_id, line=line) == []
    queue.rejoin(destination.pk)
    assert served(worker_id, line=line) == [destination.pk]


def test_a_free_batch_key_is_found_behind_many_that_are_not(
    worker_id: int, destination: SnowflakeConfiguration
) -> None:
    for number in range(500):
        add(destination, batch_key=f"a{number:03}", after=3600)
    add(destination, batch_key="b")
    line = Line()
    now = SyncQueueItem.objects.earliest("run_after").run_after + timedelta(minutes=5)
    got: list[queue.Claim] = []
    for second in range(4):
        got += queue.claim(worker_id, 1, lease_seconds=LEASE, line=line, now=now + timedelta(seconds=second))
    assert [claim.batch_key for claim in got] == ["b"]


def test_turns_are_made_again_from_the_items(worker_id: int, destination: SnowflakeConfiguration) -> None:
    shared = of_a_user(layout="per_workflow")
    add(destination)
    add(shared, batch_key="key")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM snowflake_sync_turns")
    assert served(worker_id, 5) == []
    assert queue.sweep(interval=0)
    assert set(served(worker_id, 5)) == {destination.pk, shared.pk}
