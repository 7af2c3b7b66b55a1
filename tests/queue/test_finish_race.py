"""A finish that meets somebody who is changing its item waits, and is not taken for one of a lost claim."""

import threading
from contextlib import closing

import pytest
from django.db import connection

from sync import queue
from sync.models import SyncQueueItem
from sync.queue import Outcome, endings
from tests.factories import ConfigurationFactory, ExecutionFactory, WorkflowFactory
from tests.queue.conftest import end, read, wait_until_locked_out


@pytest.mark.usefixtures("patient")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("destinations", [1, 2])
def test_news_that_come_while_a_load_is_finished(destinations: int) -> None:
    workflow = WorkflowFactory.create()
    ConfigurationFactory.create_batch(destinations, user=workflow.user)
    ExecutionFactory.create(workflow=workflow)
    queue.route()
    worker_id = queue.register_worker("host", 1, 5)
    claim = queue.claim(worker_id, 1, lease_seconds=60)[0]
    attempt = read(claim)
    answers: list[str | None] = []

    def complete() -> None:
        try:
            answers.append(end(endings.completed(claim, Outcome("S", "T", 2), attempt)))
        finally:
            connection.close()

    session = connection.copy("another")
    session.set_autocommit(False)
    with closing(session), session.cursor() as news:
        news.execute("UPDATE snowflake_sync_queue SET generation = generation + 1 WHERE id = %s", [claim.item_id])
        thread = threading.Thread(target=complete)
        thread.start()
        wait_until_locked_out(thread)
        session.commit()
        thread.join()
    assert answers == ["pending"]
    assert SyncQueueItem.objects.get(pk=claim.item_id).generation == 2
