"""A user, a workflow, a worker, and a clock of the test's own."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from accounts.models import User
from sync import queue
from sync.models import SyncQueueItem, Workflow
from tests.factories import ConfigurationFactory, ExecutionFactory, UserFactory, WorkflowFactory

LEASE = 60.0
_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
def user(db: None) -> User:
    return UserFactory.create()


@pytest.fixture
def workflow(user: User) -> Workflow:
    return WorkflowFactory.create(user=user)


@pytest.fixture
def now() -> datetime:
    """A little ahead of PostgreSQL's clock, so that what the trigger queued is due."""
    return datetime.now(UTC) + timedelta(minutes=1)


@pytest.fixture
def worker_id(db: None, now: datetime) -> int:
    return queue.register_worker("host", 1, 5, now=now)


@pytest.fixture
def claim_one(user: User, workflow: Workflow, worker_id: int, now: datetime) -> Callable[[], queue.Claim]:
    """Completes an execution, routes it to one destination, and claims it."""

    def make() -> queue.Claim:
        if not user.snowflake_configurations.exists():
            ConfigurationFactory.create(user=user)
        ExecutionFactory.create(workflow=workflow)
        queue.route(now=now)
        (claim,) = queue.claim(worker_id, 1, lease_seconds=LEASE, now=now)
        return claim

    return make


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a lock goes on waiting, however long a busy machine takes to let go of it."""
    monkeypatch.setattr("sync.postgres.database._SETTINGS", "SET LOCAL lock_timeout = '60s'; SET LOCAL jit = off;\n")


def wait_until_locked_out(thread: threading.Thread) -> None:
    """Until somebody waits for a lock in this database, or the thread has ended without."""
    with connection.cursor() as cursor:
        waiting = 0
        while not waiting and thread.is_alive():
            cursor.execute(_WAITS)
            (waiting,) = cursor.fetchone()


def item(claim: queue.Claim) -> SyncQueueItem:
    return SyncQueueItem.objects.get(pk=claim.item_id)


def read(claim: queue.Claim) -> queue.Attempt:
    """The attempt of a worker that has read the execution's results as they are now, and loaded them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM workflow_executions WHERE execution_id = %s", [claim.execution_id])
        found = cursor.fetchone()
    return queue.Attempt(source_version=found and found[0], load_sent=True)


def end(ending: queue.Finish, *, now: datetime | None = None) -> str | None:
    """Ends one claim; what its item became."""
    return queue.finish([ending], now=now)[0]
