"""A migrated database with two users, whose application has no rights on our tables."""

from typing import Any

from tests.installation.app import ANN, REPORT, App
from tests.installation.server import Database, Row, Server

OTHERS = "00000000-0000-0000-0000-000000000013"
_ROWS = f"""
DELETE FROM users; DELETE FROM workflows; DELETE FROM workflow_executions; DELETE FROM snowflake_sync_queue;
INSERT INTO users (id, email) VALUES ('{ANN}', 'ann@example.com');
INSERT INTO workflows (id, workflow_id, name, user_id) VALUES
    ('{REPORT}', 'report', 'Report', '{ANN}'), ('{OTHERS}', 'others', 'Nobody''s', NULL);
"""
_RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON users, workflows, workflow_executions TO :app;
GRANT TEMPORARY ON DATABASE :database TO :app;
"""
START = "INSERT INTO workflow_executions (execution_id, workflow_id, status) VALUES (%(id)s, %(workflow)s, 'running')"
COMPLETE = """
UPDATE workflow_executions
SET status = 'completed', result_columns = '[{"name": "n", "type": "integer"}]', result_rows = '[[1]]'
WHERE execution_id = %(id)s
"""
_ITEMS = """
SELECT status, generation, configuration_id IS NOT NULL, error_code
FROM snowflake_sync_queue WHERE execution_id = '{}' ORDER BY configuration_id NULLS LAST
"""


def triggered(server: Server) -> Database:
    database = server.installed()
    database.run(_RIGHTS.replace(":app", database.app).replace(":database", database.name), database.owner)
    begin_anew(database)
    return database


def begin_anew(database: Database) -> None:
    """Two workflows, one of them nobody's, and no executions."""
    database.run(_ROWS, database.owner)


class Session(App):
    """A session of an application whose tables have no tenants."""

    def start(self, execution: str, workflow: str = REPORT) -> None:
        self.run(START, id=execution, workflow=workflow)

    def complete(self, execution: str) -> None:
        self.run(COMPLETE, id=execution)

    def update(self, execution: str, assignment: str, **values: Any) -> None:
        statement = f"UPDATE workflow_executions SET {assignment} WHERE execution_id = %(id)s"
        assert self.run(statement, id=execution, **values) == 1


def items(database: Database, execution: str = "e") -> list[Row]:
    """Status, generation, whether routed, and error code of an execution's items; what is not routed last."""
    return database.rows(_ITEMS.format(execution))


def route(database: Database, status: str = "pending", execution: str = "e") -> None:
    """Gives what arrived of the execution a destination, as a worker does."""
    database.run(
        f"""
        INSERT INTO snowflake_configurations (id, user_id, account_identifier, warehouse, database, schema, username)
        VALUES ('{ANN}', '{ANN}', 'a', 'b', 'c', 'd', 'e') ON CONFLICT DO NOTHING;
        WITH arrived AS (DELETE FROM snowflake_sync_inbox WHERE execution_id = '{execution}' RETURNING *)
        INSERT INTO snowflake_sync_queue (execution_id, user_id, configuration_id, status)
        SELECT DISTINCT execution_id, user_id, '{ANN}'::uuid, '{status}' FROM arrived
        """
    )
