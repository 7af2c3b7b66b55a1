"""A table of executions of the tests' own, and helpers that carry a result to CSV and back."""

import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import zstandard
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.results import Place, ResultColumn, Shape, StagedFile, examine, shape_of, snapshot
from sync.rules import Plan, RuleSet, read_rules
from tests.results.csv_reader import Record, records

KEY = bytes(range(32))
NOTHING = Plan()
SYNCED_AT = datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
_TABLE = """
DROP SCHEMA IF EXISTS results_test CASCADE;
CREATE SCHEMA results_test;
CREATE TABLE results_test.workflows (id uuid PRIMARY KEY, workflow_id text, name text);
CREATE TABLE results_test.workflow_executions (
    execution_id text UNIQUE, status text, result_columns jsonb, result_rows jsonb, result_total_rows int,
    workflow_id uuid, execution_parameters jsonb,
    created_at timestamptz, started_at timestamptz, completed_at timestamptz)
"""


@dataclass(frozen=True)
class Executions:
    """The table `workflow_executions`, and the ways of a result out of it."""

    connection: BaseDatabaseWrapper

    def execute(self, statement: str, parameters: Sequence[Any] | None = None) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def store(
        self,
        columns: Any,
        rows: Any,
        *,
        execution_id: str = "e",
        total: int | None = None,
        status: str | None = "completed",
    ) -> str:
        """Columns and rows as Python, or as JSON text where Python would change it."""
        as_json = [value if isinstance(value, str) else json.dumps(value) for value in (columns, rows)]
        self.execute("DELETE FROM workflow_executions WHERE execution_id = %s", [execution_id])
        self.execute(
            "INSERT INTO workflow_executions VALUES (%s, %s, %s, %s, %s)", [execution_id, status, *as_json, total]
        )
        return execution_id

    def inspect(self, execution_id: str = "e", plan: Plan = NOTHING) -> Shape:
        with snapshot(self.connection, KEY) as cursor:
            return inspect(cursor, execution_id, plan)

    def export(
        self, *execution_ids: str, columns: Sequence[ResultColumn] | None = None, plan: Plan = NOTHING
    ) -> list[Record]:
        """The lines that one file gets for the executions ("e" by default)."""
        rows = 0
        with snapshot(self.connection, KEY) as cursor, StagedFile() as file:
            for execution_id in execution_ids or ("e",):
                shape = inspect(cursor, execution_id, plan)
                rows += file.append(cursor, shape, SYNCED_AT, by_key(shape, columns or shape.columns))
            file.finish()
            lines = records(decompressed(file))
        assert rows == len(lines)
        return lines

    def carry(self, columns: Any, rows: Any) -> list[Record]:
        """What a result becomes, without own columns."""
        self.store(columns, rows)
        return [line[:-3] for line in self.export()]

    def shape(self, columns: Any, rows: Any, *rules: dict[str, Any]) -> tuple[list[str], list[Record]]:
        """What rules make of a result: its columns, as `name TYPE`, and its lines without own columns."""
        self.store(columns, rows)
        plan = plan_of(*rules)
        made = [f"{column.key} {column.type.ddl}" for column in self.inspect(plan=plan).columns]
        return made, [line[:-3] for line in self.export(plan=plan)]

    def value(self, declared: str, value: str) -> str | None:
        """What one value, given as JSON text, becomes under a declared type."""
        ((field,),) = self.carry([{"name": "c", "type": declared}], f'[{{"c": {value}}}]')
        return None if field is None else str(field)


def inspect(cursor: Cursor, execution_id: str, plan: Plan = NOTHING) -> Shape:
    return shape_of(cursor, examine(cursor, [execution_id])[execution_id], plan)


def plan_of(*rules: dict[str, Any]) -> Plan:
    """Of documents; rules without a name are called rule 1, rule 2, …"""
    named = [{"name": f"rule {number}"} | rule for number, rule in enumerate(rules, start=1)]
    return RuleSet(1, read_rules(named), hash_key=1).plan("w")


def column_rule(action: str, *columns: str, **more: Any) -> dict[str, Any]:
    return {"kind": "column", "action": action, "columns": columns, **more}


def rows_where(**where: Any) -> dict[str, Any]:
    return {"kind": "rows", "where": where}


def compare(column: str, operator: str, value: Any) -> dict[str, Any]:
    return {"column": column, "operator": operator, "value": value}


def hmac_of(text: str) -> str:
    return hmac.digest(KEY, text.encode(), "sha256").hex()


def append(file: StagedFile, cursor: Cursor, shape: Shape, synced_at: datetime = SYNCED_AT) -> int:
    """Adds a result to a file of its own."""
    return file.append(cursor, shape, synced_at, by_key(shape, shape.columns))


def by_key(shape: Shape, columns: Sequence[ResultColumn]) -> list[Place]:
    """The places of columns in a result: the nth of equal keys is the nth there."""
    left = dict(enumerate(column.key for column in shape.columns))
    places: list[Place] = []
    for column in columns:
        position = next((position for position, key in left.items() if key == column.key), None)
        if position is not None:
            del left[position]
        places.append((column, position))
    return places


def decompressed(file: StagedFile) -> str:
    with file.path.open("rb") as source:
        # One frame only: a reader may stop after the first.
        reader = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=False)
        return reader.read().decode()


@pytest.fixture(scope="package")
def table(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(_TABLE)
        yield
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA results_test CASCADE")
        connection.close()


@pytest.fixture
def executions(table: None, django_db_blocker: Any) -> Iterator[Executions]:
    with django_db_blocker.unblock():
        own = Executions(connection)
        own.execute("SET search_path = results_test")
        yield own
        own.execute("TRUNCATE workflow_executions, workflows")
        own.execute("RESET search_path")


@pytest.fixture
def only_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast projection vouches for nothing."""
    monkeypatch.setattr("sync.results.fast.check", lambda _: lambda _: False)


@pytest.fixture
def only_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the fast projection does not vouch for fails the test."""

    def missing(*_: object) -> None:
        raise AssertionError("the exact projection was needed")

    monkeypatch.setattr("sync.results.projection.Projection.exact", missing)


@pytest.fixture(params=["fast", "exact"])
def path(request: pytest.FixtureRequest) -> str:
    """Every test that asks for it runs with the usual order of projections, and with the exact one."""
    if request.param == "exact":
        request.getfixturevalue("only_exact")
    return str(request.param)
