"""The check of a destination: through the real connector, each step, and nothing left behind."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import SnowflakeConfiguration
from sync.errors import CATALOGUE
from sync.snowflake.session.destination import Limits
from sync.snowflake.setup import LONGEST, TITLES, check
from tests.destinations.checking import failed, left_behind, logins, run, stored
from tests.long import first
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]

CLICKS = [("clicks", "integer")]


def test_what_works_passes_every_step_and_leaves_nothing(target: World) -> None:
    assert left_behind(target) == []
    report = run(target)
    assert [(step.name, step.status.value) for step in report.checked.steps] == [(name, "ok") for name in TITLES]
    assert logins(target) == 1
    assert left_behind(target) == []
    kept = stored(target)
    assert kept.state.last_check is not None
    assert (kept.state.last_check["ok"], kept.state.last_check_at) == (True, report.checked_at)
    assert [step["name"] for step in kept.state.last_check["steps"]] == list(TITLES)
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
    assert kept.state.last_check is not None
    assert not kept.state.last_check["ok"]
    # A check that failed is nobody's failure: neither the destination pauses, nor is an item touched.
    assert kept.state.breaker_state == "closed"
    assert logins(target) == 1


RESUME = ('ALTER WAREHOUSE "LOADING" SET AUTO_RESUME = TRUE;',)
QUOTA = "Warehouse 'LOADING' cannot be resumed because resource monitor 'R' has exceeded its quota."


@pytest.mark.parametrize(
    ("match", "code", "state", "message", "ours", "mend"),
    [
        ("^CREATE STAGE", "000666", "57014", "Your account is suspended.", "account_suspended", ()),
        ("^COPY", "090073", "22000", QUOTA, "warehouse_quota", ()),
        ("^COPY", "000606", "57P03", "Warehouse 'LOADING' is suspended.", "warehouse_suspended", RESUME),
        ("^COPY", "091003", "22000", "Failure using stage area.", "stage_unreadable", ()),
        ("^CREATE TABLE", "099999", "", "Something new.", "refused_unknown", ()),
    ],
)
def test_no_grant_is_advised_where_none_is_missing(
    target: World, match: str, code: str, state: str, message: str, ours: str, mend: tuple[str, ...]
) -> None:
    target.snowflake.server.inject(match, "error", code=code, sqlstate=state, message=message)
    step = failed(run(target))
    assert (step.code, step.mend, step.remedy) == (ours, mend, CATALOGUE[ours].remedy)


@pytest.mark.parametrize(
    ("code", "ours", "mend"),
    [
        ("390101", "user_disabled", 'ALTER USER "{}" SET DISABLED = FALSE;'),
        ("390102", "user_locked", 'ALTER USER "{}" SET MINS_TO_UNLOCK = 0;'),
        ("390432", "token_needs_policy", None),
        ("390913", "account_suspended", None),
    ],
)
def test_a_user_who_cannot_log_in_is_told_why(target: World, code: str, ours: str, mend: str | None) -> None:
    target.snowflake.server.refuse_login(code, "No.")
    step = failed(run(target))
    assert (step.name, step.code, step.remedy) == ("log_in", ours, CATALOGUE[ours].remedy)
    assert step.mend == ((mend.format(target.configuration.username),) if mend else ())


def test_a_web_server_without_room_says_so(target: World, settings: Settings, tmp_path: Path) -> None:
    settings.SYNC_SPOOL_DIRECTORY = str(tmp_path / "gone")
    step = failed(run(target))
    assert (step.name, step.code) == ("reach", "host_trouble")
    assert "No such file or directory" in step.message
    assert str(tmp_path) in step.message
    assert logins(target) == 0


@pytest.mark.parametrize("action", first(1, ["drop_after", "drop_before"]))
@pytest.mark.parametrize("match", ["^PUT", "^CREATE TABLE", "^COPY", "^DROP TABLE"])
def test_a_lost_connection_is_repeated_by_the_connector_and_leaves_nothing(
    target: World, match: str, action: Any
) -> None:
    target.snowflake.server.inject(match, action)
    run(target)
    assert left_behind(target) == []


def test_a_statement_that_loads_other_rows_is_seen(target: World, monkeypatch: pytest.MonkeyPatch) -> None:
    line = check._line
    monkeypatch.setattr(check, "_line", lambda row: line((*row[:3], "other")))
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
    monkeypatch.setattr("sync.snowflake.setup.check.LIMITS", hasty)
    target.snowflake.server.inject("login", "status", status=status, times=None)
    step = failed(run(target))
    assert (step.name, step.code) == ("reach", code)
    assert stored(target).state.breaker_state == "closed"


def test_a_check_ends_in_time_and_cleans_up(target: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def clock() -> float:
        """By which CREATE TABLE takes longer than a check may."""
        made = any(statement.sql.startswith("CREATE TABLE") for statement in target.snowflake.statements())
        return time.monotonic() + (LONGEST if made else 0)

    monkeypatch.setattr("sync.snowflake.setup.check.time", SimpleNamespace(monotonic=clock))
    step = failed(run(target))
    assert (step.name, step.code) == ("copy", "snowflake_unavailable")
    assert "ended after 90 s" in step.message
    assert left_behind(target) == []


def test_a_secret_that_no_key_opens_is_said_without_a_log_in(target: World) -> None:
    SnowflakeConfiguration.objects.update(password_encrypted="gAAAAnonsense")
    report = run(target)
    (step,) = [step for step in report.checked.steps if step.status.value == "failed"]
    assert (step.name, step.code) == ("log_in", "secret_unreadable")
    assert logins(target) == 0
