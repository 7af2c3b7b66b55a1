"""What the trigger queues, and what not: the application is a plain PostgreSQL session with no rights on our tables."""

import io
import time
from collections.abc import Iterator
from typing import Any

import psycopg2.errors
import pytest

from tests.installation.app import REPORT
from tests.installation.server import Database, Server
from tests.installation.triggered import COMPLETE, OTHERS, Session, begin_anew, items, route, triggered

QUEUED = [("pending", 1, False, None)]
RESULTS = 'result_columns = \'[{"name": "n", "type": "integer"}]\', result_rows = \'[[1]]\''


@pytest.fixture(scope="module")
def empty(server: Server, django_db_blocker: Any) -> Iterator[Database]:
    with django_db_blocker.unblock():
        made = triggered(server)
    yield made
    server.drop(made)


@pytest.fixture
def database(empty: Database) -> Database:
    begin_anew(empty)
    return empty


@pytest.fixture
def app(database: Database) -> Iterator[Session]:
    with Session(database) as session:
        yield session


@pytest.fixture
def completed(app: Session) -> Session:
    """After the execution `e` has completed once."""
    app.start("e")
    app.complete("e")
    return app


def test_the_application_has_no_rights_on_the_queue(completed: Session, database: Database) -> None:
    assert items(database) == QUEUED
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        completed.run("SELECT * FROM snowflake_sync_queue")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO workflow_executions (execution_id, workflow_id, status) VALUES ('e', %(w)s, 'completed')",
        """INSERT INTO workflow_executions (execution_id, workflow_id) VALUES ('e', %(w)s), ('f', %(w)s);
        INSERT INTO workflow_executions (execution_id, workflow_id) VALUES ('e', %(w)s)
        ON CONFLICT (execution_id) DO UPDATE SET status = 'completed'""",
        """INSERT INTO workflow_executions (execution_id, workflow_id) VALUES ('e', %(w)s);
        MERGE INTO workflow_executions AS e USING (VALUES ('e')) AS s (id) ON e.execution_id = s.id
        WHEN MATCHED THEN UPDATE SET status = 'completed'""",
    ],
    ids=["insert", "upsert", "merge"],
)
def test_ways_to_complete(app: Session, database: Database, statement: str) -> None:
    app.run(statement, w=REPORT)
    assert items(database) == QUEUED


def test_copy(app: Session, database: Database) -> None:
    with app.session.cursor() as cursor:
        columns = ("execution_id", "workflow_id", "status")
        cursor.copy_from(io.StringIO(f"e\t{REPORT}\tcompleted\n"), "workflow_executions", columns=columns)
    assert items(database) == QUEUED


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_stricter_isolation(app: Session, database: Database, level: str) -> None:
    app.start("e")
    app.run(f"BEGIN ISOLATION LEVEL {level}")
    app.complete("e")
    app.run("COMMIT")
    assert items(database) == QUEUED
    assert not app.warnings


def test_a_rollback_queues_nothing(app: Session, database: Database) -> None:
    app.start("e")
    app.run("BEGIN")
    app.complete("e")
    app.run("ROLLBACK")
    assert items(database) == []


@pytest.mark.parametrize(
    "assignment",
    ["status = 'running'", "status = 'failed'", "result_rows = '[[2]]'", "result_total_rows = 9", "status = status"],
)
def test_progress_queues_nothing(app: Session, database: Database, assignment: str) -> None:
    app.start("e")
    app.update("e", assignment)
    assert items(database) == []


@pytest.mark.parametrize(
    "assignment",
    [
        "status = 'completed'",
        f"status = 'completed', {RESULTS}, result_total_rows = 1",
        "snowflake_status = 'completed', snowflake_row_count = 1",
        "execution_parameters = '{}', updated_at = now()",
        "result_rows = '[[ 1 ]]'",
    ],
)
def test_a_save_of_the_same_values_queues_nothing(completed: Session, database: Database, assignment: str) -> None:
    completed.update("e", assignment)
    assert items(database) == QUEUED


@pytest.mark.parametrize(
    "assignment", ["result_rows = '[[2]]'", "result_columns = '[]'", "result_rows = NULL", "result_rows = '[[1],[1]]'"]
)
def test_new_results_queue_again(completed: Session, database: Database, assignment: str) -> None:
    completed.update("e", assignment)
    assert items(database) == QUEUED * 2


def test_completing_again_queues_again(completed: Session, database: Database) -> None:
    completed.update("e", "status = 'running'")
    completed.complete("e")
    assert items(database) == QUEUED * 2


@pytest.mark.parametrize("status", ["processing", "completed", "failed"])
def test_what_a_worker_can_hold_is_not_touched(completed: Session, database: Database, status: str) -> None:
    route(database, status)
    completed.update("e", "result_rows = '[[2]]'")
    assert items(database) == [(status, 1, True, None), ("pending", 1, False, None)]


def test_many_in_one_statement(app: Session, database: Database) -> None:
    app.run(
        """
        INSERT INTO workflow_executions (execution_id, workflow_id, status)
        SELECT 'bulk-' || n, %(w)s, 'running' FROM generate_series(1, 5000) AS n
        """,
        w=REPORT,
    )
    began = time.monotonic()
    app.run("UPDATE workflow_executions SET status = 'completed'")
    assert time.monotonic() - began < 10
    assert database.rows("SELECT count(*), count(DISTINCT execution_id) FROM snowflake_sync_queue") == [(5000, 5000)]
    assert not app.warnings


def test_without_an_owner_or_a_workflow_it_waits_to_be_told_so(app: Session, database: Database) -> None:
    app.start("e", OTHERS)
    app.complete("e")
    app.run("INSERT INTO workflow_executions (execution_id, status) VALUES ('f', 'completed')")
    assert items(database) == items(database, "f") == QUEUED
    assert not app.warnings


@pytest.mark.parametrize("table", ["workflow_executions", "workflows", "users"])
def test_deleting_takes_the_items_along(completed: Session, database: Database, table: str) -> None:
    route(database, "completed")
    attempt = "INSERT INTO snowflake_sync_attempts (item_id, outcome) SELECT id, 'failed' FROM snowflake_sync_queue"
    database.run(attempt)
    completed.run(f"DELETE FROM {table}")
    assert database.rows("SELECT count(*) FROM snowflake_sync_queue") == [(0,)]
    assert database.rows("SELECT count(*) FROM snowflake_sync_attempts") == [(0,)]


def test_nothing_is_notified(database: Database) -> None:
    (definition,) = database.rows("SELECT pg_get_functiondef('queue_execution_for_universal_snowflake_sync'::regproc)")
    assert "notify" not in definition[0].lower()


def test_two_phase_commit(app: Session, database: Database) -> None:
    if database.rows("SHOW max_prepared_transactions") == [("0",)]:
        pytest.skip("this server has no prepared transactions (max_prepared_transactions = 0)")
    app.start("e")
    app.run(f"BEGIN; {COMPLETE}; PREPARE TRANSACTION 'two'", id="e")
    assert items(database) == []
    app.run("COMMIT PREPARED 'two'")
    assert items(database) == QUEUED
