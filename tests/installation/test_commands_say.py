"""A command that meets a database without its tables says so in a sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation.databases import NewDatabase

ROOT = Path(__file__).resolve().parents[2]
RULES = "sync_rules export --configuration 0b8f3c9e-58a1-4b1f-9d0e-1c9a5a4d7e21"


@pytest.mark.parametrize("command", ["sync_status", "retry_failed_syncs --dry-run", RULES, "verify_sync_install"])
def test_what_was_not_migrated(new_database: NewDatabase, command: str) -> None:
    database = new_database()
    environment = database.environment(database.owner)
    ended = subprocess.run(
        [sys.executable, "manage.py", *command.split()],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "migrate" in ended.stderr + ended.stdout
