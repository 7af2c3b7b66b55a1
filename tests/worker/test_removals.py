"""Removals wait for what loads wait for: a pause, a destination that is off, a statement that may land late."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import DestinationState, SnowflakeConfiguration
from sync import queue
from sync.models import SyncAttempt, SyncQueueItem, Workflow, WorkflowExecution
from sync.operations import retry_failed_sync
from sync.queue import Change, change_items
from tests.destinations.test_key_rotation import keyed, rotate
from tests.load.excluded import ask, attempts, complete, complete_again, exclude, is_forgotten, layout, noisy, there
from tests.long import first
from tests.worker.stopped import a_stopped_worker
from tests.worker.test_given_up_statements import the_time_is_over
from tests.world import World

__all__ = ["keyed", "noisy"]


@pytest.fixture
def loud(world: World, noisy: Workflow) -> WorkflowExecution:
    """Loaded, excluded since, and to be taken out."""
    return asked_for(world, noisy)


def asked_for(world: World, noisy: Workflow) -> WorkflowExecution:
    execution = complete(world, noisy)
    world.work()
    exclude(world, "noisy")
    assert ask(world).changed
    return execution


def test_a_removal_that_works_ends_a_pause(world: World, loud: WorkflowExecution) -> None:
    over = timezone.now() - timedelta(seconds=1)
    DestinationState.objects.update(breaker_state="open", breaker_until=over, breaker_code="warehouse_missing")
    world.work()
    assert is_forgotten(loud)
    assert DestinationState.objects.get().breaker_state == "closed"


def test_a_pause_is_waited_for(world: World, loud: WorkflowExecution) -> None:
    gone = {"code": "000606", "sqlstate": "57P03", "message": "No active warehouse selected in the current session."}
    world.snowflake.server.inject("^SHOW TABLES .* LIMIT 10$", "error", **gone)
    world.work()
    item = world.item(loud)
    assert (item.status, item.error_code, item.retry_count) == ("pending", "warehouse_missing", 0)
    assert (item.is_to_be_removed, attempts(loud)[-1]) == (True, "paused")
    world.work()
    assert world.item(loud).status == "pending"
    DestinationState.objects.update(breaker_until=timezone.now())
    world.work()
    assert is_forgotten(loud)


def test_a_destination_that_is_off_is_waited_for(world: World, loud: WorkflowExecution) -> None:
    SnowflakeConfiguration.objects.update(is_active=False)
    world.work()
    item = world.item(loud)
    assert (item.status, item.error_code, item.is_to_be_removed) == ("skipped", "destination_inactive", True)
    assert there(world) == {loud.execution_id: 2}
    SnowflakeConfiguration.objects.update(is_active=True)
    world.work()
    assert is_forgotten(loud)
    assert there(world) == {}


def test_a_key_that_was_rotated_meanwhile_is_used(keyed: World) -> None:
    noisy_ = Workflow.objects.get()
    Workflow.objects.update(workflow_id="noisy")
    execution = asked_for(keyed, noisy_)
    rotate(keyed)
    keyed.work()
    assert is_forgotten(execution)


def test_two_workers_take_each_out_once(world: World, noisy: Workflow) -> None:
    layout(world, "per_workflow")
    executions = [complete(world, noisy) for _ in range(4)]
    world.work()
    layout(world, "per_execution")
    executions += [complete(world, noisy) for _ in range(20)]
    kept = complete(world, world.workflow)
    world.work()
    exclude(world, "noisy")
    assert ask(world).changed == 24

    def work() -> None:
        world.work(concurrency=3)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert all(map(is_forgotten, executions))
    assert SyncAttempt.objects.filter(outcome="removed").count() == 24
    assert there(world) == {kept.execution_id: 2}


def test_what_was_skipped_by_hand_stays_until_it_is_asked_for_again(world: World, loud: WorkflowExecution) -> None:
    item = world.item(loud)
    change_items(Change.SKIP, [item.pk])
    world.work()
    assert not retry_failed_sync(item.pk)[0]
    world.work()
    assert there(world) == {loud.execution_id: 2}
    assert ask(world).changed == 1
    world.work()
    assert is_forgotten(loud)


@pytest.mark.parametrize("excluded_still", first(1, [True, False]))
@pytest.mark.parametrize(("way", "statement"), [("per_execution", "^DROP"), ("per_workflow", "^DELETE")])
def test_a_removal_that_was_given_up_has_to_end_before_anything_else(
    world: World, noisy: Workflow, way: str, statement: str, excluded_still: bool
) -> None:
    """It may land late: what was loaded anew meanwhile would be gone."""
    layout(world, way)
    loud = asked_for(world, noisy)
    with a_stopped_worker(world, statement):
        assert world.item(loud).open_load
        if not excluded_still:
            exclude(world)
        complete_again(loud)
        world.work()
        item = world.item(loud)
        assert (item.status, item.error_code) == ("pending", "load_unsettled")
    the_time_is_over(world, loud)
    world.work()
    if excluded_still:
        assert is_forgotten(loud)
        assert there(world) == {}
    else:
        assert world.item(loud).status == "completed"
        assert there(world) == {loud.execution_id: 1}
    assert not SyncQueueItem.objects.exclude(open_load=None).exists()


def test_a_load_that_was_given_up_has_to_end_before_it_is_taken_out(world: World, noisy: Workflow) -> None:
    loud = complete(world, noisy)
    with a_stopped_worker(world, "^COPY"):
        exclude(world, "noisy")
        world.work()
    the_time_is_over(world, loud)
    world.work()
    assert is_forgotten(loud)
    assert attempts(loud)[-1] == "removed"
    assert there(world) == {}


def test_an_answer_that_was_lost_may_have_been_a_removal(world: World, loud: WorkflowExecution) -> None:
    """The register knows the table still; it is not there; and a load makes it anew."""
    world.snowflake.server.inject("^DROP", "status", status=404)
    world.work()
    assert world.item(loud).error_code == "snowflake_unavailable"
    assert there(world) == {loud.execution_id: 2}
    exclude(world)
    the_time_is_over(world, loud)
    world.work()
    assert world.item(loud).status == "completed"
    assert there(world) == {loud.execution_id: 2}
    assert queue.to_remove([]) == []
