"""How it stands, in a terminal; and passwords for the page."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from sync import queue
from tests.web.console.conftest import Owner

TRIGGER = "ALTER TABLE workflow_executions {} TRIGGER trigger_queue_universal_snowflake_sync"


def status(*arguments: str) -> tuple[str, int]:
    output = io.StringIO()
    try:
        call_command("sync_status", *arguments, stdout=output, no_color=True)
    except SystemExit as end:
        return output.getvalue(), int(end.code or 0)
    return output.getvalue(), 0


@pytest.mark.django_db
def test_the_terminal_says_the_verdict_first(ada: Owner) -> None:
    queue.register_worker("host", 17, 5)
    ada.item("completed")
    said, code = status()
    lines = said.splitlines()
    assert (lines[0], code) == ("All synced. Nothing is waiting.", 0)
    assert "0 pending  0 processing  1 completed  0 failed  0 skipped" in lines
    assert any(line.startswith(ada.configuration.name) and "working" in line for line in lines)
    assert any(line.startswith("host:17") and "live" in line for line in lines)
    ada.failed()
    said, code = status()
    assert said.startswith("1 run of ")
    assert code == 1


@pytest.mark.django_db
def test_the_terminal_answers_programs(ada: Owner) -> None:
    ada.item("pending", ago=30)
    ada.failed("no_results")
    said, code = status("--json")
    answer = json.loads(said)
    assert code == 1
    assert answer["level"] == "bad"
    assert answer["items"] == {"pending": 1, "processing": 0, "completed": 0, "failed": 1, "skipped": 0}
    assert answer["errors"] == {"no_results": 1}
    assert 30 <= answer["oldest_due_seconds"] < 60
    assert answer["destinations"][0]["state"] == "working"


@pytest.mark.django_db
def test_watching_ends_with_ctrl_c(ada: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[float] = []

    def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("sync.management.commands.sync_status.time.sleep", sleep)
    said, code = status("--watch", "3")
    assert (rounds, code) == ([3, 3], 0)
    assert said.count("No worker is running") == 2
    with pytest.raises(CommandError):
        status("--watch", "soon")


@pytest.mark.django_db
def test_a_password_for_the_page_and_nothing_else(ada: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    call_command("set_password", ada.user.email, "--password-stdin", stdout=io.StringIO())
    ada.user.refresh_from_db()
    assert ada.user.check_password("correct horse battery")
    assert not ada.user.is_staff
    call_command("set_password", ada.user.email, "--remove", stdout=io.StringIO())
    ada.user.refresh_from_db()
    assert not ada.user.check_password("correct horse battery")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("set_password", ada.user.email, "--password-stdin")
    with pytest.raises(CommandError, match="There is no user"):
        call_command("set_password", "nobody@example.com", "--remove")
