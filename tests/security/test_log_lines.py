"""What others named stands in log lines and on terminals, and makes no line and no command of its own there."""

import contextlib
import io
import json
import logging
import re
import subprocess
import sys
import unicodedata
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import call_command

from config.log_lines import JsonLine, OneLine, visible
from sync.telemetry import about
from tests.processes import MANAGE, connected, web_server
from tests.world import World

FORGED = "2026-01-01 00:00:00,000 ERROR sync.worker forged"
# Line feed, the separators of Unicode and of C1, sequences for a terminal, and what turns the direction of writing.
HOSTILE = f"a\r\n{FORGED}\n{FORGED}\u2028{FORGED}\u2029{FORGED}\x85{FORGED}\x0b\x1b[2J\x1b]0;title\x07\u202e\u2066b\x7f"
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [A-Za-z_.]+ ")
HIDDEN = {"Cc", "Cf", "Zl", "Zp"}


def is_clean(text: str) -> bool:
    """Whether nothing hidden is there but line feeds, and no line is the forged one."""
    hidden = {each for each in text if unicodedata.category(each) in HIDDEN} - {"\n"}
    return not hidden and not any(line.startswith(FORGED) for line in text.splitlines())


def formatted(message: str, *args: object, error: BaseException | None = None, cached: str | None = None) -> str:
    raised = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("sync.worker", logging.ERROR, "file", 1, message, args, raised)
    record.exc_text = cached
    formatter = OneLine("{asctime} {levelname} {name} {message}", style="{")
    return formatter.format(record)


def test_a_record_is_a_line() -> None:
    line = formatted("Syncing execution %s", HOSTILE)
    assert LINE.match(line)
    assert len(line.splitlines()) == 1
    assert is_clean(line)
    assert (
        f"a\\r\\n{FORGED}\\n{FORGED}\\u2028{FORGED}\\u2029{FORGED}\\x85{FORGED}\\x0b\\x1b[2J\\x1b]0;title\\x07" in line
    )


@pytest.mark.parametrize("cached", [None, f"Traceback\n{FORGED}"])
def test_a_traceback_is_indented(cached: str | None) -> None:
    """Also where another handler has left its own in the record."""
    first, *rest = formatted("It failed", error=ValueError(HOSTILE), cached=cached).split("\n")
    assert LINE.match(first)
    assert "ValueError" in "".join(rest)
    assert all(line.startswith("    ") and is_clean(line) for line in rest)


def test_what_can_be_seen_stays_as_it_is() -> None:
    for text in ("Verkäufe 日本語 ✓ “so” 🙂", "C:\\temp", ""):
        assert visible(text) == text
    assert visible("\ud800") == "\\ud800"


def test_every_handler_writes_lines() -> None:
    """Django's own would write in their own way, beside ours."""
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"line"}
    for name in ("", "django", "django.request", "django.server", "snowflake.connector", "waitress"):
        handlers, logger = [], logging.getLogger(name)
        while logger is not None:
            handlers += [each for each in logger.handlers if type(each) is logging.StreamHandler]
            logger = logger.parent if logger.propagate else None  # type: ignore[assignment]
        assert len(handlers) == 1, name
        assert all(isinstance(each.formatter, OneLine) for each in handlers)


def hostile(world: World) -> None:
    """Names as the application may have stored them."""
    world.workflow.name = HOSTILE
    world.workflow.save()
    world.configuration.name = HOSTILE
    world.configuration.save()


def worker(world: World) -> str:
    """What `run_sync_worker --once` prints."""
    command = [sys.executable, str(MANAGE), "run_sync_worker", "--once"]
    done = subprocess.run(
        command, env=world.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.stdout


def test_a_worker_says_what_it_does_in_lines(world: World) -> None:
    hostile(world)
    world.complete([("n", "integer")], [[1]], execution_id=HOSTILE)
    world.complete([("n", "integer")], [["many"]], execution_id=f"{HOSTILE}2")
    loaded = worker(world)
    assert visible(HOSTILE) in loaded
    world.snowflake.server.refuse_login("390100", f"Incorrect username or password was specified. {HOSTILE}")
    world.configuration.refresh_from_db()
    world.complete([("n", "integer")], [[1]], execution_id=f"{HOSTILE}3")
    paused = worker(world)
    assert f"Destination {visible(str(world.configuration))} is paused" in paused
    for said in (loaded, paused):
        assert is_clean(said)
        assert all(LINE.match(line) or line.startswith(("Completed", "Destination")) for line in said.splitlines())


def test_commands_print_them_in_lines(world: World) -> None:
    hostile(world)
    for command in ("sync_status", "check_snowflake"):
        printed = io.StringIO()
        with contextlib.suppress(SystemExit):
            call_command(command, stdout=printed)
        assert visible(str(world.configuration)) in printed.getvalue()
        assert is_clean(printed.getvalue())


@pytest.mark.django_db(transaction=True)
def test_a_path_makes_no_line() -> None:
    with web_server(stderr=subprocess.PIPE) as (port, process), connected(port) as client:
        asked = quote(f"/nothing/{HOSTILE}")
        client.sendall(f"GET {asked} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        assert client.recv(12) == b"HTTP/1.0 404"
        assert process.stderr is not None
        # On a busy machine waitress says first that somebody waits.
        for said in process.stderr:
            assert LINE.match(said)
            assert is_clean(said)
            if "Not Found" in said:
                break


def test_a_line_of_json_is_one_line_in_ascii() -> None:
    raised = (ValueError, ValueError(HOSTILE), None)
    record = logging.LogRecord("sync.worker", logging.ERROR, "file", 1, "It failed: %s", (HOSTILE,), raised)
    with about(execution=HOSTILE, attempt=7):
        line = JsonLine().format(record)
    assert line.isascii()
    assert line.isprintable()
    read = json.loads(line)
    assert (read["level"], read["message"]) == ("ERROR", f"It failed: {HOSTILE}")
    assert (read["execution"], read["attempt"]) == (HOSTILE, 7)
    assert "ValueError" in read["traceback"]
