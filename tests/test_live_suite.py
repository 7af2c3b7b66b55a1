"""The live suite itself: its list of what is not tried locally, its table, and what `make live` says first."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.live.local import CANNOT
from tests.live.outcome import Outcome, table
from tests.live.settings import SECRETS, WANTED

ROOT = Path(__file__).resolve().parents[1]
TESTS = [path.read_text() for path in sorted((ROOT / "tests" / "live").glob("test_*.py"))]


def test_every_name_on_the_list_is_a_test() -> None:
    assert set(CANNOT) <= {name for text in TESTS for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}


def test_every_test_says_what_it_claims() -> None:
    for text in TESTS:
        for name, body in re.findall(r"^def (test_\w+).*?\) -> None:\n(.*)$", text, re.MULTILINE | re.DOTALL):
            assert re.match(r'    """[A-Z].*\."""$', body, re.MULTILINE), name


def test_the_table() -> None:
    outcomes = [
        Outcome("a.py::a", "A holds.", "confirmed"),
        Outcome("b.py::b", "B holds.", "refuted", "1 == 2"),
        Outcome("c.py::c", "C holds.", "not tried", "LIVE_ADMIN_ROLE is not set"),
    ]
    assert table(outcomes) == [
        "refuted    B holds.",
        "           b.py::b: 1 == 2",
        "not tried  C holds.",
        "           c.py::c: LIVE_ADMIN_ROLE is not set",
        "confirmed  A holds.",
        "",
        "1 confirmed, 1 not tried, 1 refuted.",
    ]


def run(**variables: str) -> "subprocess.CompletedProcess[str]":
    """`make live` with these variables."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LIVE")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/live",
        "-p",
        "no:randomly",
        "-k",
        "test_log_in",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**clean, "LIVE": "true", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_says_which_variables_are_missing() -> None:
    ended = run(LIVE_ACCOUNT="org-account")
    assert ended.returncode == 2
    for name in {*WANTED, *SECRETS} - {"LIVE_ACCOUNT"}:
        assert name in ended.stdout + ended.stderr, ended.stdout + ended.stderr


def test_it_says_first_what_it_will_make_and_cost() -> None:
    variables = dict.fromkeys(WANTED, "X") | {"LIVE_ACCOUNT": "no/account", "LIVE_PASSWORD": "x"}
    ended = run(**variables)
    head = ended.stdout[: ended.stdout.index("collected")]
    for said in ("no/account", "USS_LIVE_", "a quarter of a credit", "Not set: LIVE_ADMIN_ROLE"):
        assert said in head
    assert "0 confirmed" in ended.stdout
