"""The units of deploy/systemd: what systemd says of them, and all of them booted, with workers under load."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from sandbox.demo.processes import free_port
from tests.chaos.waiting import until
from tests.conftest import Snowflake
from tests.deploy import machine as machines
from tests.deploy.conftest import whole
from tests.deploy.documented import documented
from tests.deploy.engine import ROOT
from tests.installation.app import ANN, REPORT
from tests.installation.at_work import Installation
from tests.installation.databases import NewDatabase

UNITS = ROOT / "deploy" / "systemd"
NAMES = sorted(path.name.replace("@", "@1") for path in UNITS.glob("*.*") if path.is_file())
# Tenths: 2.5 of 10, which is exposed most.
MOST_EXPOSED = 25
# One in ten has 20,000 rows.
COMPLETE = f"""
INSERT INTO workflow_executions (execution_id, workflow_id, status, result_columns, result_rows)
SELECT '%s-' || n, '{REPORT}', 'completed',
    '[{{"name": "number", "type": "integer"}}, {{"name": "words", "type": "string"}}]',
    (
        SELECT jsonb_agg(jsonb_build_array(r, repeat(md5(r::text), 20)))
        FROM generate_series(1, CASE WHEN n %% 10 = 0 THEN 20000 ELSE 10 END) AS r
    )
FROM generate_series(1, %s) AS n
"""
STATES = "SELECT status, count(*) FROM snowflake_sync_queue GROUP BY 1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root directory with the units, this machine's own, and a program in the place of Python."""
    own = next(
        (place for place in map(Path, ("/usr/lib/systemd/system", "/lib/systemd/system")) if place.exists()), None
    )
    if own is None or not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    shutil.copytree(own, tmp_path / "usr/lib/systemd/system", symlinks=True)
    shutil.copytree(UNITS, tmp_path / "etc/systemd/system")
    (tmp_path / "etc/snowflake-sync.env").touch()
    python = tmp_path / "opt/snowflake-sync/.venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    return tmp_path


def analyze(what: str, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", what, f"--root={root}", "--no-pager", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if "unrecognized option" in done.stdout:
        pytest.skip("this systemd-analyze is too old")
    return done


def test_systemd_has_nothing_to_say_of_them(root: Path) -> None:
    """It exits 0 on a key that it does not know, so that any output counts."""
    assert analyze("verify", root, "--man=no", *NAMES).stdout == ""
    with (root / "etc/systemd/system/snowflake-sync-web.service").open("a") as unit:
        unit.write("\n[Service]\nProtectSytem=strict\n")
    assert "ProtectSytem" in analyze("verify", root, "--man=no", "snowflake-sync-web.service").stdout


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".service")])
def test_they_are_hardened(root: Path, name: str) -> None:
    done = analyze("security", root, "--offline=true", f"--threshold={MOST_EXPOSED}", name)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[machines.Machine]:
    """A machine on which the project is installed as documented."""
    whole()
    if missing := machines.lacking():
        pytest.skip(missing)
    directory = tmp_path_factory.mktemp("machine")
    made = machines.Machine(directory / "root")
    try:
        made.make()
        archive = machines.source_archive(directory, "universal-snowflake-sync")
        shutil.copy(archive, made.root / "root")
        install, _, _ = documented("With systemd")
        made.prepare("cd /root; " + "\n".join(install))
        yield made
    finally:
        shutil.rmtree(made.root, ignore_errors=True)


@pytest.fixture
def installation(new_database: NewDatabase, snowflake: Snowflake) -> Installation:
    """A database on which migrate has not run yet."""
    return Installation(new_database(), snowflake)


def settings_for(installation: Installation, port: int) -> tuple[str, list[str]]:
    """/etc/snowflake-sync.env, and what the machine has to see: its PostgreSQL may be reached by a socket alone."""
    url = installation.database.environment(installation.database.owner)["DATABASE_URL"]
    host = str(installation.database.server.get("host", ""))
    binds = []
    if host.startswith("/"):
        # The socket itself: the directory that it lies in is closed to others.
        binds = [f"{host}/.s.PGSQL.5432:/srv/postgresql/.s.PGSQL.5432"]
        url = re.sub(r"host=[^&]*", "host=/srv/postgresql", url)
    # A local Snowflake answers plain HTTP, which needs DEBUG; and the destination's secret has the tests' key.
    values = {
        "DEBUG": "true",
        "DATABASE_URL": url,
        "SNOWFLAKE_ENDPOINT": installation.snowflake.endpoint,
        "LISTEN": f"127.0.0.1:{port}",
    }
    return "".join(f'{name}="{value}"\n' for name, value in values.items()), binds


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_workers_load_under_all_of_it_and_stop_in_time(machine: machines.Machine, installation: Installation) -> None:
    port = free_port(0)
    lines, binds = settings_for(installation, port)
    with (machine.root / "etc/snowflake-sync.env").open("a") as settings:
        settings.write(lines)
    _, start, after_an_upgrade = documented("With systemd")
    with machine.booted(*binds):
        machine.run("\n".join(start))
        until(lambda: answers(port), "the web server answers")
        owner = installation.database.owner
        installation.database.run(
            f"""
            INSERT INTO users (id, email) VALUES ('{ANN}', 'ann@example.com');
            INSERT INTO workflows (id, workflow_id, name, user_id) VALUES ('{REPORT}', 'w', 'W', '{ANN}')
            """,
            owner,
        )
        installation.destination(ANN)
        installation.database.run(COMPLETE % ("first", 60), owner)
        until(lambda: installation.rows(STATES) == [("completed", 60)], "all is loaded", 120)
        assert installation.rows("SELECT DISTINCT outcome FROM snowflake_sync_attempts") == [("completed",)]

        installation.database.run(COMPLETE % ("more", 60), owner)
        until(lambda: ("processing",) in installation.rows("SELECT status FROM snowflake_sync_queue"), "work goes on")
        began = time.monotonic()
        machine.run("systemctl stop 'snowflake-sync-worker@*'")
        assert time.monotonic() - began < 45
        assert ("processing",) not in installation.rows("SELECT status FROM snowflake_sync_queue")
        assert "Result=success" in machine.run("systemctl show -p Result 'snowflake-sync-worker@1'")

        machine.run("systemctl start snowflake-sync-prune")
        machine.run("\n".join(after_an_upgrade))
        until(lambda: installation.rows(STATES) == [("completed", 120)], "the rest is loaded", 120)
        assert machine.run("systemctl --failed --plain --no-legend list-units 'snowflake-sync-*'") == ""
