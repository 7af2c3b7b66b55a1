"""The application: users with destinations, and executions that complete, written as it writes them, in SQL."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2

from accounts.models import SnowflakeConfiguration
from accounts.secrets import encrypt
from tests.chaos.postgres import Postgres, is_away
from tests.chaos.results import Result
from tests.chaos.waiting import until

_USER = "INSERT INTO users (id, email, name) VALUES (%s, %s, 'A user') ON CONFLICT DO NOTHING"
_WORKFLOW = (
    "INSERT INTO workflows (id, workflow_id, name, user_id) VALUES (%s, %s, 'Report', %s) ON CONFLICT DO NOTHING"
)
_CONFIGURATION = """
INSERT INTO snowflake_configurations (
    id, user_id, name, account_identifier, warehouse, database, schema, username, password_encrypted, auth_method,
    layout
) VALUES (%s, %s, %s, 'acme-main', 'LOADING', %s, %s, %s, %s, 'password', %s)
ON CONFLICT DO NOTHING
"""
_BEGIN_EXECUTION = """
INSERT INTO workflow_executions (execution_id, workflow_id, status, started_at, snowflake_table_name)
VALUES (%(execution_id)s, %(workflow)s, 'running', now(), %(table)s)
ON CONFLICT DO NOTHING
"""
# Safe to repeat, as an application that lost its connection at COMMIT repeats it.
_COMPLETE = """
UPDATE workflow_executions
SET status = 'completed',
    result_columns = %(columns)s,
    result_rows = %(rows)s,
    result_total_rows = %(total)s,
    completed_at = now(),
    updated_at = now()
WHERE execution_id = %(execution_id)s
"""


@dataclass(frozen=True)
class Owner:
    """A user with workflows, and the login names of their destinations."""

    user_id: str
    workflows: tuple[str, ...]
    logins: tuple[str, ...]


@dataclass
class Application:
    """Writes to the application's tables; everything may be repeated, so that it goes on where PostgreSQL was away."""

    postgres: Postgres
    database: str
    snowflake_database: str
    _count: int = 0
    _connection: Any = None

    def add_owner(self, layouts: Sequence[str], workflows: int = 1, password: str = "not-a-real-password") -> Owner:
        """A user with one destination for each layout, each in a schema of its own."""
        user_id, number = str(uuid.uuid4()), self._count
        self._count += 1
        owner = Owner(
            user_id,
            tuple(str(uuid.uuid4()) for _ in range(workflows)),
            tuple(f"{self.snowflake_database}_{number}_{place}" for place in range(len(layouts))),
        )
        self.write(_USER, (user_id, f"{user_id}@example.com"))
        for place, workflow in enumerate(owner.workflows):
            self.write(_WORKFLOW, (workflow, f"report-{number}-{place}", user_id))
        for login, layout in zip(owner.logins, layouts, strict=True):
            where = (self.snowflake_database, f"S_{number}_{login[-1]}")
            id_ = str(uuid.uuid4())
            secret = encrypt(password, SnowflakeConfiguration(pk=id_, user_id=user_id).place_of("password_encrypted"))
            given = (id_, user_id, login.lower(), *where, login, secret, layout)
            self.write(_CONFIGURATION, given)
        return owner

    def complete(self, owner: Owner, result: Result, *, workflow: int = 0, table: str | None = None) -> str:
        """A new execution with this result; its id."""
        execution_id = str(uuid.uuid4())
        started = {"execution_id": execution_id, "workflow": owner.workflows[workflow], "table": table}
        self.write(_BEGIN_EXECUTION, started)
        self.complete_again(execution_id, result)
        return execution_id

    def complete_again(self, execution_id: str, result: Result) -> None:
        """Another result of the same execution."""
        self.write(_COMPLETE, {"execution_id": execution_id, **_as_json(result)})

    def write(self, statement: str, params: Any) -> None:
        """One statement, as a transaction of its own; again, where the connection or the server was lost."""

        def written() -> bool:
            try:
                if self._connection is None:
                    self._connection = self.postgres.connect(self.database)
                with self._connection.cursor() as cursor:
                    cursor.execute(statement, params)
            except psycopg2.Error as error:
                if not is_away(error):
                    raise
                self._connection = None
                return False
            return True

        until(written, "PostgreSQL takes what the application writes")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _as_json(result: Result) -> dict[str, Any]:
    return {"columns": json.dumps(result.columns), "rows": json.dumps(result.rows), "total": len(result.rows)}
