"""Measures the very statement that claim() sends, for `benchmarks.claim`: a process of its own, with the database's
settings in its environment. `python -m benchmarks.claiming WAITING OTHERS DEAD` prints buffers by case, as JSON.

The cases add up: few waiting items; a great many; as well as some that are not due yet, and some of a destination that
is paused; and dead entries, from items that were claimed and completed while another transaction held an old snapshot.
"""

import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

import django
import psycopg2
from django.db import connection

from benchmarks.explaining import explained

FEW = 1_000
ROUTED_AT_ONCE = 500  # items that become due together, a microsecond apart
MANY = 1_000_000  # rows that are faster put in without indexes
FREE = 5  # threads of a worker
BATCH = 200  # of those that are completed
CALLS = 5

_DESTINATION = "SELECT id, user_id FROM snowflake_configurations"
_KNOWN = "UPDATE snowflake_sync_destination_states SET last_login_at = now()"
_ANOTHER = """
INSERT INTO snowflake_configurations (user_id, account_identifier, warehouse, database, schema, username)
SELECT user_id, account_identifier, warehouse, 'PAUSED', schema, username
FROM snowflake_configurations
RETURNING id
"""
_PAUSED = """
UPDATE snowflake_sync_destination_states
SET last_login_at = now(), breaker_state = 'open', breaker_until = now() + interval '1 day'
WHERE configuration_id = %s
"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'snowflake_sync_queue' AND indexname <> 'snowflake_sync_queue_pkey'
"""
_FILL = """
INSERT INTO snowflake_sync_queue (execution_id, user_id, configuration_id, status, run_after)
SELECT
    gen_random_uuid(), %(user_id)s, %(configuration_id)s, 'pending',
    now() + %(begin)s::interval + number / %(at_once)s * (interval '1 hour' * %(at_once)s / %(count)s)
        + number %% %(at_once)s * interval '1 microsecond'
FROM generate_series(1, %(count)s) AS number
"""
_EXECUTIONS = """
INSERT INTO workflow_executions (execution_id, workflow_id, status, result_columns, result_rows, result_total_rows)
SELECT due.execution_id, workflow.id, 'completed', '[{"name": "clicks", "type": "integer"}]', '[{"clicks": 17}]', 1
FROM workflows AS workflow
CROSS JOIN (
    SELECT execution_id FROM snowflake_sync_queue WHERE configuration_id = %s ORDER BY run_after, id LIMIT %s
) AS due
"""


def main(waiting: int, others: int, dead: int) -> dict[str, float]:
    """Buffers that a claim touches, by case."""
    from sync import queue  # noqa: PLC0415 - Django first

    with connection.cursor() as cursor:
        cursor.execute(_DESTINATION)
        destination, user_id = cursor.fetchone()
        cursor.execute(_KNOWN)
        cursor.execute(_ANOTHER)
        (paused,) = cursor.fetchone()
        cursor.execute(_PAUSED, [paused])
    worker_id = queue.register_worker("benchmark", 1, FREE)
    found: dict[str, float] = {}

    def add(case: str, configuration_id: UUID, begin: str, count: int) -> None:
        fill = {"user_id": user_id, "configuration_id": configuration_id, "begin": begin, "count": count}
        _fill(fill | {"at_once": ROUTED_AT_ONCE})
        found[case] = _buffers(lambda: queue.claim(worker_id, FREE, lease_seconds=3600))

    add("few", destination, "-3 hours", FEW)
    add("waiting", destination, "-2 hours", waiting)
    add("delayed", destination, "1 hour", others)
    add("paused", paused, "-2 hours", others)
    found["dead"] = _with_dead_entries(worker_id, destination, dead)
    return found


def _fill(params: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall() if params["count"] >= MANY else []
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        with _without_triggers():
            cursor.execute(_FILL, params)
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE snowflake_sync_queue")


@contextmanager
def _without_triggers() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def _buffers(claim: Callable[[], object]) -> float:
    """The median of some calls."""
    return statistics.median(explained(claim, items=FREE) for _ in range(CALLS))


def _with_dead_entries(worker_id: int, destination: UUID, dead: int) -> float:
    from sync import queue  # noqa: PLC0415 - Django first
    from sync.queue import (  # noqa: PLC0415
        Attempt,
        Claim,
        Outcome,
        ScanStarts,
        endings,
    )

    with connection.cursor() as cursor, _without_triggers():
        cursor.execute(_EXECUTIONS, [destination, dead + BATCH])
    scan_starts, done = ScanStarts(), 0

    def claim(free: int) -> list[Claim]:
        """As a worker does: it begins where its last claim began."""
        claims = queue.claim(worker_id, free, lease_seconds=3600, scan_starts=scan_starts.destinations)
        scan_starts.learn_claimed(claims, more=len(claims) == free)
        return claims

    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as other:
        other.set_session(isolation_level="REPEATABLE READ")
        other.cursor().execute("SELECT FROM snowflake_sync_queue LIMIT 1")
        while done < dead:
            claims = claim(BATCH)
            queue.finish([endings.completed(claim, Outcome("S", "T", 1), Attempt()) for claim in claims])
            done += len(claims)
        # The last batch of that size was not a worker's own.
        claim(FREE)
        return _buffers(lambda: claim(FREE))


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(*map(int, sys.argv[1:]))))
