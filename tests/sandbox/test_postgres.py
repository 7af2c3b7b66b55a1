"""The embedded PostgreSQL: its URL, its settings, who may run it, when it ends."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import environ
import psycopg2
import pytest

from sandbox.postgres import FAST_AND_UNSAFE, embedded_postgres
from tests.long import first

ASK = """
import sys
from pathlib import Path
from sandbox.postgres import FAST_AND_UNSAFE, embedded_postgres
server = embedded_postgres(Path(sys.argv[1]), int(sys.argv[2]), FAST_AND_UNSAFE)
import psycopg2
with psycopg2.connect(server.url) as connection, connection.cursor() as cursor:
    cursor.execute("SHOW server_version_num")
    print(server.url, cursor.fetchone()[0], flush=True)
sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def _temporary_directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A short one, because of the sockets, and one that other users may enter."""
    path = tempfile.mkdtemp(prefix="t", dir="/tmp")
    Path(path).chmod(0o755)
    monkeypatch.setenv("TMPDIR", path)
    yield
    shutil.rmtree(path)


def ask(folder: Path, version: int = 18) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", ASK, str(folder), str(version)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def answers(url: str) -> bool:
    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError:
        return False
    return True


@pytest.mark.parametrize("name", first(2, ["plain", "with space é 'quote'", "long" * 40]))
@pytest.mark.parametrize("version", first(1, [18, 16]))
def test_it_starts_anywhere_and_ends_with_its_last_user(tmp_path: Path, name: str, version: int) -> None:
    first, second = ask(tmp_path / name, version), ask(tmp_path / name, version)
    said = {process.stdout.readline() for process in (first, second) if process.stdout}
    (line,) = said
    url, number = line.split()
    assert int(number) // 10000 == version

    first.communicate("\n")
    assert answers(url)
    second.communicate("\n")

    assert not answers(url)
    assert (first.returncode, second.returncode) == (0, 0)


def test_a_user_that_was_killed_does_not_keep_it(tmp_path: Path) -> None:
    killed = ask(tmp_path)
    assert killed.stdout is not None
    url = killed.stdout.readline().split()[0]
    killed.kill()
    killed.communicate()
    assert answers(url)

    ask(tmp_path).communicate("\n")

    assert not answers(url)


def test_django_and_psql_read_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).resolve().parents[2]
    server = embedded_postgres(root / ".sandbox" / "test-postgres", 18, FAST_AND_UNSAFE)
    monkeypatch.setenv("SOME_URL", server.url)
    settings = environ.Env().db("SOME_URL")

    with (
        psycopg2.connect(dbname=settings["NAME"], user=settings["USER"], **settings["OPTIONS"]) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT current_setting('fsync'), current_setting('max_connections')")
        assert cursor.fetchone() == ("off", "200")
    told = subprocess.run(
        [server.bin_path / "psql", server.url_of("template1"), "-Atc", "SELECT current_database()"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "template1\n"


def test_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are 16 and 18"):
        embedded_postgres(tmp_path, 17)
