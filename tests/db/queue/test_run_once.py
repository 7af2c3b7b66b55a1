"""A worker that is to work once."""

from collections.abc import Sequence
from typing import Any

import pytest

from sync import pipeline, queue, worker
from sync.models import SyncQueueItem, Workflow
from sync.progress import Progress
from sync.queue import Outcome
from tests.factories import ConfigurationFactory, ExecutionFactory


@pytest.mark.django_db(transaction=True)
def test_what_was_picked_up_last_is_loaded_too(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(batch: Sequence[Progress], *_: Any) -> None:
        for progress in batch:
            progress.outcome = Outcome("PUBLIC", "T", 1)

    monkeypatch.setattr(pipeline, "run", load)
    monkeypatch.setattr(worker, "AT_ONCE", 3)
    for _ in range(5):
        ExecutionFactory.create(workflow=workflow)
    queue.route()
    assert set(SyncQueueItem.objects.values_list("status", flat=True)) == {"skipped"}
    ConfigurationFactory.create(user=workflow.user)
    worker.Worker(worker.Options(concurrency=2, probe_interval=0.05)).run_once()
    assert set(SyncQueueItem.objects.values_list("status", flat=True)) == {"completed"}
