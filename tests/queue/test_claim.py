"""Claiming: in order, fairly, never twice, and only with a living lease."""

import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import connection

from accounts.models import DestinationState, SnowflakeConfiguration, User
from sync import destinations, queue
from sync.models import SyncQueueItem, Workflow
from tests.factories import ConfigurationFactory, ExecutionFactory, UserFactory, WorkflowFactory
from tests.queue.conftest import LEASE


def routed(workflow: Workflow, count: int, now: datetime) -> None:
    if not workflow.user or not workflow.user.snowflake_configurations.exists():
        ConfigurationFactory.create(user=workflow.user)
    ExecutionFactory.create_batch(count, workflow=workflow)
    queue.route(now=now)


def test_it_takes_what_is_due_in_order(workflow: Workflow, worker_id: int, now: datetime) -> None:
    routed(workflow, 3, now)
    late, first, second = SyncQueueItem.objects.all()
    for position, item in enumerate((first, second)):
        SyncQueueItem.objects.filter(pk=item.pk).update(run_after=now - timedelta(seconds=9 - position))
    SyncQueueItem.objects.filter(pk=late.pk).update(run_after=now + timedelta(seconds=1))
    taken = queue.claim(worker_id, 1, lease_seconds=LEASE, now=now)
    taken += queue.claim(worker_id, 5, lease_seconds=LEASE, now=now)
    assert [claim.item_id for claim in taken] == [first.pk, second.pk]
    assert taken[0].claim_token < taken[1].claim_token
    later = queue.claim(worker_id, 5, lease_seconds=LEASE, now=now + timedelta(seconds=1))
    assert [claim.item_id for claim in later] == [late.pk]


def test_destinations_take_turns(worker_id: int, now: datetime) -> None:
    busy = WorkflowFactory.create()
    calm = ConfigurationFactory.create()
    routed(busy, 20, now)
    routed(WorkflowFactory.create(user=calm.user), 1, now)
    SyncQueueItem.objects.filter(configuration=calm).update(run_after=now + timedelta(seconds=5))
    claims = queue.claim(worker_id, 4, lease_seconds=LEASE, now=now + timedelta(seconds=9))
    assert Counter(claim.configuration_id == calm.pk for claim in claims) == {True: 1, False: 2}
    # What is left of the threads is given away by the claim that follows at once.
    assert len(queue.claim(worker_id, 1, lease_seconds=LEASE, now=now + timedelta(seconds=9))) == 1


def test_a_paused_destination_is_left_alone_and_then_tried_with_one(
    workflow: Workflow, worker_id: int, now: datetime
) -> None:
    routed(workflow, 3, now)
    until = now + timedelta(seconds=60)
    DestinationState.objects.update(breaker_state="open", breaker_until=until)
    assert queue.claim(worker_id, 3, lease_seconds=LEASE, now=now) == []
    queue.heartbeat(worker_id, in_flight=0, lease_seconds=LEASE, now=now + timedelta(seconds=50))
    (probe,) = queue.claim(worker_id, 3, lease_seconds=LEASE, now=until)
    assert probe.on_trial
    destinations.resume_destination(probe.configuration_id)
    rest = queue.claim(worker_id, 3, lease_seconds=LEASE, now=until)
    assert [claim.on_trial for claim in rest] == [False, False]


def test_an_inactive_destination_gets_nothing(workflow: Workflow, worker_id: int, now: datetime) -> None:
    routed(workflow, 1, now)
    SnowflakeConfiguration.objects.update(is_active=False)
    assert queue.claim(worker_id, 1, lease_seconds=LEASE, now=now) == []


def test_a_worker_without_a_lease_gets_nothing(workflow: Workflow, worker_id: int, now: datetime) -> None:
    routed(workflow, 1, now)
    silent_for = timedelta(seconds=LEASE)
    assert queue.claim(worker_id, 1, lease_seconds=LEASE, now=now + silent_for) == []
    assert not queue.heartbeat(worker_id, in_flight=0, lease_seconds=LEASE, now=now + silent_for)
    assert queue.heartbeat(worker_id, in_flight=0, lease_seconds=LEASE, now=now)
    queue.sign_off(worker_id, now=now)
    assert queue.claim(worker_id, 1, lease_seconds=LEASE, now=now) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_get_the_same_item() -> None:
    owner: User = UserFactory.create()
    workflow = WorkflowFactory.create(user=owner)
    ConfigurationFactory.create(user=owner)
    ExecutionFactory.create_batch(60, workflow=workflow)
    queue.route()
    barrier = threading.Barrier(4, timeout=60)
    taken: list[queue.Claim] = []
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            worker_id = queue.register_worker("host", number, 5)
            barrier.wait()
            while claims := queue.claim(worker_id, 3, lease_seconds=LEASE):
                taken.extend(claims)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    ids = [claim.item_id for claim in taken]
    tokens = [claim.claim_token for claim in taken]
    assert len(ids) == len(set(ids)) == len(set(tokens))
    # One that found every remaining row locked for a moment may have stopped early; nothing is taken twice or lost.
    assert len(ids) + SyncQueueItem.objects.filter(status="pending").count() == 60
