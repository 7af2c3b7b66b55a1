"""The whole way: an application's database, a worker in this process, and the local Snowflake."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.queue import delay
from sync.snowflake.identifiers import qualified
from sync.worker.loop import Options, Worker
from tests.conftest import Snowflake
from tests.factories import ConfigurationFactory, ExecutionFactory, UserFactory, WorkflowFactory
from tests.processes import environment
from tests.snowflake.loading import Loading

Columns = Sequence[tuple[str, str]]


@dataclass
class World:
    """A user with one destination, in a Snowflake database of the test's own."""

    snowflake: Snowflake
    user: User
    configuration: SnowflakeConfiguration
    workflow: Workflow

    def complete(self, columns: Columns, rows: Any, **fields: Any) -> WorkflowExecution:
        """An execution that completed with this result; `columns` are names and declared types."""
        declared = [{"name": name, "type": type_} for name, type_ in columns]
        return ExecutionFactory.create(workflow=self.workflow, result_columns=declared, result_rows=rows, **fields)

    def work(self, **options: Any) -> Worker:
        """Works the queue until nothing is due."""
        worker = Worker(Options(**options))
        worker.run_once()
        return worker

    @property
    def environment(self) -> dict[str, str]:
        """For processes of their own, on the test's database and Snowflake."""
        return environment() | {"SNOWFLAKE_ENDPOINT": self.snowflake.endpoint}

    def item(self, execution: WorkflowExecution) -> SyncQueueItem:
        return SyncQueueItem.objects.get(execution=execution)

    def rows(self, execution: WorkflowExecution, what: str = "*") -> list[tuple[Any, ...]]:
        """What stands in the execution's table, in the result's order, own columns left out of `*`."""
        execution.refresh_from_db()
        table = qualified(
            self.snowflake.database, str(execution.snowflake_schema_name), str(execution.snowflake_table_name)
        )
        rows = self.snowflake.rows(f'SELECT {what} FROM {table} ORDER BY "_ROW_NUMBER"')
        return [row[:-3] for row in rows] if what == "*" else rows


@pytest.fixture
def world(transactional_db: None, snowflake: Snowflake, settings: Settings) -> Iterator[World]:
    settings.SNOWFLAKE_ENDPOINT = snowflake.endpoint
    user = UserFactory.create()
    configuration = ConfigurationFactory.create(user=user, database=snowflake.database)
    # The wait for the next try may be drawn so short that it is over while `work` still looks.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sync.worker.attempt.delay", partial(delay, spread=1.0))
        yield World(snowflake, user, configuration, WorkflowFactory.create(user=user))


@pytest.fixture
def target(world: World) -> World:
    """A destination with a user of its own, so that others' log-ins do not count."""
    world.configuration.username = world.snowflake.database.replace("TEST", "USER")
    world.configuration.role = "LOADER"
    world.configuration.save()
    world.snowflake.server.reset_log()
    return world


@pytest.fixture
def cold(snowflake: Snowflake, tmp_path: Path) -> Iterator[Loading]:
    with Loading(snowflake, tmp_path) as found:
        snowflake.server.reset_log()
        yield found


@pytest.fixture
def loading(cold: Loading) -> Loading:
    cold.warm()
    return cold
