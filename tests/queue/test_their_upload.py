"""What the application uploads itself is left alone, and what it says of that stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from sync import queue
from sync.errors import failure
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.operations.backfill import backfill_executions
from sync.queue import Attempt, Claim, Outcome, endings
from sync.queue.backfill import BackfillFilter
from tests.factories import ConfigurationFactory, ExecutionFactory
from tests.queue.conftest import LEASE, end
from tests.queue.past import UPLOADED, counted


@pytest.fixture
def upload(now: datetime) -> dict[str, Any]:
    """What the application writes when it has uploaded an execution."""
    return {**UPLOADED, "snowflake_enabled": True, "snowflake_uploaded_at": now}


def said(execution: WorkflowExecution) -> dict[str, Any]:
    execution.refresh_from_db()
    return {name: getattr(execution, name) for name in (*UPLOADED, "snowflake_error_message")}


def test_what_it_has_uploaded_is_left_alone(
    user: User, workflow: Workflow, worker_id: int, now: datetime, upload: dict[str, Any]
) -> None:
    ConfigurationFactory.create(user=user)
    execution = ExecutionFactory.create(workflow=workflow, **upload)
    before = said(execution)
    assert queue.route(now=now).skipped == ()
    assert queue.claim(worker_id, 5, lease_seconds=LEASE, now=now) == []
    item = SyncQueueItem.objects.get()
    assert (item.status, item.configuration_id, item.error_code) == ("completed", None, None)
    assert said(execution) == before
    assert counted(backfill_executions(BackfillFilter(), now=now)) == {"uploaded": 1}
    assert queue.sweep(interval=0, now=now) == queue.Swept(seen=1)
    assert counted(backfill_executions(BackfillFilter(), force=True, now=now + timedelta(minutes=2))) == {"queued": 1}
    queue.route(now=now + timedelta(minutes=2))
    item.refresh_from_db()
    assert (item.status, item.configuration_id is None) == ("pending", False)


def test_nobody_is_told_that_it_was_skipped(workflow: Workflow, now: datetime, upload: dict[str, Any]) -> None:
    execution = ExecutionFactory.create(workflow=workflow, **upload)
    before = said(execution)
    queue.route(now=now)
    assert said(execution) == before


@pytest.mark.parametrize("ago", [None, timedelta(hours=1)])
def test_what_is_not_its_own_upload_or_one_of_older_results_is_loaded(
    user: User, workflow: Workflow, now: datetime, upload: dict[str, Any], ago: timedelta | None
) -> None:
    ConfigurationFactory.create(user=user)
    different = {"snowflake_enabled": False} if ago is None else {"snowflake_uploaded_at": now - ago}
    ExecutionFactory.create(workflow=workflow, **{**upload, **different})
    queue.route(now=now)
    assert SyncQueueItem.objects.get().configuration_id is not None


def test_new_results_within_a_minute_of_its_upload_are_loaded(
    user: User, workflow: Workflow, now: datetime, upload: dict[str, Any]
) -> None:
    """The columns still speak of the upload of the earlier results."""
    ConfigurationFactory.create(user=user)
    moment = {"snowflake_uploaded_at": timezone.now() - timedelta(seconds=30)}
    execution = ExecutionFactory.create(workflow=workflow, **{**upload, **moment})
    queue.route(now=now)
    assert SyncQueueItem.objects.get().configuration_id is None
    execution.result_rows = [["new", 2]]
    execution.save(update_fields=["result_rows"])
    queue.route(now=timezone.now())
    assert SyncQueueItem.objects.get().configuration_id is not None


@pytest.mark.parametrize("destinations", [1, 2])
@pytest.mark.parametrize("way", ["fail", "retry", "release"])
def test_an_upload_that_ends_during_ours_is_not_overwritten_by_our_failure(
    user: User, workflow: Workflow, worker_id: int, now: datetime, upload: dict[str, Any], way: str, destinations: int
) -> None:
    ConfigurationFactory.create_batch(destinations, user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    claims = queue.claim(worker_id, 5, lease_seconds=LEASE, now=now)
    WorkflowExecution.objects.update(**upload)
    before = said(execution)
    for claim in claims:
        _end(claim, way, now)
    assert said(execution) == before


def test_our_success_is_told(
    user: User, workflow: Workflow, worker_id: int, now: datetime, upload: dict[str, Any]
) -> None:
    ConfigurationFactory.create(user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    (claim,) = queue.claim(worker_id, 5, lease_seconds=LEASE, now=now)
    WorkflowExecution.objects.update(**upload)
    end(endings.completed(claim, Outcome("S", "OURS", 2), Attempt()), now=now)
    assert said(execution)["snowflake_table_name"] == "OURS"


def _end(claim: Claim, way: str, now: datetime) -> None:
    error = failure("table_not_ours", "No")
    if way == "fail":
        end(endings.failed(claim, error, Attempt()), now=now)
    elif way == "retry":
        end(endings.retried(claim, error, Attempt(), delay=1), now=now)
    else:
        end(endings.released(claim, Attempt()), now=now)
