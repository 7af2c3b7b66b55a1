"""Results that come after their execution said that it had completed are waited for, and nobody is alarmed."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from sync.models import SyncAttempt, SyncQueueItem, WorkflowExecution
from tests.world import World

COLUMNS = [("clicks", "integer")]
NOTHING: list[tuple[Any, Any]] = [(COLUMNS, None), ([], [])]


def waits(world: World, execution: WorkflowExecution) -> None:
    item = world.item(execution)
    assert (item.status, item.retry_count, item.error_code, item.error_message) == ("pending", 0, None, None)
    execution.refresh_from_db()
    assert (execution.snowflake_status, execution.snowflake_error_message) == ("pending", None)
    assert [attempt.outcome for attempt in SyncAttempt.objects.all()] == ["released"]


def time_passes(seconds: int) -> None:
    past = timedelta(seconds=seconds)
    SyncAttempt.objects.update(finished_at=F("finished_at") - past)
    SyncQueueItem.objects.update(run_after=F("run_after") - past)


@pytest.mark.parametrize(("columns", "rows"), NOTHING)
def test_they_are_loaded_as_soon_as_they_are_there(
    world: World, caplog: pytest.LogCaptureFixture, columns: Any, rows: Any
) -> None:
    execution = world.complete(columns, rows, result_total_rows=None)
    assert world.work().outcomes["failed"] == 0
    waits(world, execution)
    world.work()
    waits(world, execution)
    WorkflowExecution.objects.update(result_columns=[{"name": "clicks", "type": "integer"}], result_rows=[[1]])
    assert world.work().outcomes["completed"] == 1
    assert world.rows(execution) == [(1,)]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(("columns", "rows"), NOTHING)
def test_where_they_do_not_come_it_fails(world: World, columns: Any, rows: Any) -> None:
    execution = world.complete(columns, rows, result_total_rows=None)
    world.work()
    time_passes(61)
    assert world.work().outcomes["failed"] == 1
    item = world.item(execution)
    assert (item.status, item.retry_count, item.error_code) == ("failed", 0, "no_results")
    assert world.snowflake.statements() == []
    WorkflowExecution.objects.update(result_columns=[{"name": "clicks", "type": "integer"}], result_rows=[[1]])
    world.work()
    assert world.rows(execution) == [(1,)]
