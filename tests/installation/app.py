"""What the application does to its tables, in its own words: it names its own columns only."""

from typing import Any, Self

from psycopg2.extensions import connection as Connection  # noqa: N812 - a class

from tests.installation.server import Database

ANN = "00000000-0000-0000-0000-000000000001"
REPORT = "00000000-0000-0000-0000-000000000011"
NOBODYS = "00000000-0000-0000-0000-000000000012"

_START = """
INSERT INTO workflow_executions (tenant, execution_id, workflow_id, status) VALUES (1, %(id)s, %(workflow)s, 'running')
"""
_COMPLETE = """
UPDATE workflow_executions
SET status = 'completed', progress = 100, result_columns = '[{"name": "n", "type": "integer"}]', result_rows = '[[1]]'
WHERE execution_id = %(id)s
"""
DOCUMENTED_CONFIGURATION = """
INSERT INTO snowflake_configurations
    (user_id, account_identifier, warehouse, database, schema, role, username, password_encrypted, is_active)
VALUES (%(user)s, 'org-acct', 'COMPUTE_WH', 'ANALYTICS', 'PUBLIC', 'SYNC', 'SYNC_USER', 'gAAAA…', true)
"""


class App:
    """A session of the application, of tenant 1."""

    def __init__(self, database: Database, role: str = "") -> None:
        self.session: Connection = database.connect(role or database.app, options="-c app.tenant=1")

    def run(self, sql: str, **values: Any) -> int:
        """Runs a statement; the number of rows that it touched."""
        with self.session.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.rowcount

    def start(self, execution: str, workflow: str = REPORT) -> None:
        assert self.run(_START, id=execution, workflow=workflow) == 1

    def complete(self, execution: str) -> None:
        assert self.run(_COMPLETE, id=execution) == 1

    def progress(self, execution: str) -> None:
        assert self.run("UPDATE workflow_executions SET progress = 50 WHERE execution_id = %(id)s", id=execution) == 1

    def delete(self, execution: str) -> None:
        assert self.run("DELETE FROM workflow_executions WHERE execution_id = %(id)s", id=execution) == 1

    @property
    def warnings(self) -> list[str]:
        return [notice for notice in self.session.notices if notice.startswith("WARNING")]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
