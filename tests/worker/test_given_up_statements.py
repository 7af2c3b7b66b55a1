"""Statements whose worker has given them up, and that may land late: nobody loads before they can have ended."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.models import SyncAttempt, SyncQueueItem, WorkflowExecution
from sync.worker import attempt
from tests.long import first
from tests.queue.sessions import another_session
from tests.worker.stopped import COLUMNS, NEW, OLD, a_stopped_worker, complete_again, make_due
from tests.world import World


def the_time_is_over(world: World, execution: WorkflowExecution) -> None:
    """By now the statement has ended that the item says may land late."""
    noted = world.item(execution).open_load
    assert noted
    ends_by = datetime.fromisoformat(noted["ends_by"])
    assert timedelta(seconds=240) < ends_by - timezone.now() <= timedelta(seconds=330)
    SyncQueueItem.objects.update(open_load=noted | {"ends_by": timezone.now().isoformat()})
    make_due()


def test_a_short_statement_has_to_end_before_its_item_is_had(world: World) -> None:
    execution = world.complete(COLUMNS, OLD)
    with a_stopped_worker(world):
        wait = world.item(execution).run_after - timezone.now()
    assert timedelta(seconds=300) < wait <= timedelta(seconds=330)  # of 360 s of lease a statement may take 330


def test_what_was_loaded_before_a_stop_stays_loaded(world: World) -> None:
    world.complete(COLUMNS, OLD)
    world.work()
    executions = [world.complete(COLUMNS, OLD) for _ in range(3)]
    queue.route(500)
    with a_stopped_worker(world, after=1):
        statuses = [world.item(execution).status for execution in executions]
        assert sorted(statuses) == ["completed", "pending", "pending"]
        late = [world.item(execution).open_load is not None for execution in executions]
        assert late.count(True) == 1


@pytest.mark.parametrize("when", first(1, ["before the stop", "after the stop"]))
@pytest.mark.parametrize(
    ("layout_", "statement"),
    [("per_execution", "^COPY"), ("per_execution", "^INSERT OVERWRITE"), ("per_workflow", "^COPY")],
)
def test_new_results_wait_for_the_earlier_ones_to_have_landed(
    world: World, layout_: str, statement: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    SnowflakeConfiguration.objects.update(layout=layout_)
    execution = world.complete(COLUMNS, OLD)
    world.work()
    if "OVERWRITE" in statement:
        complete_again(execution, [["between", 5]])
    else:
        execution = world.complete(COLUMNS, OLD)
    news = partial(complete_again, execution, NEW)
    with a_stopped_worker(world, statement, first=news if when == "before the stop" else lambda: None):
        if when == "after the stop":
            news()
        world.work()
        item = world.item(execution)
        assert (item.status, item.error_code) == ("pending", "load_unsettled")
        assert "a statement that was given up" in str(item.error_message)
        # A process that has ended writes no end.
        monkeypatch.setattr(attempt, "finish", lambda ended: [None] * len(ended))
    monkeypatch.undo()
    the_time_is_over(world, execution)
    world.work()
    assert world.item(execution).status == "completed"
    assert world.item(execution).open_load is None
    # A shared table has the other execution's row as well.
    assert world.rows(execution) == [tuple(row) for row in (OLD if layout_ == "per_workflow" else []) + NEW]


def test_a_statement_whose_answer_was_lost_may_land_late(world: World) -> None:
    """Something on the way has answered in Snowflake's place."""
    execution = world.complete(COLUMNS, OLD)
    world.snowflake.server.inject("^COPY", "status", status=404)
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code) == ("pending", "snowflake_unavailable")
    assert timedelta(seconds=300) < item.run_after - timezone.now() <= timedelta(seconds=330)
    complete_again(execution, NEW)
    world.work()
    assert world.item(execution).error_code == "load_unsettled"
    the_time_is_over(world, execution)
    world.work()
    assert world.rows(execution) == [tuple(row) for row in NEW]


@pytest.mark.parametrize("statement", ["^PUT", "^COPY"])
def test_what_was_refused_or_changes_nothing_is_tried_again_soon(world: World, statement: str) -> None:
    execution = world.complete(COLUMNS, OLD)
    if statement == "^PUT":
        world.snowflake.server.inject(statement, "status", status=404)
    else:
        world.snowflake.server.inject(statement, "error", code="000604", sqlstate="57014", message="Cancelled.")
    world.work()
    item = world.item(execution)
    assert SyncAttempt.objects.earliest("pk").outcome == "retry"
    # It may have waited for milliseconds alone, and be loaded by now.
    assert item.status in {"pending", "completed"}
    assert item.run_after - timezone.now() < timedelta(seconds=3)
    assert item.open_load is None


def test_who_cannot_hand_back_leaves_a_note_at_least(world: World) -> None:
    """The application holds the execution; others rescue the item as soon as the worker has signed off."""
    execution = world.complete(COLUMNS, OLD)
    queue.route(500)
    held = "SELECT FROM workflow_executions WHERE execution_id = %s FOR UPDATE"
    with another_session(held, execution.execution_id) as let_go, a_stopped_worker(world):
        status = world.item(execution).status
        let_go()
        rescued = queue.rescue(lease_seconds=360)
        make_due()
        world.work()
        code = world.item(execution).error_code
    assert (status, rescued, code) == ("processing", 1, "load_unsettled")
