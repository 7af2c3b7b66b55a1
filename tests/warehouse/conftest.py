"""A destination with a catalogue."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import DestinationState
from sync import warehouse
from sync.models import SyncCatalogue, SyncQueueItem, WorkflowExecution
from sync.snowflake.session import Pool
from sync.worker.aside import Aside
from sync.worker.loop import Worker
from tests.factories import ExecutionFactory
from tests.world import World

NAME = "SYNC_EXECUTIONS"


class Catalogued:
    """A world whose destination has a catalogue."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.configuration = world.configuration
        self.pool = Pool()
        self.change(catalogue_name=NAME)

    @property
    def table(self) -> str:
        return f'"{self.world.snowflake.database}"."PUBLIC"."{self.configuration.catalogue_name}"'

    @property
    def stored(self) -> SyncCatalogue:
        return SyncCatalogue.objects.get(configuration=self.configuration)

    def change(self, **settings: Any) -> None:
        """Settings of the destination, which goes on to be known as working."""
        for name, value in settings.items():
            setattr(self.configuration, name, value)
        self.configuration.save()
        DestinationState.objects.filter(configuration=self.configuration).update(
            last_login_at="2026-01-01T00:00:00Z", trial_until=None
        )

    def complete(self, number: int = 1, **fields: Any) -> list[WorkflowExecution]:
        return [self.world.complete([("A", "integer")], [[n]], **fields) for n in range(number)]

    def ended(self, number: int = 1, **fields: Any) -> list[SyncQueueItem]:
        """Items of runs that a load has just ended, as far as PostgreSQL knows."""
        made = []
        for execution in ExecutionFactory.create_batch(number, workflow=self.world.workflow):
            item = SyncQueueItem(execution=execution, user=self.world.user, configuration=self.configuration)
            ended = {"status": "completed", "schema_name": "PUBLIC", "table_name": "T", "row_count": 1}
            for name, value in (ended | {"processed_at": timezone.now()} | fields).items():
                setattr(item, name, value)
            item.save()
            made.append(item)
        awake()
        return made

    def work(self, **options: Any) -> Worker:
        """Catalogues are written at its end alone, and not once more where half a minute has passed since the last."""
        with patch.object(Aside, "begin"):
            return self.world.work(**options)

    def publish(self) -> None:
        """What a worker would write of this now."""
        warehouse.publish_due(self.pool, lambda: None, every=0)

    def rows(self, what: str) -> list[tuple[Any, ...]]:
        return self.world.snowflake.rows(f'SELECT {what} FROM {self.table} ORDER BY "EXECUTION_ID"')

    def row(self, execution: WorkflowExecution | str, what: str = "STATUS") -> dict[str, Any]:
        """The columns `what` of an execution's row, documents as they are; empty: there is none."""
        id_ = execution if isinstance(execution, str) else execution.execution_id
        names = what.split(", ")
        found = self.world.snowflake.rows(
            f"""SELECT {", ".join(f'"{name}"' for name in names)} FROM {self.table} WHERE "EXECUTION_ID" = '{id_}'"""
        )
        return {
            name: json.loads(value) if name in {"COLUMNS", "PARAMETERS"} and value else value
            for row in found
            for name, value in zip(names, row, strict=True)
        }

    def statements(self) -> list[str]:
        """What was sent for the catalogue, by its verbs."""
        return [found.sql.split(" ")[0] for found in self.world.snowflake.statements(self.configuration.catalogue_name)]

    @property
    def waiting(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM snowflake_sync_catalogue_changes")
            return int(cursor.fetchone()[0])


def run(sql: str, params: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def awake() -> None:
    """A load has woken a warehouse just now."""
    run("UPDATE snowflake_sync_catalogue_changes SET awake = true, made_at = now()")


@pytest.fixture
def catalogued(world: World) -> Iterator[Catalogued]:
    found = Catalogued(world)
    yield found
    found.pool.close()
