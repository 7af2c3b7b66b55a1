"""What the whole way is measured on: a PostgreSQL of the benchmarks' own, and databases on it, one a round."""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import psutil
import psycopg2
from cryptography.fernet import Fernet
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class of that name

from sandbox.postgres import EmbeddedPostgres, embedded_postgres
from sandbox.samples.flights import delays, flights
from sync.snowflake.session import make_private_key

MANAGE = Path(__file__).resolve().parents[1] / "manage.py"
COLUMNS = delays(Random(0)).result_columns

_TEMPLATE = "benchmark_template"
_KEY = Fernet.generate_key()

_DESTINATION = """
WITH owner AS (
    INSERT INTO users (email) VALUES ('owner@example.com') RETURNING id
),
workflow AS (
    INSERT INTO workflows (workflow_id, name, user_id) SELECT 'flight-delays', 'Flight delays', id FROM owner
)
INSERT INTO snowflake_configurations (
    user_id, account_identifier, warehouse, database, schema, username, private_key_encrypted, layout
)
SELECT id, 'myorg-myaccount', 'LOADING', %(database)s, 'PUBLIC', 'SYNC', %(key)s, %(layout)s FROM owner
"""

# As many rows as are wanted, by repeating those that there are.
_COMPLETE = """
INSERT INTO workflow_executions (
    execution_id, workflow_id, status, completed_at, result_columns, result_rows, result_total_rows
)
SELECT gen_random_uuid(), workflow.id, 'completed', now(), %(columns)s, result.rows, %(rows)s
FROM workflows AS workflow
CROSS JOIN (
    SELECT jsonb_agg(flight) AS rows
    FROM (
        SELECT flight
        FROM generate_series(1, %(rows)s / jsonb_array_length(%(flights)s) + 1) AS repetition
        CROSS JOIN jsonb_array_elements(%(flights)s) AS flight
        LIMIT %(rows)s
    ) AS flights
) AS result
CROSS JOIN generate_series(1, %(count)s)
RETURNING execution_id
"""

_COMPLETED = "SELECT count(*) FROM workflow_executions WHERE snowflake_status = 'completed'"


@dataclass(frozen=True, slots=True)
class Installation:
    """A migrated database with one owner, one destination and one workflow.

    `snowflake` is the destination's database, `endpoint` where that Snowflake is.
    """

    url: str
    connection: Connection
    snowflake: str
    endpoint: str

    def complete(self, count: int, *, rows: int = 100) -> list[str]:
        """So many executions complete in one transaction, each with so many rows of 12 columns; their ids."""
        params = {
            "columns": json.dumps(COLUMNS),
            "flights": json.dumps(flights()),
            "rows": rows,
            "count": count,
        }
        return [execution_id for (execution_id,) in self.ask(_COMPLETE, params)]

    def loads_alone(self) -> None:
        """Its destination has results and nothing beside them: what else there is, `benchmarks.warehouse` measures."""
        self.ask("UPDATE snowflake_configurations SET catalogue_name = '', makes_views = false RETURNING id")

    def ask(self, statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        """The rows that a statement answers; committed."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    def completed(self) -> int:
        """Executions that are in Snowflake, as far as they have been told."""
        return int(self.ask(_COMPLETED)[0][0])

    def postgres_cpu(self) -> float:
        """Seconds of processor time that the server's processes have taken, those that have ended included."""
        postmaster = psutil.Process(self.connection.info.backend_pid).parent()
        assert postmaster is not None
        return sum(map(_cpu_with_ended, [postmaster, *postmaster.children()]))

    @property
    def environment(self) -> dict[str, str]:
        """For the processes that are measured: production's settings, since DEBUG keeps every query in memory."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "DEBUG": "false",
            "SANDBOX": "false",
            "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "FIELD_ENCRYPTION_KEYS": _KEY.decode(),
            "FERNET_KEY": _KEY.decode(),
            "DATABASE_URL": self.url,
            "SNOWFLAKE_ENDPOINT": self.endpoint,
        }


@contextmanager
def installation(
    endpoint: str, *, layout: str = "per_execution", settings: Mapping[str, str] | None = None
) -> Iterator[Installation]:
    """A fresh database here, and the name of a fresh one in Snowflake; dropped here afterwards.

    `settings` are those of a server of its own.
    """
    server = _migrated_server(tuple((settings or {}).items()))
    name = f"benchmark_{uuid.uuid4().hex[:12]}"
    snowflake = name.upper()
    with _session(server.url) as admin, admin.cursor() as cursor:
        names = (sql.Identifier(name), sql.Identifier(_TEMPLATE))
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    try:
        url = server.url_of(name)
        with _session(url) as connection:
            key = Fernet(_KEY).encrypt(_private_key().encode()).decode()
            with connection.cursor() as cursor:
                cursor.execute(_DESTINATION, {"database": snowflake, "key": key, "layout": layout})
            yield Installation(url, connection, snowflake, endpoint)
    finally:
        with _session(server.url) as admin, admin.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@cache
def _private_key() -> str:
    return make_private_key()


@cache
def _migrated_server(settings: tuple[tuple[str, str], ...]) -> EmbeddedPostgres:
    """The server, with a migrated database to copy. It and its files go when this process ends."""
    homes = [Path(tempfile.mkdtemp(prefix="benchmark-"))]
    # What is registered first runs last: the server's own farewell comes before.
    atexit.register(_remove, homes)
    server = embedded_postgres(homes[0], settings=dict(settings))
    with _session(server.url) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        homes.append(Path(cursor.fetchall()[0][0]).parent)
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
        empty = Installation(server.url_of(_TEMPLATE), connection, "", "")
        command = [sys.executable, str(MANAGE), "migrate", "--verbosity", "0"]
        subprocess.run(command, env=empty.environment, check=True)
    return server


def _remove(directories: list[Path]) -> None:
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _session(url: str) -> Iterator[Connection]:
    """A connection whose statements commit by themselves, closed afterwards."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def _cpu_with_ended(process: psutil.Process) -> float:
    """With its children that have ended, not with those that run."""
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.NoSuchProcess:
        return 0.0
