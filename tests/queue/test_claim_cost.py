"""What a claim touches does not grow with what waits, is delayed, is paused, or was there before."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.models import SyncQueueItem, Workflow
from sync.queue import Attempt, Line, Outcome
from sync.queue.claim import CLAIM, claim_params
from sync.queue.turns import STAND, WAKE
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


def buffers(worker_id: int, line: Line | None = None) -> int:
    """Pages that a claim for five threads touches, planned as a worker plans it.

    It is taken back, so it can be asked again: what an autovacuum changes in the middle makes one of them dearer.
    """
    return min(_buffers(worker_id, line) for _ in range(3))


def _buffers(worker_id: int, line: Line | None) -> int:
    params = claim_params(worker_id, 5, lease_seconds=LEASE, batch=1, line=line or Line(), now=None)
    touched = 0
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE snowflake_sync_queue; ANALYZE snowflake_sync_turns; BEGIN")
        try:
            for statement in (WAKE, STAND, CLAIM):
                statement.execute(cursor, params)
            cursor.execute(
                "ROLLBACK; BEGIN; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"
            )
            for statement in (WAKE, STAND, CLAIM):
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement._execute}", params)
                (plan,) = cursor.fetchone()[0]
                touched += int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])
        finally:
            cursor.execute("ROLLBACK")
    return touched


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


@pytest.fixture
def in_line(configuration: SnowflakeConfiguration, workflow: Workflow, worker_id: int) -> int:
    """Pages that a claim touches where 300 items wait, at one destination that stands in line."""
    waiting(configuration, workflow, 300)
    queue.claim(worker_id, 5, lease_seconds=LEASE)
    return buffers(worker_id)


def test_what_waits_is_delayed_or_paused_is_not_walked(
    configuration: SnowflakeConfiguration, workflow: Workflow, worker_id: int, in_line: int
) -> None:
    waiting(configuration, workflow, 20_000)
    waiting(configuration, workflow, 5_000, after=3_600)
    paused = ConfigurationFactory.create(user=workflow.user, breaker_state="open")
    waiting(paused, workflow, 5_000)
    queue.claim(worker_id, 5, lease_seconds=LEASE)
    assert buffers(worker_id) <= 1.5 * in_line


def test_dead_entries_are_not_walked(
    configuration: SnowflakeConfiguration, workflow: Workflow, worker_id: int, in_line: int
) -> None:
    """Neither those of items, nor those that many small claims leave behind in the line."""
    waiting(configuration, workflow, 6_000)
    line = Line()
    with old_snapshot():
        for _ in range(600):
            claims = queue.claim(worker_id, 5, lease_seconds=LEASE, line=line)
            queue.finish([queue.endings.completed(claim, Outcome("S", "T", 0), Attempt()) for claim in claims])
            _looks_later(line)
        assert SyncQueueItem.objects.filter(status="completed").count() == 3_000
        remembered = buffers(worker_id, line)
        assert remembered <= 1.5 * in_line
        with connection.cursor() as cursor:
            cursor.execute("UPDATE snowflake_sync_turns SET scan_start = '-infinity'")
        assert buffers(worker_id, line) > 1.2 * remembered


def _looks_later(line: Line) -> None:
    """Looks, and some time has passed since it last did."""
    line._moves_at = 0.0
    due = queue.probe(line=line)
    line.learn(due.turn, due.due_at)


def test_who_comes_and_goes_leaves_nothing_to_walk(
    configuration: SnowflakeConfiguration, workflow: Workflow, worker_id: int, in_line: int
) -> None:
    """Destinations that have an item now and then, which makes them stand in line and leave it."""
    others = [ConfigurationFactory.create(user=workflow.user) for _ in range(3)]
    line = Line()
    with old_snapshot():
        for _ in range(200):
            for other in others:
                waiting(other, workflow, 1)
            while claims := queue.claim(worker_id, 5, lease_seconds=LEASE, line=line, batch=20):
                queue.finish([queue.endings.completed(claim, Outcome("S", "T", 0), Attempt()) for claim in claims])
            _looks_later(line)
        waiting(configuration, workflow, 300)
        queue.claim(worker_id, 5, lease_seconds=LEASE, line=line)
        assert buffers(worker_id, line) <= 1.5 * in_line


def _many_destinations(workflow: Workflow, count: int) -> None:
    """With an item each, and all in line."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO snowflake_configurations
                (user_id, account_identifier, warehouse, database, username)
            SELECT %s, 'myorg-myaccount', 'LOADING', 'ANALYTICS', 'SYNC' FROM generate_series(1, %s)""",
            [workflow.user_id, count],
        )
        cursor.execute("UPDATE snowflake_sync_destination_states SET last_login_at = now()")
        cursor.execute(
            """WITH execution AS (
                INSERT INTO workflow_executions (execution_id, workflow_id, status)
                SELECT id::text, %s, 'running' FROM snowflake_configurations
                RETURNING execution_id
            )
            INSERT INTO snowflake_sync_queue (execution_id, user_id, configuration_id, run_after)
            SELECT execution_id, %s, execution_id::uuid, now() - interval '1 hour' FROM execution""",
            [workflow.pk, workflow.user_id],
        )
        cursor.execute("ANALYZE snowflake_configurations, snowflake_sync_destination_states")


def test_many_destinations_cost_no_more_than_a_few(
    configuration: SnowflakeConfiguration, workflow: Workflow, worker_id: int
) -> None:
    _many_destinations(workflow, 10)
    queue.claim(worker_id, 1, lease_seconds=LEASE)
    few = buffers(worker_id)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM workflow_executions")
    _many_destinations(workflow, 3_000)
    for _ in range(15):
        queue.claim(worker_id, 1, lease_seconds=LEASE)
    assert buffers(worker_id) <= 1.5 * few


def test_many_batch_keys_cost_no_more_than_a_few(workflow: Workflow, worker_id: int) -> None:
    """In a queue that is as large, and has as many of them elsewhere."""
    few, many = (ConfigurationFactory.create(user=workflow.user, layout="per_workflow") for _ in range(2))
    waiting(few, workflow, 10)
    waiting(many, workflow, 20_000)
    touched = []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE snowflake_sync_queue SET batch_key = execution_id")
        for configuration in (few, many):
            cursor.execute("DELETE FROM snowflake_sync_turns")
            queue.rejoin(configuration.pk)
            queue.claim(worker_id, 1, lease_seconds=LEASE)
            touched.append(buffers(worker_id))
    assert touched[1] <= 1.5 * touched[0]
