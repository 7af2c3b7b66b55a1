"""Backfill beside the application and workers: it waits for nobody for long, loses nothing and doubles nothing."""

import random
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.db import IntegrityError, OperationalError, connection

from accounts.models import User
from sync import queue
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.operations import backfill as services
from sync.operations import progress
from sync.operations.backfill import backfill_executions
from sync.queue import Attempt, Outcome, endings
from sync.queue.backfill import BackfillFilter
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory
from tests.queue.past import past
from tests.queue.sessions import another_session

pytestmark = pytest.mark.django_db(transaction=True)

EVERYTHING = BackfillFilter()


@pytest.fixture
def executions(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> list[WorkflowExecution]:
    monkeypatch.setattr(progress, "AGAIN_AFTER", (0.2,))
    workflow = WorkflowFactory.create()
    ConfigurationFactory.create(user=workflow.user)
    return sorted((past(workflow) for _ in range(20)), key=lambda execution: execution.execution_id)


def test_what_the_application_deletes_is_passed_over(executions: list[WorkflowExecution]) -> None:
    with another_session("DELETE FROM workflow_executions WHERE execution_id = %s", executions[7].execution_id):
        counts = backfill_executions(EVERYTHING)
    assert (counts.queued, counts.held) == (19, 1)
    assert backfill_executions(EVERYTHING).queued == 1


def test_what_the_application_queues_at_this_moment_is_not_waited_for(executions: list[WorkflowExecution]) -> None:
    """Both is folded into one, once it is routed."""
    statement = "INSERT INTO snowflake_sync_inbox (execution_id, user_id) VALUES (%s, gen_random_uuid())"
    with another_session(statement, executions[7].execution_id):
        counts = backfill_executions(EVERYTHING)
    assert (counts.queued, counts.held) == (20, 0)
    assert backfill_executions(EVERYTHING).queued == 0


def test_what_is_let_go_meanwhile_is_queued_at_the_end(
    executions: list[WorkflowExecution], monkeypatch: pytest.MonkeyPatch
) -> None:
    deleting = "DELETE FROM workflow_executions WHERE execution_id = %s"
    with another_session(deleting, executions[7].execution_id) as let_go:
        monkeypatch.setattr(time, "sleep", lambda _seconds: let_go())
        counts = backfill_executions(EVERYTHING)
    assert (counts.queued, counts.held) == (20, 0)


class Traffic:
    """Workers, an application and backfills, each in a thread; what any of them meets is raised in the test."""

    def __init__(self) -> None:
        self._failures: list[BaseException] = []
        self._quiet = threading.Event()
        self._barrier = threading.Barrier(5, timeout=60)

    def run(self, application: Callable[[], None]) -> None:
        workers = [threading.Thread(target=self._guarded, args=(self._work,)) for _ in range(2)]
        others = [
            threading.Thread(target=self._guarded, args=(work,)) for work in (application, _backfills, _backfills)
        ]
        for thread in workers + others:
            thread.start()
        for thread in others:
            thread.join()
        self._quiet.set()
        for thread in workers:
            thread.join()
        assert not self._failures, self._failures

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            self._barrier.wait()
            work()
        except BaseException as error:  # noqa: BLE001 - said in the test
            self._failures.append(error)
        finally:
            connection.close()

    def _work(self) -> None:
        worker_id = queue.register_worker("host", 1, 5)
        while not self._quiet.is_set():
            _patiently(lambda: work_a_little(worker_id))


def work_a_little(worker_id: int) -> int:
    routed = queue.route(20).items
    claims = queue.claim(worker_id, 5, lease_seconds=60.0)
    for claim in claims:
        _patiently(partial(queue.finish, [endings.completed(claim, Outcome("S", "T", 2), Attempt())]))
    return routed + len(claims)


def _patiently(work: Callable[[], object]) -> None:
    """As a worker does: what PostgreSQL refuses is tried again."""
    for _ in range(20):
        try:
            work()
        except (OperationalError, IntegrityError):
            continue
        return
    raise AssertionError("It was refused again and again.")


def _backfills() -> None:
    for _ in range(15):
        backfill_executions(EVERYTHING)


def test_beside_workers_and_the_application_nothing_is_lost_or_doubled(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PAGE", 25)
    owner: User = UserFactory.create()
    workflow: Workflow = WorkflowFactory.create(user=owner)
    first, second = ConfigurationFactory.create_batch(2, user=owner)
    executions = [past(workflow) for _ in range(200)]
    loaded = executions[:100]
    SyncQueueItem.objects.bulk_create(
        SyncQueueItem(execution=execution, configuration=first, user=owner, status="completed", table_name="T")
        for execution in loaded
    )
    rng = random.Random(3)
    touched = rng.sample(executions, 80)

    def application() -> None:
        for number, execution in enumerate(touched):
            found = WorkflowExecution.objects.filter(pk=execution.pk)
            if number % 2:
                _patiently(found.delete)
            else:
                _patiently(partial(found.update, result_rows=[[number, 1]]))

    Traffic().run(application)
    worker_id = queue.register_worker("host", 9, 5)
    backfill_executions(EVERYTHING)
    while work_a_little(worker_id):
        pass
    left = set(WorkflowExecution.objects.values_list("execution_id", flat=True))
    assert len(left) == 160
    items = list(SyncQueueItem.objects.prefetch_related("attempts"))
    assert {(item.status, item.configuration_id is None) for item in items} == {("completed", False)}
    found = sorted((item.execution_id, str(item.configuration_id)) for item in items)
    assert found == sorted((id_, str(destination.pk)) for id_ in left for destination in (first, second))
    untouched = left - {execution.execution_id for execution in touched}
    was_there = {(execution.execution_id, first.pk) for execution in loaded}
    for item in items:
        if item.execution_id in untouched:
            loads = 0 if (item.execution_id, item.configuration_id) in was_there else 1
            assert (item.generation, item.attempts.count()) == (1, loads)
    assert backfill_executions(EVERYTHING).queued == 0
