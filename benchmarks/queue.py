"""Claim and complete no-op items: this queue, PgQueuer and procrastinate, on one server with fsync on.

Two processes each, batches of 200 where there are batches. From the first claim to the last finish, by what each has
recorded itself. A round is a fresh database for each, prepared, vacuumed and checkpointed.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from psycopg2.extensions import connection as Connection  # noqa: N812 - a class of that name

from benchmarks.common import PEERS_PYTHON, Figure, at_least, ratio_of, reported
from benchmarks.databases import empty_database
from benchmarks.installation import installation

ITEMS = 30_000
FEW = 2_000  # of the one that fetches them one by one
BATCH = 200
CONCURRENCY = 20
PROCESSES = 2

_PEERS = Path(__file__).resolve().parent / "peers"

_OURS = "SELECT extract(epoch FROM max(finished_at) - min(started_at)), count(*) FROM snowflake_sync_attempts"
_PGQUEUER = """
SELECT
    extract(
        epoch FROM max(created) FILTER (WHERE status = 'successful') - min(created) FILTER (WHERE status = 'picked')
    ),
    count(*) FILTER (WHERE status = 'successful')
FROM pgqueuer_log
"""
_PROCRASTINATE = """
SELECT
    extract(epoch FROM max(at) FILTER (WHERE type = 'succeeded') - min(at) FILTER (WHERE type = 'started')),
    count(*) FILTER (WHERE type = 'succeeded')
FROM procrastinate_events
"""
_COSTS = (
    "an item costs ours 2 UPDATEs of the queue (claim, end), 1 INSERT of the attempt with all its columns, 1 lock and "
    "1 UPDATE of the application's row; PgQueuer 1 UPDATE, 1 DELETE and 2 INSERTs into its log of five columns"
)


def measure(rounds: int) -> list[Figure]:
    """Items a second, against PgQueuer; procrastinate beside it."""
    against = ratio_of(_ours, _pgqueuer, rounds)
    slow = sorted(_procrastinate() for _ in range(min(rounds, 3)))
    setting = f"{PROCESSES} processes, batches of {BATCH}, {ITEMS:,} items"
    return [
        at_least("queue throughput ÷ PgQueuer", against.median, "×", 1.0, f"{against.spread}; {setting}; {_COSTS}"),
        reported("queue throughput", against.candidate, "items/s", f"{setting}; attempts and executions written"),
        reported(
            "PgQueuer throughput", against.control, "items/s", f"asyncpg, uvloop, {setting}; its log as by default"
        ),
        reported(
            "procrastinate throughput",
            slow[len(slow) // 2],
            "items/s",
            f"{PROCESSES} processes, concurrency {CONCURRENCY}, {FEW:,} items fetched one by one; events as by default",
        ),
    ]


def _ours() -> float:
    with installation("") as installed:
        command = [sys.executable, "-m", "benchmarks.draining"]
        environment = installed.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run([*command, "prepare", str(ITEMS)], env=environment, check=True)
        return _drained(installed.connection, [*command, "drain", str(BATCH)], _OURS, ITEMS, environment)


def _pgqueuer() -> float:
    return _peer("drain_pgqueuer", ITEMS, BATCH, _PGQUEUER)


def _procrastinate() -> float:
    return _peer("drain_procrastinate", FEW, CONCURRENCY, _PROCRASTINATE)


def _peer(name: str, items: int, size: int, span: str) -> float:
    command = [str(PEERS_PYTHON), str(_PEERS / f"{name}.py")]
    with empty_database() as (url, connection):
        subprocess.run([*command, "prepare", url, str(items)], check=True)
        return _drained(connection, [*command, "drain", url, str(size)], span, items)


def _drained(
    connection: Connection, command: Sequence[str], span: str, items: int, environment: Mapping[str, str] | None = None
) -> float:
    """Items a second of processes that say when they are ready, and begin when they are told."""
    with connection.cursor() as cursor, ExitStack() as running:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
        processes = [
            running.enter_context(
                subprocess.Popen(
                    command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
                )
            )
            for _ in range(PROCESSES)
        ]
        pipes = [(process.stdin, process.stdout) for process in processes]
        for _, output in pipes:
            if not output or output.readline() != "ready\n":
                raise RuntimeError(f"{command} did not start; see its output above")
        for start, _ in pipes:
            if start:
                start.write("go\n")
        for process in processes:
            process.wait()
        cursor.execute(span)
        seconds, done = cursor.fetchall()[0]
    if done != items:
        raise RuntimeError(f"{done} of {items} items were completed by {command}")
    return float(items / seconds)
