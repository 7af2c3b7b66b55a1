"""A real PgBouncer in transaction mode in front of the tests' PostgreSQL."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from tests.processes import killed_at_the_end

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
# Few, so that a client's transactions land in one session after another.
SESSIONS = 3

_SETTINGS = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 100
"""


# PgBouncer gives each client the five as it had them; transaction_… end with a transaction.
_CHANGED = """
SELECT pg_backend_pid(), ARRAY(
    SELECT name FROM pg_settings
    WHERE source = 'session'
        AND name NOT LIKE 'transaction\\_%'
        AND name NOT IN ('client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings', 'application_name')
    UNION ALL
    SELECT 'advisory lock' FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
)
"""


@dataclass(frozen=True)
class PgBouncer:
    """A pooler that answers on this port."""

    port: int

    def url(self, database: str, role: str) -> str:
        return f"postgres://{role}@127.0.0.1:{self.port}/{database}"

    def changed_settings(self, database: str, role: str) -> set[str]:
        """What clients have left behind in the sessions that they shared, besides what PgBouncer keeps apart."""
        clients = [psycopg2.connect(self.url(database, role)) for _ in range(SESSIONS)]
        found: dict[int, list[str]] = {}
        try:
            # A transaction each, so that each has a session of its own.
            for client in clients:
                with client.cursor() as cursor:
                    cursor.execute(_CHANGED)
                    ((pid, names),) = cursor.fetchall()
                    found[pid] = names
        finally:
            for client in clients:
                client.close()
        assert len(found) == SESSIONS
        return {name for names in found.values() for name in names}


@contextmanager
def running_pgbouncer(server: Mapping[str, str], roles: list[str]) -> Iterator[PgBouncer]:
    """In front of the server with these parameters, for these roles."""
    assert PROGRAM
    # Not pytest's: its directories are closed to the user that PgBouncer runs as.
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as free:
        directory, port = Path(name), free.getsockname()[1]
        directory.chmod(0o755)
        users = directory / "users.txt"
        users.write_text("".join(f'"{role}" ""\n' for role in roles))
        settings = directory / "pgbouncer.ini"
        settings.write_text(
            _SETTINGS.format(
                host=server["host"], port=server.get("port", "5432"), listen=port, users=users, sessions=SESSIONS
            )
        )
        free.close()
        process = subprocess.Popen(
            [PROGRAM, *_as_user(server["host"]), str(settings)],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        with killed_at_the_end(process):
            _wait_until_it_answers(process, port, roles[0])
            yield PgBouncer(port)


def _as_user(host: str) -> list[str]:
    """It refuses to run as root; the server's own user can reach the server's socket."""
    if os.geteuid() != 0:
        return []
    return ["-u", Path(host).owner() if Path(host).is_dir() else "nobody"]


def _wait_until_it_answers(process: "subprocess.Popen[str]", port: int, role: str) -> None:
    assert process.stderr
    for line in process.stderr:
        if "process up" in line:
            break
    psycopg2.connect(host="127.0.0.1", port=port, user=role, dbname="postgres").close()
