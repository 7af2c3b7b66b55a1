"""What tests of views share: a load, a publisher that follows it, and somebody who reads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sync.destinations import Access
from sync.models import SyncTable, WorkflowExecution
from sync.postgres import fetch
from sync.snowflake.session import Pool, Session
from sync.snowflake.statements import Table
from sync.warehouse import views
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


def follow(world: World, *executions: WorkflowExecution, renamed: Any = (), **more: Any) -> int:
    """How many statements it took."""
    with session_of(world) as session:
        ids = [execution.execution_id for execution in executions]
        views.note(world.configuration, ids, workflow_ids=renamed)
        views.follow(session, world.configuration, **more)
        return session.statements


def loaded(
    world: World, at: datetime = NOON, columns: Any = ID, rows: Any = ([1],), **fields: Any
) -> WorkflowExecution:
    execution = world.complete(columns, list(rows), completed_at=at, **fields)
    world.work()
    return execution


def shown(world: World, name: str) -> list[Any]:
    return sorted(row[0] for row in world.snowflake.rows(f'SELECT * FROM "{name}"'))


def names(world: World) -> list[str]:
    rows = fetch("SELECT latest_name, all_name FROM snowflake_sync_views ORDER BY 1", ())
    return [name for row in rows for name in row]


def own_table(execution: WorkflowExecution) -> Table:
    made = SyncTable.objects.get(execution_id=execution.execution_id)
    return Table(made.database_name, made.schema_name, made.table_name)


@contextmanager
def watched(world: World, *names: str) -> Iterator[list[Exception]]:
    """Somebody who reads these views all the time, and what he is told instead of rows."""
    cursor, ended, met = world.snowflake.connect().cursor(), threading.Event(), []

    def read() -> None:
        while not ended.is_set():
            for name in names:
                try:
                    assert cursor.execute(f'SELECT * FROM "{name}"').fetchall()
                except Exception as error:  # noqa: BLE001 - whatever it is
                    met.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield met
    finally:
        ended.set()
        reader.join()
