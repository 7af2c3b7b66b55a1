"""Production does not start without what it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from sync.installation.checks import check_environment
from tests.processes import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {
    "SECRET_KEY": PRODUCTION["SECRET_KEY"],
    "DATABASE_URL": "postgres://user@localhost/name",
    "FIELD_ENCRYPTION_KEYS": PRODUCTION["FIELD_ENCRYPTION_KEYS"],
}


def run(code: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in {*NEEDED, "DEBUG", "SANDBOX", "DJANGO_SETTINGS_MODULE"}
    }
    return subprocess.run(
        [sys.executable, *code], cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("missing", "id_"), [(name, f"sync.E00{n}") for n, name in enumerate(NEEDED, start=1)])
def test_a_command_refuses_to_start(missing: str, id_: str) -> None:
    there = {name: value for name, value in NEEDED.items() if name != missing}
    result = run(["manage.py", "run_sync_worker", "--once"], DEBUG="false", **there)
    assert result.returncode != 0
    assert id_ in result.stderr
    assert missing in result.stderr
    assert "HINT" in result.stderr


def test_what_is_empty_is_missing() -> None:
    result = run(["manage.py", "check"], DEBUG="false", **NEEDED | {"SECRET_KEY": ""})
    assert "sync.E001" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_web_server_refuses_to_start() -> None:
    result = run(["-c", "import config.wsgi"], DEBUG="false")
    assert result.returncode != 0
    assert "sync.E003" in result.stderr


def test_with_all_of_them_it_starts() -> None:
    assert run(["-c", "import config.wsgi"], DEBUG="false", **NEEDED).returncode == 0


@pytest.mark.parametrize(("seconds", "faults"), [(59, 1), (60, 0), (14_400, 0), (14_401, 1)])
def test_a_statement_may_take_no_longer_than_a_transaction(settings: Settings, seconds: int, faults: int) -> None:
    settings.SYNC_STATEMENT_SECONDS = seconds
    assert len([message for message in check_environment() if "SYNC_STATEMENT_SECONDS" in message.msg]) == faults


def test_odd_values_are_named(settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["not a key"]
    settings.SYNC_MAX_CONCURRENT = 0
    settings.SYNC_LEASE_SECONDS = 5.0
    settings.API_RATES = {"retry": "often"}
    messages = check_environment()
    assert {message.id for message in messages} == {"sync.E005", "sync.E006", "sync.E030", "sync.W001"}
    assert "not a key" not in str(messages)
