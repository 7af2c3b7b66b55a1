"""What somebody holds for long keeps nothing else from ending."""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from sync import queue
from sync.load import batch as pipeline
from sync.load.record import Progress
from sync.models import SyncQueueItem, Workflow
from sync.queue import Outcome, backoff
from sync.worker.attempt import Attempting
from sync.worker.host import Host
from tests.factories import ConfigurationFactory, ExecutionFactory
from tests.queue.conftest import LEASE
from tests.queue.sessions import another_session


@pytest.mark.django_db(transaction=True)
def test_an_execution_that_is_held_keeps_no_other_of_its_batch_from_ending(
    workflow: Workflow, worker_id: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(batch: Sequence[Progress], *_: Any) -> None:
        for progress in batch:
            progress.outcome = Outcome("PUBLIC", "T", 1)

    monkeypatch.setattr(pipeline, "run", load)
    monkeypatch.setattr(backoff, "delay", lambda *_, **__: 0.0)
    ConfigurationFactory.create(user=workflow.user, layout="per_workflow")
    for number in range(4):
        ExecutionFactory.create(workflow=workflow, execution_id=f"execution-{number}")
    queue.route(now=now)
    claims = queue.claim(worker_id, 1, lease_seconds=LEASE, batch=10, now=now)
    pool: Any = SimpleNamespace(limits=SimpleNamespace(longest_login=1.0))
    with another_session("SELECT FROM workflow_executions WHERE execution_id = 'execution-1' FOR UPDATE"):
        Attempting(pool, lambda _: None, Host()).attempt(claims)
    assert SyncQueueItem.objects.filter(status="completed").count() == 3
    assert SyncQueueItem.objects.get(execution__execution_id="execution-1").status == "processing"
