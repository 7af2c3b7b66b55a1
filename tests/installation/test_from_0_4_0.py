"""From the version before to this one, with data, while workers of both are at work."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chaos.waiting import until
from tests.conftest import Snowflake
from tests.installation.app import ANN, REPORT
from tests.installation.at_work import Installation
from tests.installation.databases import NewDatabase
from tests.installation.test_from_0_1_0 import lines
from tests.installation.test_pairs import SCHEMA, schema_of
from tests.processes import killed_at_the_end

ROOT = Path(__file__).parents[2]
# The commit of its release, and the last of its pairs that are published.
RELEASE, PUBLISHED = "71c73a6", ("sync", "0013_snowflake_sync_rules")
_DESTINATION = """
from accounts.models import SnowflakeConfiguration, User
configuration = SnowflakeConfiguration(
    user=User.objects.get(), name="Ann's", account_identifier="a-b", warehouse="W", database="{}", schema="PUBLIC",
    username="ANN"
)
configuration.set_secret(SnowflakeConfiguration.AuthMethod.ACCESS_TOKEN, "not-a-real-token")
configuration.save()
"""
_PEOPLE = f"""
INSERT INTO users (id, email) VALUES ('{ANN}', 'ann@example.com');
INSERT INTO workflows (id, workflow_id, name, user_id) VALUES ('{REPORT}', 'w', 'W', '{ANN}')
"""
_COMPLETE = f"""
INSERT INTO workflow_executions (execution_id, workflow_id, status, result_columns, result_rows)
SELECT '%s-' || n, '{REPORT}', 'completed', '[{{"name": "n", "type": "integer"}}]',
    jsonb_build_array(jsonb_build_array(n))
FROM generate_series(1, %s) AS n
"""
_STATES = "SELECT status, count(*) FROM snowflake_sync_queue GROUP BY 1"
_WHOSE = """
SELECT DISTINCT user_id::text, workflow_id, account FROM snowflake_sync_tables WHERE execution_id LIKE 'before-%'
"""
_LOADED_BESIDE = """
SELECT DISTINCT attempt.worker_id
FROM snowflake_sync_attempts AS attempt
JOIN snowflake_sync_queue AS item ON item.id = attempt.item_id
WHERE item.execution_id LIKE 'beside-%'
"""


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The release before."""
    if (
        not (ROOT / ".git").exists()
        or subprocess.run(
            ["git", "-C", ROOT, "cat-file", "-e", f"{RELEASE}^{{commit}}"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("the release before is not in this clone's history")
    archive = subprocess.run(["git", "-C", ROOT, "archive", RELEASE], capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", tmp_path], input=archive, check=True)
    return tmp_path


@pytest.fixture
def installation(new_database: NewDatabase, snowflake: Snowflake) -> Installation:
    return Installation(new_database(), snowflake)


@contextmanager
def started(installation: Installation, source: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A command of this version's or of the one before."""
    database, own = installation.database, {"SNOWFLAKE_ENDPOINT": installation.snowflake.endpoint}
    process = subprocess.Popen(
        [sys.executable, str(source / "manage.py"), *arguments],
        env=os.environ | database.environment(database.owner) | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with killed_at_the_end(process):
        yield process


def manage(installation: Installation, source: Path, *arguments: str, exits: int = 0) -> None:
    with started(installation, source, *arguments) as process:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == exits, said


def stop(worker: "subprocess.Popen[str]") -> str:
    worker.terminate()
    said, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0, said
    return said


@pytest.mark.long
def test_workers_of_both_load_while_it_is_migrated(before: Path, installation: Installation) -> None:
    database = installation.database
    manage(installation, before, "migrate", "-v0", *PUBLISHED)
    manage(installation, before, "migrate", "-v0", "accounts")
    database.run(_PEOPLE, database.owner)
    manage(installation, before, "shell", "-c", _DESTINATION.format(installation.snowflake.database))
    with started(installation, before, "run_sync_worker", "--concurrency", "2") as earlier:
        database.run(_COMPLETE % ("before", 10), database.owner)
        until(lambda: installation.rows(_STATES) == [("completed", 10)], "the version before has loaded")
        database.run(_COMPLETE % ("meanwhile", 30), database.owner)
        # What pods wait for.
        manage(installation, ROOT, "migrate", "--check", exits=1)
        manage(installation, ROOT, "migrate", "-v0")
        manage(installation, ROOT, "migrate", "--check")
        assert installation.rows(_WHOSE) == [(ANN, "w", "a-b")]
        with started(installation, ROOT, "run_sync_worker", "--concurrency", "2") as later:
            until(lambda: len(installation.rows("SELECT id FROM snowflake_sync_workers")) == 2, "both are at work")
            database.run(_COMPLETE % ("beside", 60), database.owner)
            until(lambda: installation.rows(_STATES) == [("completed", 100)], "all is loaded", 120)
            said = stop(earlier)
            database.run(_COMPLETE % ("after", 10), database.owner)
            until(lambda: installation.rows(_STATES) == [("completed", 110)], "the new one goes on alone")
            said += stop(later)
    assert "ERROR" not in said
    assert len(installation.rows(_LOADED_BESIDE)) == 2
    assert installation.rows("SELECT DISTINCT outcome FROM snowflake_sync_attempts") == [("completed",)]
    assert installation.rows("SELECT count(*) FROM snowflake_sync_attempts") == [(110,)]
    for execution, table in installation.rows("SELECT execution_id, snowflake_table_name FROM workflow_executions"):
        assert installation.snowflake.rows(f'SELECT "N", "_EXECUTION_ID" FROM PUBLIC."{table}"') == [
            (int(execution.split("-")[1]), execution)
        ]
    assert lines(schema_of(database)) == lines(SCHEMA.read_text(encoding="utf-8"))
    manage(installation, ROOT, "verify_sync_install")
