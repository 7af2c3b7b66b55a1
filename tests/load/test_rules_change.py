"""Rules that change while loads run: each load is wholly under one version, and says under which."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem, SyncWorker, WorkflowExecution
from sync.operations import change_rules
from tests.chaos.waiting import until
from tests.long import first
from tests.worker.test_worker_process import Start, start
from tests.world import World

__all__ = ["start"]

COLUMNS = [("a", "string"), ("n", "integer"), ("b", "string"), ("c", "string")]
ROWS = [["x", n, "y", "z"] for n in range(10)]
LOADS = 50


def version(world: World, number: int) -> None:
    """Whatever is loaded by it says its number, in each of several ways."""
    documents: list[dict[str, Any]] = [
        {"name": "all", "kind": "column", "action": "replace", "columns": ["a", "b", "c"], "value": f"{number}"},
        {"name": "some", "kind": "rows", "where": {"column": "n", "operator": "lt", "value": number % 10}},
        {"name": "more", "kind": "add", "column": "added", "constant": f"{number}"},
    ]
    changed = change_rules(world.configuration.pk, documents, author="test", expected_version=number - 1)
    assert changed.rules.version == number


@contextmanager
def changing(world: World) -> Iterator[None]:
    """Another version as often as one is loaded by."""
    ended = threading.Event()

    def change() -> None:
        number = 2
        while not ended.is_set():
            version(world, number)
            number += 1
            ended.wait(0.02)
        connection.close()

    changer = threading.Thread(target=change)
    changer.start()
    try:
        yield
    finally:
        ended.set()
        changer.join()


def check(world: World, executions: list[WorkflowExecution]) -> set[int | None]:
    """Each execution's rows are those of the version that it says. Returns the versions."""
    versions: set[int | None] = set()
    for execution in executions:
        item = world.item(execution)
        number = item.rules_version
        assert number is not None
        execution.refresh_from_db()
        table = f'"{execution.snowflake_schema_name}"."{execution.snowflake_table_name}"'
        rows = world.snowflake.rows(
            f'SELECT "A", "N", "B", "C", "ADDED" FROM {table} WHERE "_EXECUTION_ID" = \'{execution.execution_id}\''
            ' ORDER BY "_ROW_NUMBER"'
        )
        assert rows == [(f"{number}", n, f"{number}", f"{number}", f"{number}") for n in range(number % 10)]
        assert (item.row_count, item.source_row_count) == (number % 10, 10)
        assert execution.snowflake_row_count == number % 10
        last = SyncAttempt.objects.filter(item=item, outcome="completed").latest("pk")
        assert (last.rules_version, last.row_count, last.source_row_count) == (number, number % 10, 10)
        versions.add(number)
    return versions


@pytest.mark.parametrize("layout", first(1, SnowflakeConfiguration.Layout.values))
def test_each_load_is_under_one_version(world: World, layout: str) -> None:
    SnowflakeConfiguration.objects.update(layout=layout)
    version(world, 1)
    executions = [world.complete(COLUMNS, ROWS) for _ in range(LOADS)]
    with changing(world):
        world.work(concurrency=4, batch=5)
    assert set(SyncQueueItem.objects.values_list("status", flat=True)) == {"completed"}
    assert len(check(world, executions)) > 1


def test_a_killed_worker_changes_nothing(world: World, start: Start) -> None:
    """What it had half done is done again under the version of that moment, and says so."""
    version(world, 1)
    executions = [world.complete(COLUMNS, ROWS) for _ in range(10)]
    world.snowflake.server.inject("^COPY", "delay", seconds=600, times=1)
    before = len(world.snowflake.server.strikes())
    process = start("--concurrency", "2")
    until(lambda: len(world.snowflake.server.strikes()) > before, "a COPY is under way")
    process.kill()
    process.wait()
    world.snowflake.server.clear_faults()
    version(world, 2)
    SyncWorker.objects.update(heartbeat_at="2000-01-01T00:00Z")
    world.work()
    SyncQueueItem.objects.filter(status="pending").update(run_after="2000-01-01T00:00Z")
    world.work()
    assert set(SyncQueueItem.objects.values_list("status", flat=True)) == {"completed"}
    assert check(world, executions) <= {1, 2}
