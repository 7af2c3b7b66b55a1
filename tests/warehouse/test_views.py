"""Views of workflows: what they show, after which changes, and whose they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.destinations import Access
from sync.models import SyncTable, WorkflowExecution
from sync.postgres import fetch
from sync.snowflake.session import Pool, Session
from sync.snowflake.statements import Table
from sync.warehouse import views
from tests.factories import ConfigurationFactory, WorkflowFactory
from tests.world import World

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID = [("id", "integer")]


@contextmanager
def session_of(world: World) -> Iterator[Session]:
    pool = Pool()
    try:
        with Access(world.configuration.pk, pool, lambda: None).session() as session:
            yield session
    finally:
        pool.close()


def follow(world: World, *executions: WorkflowExecution, **more: Any) -> int:
    """How many statements it took."""
    with session_of(world) as session:
        ids = [execution.execution_id for execution in executions]
        views.follow(session, world.configuration, executions=ids, **more)
        return session.statements


def loaded(world: World, at: datetime = NOON, columns: Any = ID, rows: Any = ([1],), **fields: Any) -> WorkflowExecution:
    execution = world.complete(columns, list(rows), completed_at=at, **fields)
    world.work()
    return execution


def shown(world: World, name: str) -> list[Any]:
    return sorted(row[0] for row in world.snowflake.rows(f'SELECT * FROM "{name}"'))


def names(world: World) -> list[str]:
    rows = fetch("SELECT latest_name, all_name FROM snowflake_sync_views ORDER BY 1", ())
    return [name for row in rows for name in row]


def left_out(executions: list[WorkflowExecution]) -> list[str | None]:
    said = dict(SyncTable.objects.values_list("execution_id", "in_all_view"))
    return [said[execution.execution_id] for execution in executions]


@pytest.fixture
def called(world: World) -> World:
    world.workflow.name = "Campaign results"
    world.workflow.save()
    return world


def test_views_show_what_was_computed_last_and_all_that_fit_it(called: World) -> None:
    march = loaded(called, rows=[[1], [2]])
    assert follow(called, march) == 2
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == shown(called, "CAMPAIGN_RESULTS_ALL") == [1, 2]
    assert follow(called, march) == 0

    april = loaded(called, NOON + timedelta(days=31), rows=[[3]])
    other = loaded(called, NOON - timedelta(days=1), [*ID, ("note", "text")], [[4, "x"]])
    february = loaded(called, NOON - timedelta(days=28), rows=[[5]])

    assert follow(called, april, other, february) == 3
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [3]
    assert shown(called, "CAMPAIGN_RESULTS_ALL") == [1, 2, 3, 5]
    assert follow(called, other, february) == 0
