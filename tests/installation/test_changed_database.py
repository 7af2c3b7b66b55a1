"""The database is changed under a worker: what is wrong is named as that, nothing is lost, and it goes on by itself."""

from collections.abc import Callable

import pytest

from tests.installation.app import ANN, REPORT
from tests.installation.at_work import Installation
from tests.installation.server import script
from tests.long import first

APPLICATION = script("application").replace("FORCE ROW LEVEL", "NO FORCE ROW LEVEL")
_EXECUTION = f"""
DELETE FROM workflow_executions;
INSERT INTO workflow_executions (tenant, execution_id, workflow_id, status, result_columns, result_rows)
SELECT 1, 'new', '{REPORT}', 'completed', '[{{"name": "n", "type": "integer"}}]', jsonb_agg(jsonb_build_array(n))
FROM generate_series(1, 20000) AS n
"""
_ITEM = "SELECT status, retry_count, error_code FROM snowflake_sync_queue"
_DUE = "UPDATE ONLY snowflake_sync_queue SET run_after = now()"


@pytest.fixture
def installed(install: Callable[[str], Installation]) -> Installation:
    installation = install(APPLICATION)
    installation.destination(ANN)
    installation.database.run(_EXECUTION)
    return installation


_RENAME = "ALTER TABLE workflow_executions RENAME COLUMN {} TO {}"
_CHANGES = {
    "renamed column": (
        _RENAME.format("result_rows", "results"),
        _RENAME.format("results", "result_rows"),
        "result_rows does not exist",
        'If it was renamed: ALTER TABLE workflow_executions RENAME COLUMN "results" TO result_rows; Else: ALTER TABLE',
    ),
    "renamed table": (
        "ALTER TABLE workflow_executions RENAME TO executions",
        "ALTER TABLE executions RENAME TO workflow_executions",
        'relation "workflow_executions" does not exist',
        "If it was renamed: ALTER TABLE … RENAME TO workflow_executions;",
    ),
    "another type": (
        "ALTER TABLE workflow_executions ALTER result_total_rows TYPE text",
        "ALTER TABLE workflow_executions ALTER result_total_rows TYPE integer USING result_total_rows::integer",
        "types text and integer cannot be matched",
        "ALTER TABLE workflow_executions ALTER COLUMN result_total_rows TYPE integer;",
    ),
}


@pytest.mark.parametrize("change", first(1, _CHANGES))
def test_what_the_application_changed_is_named_and_costs_no_retry(change: str, installed: Installation) -> None:
    there, back, refusal, advice = _CHANGES[change]
    installed.database.run(there)
    _, said = installed.manage("run_sync_worker", "--once", SYNC_PROBE_INTERVAL="0.05")
    assert refusal in said.lower()
    assert "verify_sync_install" in said
    assert "Traceback" not in said
    code, verdict = installed.manage("verify_sync_install")
    assert code == 1
    assert advice in verdict, verdict
    ((status, retries, error_code),) = installed.rows(_ITEM)
    assert (status, retries, error_code) in [("pending", 0, None), ("pending", 0, "database_changed")]
    installed.database.run(back)
    installed.database.run(_DUE)
    code, said = installed.manage("run_sync_worker", "--once")
    assert (code, installed.rows(_ITEM)) == (0, [("completed", 0, None)]), said


def test_a_moment_that_is_a_day_names_the_table_and_one_that_is_a_text_is_named(installed: Installation) -> None:
    """Two travel together: what is said of both is not said of one."""
    installed.database.run(_EXECUTION.replace("DELETE FROM workflow_executions;", "").replace("'new'", "'second'"))
    alter = "ALTER TABLE workflow_executions ALTER created_at"
    installed.database.run(f"DROP VIEW snowflake_sync_failures; {alter} DROP DEFAULT; {alter} TYPE text")
    _, said = installed.manage("run_sync_worker", "--once")
    assert "The column workflow_executions.created_at holds no timestamps" in said
    assert "Traceback" not in said
    assert set(installed.rows(_ITEM)) == {("pending", 0, "database_changed")}
    installed.database.run(f"{alter} TYPE date USING '2026-01-31'")
    installed.database.run(_DUE)
    code, said = installed.manage("run_sync_worker", "--once")
    assert (code, set(installed.rows(_ITEM))) == (0, {("completed", 0, None)}), said
    assert "WORKFLOW_EXECUTION_20260131_NEW" in said


# Its extraction takes longer than the shortest of these.
_LARGE = """
UPDATE workflow_executions
SET result_rows = (SELECT jsonb_agg(jsonb_build_array(repeat(n::text, 40))) FROM generate_series(1, 60000) AS n),
    result_columns = '[{"name": "n", "type": "string"}]'
"""
_SETTINGS = {
    "statement_timeout": "100ms",
    "lock_timeout": "1ms",
    "transaction_timeout": "2s",
    "default_transaction_isolation": "serializable",
}


def test_limits_of_the_database_do_not_end_what_a_worker_does(installed: Installation) -> None:
    installed.database.run(_LARGE)
    for setting, value in _SETTINGS.items():
        if installed.rows(f"SELECT 1 FROM pg_settings WHERE name = '{setting}'"):
            installed.database.run(f"ALTER DATABASE {installed.database.name} SET {setting} = '{value}'")
    code, said = installed.manage("run_sync_worker", "--once")
    assert (code, installed.rows(_ITEM)) == (0, [("completed", 0, None)]), said
    assert "WARNING" not in said


def test_a_standby_is_waited_for(installed: Installation) -> None:
    """At the start, and when the address leads to one later."""
    name = installed.database.name
    read_only = f"ALTER DATABASE {name} SET default_transaction_read_only = on"
    writable = f"SET TRANSACTION READ WRITE; ALTER DATABASE {name} RESET default_transaction_read_only"
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()"
    installed.database.run(read_only)
    with installed.start("run_sync_worker", SYNC_PROBE_INTERVAL="0.1") as worker:
        assert worker.stdout
        try:
            assert any("The server is a standby" in line for line in worker.stdout)
            installed.database.run(writable)
            assert any("Successfully synced execution new" in line for line in worker.stdout)
            installed.database.run(read_only)
            installed.database.run(cut.format(name))
            assert any("The server is a standby" in line for line in worker.stdout)
            installed.database.run(writable)
            installed.database.run(cut.format(name))
            installed.database.run("UPDATE workflow_executions SET result_rows = '[[1]]'")
            assert any("Successfully synced execution new" in line for line in worker.stdout)
        finally:
            worker.terminate()
        said = worker.stdout.read()
    assert (worker.returncode, installed.rows(_ITEM)) == (0, [("completed", 0, None)]), said
