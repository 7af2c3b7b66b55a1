"""What all tests share: a local Snowflake. (tests/settings.py sets the environment.)"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

from sandbox.snowflake.client import LocalSnowflake
from sandbox.snowflake.records import Statement

pytest_plugins = ["tests.world"]

# Django empties what models map after a test that commits; these are the project's other tables.
_FORGET = """
TRUNCATE snowflake_sync_rollup, snowflake_sync_rollup_made, snowflake_sync_api_usage, snowflake_sync_history,
    snowflake_sync_latencies, snowflake_sync_removed_items;
UPDATE snowflake_sync_history_state SET position = 0, as_of = 'epoch';
UPDATE snowflake_sync_sweep SET position = '', swept_at = '-infinity', completed_at = NULL;
"""


@dataclass
class Snowflake:
    """A database of a test's own on the local Snowflake."""

    server: LocalSnowflake
    database: str
    schema: str = "PUBLIC"
    _connections: list[Any] = field(default_factory=list)
    _reader: Any = None

    @property
    def endpoint(self) -> str:
        return self.server.endpoint

    def connect(self, **more: Any) -> Any:
        """A connection to the test's database, closed with the test."""
        settings = {"database": self.database, "schema": self.schema} | more
        connection = self.server.connect(**settings)
        self._connections.append(connection)
        return connection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of one statement, in a session that all of a test's calls share."""
        if self._reader is None:
            self._reader = self.connect(session_parameters={"QUERY_TAG": "test"})
        with self._reader.cursor() as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(sql).fetchall()
        return rows

    def statements(self, contains: str = "") -> list[Statement]:
        """What was asked in this test's database, except through `rows`."""
        found = self.server.statements(contains, self.database)
        return [statement for statement in found if statement.tag != "test"]

    def close(self) -> None:
        self.server.clear_faults()
        for opened in self._connections:
            opened.close()


@pytest.fixture(autouse=True)
def what_no_model_maps(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that commits leaves nothing in the tables that Django does not know of."""
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker is not None and marker.kwargs.get("transaction"))
    if commits:
        request.getfixturevalue("transactional_db")
    yield
    if commits:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET)


@pytest.fixture(scope="session")
def snowflake_server() -> Iterator[LocalSnowflake]:
    """The local Snowflake: one process for the whole run."""
    with LocalSnowflake() as server:
        yield server


@pytest.fixture
def snowflake(snowflake_server: LocalSnowflake) -> Iterator[Snowflake]:
    """A fresh database on the local Snowflake; faults are cleared afterwards."""
    fresh = Snowflake(snowflake_server, f"TEST_{uuid.uuid4().hex[:12].upper()}")
    yield fresh
    fresh.close()
