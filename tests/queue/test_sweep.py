"""The sweep: what the trigger missed is queued, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection

from accounts.models import User
from sync import queue
from sync.errors import failure
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.queue import Attempt, Claim, Outcome, endings
from tests.factories import ConfigurationFactory, ExecutionFactory, WorkflowFactory
from tests.queue.conftest import end
from tests.queue.past import UPLOADED, add

# A row's version is the transaction that wrote it: each write here has to be one of its own.
pytestmark = pytest.mark.django_db(transaction=True)

HASH = (
    "SELECT jsonb_hash_extended(coalesce(result_rows, 'null'), "
    "jsonb_hash_extended(coalesce(result_columns, 'null'), 0)), xmin::text "
    "FROM workflow_executions WHERE execution_id = %s"
)


@pytest.fixture(autouse=True)
def from_the_start(db: None) -> None:
    """No earlier test has swept."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE snowflake_sync_sweep SET position = '', swept_at = '-infinity'")


@contextmanager
def triggers_off() -> Iterator[None]:
    """As during a restore."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def complete(claim: Claim, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(HASH, [claim.execution_id])
        result_hash, version = cursor.fetchone()
    end(
        endings.completed(claim, Outcome("S", "T", 2), Attempt(result_hash=result_hash, source_version=version)),
        now=now,
    )


def test_news_that_were_skipped_stay_so_and_hide_no_later_ones(user: User, workflow: Workflow, now: datetime) -> None:
    ConfigurationFactory.create(user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    complete(queue.claim(queue.register_worker("host", 1, 1, now=now), 1, lease_seconds=60, now=now)[0], now)
    news = WorkflowExecution.objects.filter(pk=execution.pk)
    news.update(result_rows=[["unwanted"]])
    queue.change_items(queue.Change.SKIP, SyncQueueItem.objects.filter(status="pending").values_list("pk", flat=True))
    news.update(updated_at=now)
    assert sweep(now).changed == 0
    with triggers_off():
        news.update(result_rows=[["later"]])
    assert [sweep(now).changed for _ in range(2)] == [1, 0]


def sweep(now: datetime) -> queue.Swept:
    swept = queue.sweep(interval=0, now=now)
    assert swept is not None
    return swept


def test_completed_executions_without_an_item_are_queued(workflow: Workflow, now: datetime) -> None:
    with triggers_off():
        missed = ExecutionFactory.create(workflow=workflow)
        ExecutionFactory.create(workflow=workflow, status="running")
        ExecutionFactory.create(workflow=workflow, **UPLOADED)
        ExecutionFactory.create(workflow=WorkflowFactory.create(user=None))
    assert sweep(now).missing == 2
    item = SyncQueueItem.objects.get(execution=missed)
    assert (item.status, item.user_id, item.configuration_id) == ("pending", workflow.user_id, None)
    assert sweep(now) == queue.Swept(seen=4)
    queue.route(now=now)
    assert SyncQueueItem.objects.get(user=None).error_code == "no_owner"
    assert sweep(now) == queue.Swept(seen=4)


def test_what_an_earlier_service_only_said_to_have_completed_is_queued(workflow: Workflow, now: datetime) -> None:
    with triggers_off():
        said = [ExecutionFactory.create(workflow=workflow, **fields) for fields in ({}, UPLOADED)]
    for execution in said:
        add(execution, None, status="completed")
    assert sweep(now).missing == 1
    assert SyncQueueItem.objects.get(status="pending").execution == said[0]


def test_results_that_changed_unseen_are_queued_again(claim_one: Callable[[], Claim], now: datetime) -> None:
    claim = claim_one()
    complete(claim, now)
    assert sweep(now) == queue.Swept(seen=1)
    with triggers_off():
        WorkflowExecution.objects.update(result_rows=[{"campaign": "Autumn", "clicks": 3}])
    assert sweep(now).changed == 1
    queue.route(now=now)
    item = SyncQueueItem.objects.get()
    assert (item.status, item.generation) == ("pending", 2)


def test_a_row_that_was_written_without_new_results_is_looked_at_once(
    claim_one: Callable[[], Claim], now: datetime
) -> None:
    complete(claim_one(), now)
    WorkflowExecution.objects.update(updated_at=now)
    assert sweep(now) == queue.Swept(seen=1)
    item = SyncQueueItem.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM workflow_executions")
        assert cursor.fetchone() == (item.source_version,)
    assert item.status == "completed"


def test_results_that_change_during_the_load_are_found(claim_one: Callable[[], Claim], now: datetime) -> None:
    claim = claim_one()
    with connection.cursor() as cursor:
        cursor.execute(HASH, [claim.execution_id])
        result_hash, version = cursor.fetchone()
    with triggers_off():
        WorkflowExecution.objects.update(result_rows=[])
    end(
        endings.completed(claim, Outcome("S", "T", 2), Attempt(result_hash=result_hash, source_version=version)),
        now=now,
    )
    assert sweep(now).changed == 1


def test_only_one_worker_sweeps_at_a_time(workflow: Workflow, now: datetime) -> None:
    assert queue.sweep(interval=120, now=now) is not None
    assert queue.sweep(interval=120, now=now + timedelta(seconds=119)) is None
    assert queue.sweep(interval=120, now=now + timedelta(seconds=120)) is not None


def test_it_goes_on_where_it_stopped(workflow: Workflow, now: datetime) -> None:
    with triggers_off():
        ExecutionFactory.create_batch(5, workflow=workflow)
    found = [queue.sweep(interval=0, seconds=0, page=2, now=now) for _ in range(3)]
    assert [swept and swept.missing for swept in found] == [2, 2, 1]


def test_what_failed_for_good_is_not_queued_again_and_again(claim_one: Callable[[], Claim], now: datetime) -> None:
    claim = claim_one()
    with connection.cursor() as cursor:
        cursor.execute(HASH, [claim.execution_id])
        result_hash, version = cursor.fetchone()
    tried = Attempt(result_hash=result_hash, source_version=version)
    end(endings.failed(claim, failure("value_does_not_fit", "No"), tried), now=now)
    assert sweep(now) == queue.Swept(seen=1)
    with triggers_off():
        WorkflowExecution.objects.update(result_rows=[])
    assert sweep(now).changed == 1


def test_each_destination_is_looked_at(user: User, workflow: Workflow, worker_id: int, now: datetime) -> None:
    ConfigurationFactory.create_batch(2, user=user)
    ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    first, second = queue.claim(worker_id, 2, lease_seconds=60, now=now)
    complete(first, now)
    complete(second, now)
    assert sweep(now) == queue.Swept(seen=1)
    with triggers_off():
        WorkflowExecution.objects.update(result_rows=[])
    SyncQueueItem.objects.filter(pk=second.item_id).update(status="pending")
    (again,) = queue.claim(worker_id, 2, lease_seconds=60, now=now)
    complete(again, now)
    assert sweep(now).changed == 1


def test_an_owner_that_comes_back_is_found(workflow: Workflow, now: datetime) -> None:
    with triggers_off():
        ExecutionFactory.create(workflow=workflow)
    owner = workflow.user
    Workflow.objects.update(user=None)
    assert sweep(now).missing == 1
    queue.route(now=now)
    assert SyncQueueItem.objects.get().error_code == "no_owner"
    Workflow.objects.update(user=owner)
    assert queue.change_items(queue.Change.RETRY, [SyncQueueItem.objects.get().pk], now=now).items
    assert SyncQueueItem.objects.get().user == owner


def test_results_that_kill_workers_do_not_come_back_for_ever(claim_one: Callable[[], Claim], now: datetime) -> None:
    """They were never read; what had been loaded before was something else."""
    claim = claim_one()
    complete(claim, now)
    execution = WorkflowExecution.objects.get()
    execution.result_rows = []
    execution.save()
    queue.route(now=now)
    for _ in range(4):
        now += timedelta(hours=1)
        worker_id = queue.register_worker("doomed", 1, 1, now=now)
        assert len(queue.claim(worker_id, 1, lease_seconds=60, now=now)) == 1
        queue.sign_off(worker_id, now=now)
        queue.rescue(lease_seconds=60, now=now)
    item = SyncQueueItem.objects.get()
    assert (item.status, item.error_code, item.result_hash) == ("failed", "worker_died", None)
    assert sweep(now).changed == 0
    # Until somebody writes it again, unseen.
    with triggers_off():
        WorkflowExecution.objects.update(result_rows=[{"campaign": "a", "clicks": 1}])
    assert sweep(now).changed == 1


def test_an_execution_that_completes_again_unseen_with_what_it_had(
    claim_one: Callable[[], Claim], now: datetime
) -> None:
    claim = claim_one()
    WorkflowExecution.objects.update(status="running")
    end(endings.failed(claim, failure("not_completed", "It is running again"), Attempt()), now=now)
    assert sweep(now).changed == 0
    with triggers_off():
        WorkflowExecution.objects.update(status="completed")
    assert sweep(now).changed == 1


def test_what_an_execution_says_of_a_deleted_destination_is_put_right(
    user: User, claim_one: Callable[[], Claim], now: datetime
) -> None:
    complete(claim_one(), now)
    execution = WorkflowExecution.objects.get()
    other = ConfigurationFactory.create(user=user)
    queue.enqueue([execution.execution_id], now=now)
    queue.route(now=now)
    execution.refresh_from_db()
    assert execution.snowflake_status == "pending"
    worker_id = queue.register_worker("host", 1, 5, now=now)
    for claim in queue.claim(worker_id, 5, lease_seconds=60, now=now):
        if claim.configuration_id == other.pk:
            end(endings.failed(claim, failure("load_rejected", "No"), Attempt()), now=now)
        else:
            complete(claim, now)
    other.delete()
    execution.refresh_from_db()
    assert execution.snowflake_status == "failed"
    sweep(now)
    execution.refresh_from_db()
    assert execution.snowflake_status == "completed"


def test_what_was_loaded_for_a_former_owner_is_left_alone(claim_one: Callable[[], Claim], now: datetime) -> None:
    """His copy stays as it was; it is no sign that the owner of today lacks something."""
    complete(claim_one(), now)
    owner = ConfigurationFactory.create().user
    Workflow.objects.update(user=owner)
    WorkflowExecution.objects.update(result_rows=[])
    queue.route(now=now)
    claim = queue.claim(queue.register_worker("host", 1, 5, now=now), 1, lease_seconds=60, now=now)[0]
    assert SyncQueueItem.objects.get(pk=claim.item_id).user == owner
    complete(claim, now)
    assert sweep(now) == queue.Swept(seen=1)


def test_a_crash_between_skipping_and_telling_is_made_good(workflow: Workflow, now: datetime) -> None:
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    WorkflowExecution.objects.update(snowflake_status=None)
    sweep(now)
    execution.refresh_from_db()
    assert execution.snowflake_status == "skipped"
