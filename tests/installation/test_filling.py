"""What is filled in for what was loaded before, while those who work on it go on."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.installation.app import ANN, REPORT
from tests.installation.databases import NewDatabase
from tests.installation.server import Database
from tests.installation.test_under_traffic import LONGEST_WAIT, MANAGE
from tests.installation.traffic import Traffic, wait_until_it_waits

BEFORE = ("sync", "0016_snowflake_sync_alerts")
NOTED = ("sync", "0018_snowflake_sync_retention")
FILLED = ("sync", "0019_snowflake_sync_results")
DESTINATION = "00000000-0000-0000-0000-000000000021"
# What was loaded to own tables, of which each tenth has no item any more, and to a shared one.
_LOADED = f"""
INSERT INTO users (id, email) VALUES ('{ANN}', 'ann@example.com');
INSERT INTO workflows (id, workflow_id, name, user_id) VALUES ('{REPORT}', 'w', 'W', '{ANN}');
INSERT INTO snowflake_configurations (id, user_id, account_identifier, warehouse, database, username)
VALUES ('{DESTINATION}', '{ANN}', 'a-b', 'W', 'D', 'ANN');
INSERT INTO workflow_executions (execution_id, workflow_id, status)
SELECT 'own-' || n, '{REPORT}'::uuid, 'running' FROM generate_series(1, %(count)s) AS n UNION ALL
SELECT 'shared', '{REPORT}'::uuid, 'running';
INSERT INTO snowflake_sync_tables (configuration_id, database_name, schema_name, table_name, execution_id, seen_at)
SELECT '{DESTINATION}'::uuid, 'D', 'PUBLIC', 'T' || n, 'own-' || n, now()
FROM generate_series(1, %(count)s) AS n UNION ALL
SELECT '{DESTINATION}'::uuid, 'D', 'PUBLIC', 'SHARED', NULL, now();
INSERT INTO snowflake_sync_queue (
    configuration_id, execution_id, user_id, status, schema_name, table_name, batch_key, row_count, processed_at
)
SELECT '{DESTINATION}'::uuid, 'own-' || n, '{ANN}'::uuid, 'completed', 'PUBLIC', 'T' || n, NULL, n, now()
FROM generate_series(1, %(count)s) AS n WHERE n %% 10 <> 0 UNION ALL
SELECT '{DESTINATION}'::uuid, 'shared', '{ANN}'::uuid, 'completed', 'PUBLIC', 'SHARED', 'k', 1, now()
"""
# As many rows of the register as there are make a change of all of it last for seconds.
_SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_catalog.pg_sleep(0.01); RETURN NEW; END';
CREATE TRIGGER slow BEFORE UPDATE ON snowflake_sync_tables FOR EACH ROW EXECUTE FUNCTION slow()
"""
_REMOVED = "UPDATE snowflake_sync_queue SET schema_name = NULL, table_name = NULL WHERE execution_id = 'own-1'"
_RESULTS = "SELECT execution_id FROM snowflake_sync_results"


@pytest.fixture
def database(new_database: NewDatabase) -> Database:
    return new_database()


def loaded(database: Database, count: int) -> None:
    database.run(_LOADED % {"count": count}, database.owner)


def migrating(database: Database, *target: str) -> "subprocess.Popen[bytes]":
    environment = database.environment(database.owner) | {"DEBUG": "true"}
    return subprocess.Popen([sys.executable, str(MANAGE), "migrate", "-v0", *target], env=environment)


@contextmanager
def migrating_behind(database: Database, sql: str) -> Iterator[None]:
    """Results are filled in while a transaction does this; the block runs once that waits for it. Then it commits."""
    session = database.connect()
    session.autocommit = False
    with session.cursor() as cursor:
        cursor.execute(sql)
    with migrating(database, *FILLED) as process:
        try:
            wait_until_it_waits(database)
            yield
        finally:
            session.commit()
            session.close()
    assert process.returncode == 0


def test_all_is_filled_in_page_by_page(database: Database) -> None:
    database.migrate(*BEFORE, verbosity=0)
    loaded(database, 4500)
    database.migrate(verbosity=0)
    whose = "SELECT DISTINCT user_id::text, workflow_id, account, execution_id IS NULL FROM snowflake_sync_tables"
    assert sorted(database.rows(whose)) == [(ANN, "w", "a-b", False), (ANN, "w", "a-b", True)]
    results = "SELECT count(*), count(DISTINCT xmin::text), count(row_count), min(workflow_id::text) FROM"
    # Three pages of items, and three of own tables, of which each has some without an item.
    assert database.rows(f"{results} snowflake_sync_results") == [(4501, 6, 4051, REPORT)]
    database.migrate(again=["0037_results"], verbosity=0)
    assert database.rows(f"{results} snowflake_sync_results") == [(4501, 6, 4051, REPORT)]


def test_who_reads_destinations_does_not_wait_for_it(database: Database) -> None:
    database.migrate(*BEFORE, verbosity=0)
    loaded(database, 500)
    database.run(_SLOW)
    traffic, session = Traffic(), database.connect()
    with migrating(database) as process, session.cursor() as cursor:
        while process.poll() is None:
            traffic.timed(lambda: cursor.execute("SELECT * FROM snowflake_configurations"))
    session.close()
    assert process.returncode == 0
    assert database.rows("SELECT count(*) FROM snowflake_sync_tables WHERE account = 'a-b'") == [(501,)]
    assert traffic.errors == []
    assert traffic.slowest < LONGEST_WAIT


def test_what_is_removed_meanwhile_leaves_no_result(database: Database) -> None:
    database.migrate(*NOTED, verbosity=0)
    loaded(database, 20)
    with migrating_behind(database, _REMOVED):
        pass
    assert len(database.rows(_RESULTS)) == 20
    assert ("own-1",) not in database.rows(_RESULTS)


def test_it_gives_way_to_who_holds_an_item(database: Database) -> None:
    """And what was filled until then stays."""
    database.migrate(*NOTED, verbosity=0)
    loaded(database, 2500)
    last = "(SELECT id FROM snowflake_sync_queue ORDER BY id DESC LIMIT 1)"
    with migrating_behind(database, f"SELECT FROM snowflake_sync_queue WHERE id = {last} FOR UPDATE"):
        assert len(database.rows(_RESULTS)) == 2000
    assert len(database.rows(_RESULTS)) == 2501
