"""check_snowflake: what it prints, how it exits, and what is left of one that was killed."""

import io
import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from accounts.models import DestinationState
from sync.load.batch_load import CLEAR_EVERY
from sync.snowflake import statements
from sync.snowflake.load import check_table_name
from sync.snowflake.setup import TITLES
from tests.destinations.checking import left_behind, run
from tests.processes import killed_at_the_end
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]

ROOT = Path(__file__).resolve().parents[2]
CLICKS = [("clicks", "integer")]


def test_a_killed_check_leaves_what_is_swept(target: World) -> None:
    server = target.snowflake.server
    server.inject("^COPY", "delay", seconds=600)
    configuration = target.configuration
    process = subprocess.Popen(
        [sys.executable, "manage.py", "check_snowflake", "--configuration", str(configuration.pk)],
        cwd=ROOT,
        env=target.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.DEVNULL,
    )
    with killed_at_the_end(process):
        until(lambda: any(strike.sql.startswith("COPY") for strike in server.strikes()), process)
    server.clear_faults()
    names = [name for name in left_behind(target) if name.startswith("USS_CHECK_")]
    assert len(names) == 1

    # Whoever checks next lets it be: the check may still be going on. The worker drops it a day later.
    assert run(target).checked.passed
    assert names[0] in left_behind(target)
    old = check_table_name(datetime.now(UTC) - CLEAR_EVERY - timedelta(hours=1), "0" * 32)
    theirs = old.replace("0" * 32, "1" * 32)
    marker = statements.marker("check", old, configuration.pk)
    target.snowflake.rows(f"CREATE TABLE \"{old}\" (A VARCHAR) COMMENT = '{marker}'")
    target.snowflake.rows(f"CREATE TABLE \"{theirs}\" (A VARCHAR) COMMENT = 'mine'")
    DestinationState.objects.update(stage_swept_at=timezone.now() - CLEAR_EVERY * 2)
    target.complete(CLICKS, [[1]])
    target.work()
    left = left_behind(target)
    assert old not in left
    assert {theirs, names[0]} <= set(left)


def until(true: Any, process: "subprocess.Popen[bytes]") -> None:
    """Waits for something to become true, 120 s at most, while the process lives."""
    waiting = threading.Event()
    for _ in range(2400):
        if true():
            return
        assert process.poll() is None, "the process ended"
        waiting.wait(0.05)
    raise AssertionError("it did not become true")


def command(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("check_snowflake", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_prints_a_list_and_exits_by_it(target: World) -> None:
    code, said = command("--user", target.user.email)
    assert code == 0
    assert said.count("✓") == len(TITLES)
    target.snowflake.server.inject("^PUT", "error", code="003001", sqlstate="42501", message="No.")
    code, said = command("--configuration", str(target.configuration.pk))
    assert code == 1
    assert (said.count("✓"), said.count("✗"), said.count("–")) == (7, 1, 4)  # noqa: RUF001
    assert "GRANT READ, WRITE ON STAGE" in said


def test_the_command_s_json(target: World) -> None:
    code, said = command("--json")
    assert code == 0
    told = json.loads(said)
    assert told["ok"]
    (one,) = told["configurations"]
    assert (one["id"], one["user"]) == (str(target.configuration.pk), target.user.email)
    assert [step["status"] for step in one["steps"]] == ["ok"] * len(TITLES)
