"""The check of a destination: through the real connector, each step, and nothing left behind."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from snowflake.connector.errors import ProgrammingError

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.pipeline import SWEEP_EVERY
from sync.services.check import Report, check_configuration
from sync.services.logins import NotNowError
from sync.snowflake import check as checking
from sync.snowflake import check_statements, statements
from sync.snowflake.check_steps import TITLES, Step
from sync.snowflake.destination import Limits
from sync.snowflake.keys import make_private_key
from tests.app.conftest import World

ROOT = Path(__file__).resolve().parents[2]
CLICKS = [("clicks", "integer")]
Method = SnowflakeConfiguration.AuthMethod


@pytest.fixture
def target(world: World) -> World:
    """A destination with a user of its own, so that others' log-ins do not count."""
    world.configuration.username = world.snowflake.database.replace("TEST", "USER")
    world.configuration.role = "LOADER"
    world.configuration.save()
    world.snowflake.server.reset_log()
    return world


def run(world: World) -> Report:
    return check_configuration(world.configuration.pk)


def failed(report: Report) -> Step:
    """The one step that failed; all before it are ok, all behind it were not reached."""
    states = [step.status.value for step in report.checked.steps]
    at = states.index("failed")
    assert states == ["ok"] * at + ["failed"] + ["not_reached"] * (len(TITLES) - at - 1)
    return report.checked.steps[at]


def left_behind(world: World) -> list[str]:
    """Tables, stages and staged files of the test's schema."""
    tables = world.snowflake.rows("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'PUBLIC'")
    try:
        files = world.snowflake.rows(f'LIST @"{world.snowflake.database}"."PUBLIC".{statements.STAGE}')
    except ProgrammingError:  # there is none
        return [str(row[0]) for row in tables]
    return ["the stage", *(str(row[0]) for row in [*tables, *files])]


def logins(world: World) -> int:
    name = world.configuration.username
    return sum(login.user.upper() == name.upper() for login in world.snowflake.server.logins())


def stored(world: World) -> SnowflakeConfiguration:
    return SnowflakeConfiguration.objects.get(pk=world.configuration.pk)


def test_what_works_passes_every_step_and_leaves_nothing(target: World) -> None:
    assert left_behind(target) == []
    report = run(target)
    assert [(step.name, step.status.value) for step in report.checked.steps] == [(name, "ok") for name in TITLES]
    assert logins(target) == 1
    assert left_behind(target) == []
    kept = stored(target)
    assert kept.last_check is not None
    assert (kept.last_check["ok"], kept.last_check_at) == (True, report.checked_at)
    assert [step["name"] for step in kept.last_check["steps"]] == list(TITLES)
    sent = [statement.sql.split(" ")[0] for statement in target.snowflake.statements()]
    assert sent[:10] == ["USE"] * 4 + ["CREATE", "PUT", "CREATE", "COPY", "SELECT", "DROP"]


def test_a_stage_that_was_there_stays_and_so_do_its_files(target: World) -> None:
    execution = target.complete(CLICKS, [[1]])
    target.work()
    assert left_behind(target)[0] == "the stage"
    before = left_behind(target)
    assert run(target).checked.passed
    assert left_behind(target) == before
    assert target.rows(execution) == [(1,)]


GRANTS = {
    "role": ("^USE ROLE", 'GRANT ROLE "LOADER" TO USER "{user}";'),
    "warehouse": ("^USE WAREHOUSE", 'GRANT USAGE ON WAREHOUSE "LOADING" TO ROLE "LOADER";'),
    "database": ("^USE DATABASE", 'GRANT USAGE ON DATABASE "{database}" TO ROLE "LOADER";'),
    "schema": ("^USE SCHEMA", 'GRANT USAGE ON SCHEMA "{database}"."PUBLIC" TO ROLE "LOADER";'),
    "create_stage": ("^CREATE STAGE", 'GRANT CREATE STAGE ON SCHEMA "{database}"."PUBLIC" TO ROLE "LOADER";'),
    "put": ("^PUT", 'GRANT READ, WRITE ON STAGE "{database}"."PUBLIC"."UNIVERSAL_SNOWFLAKE_SYNC" TO ROLE "LOADER";'),
    "create_table": ("^CREATE TABLE", 'GRANT CREATE TABLE ON SCHEMA "{database}"."PUBLIC" TO ROLE "LOADER";'),
    "copy": ("^COPY", 'GRANT USAGE ON WAREHOUSE "LOADING" TO ROLE "LOADER";'),
    "read_back": ("^SELECT .*NOTE", 'ALTER WAREHOUSE "LOADING" SET AUTO_RESUME = TRUE;'),
    "drop": ("^DROP TABLE", "DROP TABLE IF EXISTS "),
}


@pytest.mark.parametrize("name", GRANTS)
def test_what_is_not_allowed_is_named_with_the_grant_and_cleaned_up(target: World, name: str) -> None:
    match, grant = GRANTS[name]
    target.snowflake.server.inject(match, "error", code="003001", sqlstate="42501", message="Insufficient privileges")
    report = run(target)
    step = failed(report)
    assert (step.name, step.code, step.snowflake_code) == (name, "privilege_missing", "003001")
    assert "Insufficient privileges" in step.message
    wanted = grant.format(user=target.configuration.username, database=target.snowflake.database)
    assert any(statement.startswith(wanted) for statement in step.mend), step.mend
    assert left_behind(target) == []
    kept = stored(target)
    assert kept.last_check is not None
    assert not kept.last_check["ok"]
    # A check that failed is nobody's failure: neither the destination pauses, nor is an item touched.
    assert kept.breaker_state == "closed"
    assert logins(target) == 1


@pytest.mark.parametrize("action", ["drop_before", "drop_after"])
@pytest.mark.parametrize("match", ["^PUT", "^CREATE TABLE", "^COPY", "^DROP TABLE"])
def test_a_lost_connection_is_repeated_by_the_connector_and_leaves_nothing(
    target: World, match: str, action: Any
) -> None:
    target.snowflake.server.inject(match, action)
    run(target)
    assert left_behind(target) == []


def test_a_statement_that_loads_other_rows_is_seen(target: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_ROWS", (("check", 1, "2026-01-01T00:00:00", "'"), ("check", 2, "2026-01-01", "x")))
    line = checking._line
    monkeypatch.setattr(checking, "_line", lambda row: line((*row[:3], "other")))
    step = failed(run(target))
    assert (step.name, step.code) == ("read_back", "load_not_verified")
    assert left_behind(target) == []


def test_the_role_that_a_log_in_refuses_is_the_role_s_fault(target: World) -> None:
    target.snowflake.server.refuse_login("390189", "Role 'LOADER' does not exist or is not authorized.")
    step = failed(run(target))
    assert (step.name, step.code, step.snowflake_code) == ("role", "role_missing", "390189")
    assert step.mend == (
        "CREATE ROLE IF NOT EXISTS \"LOADER\" COMMENT = 'Universal Snowflake Sync';",
        f'GRANT ROLE "LOADER" TO USER "{target.configuration.username}";',
    )


def test_a_configuration_without_role_uses_the_user_s(target: World) -> None:
    SnowflakeConfiguration.objects.update(role=None)
    target.snowflake.server.inject("^CREATE TABLE", "error", code="003001", sqlstate="42501", message="No.")
    (mend,) = failed(run(target)).mend
    assert mend.endswith('TO ROLE "SYSADMIN";')  # the stand-in's answer


@pytest.mark.parametrize(("status", "code"), [(403, "account_unknown"), (503, "snowflake_unreachable")])
def test_an_account_that_cannot_be_reached(
    target: World, monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    hasty = Limits(login=3, network=3, socket=2, statement=3, lock=1)
    monkeypatch.setattr("sync.services.check.LIMITS", hasty)
    target.snowflake.server.inject("login", "status", status=status, times=None)
    step = failed(run(target))
    assert (step.name, step.code) == ("reach", code)
    assert stored(target).breaker_state == "closed"


def test_a_check_ends_in_time_and_cleans_up(target: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.services.check.LONGEST", 1.0)
    target.snowflake.server.inject("^CREATE TABLE", "delay", seconds=1.2)
    step = failed(run(target))
    assert (step.name, step.code) == ("copy", "snowflake_unavailable")
    assert "ended after 1 s" in step.message
    assert left_behind(target) == []


def test_a_secret_that_no_key_opens_is_said_without_a_log_in(target: World) -> None:
    SnowflakeConfiguration.objects.update(password_encrypted="gAAAAnonsense")
    report = run(target)
    (step,) = [step for step in report.checked.steps if step.status.value == "failed"]
    assert (step.name, step.code) == ("log_in", "secret_unreadable")
    assert logins(target) == 0


# One log-in at a time, and never enough of them to lock the user


def test_a_refused_log_in_is_tried_once_says_what_to_run_and_pauses(target: World) -> None:
    execution = target.complete(CLICKS, [[1]])
    configuration = stored(target)
    configuration.set_secret(Method.KEY_PAIR, make_private_key())
    configuration.save()
    target.snowflake.rows(f"ALTER USER \"{configuration.username}\" SET RSA_PUBLIC_KEY='MIIB'")
    step = failed(run(target))
    assert (step.name, step.code, step.snowflake_code) == ("log_in", "login_refused", "390144")
    assert logins(target) == 1
    paused = stored(target)
    assert (paused.breaker_state, paused.breaker_code) == ("open", "login_refused")
    target.work()
    assert logins(target) == 1

    (statement,) = step.mend
    target.snowflake.rows(statement)
    assert run(target).checked.passed
    assert stored(target).breaker_state == "closed"
    target.work()
    assert target.rows(execution) == [(1,)]
    assert target.item(execution).retry_count == 0


def test_two_refusals_in_a_quarter_of_an_hour_are_enough(target: World) -> None:
    target.snowflake.server.require_password(target.configuration.username, "the right one")
    for _ in range(2):
        assert failed(run(target)).code == "login_refused"
    with pytest.raises(NotNowError, match="refused these credentials 2 times"):
        run(target)
    assert logins(target) == 2

    # Time, or another password.
    SnowflakeConfiguration.objects.update(check_refused_at=timezone.now() - timedelta(minutes=16))
    assert failed(run(target)).code == "login_refused"
    assert stored(target).check_refusals == 1
    assert failed(run(target)).code == "login_refused"
    changed = stored(target)
    changed.set_secret(Method.PASSWORD, "the right one")
    changed.save()
    assert run(target).checked.passed


def test_somebody_else_is_trying(target: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.services.logins.PATIENCE", 0.2)
    SnowflakeConfiguration.objects.update(last_login_at=None)
    assert queue.ask_login(target.configuration.pk, seconds=60) == "taken"
    with pytest.raises(NotNowError, match="Somebody else"):
        run(target)
    assert logins(target) == 0
    queue.end_trial(target.configuration.pk)
    assert run(target).checked.passed
    assert queue.ask_login(target.configuration.pk, seconds=60) == "free"


def test_checks_at_once_log_in_one_after_the_other(target: World) -> None:
    SnowflakeConfiguration.objects.update(last_login_at=None)
    target.snowflake.server.require_password(target.configuration.username, "the right one")
    outcomes: list[str] = []

    def check() -> None:
        try:
            outcomes.append(failed(run(target)).code)
        except NotNowError:
            outcomes.append("not now")
        finally:
            connection.close()

    threads = [threading.Thread(target=check) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 5
    assert logins(target) <= 3


def test_a_change_during_the_check_is_not_overwritten(target: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = checking.check

    def change_meanwhile(*args: Any, **options: Any) -> Any:
        checked = real(*args, **options)
        SnowflakeConfiguration.objects.update(username="SOMEBODY_ELSE")
        return checked

    monkeypatch.setattr("sync.services.check.check", change_meanwhile)
    report = run(target)
    assert report.checked.passed
    assert not report.current
    kept = stored(target)
    assert (kept.last_check, kept.last_login_at) == (None, None)


def test_what_was_paused_by_hand_stays_so(target: World) -> None:
    queue.pause_by_hand(target.configuration.pk)
    assert run(target).checked.passed
    assert stored(target).breaker_code == "paused_by_hand"
    changed = stored(target)
    changed.set_secret(Method.PASSWORD, "another")
    changed.save()
    assert stored(target).breaker_state == "open"
    queue.resume_destination(target.configuration.pk, by_hand=True)
    assert stored(target).breaker_state == "closed"


# A check that was killed


def test_a_killed_check_leaves_what_is_swept(target: World) -> None:
    server = target.snowflake.server
    server.inject("^COPY", "delay", seconds=60)
    configuration = target.configuration
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "SNOWFLAKE_ENDPOINT": target.snowflake.endpoint,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "check_snowflake", "--configuration", str(configuration.pk)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    until(lambda: any(strike.sql.startswith("COPY") for strike in server.strikes()), process)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    server.clear_faults()
    names = [name for name in left_behind(target) if name.startswith("USS_CHECK_")]
    assert len(names) == 1

    # Whoever checks next lets it be: the check may still be going on. The worker drops it a day later.
    assert run(target).checked.passed
    assert names[0] in left_behind(target)
    old = check_statements.table_name(datetime.now(UTC) - SWEEP_EVERY - timedelta(hours=1), "0" * 32)
    theirs = old.replace("0" * 32, "1" * 32)
    marker = statements.marker("check", old, configuration.pk)
    target.snowflake.rows(f"CREATE TABLE \"{old}\" (A VARCHAR) COMMENT = '{marker}'")
    target.snowflake.rows(f"CREATE TABLE \"{theirs}\" (A VARCHAR) COMMENT = 'mine'")
    SnowflakeConfiguration.objects.update(stage_swept_at=timezone.now() - SWEEP_EVERY * 2)
    target.complete(CLICKS, [[1]])
    target.work()
    left = left_behind(target)
    assert old not in left
    assert {theirs, names[0]} <= set(left)


def database_url() -> str:
    """The test's database, for a process of its own."""
    name = connection.settings_dict["NAME"]
    return re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", os.environ["DATABASE_URL"], count=0)


def until(true: Any, process: "subprocess.Popen[bytes]") -> None:
    """Waits for something to become true, 30 s at most, while the process lives."""
    waiting = threading.Event()
    for _ in range(600):
        if true():
            return
        assert process.poll() is None, "the process ended"
        waiting.wait(0.05)
    raise AssertionError("it did not become true")


# The command


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
