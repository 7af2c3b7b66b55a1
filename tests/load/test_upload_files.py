"""Where files lie while PUT sends them: in the spool and nowhere else, and after a kill nowhere."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sync.results.spool import Spool
from sync.snowflake.session.driver import MAJOR
from tests.processes import killed_at_the_end
from tests.snowflake.loading import Loading

pytestmark = pytest.mark.skipif(MAJOR >= 5, reason="connector 5 writes no copy of what it sends")

# Loads one file through a spool. The connector's encryption is the real one; it says what it wrote, and waits there.
_LOADS = """
import shutil, sys
from pathlib import Path
from snowflake.connector.encryption_util import SnowflakeEncryptionUtil
from sync.results.spool import Spool
from sync.snowflake.session import Session
from sync.snowflake.session.credentials import Password
from sync.snowflake.session.destination import Destination
from sync.snowflake.load.stage import FileLoad, make_stage, upload

encrypt = SnowflakeEncryptionUtil.encrypt_file

def encrypt_and_wait(*args, **kwargs):
    metadata, name = encrypt(*args, **kwargs)
    print(name, flush=True)
    sys.stdin.readline()
    return metadata, name

SnowflakeEncryptionUtil.encrypt_file = encrypt_and_wait
endpoint, database, spools, source = sys.argv[1:]
destination = Destination("acme-main", database, "PUBLIC", "WH", Password("ann", "secret"), endpoint=endpoint)
session = Session(destination)
with Spool(Path(spools)) as spool:
    path = Path(shutil.copy(source, spool.directory))
    load = FileLoad(destination.table("T"), (), path, 1, "e-1/attempt-1", "")
    make_stage(session, load.table)
    upload(session, load)
    print(sorted(file.name for file in spool.directory.iterdir()), flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """What the process takes for the system's temporary folder."""
    made = tmp_path / "system"
    made.mkdir()
    return made


@contextmanager
def uploading(loading: Loading, elsewhere: Path, spools: Path) -> Iterator["subprocess.Popen[str]"]:
    source = loading.load([(1, "a")]).path
    process = subprocess.Popen(
        [sys.executable, "-c", _LOADS, loading.snowflake.endpoint, loading.snowflake.database, spools, source],
        env={**os.environ, "TMPDIR": str(elsewhere)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with killed_at_the_end(process):
        yield process


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def go_on(process: "subprocess.Popen[str]") -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def test_the_encrypted_copy_is_in_the_spool_and_gone_afterwards(
    loading: Loading, elsewhere: Path, tmp_path: Path
) -> None:
    spools = tmp_path / "spools"
    with uploading(loading, elsewhere, spools) as process:
        encrypted = Path(said(process))
        assert spools in encrypted.parents
        assert encrypted.read_bytes()[:4] != b"\x28\xb5\x2f\xfd"  # zstd's mark, which the file itself has
        assert list(elsewhere.iterdir()) == []
        go_on(process)
        left = said(process)
        assert left.endswith(".csv.zst']"), left
        assert left.count("'") == 2, left
        assert list(elsewhere.iterdir()) == []
    assert len(loading.staged()) == 1


def test_a_killed_upload_leaves_nothing_after_the_next_start(loading: Loading, elsewhere: Path, tmp_path: Path) -> None:
    spools = tmp_path / "spools"
    with uploading(loading, elsewhere, spools) as process:
        encrypted = Path(said(process))
        process.kill()
        process.wait()
    assert encrypted.exists()
    with Spool(spools) as spool:
        assert list(spools.iterdir()) == [spool.directory]
    assert list(spools.iterdir()) == list(elsewhere.iterdir()) == []
