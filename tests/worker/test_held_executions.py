"""What somebody holds for long keeps nothing else from ending."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from sync import queue
from sync.destinations import Access
from sync.load import BatchLoad
from sync.models import SyncQueueItem, Workflow
from sync.queue import Outcome, backoff
from sync.worker.attempt import Batch
from sync.worker.host import Host
from tests.factories import ConfigurationFactory, ExecutionFactory
from tests.queue.conftest import LEASE
from tests.queue.sessions import another_session


@pytest.mark.django_db(transaction=True)
def test_an_execution_that_is_held_keeps_no_other_of_its_batch_from_ending(
    workflow: Workflow, worker_id: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(batch: BatchLoad, _: Access) -> None:
        batch.outcomes = {execution_id: Outcome("PUBLIC", "T", 1) for execution_id in batch.records}

    monkeypatch.setattr(BatchLoad, "run", load)
    monkeypatch.setattr(backoff, "delay", lambda *_, **__: 0.0)
    ConfigurationFactory.create(user=workflow.user, layout="per_workflow")
    for number in range(4):
        ExecutionFactory.create(workflow=workflow, execution_id=f"execution-{number}")
    queue.route(now=now)
    claims = queue.claim(worker_id, 1, lease_seconds=LEASE, batch=10, now=now)
    pool: Any = SimpleNamespace(limits=SimpleNamespace(longest_login=1.0))
    with another_session("SELECT FROM workflow_executions WHERE execution_id = 'execution-1' FOR UPDATE"):
        Batch(claims, pool, lambda: None, Host()).attempt()
    assert SyncQueueItem.objects.filter(status="completed").count() == 3
    assert SyncQueueItem.objects.get(execution__execution_id="execution-1").status == "processing"
