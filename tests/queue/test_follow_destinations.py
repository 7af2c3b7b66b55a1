"""Items follow their destinations and their owners."""

from datetime import datetime

import pytest
from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.models import SyncQueueItem, Workflow
from sync.queue import Attempt, Outcome, endings
from tests.factories import ConfigurationFactory, ExecutionFactory, UserFactory, WorkflowFactory
from tests.queue.conftest import LEASE, end
from tests.queue.rules import put_rules


def load_all(now: datetime) -> None:
    worker_id = queue.register_worker("host", 1, 5, now=now)
    queue.route(now=now)
    for claim in queue.claim(worker_id, 50, lease_seconds=LEASE, now=now):
        end(endings.completed(claim, Outcome("PUBLIC", "T", 1), Attempt(result_hash=1)), now=now)


@pytest.fixture(params=["", "hashjoin, mergejoin, material, hashagg, sort, indexscan, bitmapscan"])
def plan(request: pytest.FixtureRequest, db: None) -> None:
    """As PostgreSQL likes, and with what is left to it without these: it asks a subquery again for each row."""
    with connection.cursor() as cursor:
        for way in filter(None, request.param.split(", ")):
            cursor.execute(f"SET LOCAL enable_{way} = off")


@pytest.mark.usefixtures("plan")
def test_what_was_skipped_comes_back_however_many_destinations_there_are_now(workflow: Workflow, now: datetime) -> None:
    for _ in range(4):
        ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    for _ in range(3):
        ConfigurationFactory.create(user=workflow.user)
    assert [queue.follow_destinations(3, now=now) for _ in range(3)] == [(0, 0, 3), (0, 0, 1), (0, 0, 0)]


@pytest.mark.usefixtures("plan")
def test_what_a_switched_off_destination_leaves_is_called_for_again(workflow: Workflow, now: datetime) -> None:
    ConfigurationFactory.create(user=workflow.user)
    for _ in range(4):
        ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    SnowflakeConfiguration.objects.update(is_active=False)
    assert [queue.follow_destinations(3, now=now) for _ in range(3)] == [(0, 3, 0), (0, 1, 0), (0, 0, 0)]
    assert set(SyncQueueItem.objects.values_list("error_code", flat=True)) == {"destination_inactive"}


def test_news_for_a_destination_that_was_switched_off_during_a_load(
    workflow: Workflow, worker_id: int, now: datetime
) -> None:
    ConfigurationFactory.create(user=workflow.user)
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    (claim,) = queue.claim(worker_id, 1, lease_seconds=LEASE, now=now)
    SnowflakeConfiguration.objects.update(is_active=False)
    execution.result_rows = [["new", 1]]
    execution.save()
    queue.route(now=now)
    assert end(endings.completed(claim, Outcome("PUBLIC", "T", 1), Attempt()), now=now) == "pending"
    queue.follow_destinations(now=now)
    assert SyncQueueItem.objects.get(configuration__isnull=False).status == "skipped"
    SnowflakeConfiguration.objects.update(is_active=True)
    queue.follow_destinations(now=now)
    assert SyncQueueItem.objects.get(configuration__isnull=False).status == "pending"


def test_another_users_destination_is_not_touched(db: None, now: datetime) -> None:
    """The workflow was given to somebody else; the item in the first owner's destination is history."""
    ann, bob = UserFactory.create(), UserFactory.create()
    of_ann = ConfigurationFactory.create(user=ann)
    ConfigurationFactory.create(user=bob)
    given_away, kept = WorkflowFactory.create(user=ann), WorkflowFactory.create(user=ann)
    first, second = ExecutionFactory.create(workflow=given_away), ExecutionFactory.create(workflow=kept)
    load_all(now)
    SnowflakeConfiguration.objects.filter(pk=of_ann.pk).update(is_active=False)
    given_away.user = bob
    given_away.save()
    for execution in (first, second):
        execution.result_rows, execution.result_total_rows = [["new", 1]], 1
        execution.save()
    queue.route(now=now)
    history = SyncQueueItem.objects.get(execution=first, configuration=of_ann)
    assert (history.status, history.generation) == ("completed", 1)
    assert SyncQueueItem.objects.get(execution=first, configuration__user=bob).status == "pending"


def test_an_execution_that_gets_another_destination_is_pending_again(workflow: Workflow, now: datetime) -> None:
    ConfigurationFactory.create(user=workflow.user)
    execution = ExecutionFactory.create(workflow=workflow)
    load_all(now)
    execution.refresh_from_db()
    assert execution.snowflake_status == "completed"
    ConfigurationFactory.create(user=workflow.user)
    queue.enqueue([execution.execution_id], now=now)
    queue.route(now=now)
    execution.refresh_from_db()
    assert execution.snowflake_status == "pending"


@pytest.mark.usefixtures("plan")
def test_what_the_rules_exclude_does_not_come_back_with_its_destination(workflow: Workflow, now: datetime) -> None:
    one, other = ConfigurationFactory.create_batch(2, user=workflow.user)
    for _ in range(3):
        ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    SnowflakeConfiguration.objects.update(is_active=False)
    assert queue.follow_destinations(now=now).skipped == 6
    put_rules(one, {})
    SnowflakeConfiguration.objects.update(is_active=True)
    assert queue.follow_destinations(5, now=now).reopened == 5
    assert queue.follow_destinations(5, now=now).reopened == 1
    assert queue.follow_destinations(5, now=now).reopened == 0
    items = SyncQueueItem.objects.values_list("configuration", "status", "error_code")
    assert set(items) == {(one.pk, "skipped", "excluded_by_rule"), (other.pk, "pending", None)}
