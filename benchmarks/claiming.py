"""Measures the very statement that claim() sends, for `benchmarks.claim`: a process of its own, with the database's
settings in its environment. `python -m benchmarks.claiming WAITING OTHERS DEAD` prints figures by case, as JSON.

The cases add up: few waiting items; a great many; as well as some that are not due yet, and some of a destination that
is paused; then many destinations and batch keys beside few; and dead entries, from items that were claimed and
completed while another transaction held an old snapshot.
"""

import json
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import django
import psycopg2
from django.db import connection

from benchmarks.explaining import explained

if TYPE_CHECKING:
    from sync.queue import Claim

FEW = 1_000
ROUTED_AT_ONCE = 500  # items that become due together, a microsecond apart
MANY = 1_000_000  # rows that are faster put in without indexes
FREE = 5  # threads of a worker
BATCH = 200  # of those that are completed
CALLS = 5
TIMED = 20
DESTINATIONS = 2_000
SMALL = 500  # claims

_DESTINATION = "SELECT id, user_id FROM snowflake_configurations"
_KNOWN = "UPDATE snowflake_sync_destination_states SET last_login_at = now() WHERE last_login_at IS NULL"
_USER = "INSERT INTO users (id, email) VALUES (gen_random_uuid(), gen_random_uuid()::text) RETURNING id"
_DESTINATIONS = """
INSERT INTO snowflake_configurations (user_id, account_identifier, warehouse, database, schema, username)
SELECT %s, 'myorg-myaccount', 'LOADING', 'MORE', 'PUBLIC', 'SYNC' FROM generate_series(1, %s)
RETURNING id
"""
_PAUSED = """
UPDATE snowflake_sync_destination_states
SET breaker_state = 'open', breaker_until = now() + interval '1 day'
WHERE configuration_id = %s
"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'snowflake_sync_queue' AND indexname <> 'snowflake_sync_queue_pkey'
"""
_FILL = """
INSERT INTO snowflake_sync_queue (execution_id, user_id, configuration_id, batch_key, status, run_after)
SELECT
    gen_random_uuid(), %(user_id)s, configuration_id, CASE WHEN %(keys)s THEN number::text END, 'pending',
    now() + %(begin)s::interval + number / %(at_once)s * (interval '1 hour' * %(at_once)s / %(count)s)
        + number %% %(at_once)s * interval '1 microsecond'
FROM generate_series(1, %(count)s) AS number
CROSS JOIN unnest(%(configurations)s::uuid[]) AS configuration_id
"""
# In a line of their own.
_STAND = """
DELETE FROM snowflake_sync_turns;
INSERT INTO snowflake_sync_turns (configuration_id, due_at) SELECT unnest(%s::uuid[]), now()
"""
_ONE_MORE = """
WITH execution AS (
    INSERT INTO workflow_executions (execution_id, workflow_id, status)
    SELECT gen_random_uuid(), id, 'running' FROM workflows LIMIT 1
    RETURNING execution_id
)
INSERT INTO snowflake_sync_queue (execution_id, user_id, configuration_id, run_after)
SELECT execution_id, %s, %s, now() FROM execution
"""
_EXECUTIONS = """
INSERT INTO workflow_executions (execution_id, workflow_id, status, result_columns, result_rows, result_total_rows)
SELECT due.execution_id, workflow.id, 'completed', '[{"name": "clicks", "type": "integer"}]', '[{"clicks": 17}]', 1
FROM workflows AS workflow
CROSS JOIN (
    SELECT execution_id FROM snowflake_sync_queue WHERE configuration_id = %s ORDER BY run_after, id LIMIT %s
) AS due
"""


def main(waiting: int, others: int, dead: int) -> dict[str, dict[str, float]]:
    """By case, what a claim takes: `buffers`, and `ms` of PostgreSQL's processor time; or how many `claims` it took."""
    destination, user_id = _ask(_DESTINATION)[0]
    _run(_KNOWN)
    line = _Line()
    found: dict[str, dict[str, float]] = {}

    def add(case: str, configurations: list[UUID], begin: str, count: int) -> None:
        _fill(user_id, configurations, begin, count)
        found[case] = line.measured([destination, *configurations])

    add("few", [destination], "-3 hours", FEW)
    add("waiting", [destination], "-2 hours", waiting)
    add("delayed", [destination], "1 hour", others)
    (paused,) = _destinations(user_id, 1)
    _run(_PAUSED, [paused])
    add("paused", [paused], "-2 hours", others)
    found |= _spread(line, others)
    found |= _with_dead_entries(line, destination, dead)
    found |= _hogged(line)
    return found


class _Line:
    """A worker of one thread less than it takes, as it looks, claims and remembers."""

    def __init__(self) -> None:
        from sync import queue  # noqa: PLC0415 - Django first

        self._queue = queue
        self._worker_id = queue.register_worker("benchmark", 1, FREE)
        self._line = queue.Line()
        (self._backend,) = _ask("SELECT pg_backend_pid()")[0]

    def claim(self, free: int = FREE) -> "list[Claim]":
        due = self._queue.probe(line=self._line)
        self._line.learn(due.turn, due.due_at)
        return self._queue.claim(self._worker_id, free, lease_seconds=36_000, line=self._line)

    def complete(self, free: int) -> int:
        """How many items it claimed and completed."""
        queue = self._queue
        claims = self.claim(free)
        loaded = queue.Outcome("S", "T", 1)
        queue.finish([queue.endings.completed(claim, loaded, queue.Attempt()) for claim in claims])
        return len(claims)

    def measured(self, configurations: list[UUID]) -> dict[str, float]:
        """Where these stand in line: the median of some calls, and the mean of more."""
        _run(_STAND, [configurations])
        while _ask("SELECT FROM snowflake_sync_turns WHERE turn IS NULL AND due_at <= now() LIMIT 1"):
            self.claim()
        return self.now()

    def now(self) -> dict[str, float]:
        """The same with the line as it is."""
        self.claim()
        buffers = statistics.median(explained(self.claim, items=FREE) for _ in range(CALLS))
        before = self._on_processor()
        for _ in range(TIMED):
            self.claim()
        return {"buffers": buffers, "ms": (self._on_processor() - before) / TIMED * 1000}

    def _on_processor(self) -> float:
        """Seconds of its session."""
        return int(Path(f"/proc/{self._backend}/schedstat").read_text().split()[0]) / 1e9


def _spread(line: _Line, keys: int) -> dict[str, dict[str, float]]:
    """A user with many destinations, and one with many batch keys."""
    found = {}
    for case, places in (("spread_few", 10), ("spread_many", DESTINATIONS)):
        many, one = (_ask(_USER)[0][0] for _ in range(2))
        destinations, (shared,) = _destinations(many, places), _destinations(one, 1)
        _fill(many, destinations, "-2 hours", 10 * DESTINATIONS // places if places < FEW else 10)
        _fill(one, [shared], "-2 hours", FEW if places < FEW else keys, keys=True)
        found[case] = line.measured([shared, *destinations])
    return found


def _hogged(line: _Line) -> dict[str, dict[str, float]]:
    """Claims until another user's new item is claimed."""
    hog, other = (_ask(_USER)[0][0] for _ in range(2))
    destinations, (theirs,) = _destinations(hog, 400), _destinations(other, 1)
    _fill(hog, destinations, "-2 hours", 2_500)
    line.measured(destinations)
    found = {}
    for free in (1, 50):
        for _ in range(20):
            line.claim(free)
        _run(_ONE_MORE, [other, theirs])
        claims = 1
        while theirs not in {claim.configuration_id for claim in line.claim(free)}:
            claims += 1
        found[f"hogged_{free}"] = {"claims": float(claims)}
    return found


def _destinations(user_id: UUID, count: int) -> list[UUID]:
    made = [id_ for (id_,) in _ask(_DESTINATIONS, [user_id, count])]
    _run(_KNOWN)
    return made


def _fill(user_id: UUID, configurations: list[UUID], begin: str, count: int, *, keys: bool = False) -> None:
    """So many items at each."""
    many = count * len(configurations) >= MANY
    indexes = _ask(_INDEXES) if many else []
    for name, _ in indexes:
        _run(f"DROP INDEX {name}")
    params = {"user_id": user_id, "configurations": configurations, "begin": begin, "count": count, "keys": keys}
    with _without_triggers():
        _run(_FILL, params | {"at_once": ROUTED_AT_ONCE})
    for _, definition in indexes:
        _run(definition)
    _run("VACUUM ANALYZE snowflake_sync_queue")


def _ask(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _run(sql: str, params: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@contextmanager
def _without_triggers() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def _with_dead_entries(line: _Line, destination: UUID, dead: int) -> dict[str, dict[str, float]]:
    """Completed in large claims, then in small ones."""
    found = {}
    with _without_triggers():
        _run(_EXECUTIONS, [destination, dead + SMALL * FREE + BATCH])
    line.measured([destination])
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as other:
        other.set_session(isolation_level="REPEATABLE READ")
        other.cursor().execute("SELECT FROM snowflake_sync_queue LIMIT 1")
        done = 0
        while done < dead:
            done += line.complete(BATCH)
        found["dead"] = line.now()
        for _ in range(SMALL):
            line.complete(FREE)
        found["dead_small"] = line.now()
    return found


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(*map(int, sys.argv[1:]))))
