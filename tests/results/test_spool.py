"""The directory for temporary files, with real processes that are killed."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from sync.results import StagedFile
from sync.results.spool import Spool, SpoolError
from sync.snowflake.statements import Table, put
from tests.processes import killed_at_the_end

# Says where its spool is, with a file in it, and lives until its input ends; a program that it started lives on.
_WORKER = """
import subprocess, sys
from pathlib import Path
from sync.results.spool import Spool
from sync.results.staged_file import StagedFile

with Spool(Path(sys.argv[1])) as spool, StagedFile(spool.directory) as file:
    child = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, close_fds=False) if sys.argv[2:] else None
    print(spool.directory, child.pid if child else 0, flush=True)
    sys.stdin.read()
"""


@contextmanager
def worker(base: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", Path, int]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER, str(base), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with killed_at_the_end(process):
        assert process.stdout
        directory, child = process.stdout.readline().split()
        yield process, Path(directory), int(child)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "spools"


def test_a_directory_of_ones_own_for_the_length_of_the_block(base: Path) -> None:
    with Spool(base) as spool:
        assert spool.directory.parent == base
        assert stat.S_IMODE(base.stat().st_mode) == stat.S_IMODE(spool.directory.stat().st_mode) == 0o700
        with StagedFile(spool.directory) as file:
            assert file.path.parent == spool.directory
            assert put(file.path, Table("A", "B", "C"), "d")
    assert list(base.iterdir()) == []


def test_where_it_is_if_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Spool() as spool:
        assert spool.directory.parent == tmp_path / f"universal-snowflake-sync-{os.geteuid()}"


def test_what_is_left_in_it_goes_with_it(base: Path) -> None:
    with Spool(base) as spool, StagedFile(spool.directory) as file:
        spool.__exit__(None, None, None)
        assert not file.path.exists()
    assert list(base.iterdir()) == []


def test_what_a_killed_process_left_is_removed_at_the_next_start(base: Path) -> None:
    with worker(base) as (process, directory, _):
        process.kill()
        process.wait()
        assert [path.suffix for path in directory.iterdir()] == [".zst"]
        with Spool(base) as spool:
            assert list(base.iterdir()) == [spool.directory]


def test_what_a_living_process_has_stays(base: Path) -> None:
    with worker(base) as (process, directory, _):
        with Spool(base) as spool:
            assert set(base.iterdir()) == {directory, spool.directory}
        assert len(list(directory.iterdir())) == 1
        process.communicate()
        assert process.returncode == 0
    assert list(base.iterdir()) == []


def test_a_frozen_process_lives(base: Path) -> None:
    with worker(base) as (process, directory, _):
        process.send_signal(signal.SIGSTOP)
        with Spool(base):
            assert len(list(directory.iterdir())) == 1


def test_a_program_that_the_process_started_does_not_keep_it(base: Path) -> None:
    with worker(base, "with a child") as (process, directory, child):
        process.kill()
        process.wait()
        os.kill(child, 0)
        try:
            with Spool(base):
                assert not directory.exists()
        finally:
            os.kill(child, signal.SIGKILL)


def test_two_of_one_process(base: Path) -> None:
    with Spool(base) as one, Spool(base) as two:
        assert set(base.iterdir()) == {one.directory, two.directory}


def test_many_that_start_at_once(base: Path) -> None:
    """None takes another for abandoned, whichever step it has come to."""
    together = threading.Barrier(8)
    failures: list[BaseException] = []

    def start() -> None:
        try:
            for _ in range(50):
                together.wait(timeout=60)
                with Spool(base) as spool:
                    (spool.directory / "file").touch()
                    together.wait(timeout=60)
                    assert (spool.directory / "file").exists()
        except BaseException as failure:  # noqa: BLE001 - told below
            failures.append(failure)
            together.abort()

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    assert list(base.iterdir()) == []


def test_two_processes_that_start_at_once(base: Path) -> None:
    with ExitStack() as stack:
        started = [stack.enter_context(worker(base)) for _ in range(4)]
        assert set(base.iterdir()) == {directory for _, directory, _ in started}


def test_a_start_that_is_taken_for_abandoned_begins_again(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process starts between its directory's making and its lock."""
    made: list[str] = []
    make = tempfile.mkdtemp

    def raced(**arguments: str) -> str:
        made.append(make(**arguments))
        if len(made) == 1:
            Path(made[0]).rmdir()
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", raced)
    with Spool(base) as spool:
        assert [str(spool.directory)] == made[1:]


def test_what_is_not_a_spool_stays(base: Path) -> None:
    """Even where somebody names a directory that holds other things."""
    base.mkdir(mode=0o700)
    (base / "documents").mkdir()
    (base / "spool-1-abcdefgh").touch()
    (base / "spool-2-abcdefgh").symlink_to(base / "documents")
    with Spool(base):
        pass
    assert {path.name for path in base.iterdir()} == {"documents", "spool-1-abcdefgh", "spool-2-abcdefgh"}


def test_a_link_is_refused(base: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    base.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SpoolError, match="is a link, not a directory: remove it"), Spool(base):
        pass


def test_a_directory_of_another_user_is_refused(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: base.stat().st_uid + 1)
    with pytest.raises(SpoolError, match=rf"belongs to another user \(uid {base.stat().st_uid}\)"), Spool(base):
        pass


@pytest.mark.parametrize("mode", [0o770, 0o777, 0o702])
def test_a_directory_that_others_may_write_to_is_refused(base: Path, mode: int) -> None:
    base.mkdir()
    base.chmod(mode)
    with pytest.raises(SpoolError, match=r"Other users may write .*chmod go-w"), Spool(base):
        pass


def test_a_file_is_refused(base: Path) -> None:
    base.touch()
    with pytest.raises(SpoolError, match=r"cannot be used for temporary files: .*File exists"), Spool(base):
        pass


def test_a_path_that_put_cannot_take_is_refused(base: Path) -> None:
    with pytest.raises(SpoolError, match="PUT cannot take this path"), Spool(base / "100%"):
        pass
    assert not base.exists()


def test_a_file_system_without_locks_is_refused(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", unsupported)
    with pytest.raises(SpoolError, match=r"cannot be used for temporary files: .*not supported"), Spool(base):
        pass
