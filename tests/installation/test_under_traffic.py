"""The application works on while its database is migrated, at every moment, both ways."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from tests.installation.app import App
from tests.installation.databases import NewDatabase
from tests.installation.server import Database, script
from tests.installation.test_earlier_syncs import take_several_destinations
from tests.installation.test_installation import DOWN
from tests.installation.traffic import open_transaction, traffic_on, wait_until_it_waits
from tests.long import first
from tests.processes import killed_at_the_end

APPLICATION = script("application")
DOCUMENTED = script("application", "documented")
MANAGE = Path(__file__).parents[2] / "manage.py"
# On a busy machine a statement may take a second by itself; what waited for the migration would wait for the report.
LONGEST_WAIT = 2.5
REPORT = "SELECT count(*) FROM workflow_executions, users, workflows"
UNCOMMITTED = "UPDATE workflow_executions SET progress = 1 WHERE execution_id = 'running-1'"
SECONDS = 3.0


def migrate(database: Database, *target: str) -> None:
    """`manage.py migrate` in a process of its own, while a report and an update go on for a while."""
    command = [sys.executable, str(MANAGE), "migrate", "-v0", *target]
    environment = database.environment(database.owner) | {"DEBUG": "true"}
    with killed_at_the_end(subprocess.Popen(command, env=environment)) as process:
        with open_transaction(database, UNCOMMITTED):
            with open_transaction(database, REPORT):
                wait_until_it_waits(database)
                time.sleep(SECONDS)
                assert process.poll() is None
            time.sleep(SECONDS)
        assert process.wait() == 0


@pytest.mark.parametrize("application", first(1, [APPLICATION, DOCUMENTED]), ids=["application", "documented"])
def test_nobody_waits_for_long(new_database: NewDatabase, record_property: Any, application: str) -> None:
    database = new_database(application)
    # What goes back on an application's own tables goes back in the second case, too.
    for direction in ((), DOWN) if application is DOCUMENTED else ((),):
        with traffic_on(database) as traffic:
            migrate(database, *direction)
        record_property("slowest", traffic.slowest)
        print(f"migrate {' '.join(direction)}: {traffic.statements} statements, slowest {traffic.slowest:.3f} s")
        assert traffic.errors == []
        assert traffic.statements > 100
        assert traffic.slowest < LONGEST_WAIT
        if application is DOCUMENTED:
            # One or the other function has queued each of them.
            queued = {row[0] for row in database.rows("SELECT execution_id FROM snowflake_sync_queue")}
            assert len(set(traffic.completed) - queued) <= len(traffic.warnings)


@pytest.mark.parametrize("application", [APPLICATION, DOCUMENTED], ids=["application", "documented"])
def test_completing_works_after_every_step(new_database: NewDatabase, application: str) -> None:
    database = new_database(application)
    steps: list[str] = []

    def complete_some(action: str, migration: Any = None, _fake: object = None) -> None:
        if action not in ("apply_success", "unapply_success"):
            return
        steps.append(f"{action} {migration}")
        name = f"step-{len(steps)}"
        app.start(name)
        app.complete(name)
        app.complete("old-1")
        app.run("UPDATE workflow_executions SET status = 'running' WHERE execution_id = 'old-2'")
        app.complete("old-2")
        assert not app.warnings, (steps[-1], app.warnings)
        if application is DOCUMENTED:
            queued = database.rows(f"SELECT status FROM snowflake_sync_queue WHERE execution_id = '{name}'")
            assert queued == [("pending",)], steps[-1]

    with App(database) as app, database.as_django_database() as alias:
        executor = MigrationExecutor(connections[alias], complete_some)
        executor.migrate(executor.loader.graph.leaf_nodes())
        app.start("new")
        app.complete("new")
        take_several_destinations(database)
        executor = MigrationExecutor(connections[alias], complete_some)
        executor.migrate([("accounts", None)])
    for app_label in ("accounts", "sync"):
        back = [step for step in steps if step.startswith(f"unapply_success {app_label}")]
        assert len(back) == sum(key[0] == app_label for key in executor.loader.disk_migrations)


def test_giving_up_says_what_to_do(new_database: NewDatabase) -> None:
    database = new_database(APPLICATION)
    with (
        open_transaction(database, REPORT),
        pytest.raises(CommandError, match="end the long-running transactions"),
    ):
        database.migrate(verbosity=0, lock_wait=0.1)
    assert database.rows("SELECT to_regclass('snowflake_sync_install_log')") == [(None,)]
    database.migrate(verbosity=0)


def test_every_transaction_waits_briefly_and_the_session_is_left_as_it_was(new_database: NewDatabase) -> None:
    """CREATE INDEX CONCURRENTLY waits as long as it takes; a pooler may hand the session to the application."""
    database = new_database()
    seen: dict[bool, set[str]] = {True: set(), False: set()}

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)
        wrapper = context["connection"]
        with wrapper.connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            seen[wrapper.in_atomic_block].add(cursor.fetchone()[0])
        return answer

    with database.as_django_database() as alias, connections[alias].execute_wrapper(note):
        call_command("migrate", database=alias, interactive=False, verbosity=0)
    assert seen == {True: {"200ms"}, False: {"0"}}
