"""What the application could do to its tables before, it can do; and the documented way where it is another one now."""

import re
import subprocess
from io import StringIO
from pathlib import Path

import psycopg2
import pytest

from sandbox.postgres import POSTGRES_VERSIONS
from sync.installation.verify import check_installation
from tests.installation.databases import NewDatabase
from tests.installation.server import Database, Server

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
_PARTITIONED = """
CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email varchar(255) NOT NULL);
CREATE TABLE workflows (id uuid PRIMARY KEY, workflow_id text, name varchar(100), user_id uuid REFERENCES users);
CREATE TABLE workflow_executions (execution_id varchar(255) UNIQUE NOT NULL, id uuid NOT NULL DEFAULT gen_random_uuid(),
    workflow_id uuid REFERENCES workflows, status varchar(20), result_columns jsonb, result_rows jsonb,
    created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now()) PARTITION BY RANGE (execution_id);
CREATE TABLE part_a PARTITION OF workflow_executions FOR VALUES FROM ('a') TO ('b');
CREATE TABLE part_b PARTITION OF workflow_executions FOR VALUES FROM ('b') TO ('c');
CREATE TABLE part_c (LIKE workflow_executions INCLUDING ALL);
INSERT INTO users (email) VALUES ('ann@example.com');
INSERT INTO workflows SELECT gen_random_uuid(), 'report', 'Report', id FROM users;
GRANT SELECT, INSERT, UPDATE, DELETE ON users, workflows, workflow_executions TO :app;
"""
_PLAIN = (
    _PARTITIONED[: _PARTITIONED.index("CREATE TABLE part_a")].replace(" PARTITION BY RANGE (execution_id)", "")
    + (_PARTITIONED[_PARTITIONED.index("INSERT INTO users") :])
)
_ITEMS = "SELECT execution_id, status FROM snowflake_sync_queue ORDER BY 1"
# What waits in the inbox for an execution that is deleted goes when it is to be routed.
_LEFT = """
SELECT DISTINCT item.execution_id, item.status FROM snowflake_sync_queue AS item
JOIN workflow_executions USING (execution_id)
"""


@pytest.fixture
def database(new_database: NewDatabase) -> Database:
    return new_database(_PARTITIONED, installed=True)


def copy(database: Database, *executions: str) -> None:
    """As the application, with its own rights."""
    ((workflow,),) = database.rows("SELECT id FROM workflows")
    session = database.connect(database.app)
    with session.cursor() as cursor:
        lines = "".join(f"{execution}\t{workflow}\tcompleted\t[]\t[]\n" for execution in executions)
        columns = ("execution_id", "workflow_id", "status", "result_columns", "result_rows")
        cursor.copy_from(StringIO(lines), "workflow_executions", columns=columns)
    session.close()


def documented(beginning: str) -> list[str]:
    """The statements that the documentation's table has for a case."""
    (row,) = re.findall(rf"^\| [^|]*{re.escape(beginning)}.*$", _DOCUMENT.read_text(), re.MULTILINE)
    return re.findall(r"`([^`]+)`", row.split(" | ")[-1])


def test_copy_in_bulk(database: Database) -> None:
    copy(database, *(f"a{n}" for n in range(1000)))
    assert database.rows("SELECT count(*), min(status) FROM snowflake_sync_queue") == [(1000, "pending")]


def test_attach_and_detach_a_partition(database: Database) -> None:
    database.run("ALTER TABLE part_c ADD snowflake_enabled boolean", database.owner)
    columns = database.rows(
        """SELECT format('ALTER TABLE part_c ADD IF NOT EXISTS %I %s', attname, format_type(atttypid, atttypmod))
        FROM pg_attribute WHERE attrelid = 'workflow_executions'::regclass AND attnum > 0"""
    )
    for (statement,) in columns:
        database.run(statement, database.owner)
    database.run(
        "ALTER TABLE workflow_executions ATTACH PARTITION part_c FOR VALUES FROM ('c') TO ('d')", database.owner
    )
    copy(database, "a1", "b1", "c1")
    assert database.rows(_ITEMS) == [("a1", "pending"), ("b1", "pending"), ("c1", "pending")]
    database.run("ALTER TABLE workflow_executions DETACH PARTITION part_c", database.owner)
    assert database.rows("SELECT execution_id FROM part_c") == [("c1",)]
    database.run("DROP TABLE part_b", database.owner)
    database.run("TRUNCATE part_a", database.owner)
    assert database.rows("SELECT count(*) FROM workflow_executions") == [(0,)]


def test_truncate(new_database: NewDatabase) -> None:
    database = new_database(_PLAIN, installed=True)
    copy(database, "a1", "b1")
    with pytest.raises(psycopg2.errors.FeatureNotSupported, match="referenced in a foreign key"):
        database.run("TRUNCATE workflow_executions", database.owner)
    way, other = documented("`TRUNCATE workflow_executions`")
    database.run(way, database.owner)
    assert database.rows(_LEFT) == []
    copy(database, "a1")
    assert database.rows(_LEFT) == [("a1", "pending")]
    database.run(other, database.app)
    assert database.rows(_LEFT) == []


def test_change_a_type(new_database: NewDatabase) -> None:
    database = new_database(_PLAIN, installed=True)
    change = "ALTER TABLE workflow_executions ALTER status TYPE varchar(50)"
    with pytest.raises(psycopg2.errors.FeatureNotSupported, match="used"):
        database.run(change, database.owner)
    before, again = documented("ALTER status TYPE")
    database.run(f"BEGIN; {before} {change}; COMMIT", database.owner)
    copy(database, "a1")
    pairs = again.removeprefix("python manage.py migrate --again ").split()
    database.migrate(again=pairs, verbosity=0)
    copy(database, "a2")
    assert database.rows(_ITEMS) == [("a2", "pending")]
    with database.as_django_database() as alias:
        assert [finding for finding in check_installation(alias) if not finding.ok] == []


def test_dump_and_restore(database: Database, server: Server) -> None:
    """Everything comes as it was: closed, with its triggers, and what completed before is not queued anew."""
    copy(database, "a1", "b1")
    restored = server.bare()
    try:
        pg_dump, psql = (str(POSTGRES_VERSIONS[18] / program) for program in ("pg_dump", "psql"))
        dumped = subprocess.run([pg_dump], env=database.environment(), check=True, capture_output=True).stdout
        restore = [psql, "--quiet", "--set=ON_ERROR_STOP=1"]
        subprocess.run(restore, env=restored.environment(), input=dumped, check=True, stdout=subprocess.DEVNULL)
        assert restored.rows(_ITEMS) == [("a1", "pending"), ("b1", "pending")]
        with restored.as_django_database() as alias:
            assert [finding for finding in check_installation(alias) if not finding.ok] == []
        copy(restored, "a2")
        assert len(restored.rows(_ITEMS)) == 3
    finally:
        server.drop(restored)


def test_rows_that_a_subscriber_applies(database: Database) -> None:
    """As the worker that applies a publication's rows does; the sweep's own tests have what becomes of them."""
    copy(database, "a1")
    database.run(
        """SET session_replication_role = replica;
        UPDATE workflow_executions SET result_rows = '[[1]]' WHERE execution_id = 'a1';
        INSERT INTO workflow_executions (execution_id, status) VALUES ('a2', 'completed');
        DELETE FROM workflow_executions WHERE execution_id = 'a1'"""
    )
    assert database.rows("SELECT execution_id FROM workflow_executions") == [("a2",)]
