"""The demo, as a newcomer runs it: on the embedded PostgreSQL, whatever the tests use."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import pytest

from tests.chaos.waiting import until
from tests.processes import killed_at_the_end

ROOT = Path(__file__).resolve().parents[2]
FIELDS = {"executions", "completed", "failed", "skipped", "rows", "tables", "statements", "seconds"}


@pytest.fixture
def newcomer() -> dict[str, str]:
    """An environment with nothing of ours in it."""
    ours = {"DATABASE_URL", "DEBUG", "SANDBOX", "SNOWFLAKE_ENDPOINT", "DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in os.environ.items() if name not in ours}


@pytest.mark.long
def test_once_prints_one_json_object(newcomer: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "demo", "--once", "--json", "--executions", "16"]
    result = subprocess.run(command, cwd=ROOT, env=newcomer, capture_output=True, text=True, check=True)
    summary = json.loads(result.stdout)
    assert set(summary) == FIELDS
    assert (summary["executions"], summary["skipped"]) == (16, 2)
    assert summary["completed"] > 10
    assert summary["failed"] >= 1
    assert summary["rows"] > 100
    # Beside the tables: a catalogue for each of the destinations, and the views of their workflows.
    assert summary["statements"] <= 3.05 * summary["tables"] + 5 + 20


@pytest.mark.long
def test_once_shows_failures_and_rows_from_snowflake(newcomer: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "demo", "--once", "--executions", "16"]
    result = subprocess.run(command, cwd=ROOT, env=newcomer, capture_output=True, text=True, check=True)
    assert "16 executions:" in result.stdout
    assert "on purpose" in result.stdout
    assert re.search(r"SELECT \* FROM .*WORKFLOW_EXECUTION_", result.stdout)
    assert "_ROW_NUMBER" in result.stdout


def shows(address: str, text: str) -> bool:
    with urlopen(address) as answer:
        return text in answer.read().decode()


def test_it_runs_until_ctrl_c_and_leaves_nothing_running(newcomer: dict[str, str]) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = str(taken.getsockname()[1])
    demo = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--executions", "3", "--port", port],
        cwd=ROOT,
        env=newcomer,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with killed_at_the_end(demo):
        assert demo.stdout is not None
        said = ""
        for line in demo.stdout:
            said += line
            if re.search(r"queue: .* [1-9]\d* completed", line):
                break
        taken.close()
        assert f"Port {port} is in use" in said
        children = psutil.Process(demo.pid).children(recursive=True)
        assert len(children) >= 3
        token, url = re.findall(r'curl -H "Authorization: Bearer (\w+)" (http\S+)', said)[0]
        request = Request(url, headers={"Authorization": f"Bearer {token}"})
        with urlopen(request) as answer:
            assert json.load(answer)["completed"]["count"] > 0
        command = re.findall(r"^ *Terminal +(.+)$", said, re.MULTILINE)[0]
        shown = subprocess.run(command, shell=True, cwd=ROOT, env=newcomer, capture_output=True, text=True, check=False)
        assert (shown.stderr, "destination" in shown.stdout) == ("", True)
        command = re.findall(r"^ *Snowflake +(.+)$", said, re.MULTILINE)[0]
        shown = subprocess.run(command, shell=True, cwd=ROOT, env=newcomer, capture_output=True, text=True, check=False)
        assert (shown.stderr, "WORKFLOW_EXECUTION_" in shown.stdout) == ("", True)
        inbox = re.findall(r"^ *Alerts +(http\S+)", said, re.MULTILINE)[0]
        for arrived in ("is paused: ", "Mail · ada@example.com", "Mail · admin@example.com", "the signature is ours"):
            until(partial(shows, inbox, arrived), arrived, seconds=90)
        demo.send_signal(signal.SIGINT)
        rest, _ = demo.communicate(timeout=60)
        assert demo.returncode == 0, rest
        assert "Everything that was started has ended, and what was loaded into the local Snowflake is gone." in rest
        _, alive = psutil.wait_procs(children, timeout=60)
        assert [process.cmdline() for process in alive if process.is_running()] == []
