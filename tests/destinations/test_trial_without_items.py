"""A destination is on trial only while somebody has an item to try it with."""

from datetime import datetime, timedelta

import pytest

from sync import queue
from sync.models import Workflow
from tests.factories import ConfigurationFactory, ExecutionFactory
from tests.queue.sessions import another_session


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_gets_nothing_begins_no_trial(workflow: Workflow, worker_id: int, now: datetime) -> None:
    ConfigurationFactory.create(user=workflow.user, last_login_at=None)
    ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    with another_session("SELECT FROM snowflake_sync_queue FOR UPDATE"):
        assert queue.claim(worker_id, 1, lease_seconds=180, now=now) == []
    assert len(queue.claim(worker_id, 1, lease_seconds=180, now=now + timedelta(seconds=1))) == 1
