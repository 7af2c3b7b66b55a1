"""Behind PgBouncer in transaction mode: no start-up parameter, and nothing that a session would have to remember."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import Snowflake
from tests.installation.app import ANN, REPORT
from tests.installation.at_work import Installation
from tests.installation.databases import NewDatabase
from tests.installation.pgbouncer import PROGRAM, PgBouncer, running_pgbouncer
from tests.installation.server import Database, Server, script

pytestmark = pytest.mark.skipif(not PROGRAM, reason="pgbouncer is not installed")

_ROOT = Path(__file__).resolve().parents[2]
_EXECUTIONS = f"""
DELETE FROM workflow_executions;
INSERT INTO workflow_executions (tenant, execution_id, workflow_id, status, result_columns, result_rows)
SELECT 1, 'new-' || n, '{REPORT}', 'completed', '[{{"name": "n", "type": "integer"}}]', jsonb_build_array(ARRAY[n])
FROM generate_series(1, 20) AS n
"""
# Its key goes by a table that the transaction makes and drops.
_HASHED = "- {name: hash, kind: column, action: hash, columns: [n]}\n"
_COMPLETED = "SELECT count(*) FROM snowflake_sync_queue WHERE status = 'completed'"


@pytest.fixture(scope="module")
def pooler(server: Server) -> Iterator[PgBouncer]:
    with running_pgbouncer(server.parameters, [server.parameters["user"], f"{server.prefix}_owner"]) as running:
        yield running


@pytest.fixture
def pooled(new_database: NewDatabase, snowflake: Snowflake, pooler: PgBouncer) -> Iterator[Installation]:
    """An application that is reached through the pooler alone, and on which nothing is installed yet."""
    database = new_database(script("application").replace("FORCE ROW LEVEL", "NO FORCE ROW LEVEL"))
    yield Installation(database, snowflake, {"DATABASE_URL": pooler.url(database.name, database.owner)})
    assert pooler.changed_settings(database.name, database.owner) == set()


def test_from_migrate_to_ready(pooled: Installation, tmp_path: Path) -> None:
    code, said = pooled.manage("migrate")
    assert code == 0, said
    code, said = pooled.manage("verify_sync_install")
    assert code == 0, said
    ruled = pooled.destination(ANN)
    (tmp_path / "rules.yaml").write_text(_HASHED)
    code, said = pooled.manage(
        "sync_rules", "apply", str(tmp_path / "rules.yaml"), "--configuration", f"{ruled.pk}", "--yes"
    )
    assert code == 0, said
    pooled.destination(ANN, name="a table a workflow", schema="SHARED", layout="per_workflow")
    pooled.database.run(_EXECUTIONS)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pooled.start("run_sync_worker") as worker, pooled.start("runserver", "--noreload", address) as web:
        try:
            deadline = time.monotonic() + 60
            while pooled.rows(_COMPLETED) != [(40,)] and time.monotonic() < deadline:
                time.sleep(0.1)
            ready = _ask(f"http://{address}/readyz")
            assert ready.status_code == 200, ready.text
        finally:
            web.terminate()
            worker.send_signal(signal.SIGTERM)
            said, _ = worker.communicate(timeout=60)
    assert pooled.rows(_COMPLETED) == [(40,)], said
    assert pooled.rows(
        f"SELECT DISTINCT rules_version FROM snowflake_sync_attempts WHERE configuration_id = '{ruled.pk}'"
    ) == [(1,)]
    assert worker.returncode == 0
    assert "WARNING" not in said
    assert "ERROR" not in said


def _ask(url: str) -> requests.Response:
    """The answer, once somebody listens."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return requests.get(url, timeout=30)
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.mark.long
def test_the_web_process_passes_its_tests(server: Server, pooler: PgBouncer) -> None:
    user = server.parameters["user"]
    tests = ["tests/web/api/test_listing.py", "tests/web/admin/test_pages_open.py"]
    try:
        done = subprocess.run(
            # pytest keeps the database, since the pooler's sessions keep it from being dropped.
            [sys.executable, "-m", "pytest", "-q", "--reuse-db", *tests],
            cwd=_ROOT,
            env={**os.environ, "DATABASE_URL": pooler.url(server.prefix, user)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert pooler.changed_settings(f"test_{server.prefix}", user) == set()
    finally:
        Database("postgres", user, "", server.parameters).run(
            f"DROP DATABASE IF EXISTS test_{server.prefix} WITH (FORCE)"
        )
