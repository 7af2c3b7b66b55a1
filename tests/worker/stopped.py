"""A worker that was stopped while a statement of its was under way in Snowflake."""

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from sync.models import SyncQueueItem, WorkflowExecution
from sync.worker import Options, Worker
from tests.chaos.waiting import until
from tests.world import World

COLUMNS = [("campaign", "string"), ("clicks", "integer")]
OLD, NEW = [["a", 1]], [["b", 2], ["c", 3]]


def complete_again(execution: WorkflowExecution, rows: Any) -> None:
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=rows, result_total_rows=len(rows))


def make_due() -> None:
    SyncQueueItem.objects.filter(status="pending").exclude(configuration=None).update(
        run_after=timezone.now() - timedelta(minutes=1)
    )


@contextmanager
def stopped_once(worker: Worker, told: Callable[[], object]) -> Iterator[None]:
    """Another thread stops the worker as soon as `told` returns."""

    def stop() -> None:
        told()
        worker.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    try:
        yield
    finally:
        stopper.join()


@contextmanager
def a_stopped_worker(
    world: World, statement: str = "^COPY", *, after: int = 0, first: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """A worker that was stopped, once `first` was done, while a statement was under way; within the block it still is.

    After the block it has landed, if it can.
    """
    world.snowflake.server.inject(statement, "delay", seconds=600, after=after)
    seen = len(world.snowflake.server.strikes())
    worker = Worker(Options(drain=0.2, probe_interval=0.05, concurrency=1))
    before = set(threading.enumerate())

    def told() -> None:
        until(lambda: len(world.snowflake.server.strikes()) > seen, "the statement is under way")
        first()
        connection.close()

    with stopped_once(worker, told):
        assert worker.run() is False
    yield
    world.snowflake.server.clear_faults()
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
    gc.collect()  # with the thread goes its connection to PostgreSQL
