"""What a claim touches does not grow with what waits, is delayed, is paused, or was there before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.models import SyncQueueItem, Workflow
from sync.postgres.arrays import array
from sync.queue import Attempt, Outcome
from sync.queue.claim import CLAIM
from sync.queue.scan_start import ScanStarts
from tests.factories import ConfigurationFactory

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = 3600.0

_ITEMS = """
WITH execution AS (
    INSERT INTO workflow_executions (execution_id, workflow_id, status)
    SELECT gen_random_uuid()::text, %(workflow)s, 'running' FROM generate_series(1, %(count)s)
    RETURNING execution_id
)
INSERT INTO snowflake_sync_queue (execution_id, user_id, configuration_id, run_after)
SELECT
    execution_id, %(user)s, %(configuration)s,
    now() + %(after)s * interval '1 second' + row_number() OVER () * interval '1 millisecond'
FROM execution
"""


@pytest.fixture(autouse=True)
def _without_entries_of_others(transactional_db: None) -> None:
    """What an earlier test deleted stays in the indexes."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE users, workflow_executions, snowflake_sync_workers CASCADE")


@pytest.fixture
def configuration(workflow: Workflow) -> SnowflakeConfiguration:
    return ConfigurationFactory.create(user=workflow.user)


def waiting(configuration: SnowflakeConfiguration, workflow: Workflow, count: int, after: int = -3600) -> None:
    params = {
        "workflow": workflow.pk,
        "user": workflow.user_id,
        "configuration": configuration.pk,
        "count": count,
        "after": after,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, params)


def buffers(worker_id: int, scan_starts: ScanStarts | None = None) -> int:
    """Pages that a claim of five touches, planned as a worker plans it; it is taken back."""
    known = (scan_starts or ScanStarts()).destinations
    params: dict[str, Any] = {
        "worker_id": worker_id,
        "limit": 5,
        "lease_seconds": LEASE,
        "batch": 500,
        "batch_bytes": 1 << 26,
        "batch_rows": 1_000_000,
        "scan_start_ids": array(list(known)),
        "scan_starts": array(list(known.values())),
        "now": None,
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE snowflake_sync_queue")
        cursor.execute("BEGIN")
        try:
            CLAIM.execute(cursor, params)
            cursor.execute(
                "ROLLBACK; BEGIN; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"
            )
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {CLAIM._execute}", params)
            (plan,) = cursor.fetchone()[0]
        finally:
            cursor.execute("ROLLBACK")
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


@contextmanager
def old_snapshot() -> Iterator[None]:
    """A transaction somewhere that keeps vacuum, and the index, from forgetting anything."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM snowflake_sync_queue")
            yield
    finally:
        other.close()


def test_what_waits_is_delayed_or_paused_is_not_walked(
    configuration: SnowflakeConfiguration, workflow: Workflow, worker_id: int
) -> None:
    waiting(configuration, workflow, 300)
    small = buffers(worker_id)
    waiting(configuration, workflow, 20_000)
    waiting(configuration, workflow, 5_000, after=3_600)
    paused = ConfigurationFactory.create(user=workflow.user, breaker_state="open")
    waiting(paused, workflow, 5_000)
    assert buffers(worker_id) <= 1.5 * small


def test_dead_entries_are_not_walked(
    configuration: SnowflakeConfiguration, workflow: Workflow, worker_id: int, now: datetime
) -> None:
    waiting(configuration, workflow, 300)
    small = buffers(worker_id)
    waiting(configuration, workflow, 6_000)
    scan_starts = ScanStarts()
    with old_snapshot():
        for _ in range(15):
            claims = queue.claim(worker_id, 200, lease_seconds=LEASE, scan_starts=scan_starts.destinations)
            scan_starts.learn_claimed(claims, more=True)
            queue.finish([queue.endings.completed(claim, Outcome("S", "T", 0), Attempt()) for claim in claims])
        assert SyncQueueItem.objects.filter(status="completed").count() == 3_000
        assert buffers(worker_id) > 3 * small
        assert buffers(worker_id, scan_starts) <= 1.5 * small


def test_many_destinations_do_not_make_it_read_the_whole_queue(
    configuration: SnowflakeConfiguration, workflow: Workflow, worker_id: int
) -> None:
    waiting(configuration, workflow, 20_000)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO snowflake_configurations
                (user_id, account_identifier, warehouse, database, username)
            SELECT %s, 'myorg-myaccount', 'LOADING', 'ANALYTICS', 'SYNC' FROM generate_series(1, 1000)""",
            [workflow.user_id],
        )
        cursor.execute("UPDATE snowflake_sync_destination_states SET last_login_at = now()")
        cursor.execute("ANALYZE snowflake_configurations, snowflake_sync_destination_states")
    # A few pages a destination, whether anything waits there or not.
    assert buffers(worker_id) < 10_000
