"""Whatever is wrong with the queue, the application commits, soon, and hears of it as a warning at most."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest

from tests.installation.app import ANN, REPORT
from tests.installation.server import Database, Server
from tests.installation.triggered import Session, items, route, triggered

ARRIVALS = "snowflake_sync_inbox_arrival_seq"
# lock_timeout is 0.2 s, and what it does not end waits for ever, or thirty times.
SOON = 3.0


@pytest.fixture
def database(server: Server, django_db_blocker: Any) -> Iterator[Database]:
    with django_db_blocker.unblock():
        made = triggered(server)
    with Session(made) as app:
        app.start("later")
    yield made
    server.drop(made)


@contextmanager
def held(database: Database, sql: str) -> Iterator[None]:
    """Another session's transaction that has run this, and stays open."""
    session = database.connect()
    session.autocommit = False
    with session.cursor() as cursor:
        cursor.execute(sql)
    try:
        yield
    finally:
        session.close()


def completes_with_a_warning(database: Database, said: str) -> None:
    with Session(database) as app:
        began = time.monotonic()
        app.run("BEGIN")
        app.complete("later")
        app.run("COMMIT")
        assert time.monotonic() - began < SOON
        assert said in "".join(app.warnings)
        assert app.run("SELECT FROM workflow_executions WHERE execution_id = 'later' AND status = 'completed'") == 1


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("ALTER TABLE snowflake_sync_inbox RENAME TO elsewhere", "does not exist"),
        ("DROP TABLE snowflake_sync_queue CASCADE", "does not exist"),
        ("ALTER TABLE snowflake_sync_queue ADD CHECK (execution_id <> 'later')", "violates check constraint"),
        (
            f"ALTER SEQUENCE {ARRIVALS} MAXVALUE 2; SELECT setval('{ARRIVALS}', 2)",
            "reached maximum value",
        ),
        ("REVOKE INSERT ON snowflake_sync_inbox FROM :owner", "permission denied"),
        ("REVOKE SELECT ON workflows FROM :owner", "permission denied"),
    ],
    ids=["renamed", "dropped", "check", "arrivals", "insert", "select"],
)
def test_a_broken_queue(database: Database, broken: str, said: str) -> None:
    database.run(broken.replace(":owner", database.owner).replace(":app", database.app), database.owner)
    completes_with_a_warning(database, said)


def test_an_owner_that_is_not_seen_is_found_later(database: Database) -> None:
    """Row-level security hides the workflow from whoever owns the trigger."""
    hidden = f"""
        ALTER TABLE workflows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY of_the_application ON workflows TO {database.app} USING (true)
    """
    database.run(hidden, database.owner)
    with Session(database) as app:
        app.complete("later")
        assert not app.warnings
    assert database.rows("SELECT execution_id, user_id FROM snowflake_sync_queue") == [("later", None)]


@pytest.mark.parametrize("table", ["snowflake_sync_queue", "snowflake_sync_inbox", "workflows"])
def test_a_locked_table(database: Database, table: str) -> None:
    with held(database, f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"):
        completes_with_a_warning(database, "lock timeout")


def test_rows_that_somebody_holds_are_not_waited_for(database: Database) -> None:
    with Session(database) as app:
        app.complete("later")
        app.update("later", "status = 'running'")
        with held(database, "SELECT FROM snowflake_sync_queue FOR UPDATE"):
            app.complete("later")
        assert not app.warnings
    assert items(database, "later") == [("pending", 1, False, None)] * 2


def test_temporary_tables_do_not_take_the_place_of_ours(database: Database) -> None:
    with Session(database) as app:
        app.start("e")
        app.run("CREATE TEMP TABLE snowflake_sync_queue (LIKE workflow_executions)")
        app.run("CREATE TEMP TABLE workflows (id uuid, user_id uuid)")
        app.run("INSERT INTO pg_temp.workflows VALUES (%(id)s, gen_random_uuid())", id=REPORT)
        app.run("SET search_path = pg_temp, public")
        app.complete("e")
        assert not app.warnings
    assert items(database) == [("pending", 1, False, None)]
    assert database.rows("SELECT user_id::text FROM snowflake_sync_queue") == [(ANN,)]


def test_nobody_makes_a_trigger_of_it(database: Database) -> None:
    steal = """
        CREATE TEMP TABLE mine (execution_id text, workflow_id uuid);
        CREATE TRIGGER mine AFTER INSERT ON mine
            FOR EACH ROW EXECUTE FUNCTION queue_execution_for_universal_snowflake_sync()
    """
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        database.run(steal, database.app)


def test_the_owner_of_the_rows_is_not_locked(database: Database) -> None:
    """With a foreign key on user_id, two that complete and then lock their user would deadlock."""
    with Session(database) as one, Session(database) as two:
        for name, app in (("one", one), ("two", two)):
            app.start(name)
            app.run("BEGIN")
            app.complete(name)
        one.run("SET lock_timeout = '100ms'")
        assert one.run("SELECT FROM users WHERE id = %(id)s FOR UPDATE", id=ANN) == 1
        one.run("COMMIT")
        assert two.run("SELECT FROM users WHERE id = %(id)s FOR UPDATE", id=ANN) == 1
        two.run("COMMIT")


def _complete_for_a_while(database: Database, names: list[str], until: float, problems: list[str]) -> None:
    with Session(database) as app:
        try:
            while time.monotonic() < until:
                app.run("BEGIN")
                for name in names:
                    app.update(name, "status = 'running'")
                    app.complete(name)
                app.run("COMMIT")
        except psycopg2.Error as error:
            problems.append(str(error))
        problems += app.warnings


def _hold_routed_items_for_a_while(database: Database, names: list[str], until: float, problems: list[str]) -> None:
    """As bad a worker as can be: it takes the item first, and its execution then."""
    session = database.connect()
    session.autocommit = False
    take = """
        UPDATE snowflake_sync_queue SET worker_id = 1 WHERE execution_id = %s AND configuration_id IS NOT NULL;
        UPDATE workflow_executions SET snowflake_status = 'pending' WHERE execution_id = %s
    """
    try:
        for name in itertools.cycle(names):
            with session.cursor() as cursor:
                cursor.execute(take, [name, name])
            session.commit()
            if time.monotonic() > until:
                break
    except psycopg2.Error as error:
        problems.append(str(error))
    session.close()


# A machine that is busy holds a lock for longer than the trigger waits; two that wait for each other hold it for ever.
_PATIENT = """
DO $$
DECLARE
    hurried regprocedure;
BEGIN
    FOR hurried IN SELECT oid FROM pg_proc WHERE 'lock_timeout=200ms' = ANY (proconfig)
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET lock_timeout = %L', hurried, '20s');
    END LOOP;
END $$
"""


def test_no_deadlock_with_a_worker(database: Database) -> None:
    database.run(_PATIENT)
    names = [[f"{app}-{n}" for n in range(5)] for app in "ab"]
    everyone = names[0] + names[1]
    with Session(database) as app:
        for name in everyone:
            app.start(name)
            app.complete(name)
            route(database, "processing", name)
    problems: list[str] = []
    until = time.monotonic() + 1.0
    threads = [threading.Thread(target=_complete_for_a_while, args=(database, n, until, problems)) for n in names]
    threads.append(threading.Thread(target=_hold_routed_items_for_a_while, args=(database, everyone, until, problems)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert all(items(database, name)[-1][0] == "pending" for name in everyone)
