"""Claiming: due items become a worker's, fairly between destinations."""

from datetime import datetime

from sync.queue.database import one_statement
from sync.queue.rows import Claim

# The first `limit` items of each destination, through the index snowflake_sync_queue_claimable_idx, in
# its order; then the destinations take turns, so that a long line at one does not hold up another.
# Paused and inactive destinations are not looked at; one whose pause is over is tried with one item
# at a time. A worker without a living lease gets nothing. The CTEs are fences: without them a planner has
# been seen to update more rows than LIMIT.
_CLAIM = """
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now
),
worker AS MATERIALIZED (
    SELECT worker.id
    FROM snowflake_sync_workers AS worker, clock
    WHERE worker.id = %(worker_id)s
        AND worker.stopped_at IS NULL
        AND worker.heartbeat_at > clock.now - make_interval(secs => %(lease_seconds)s)
),
destination AS MATERIALIZED (
    SELECT
        configuration.id,
        configuration.breaker_state = 'open' AS probes,
        (configuration.breaker_state = 'open' AND EXISTS (
            SELECT FROM snowflake_sync_queue AS busy
            WHERE busy.configuration_id = configuration.id AND busy.status = 'processing'
        ))::integer AS being_probed
    FROM snowflake_configurations AS configuration, clock, worker
    WHERE configuration.is_active
        AND (configuration.breaker_state = 'closed' OR configuration.breaker_until <= clock.now)
),
candidate AS MATERIALIZED (
    SELECT
        due.id,
        due.run_after,
        destination.probes,
        row_number() OVER (PARTITION BY destination.id ORDER BY due.run_after, due.id) AS turn
    FROM destination
    CROSS JOIN clock
    CROSS JOIN LATERAL (
        SELECT item.id, item.run_after
        FROM snowflake_sync_queue AS item
        WHERE item.configuration_id = destination.id
            AND item.status = 'pending'
            AND item.run_after <= clock.now
        ORDER BY item.run_after, item.id
        LIMIT CASE WHEN destination.probes THEN 1 - destination.being_probed ELSE %(limit)s END
        FOR UPDATE SKIP LOCKED
    ) AS due
),
chosen AS MATERIALIZED (
    SELECT id, probes FROM candidate ORDER BY turn, run_after, id LIMIT %(limit)s
)
UPDATE snowflake_sync_queue AS item
SET status = 'processing',
    claim_token = nextval('snowflake_sync_claim_token_seq'),
    claimed_generation = item.generation,
    claimed_at = clock.now,
    worker_id = worker.id,
    updated_at = clock.now
FROM chosen, worker, clock
WHERE item.id = chosen.id
RETURNING item.id, item.claim_token, item.worker_id, item.execution_id, item.configuration_id, item.generation,
    item.retry_count, item.max_retries, chosen.probes
"""


def claim(worker_id: int, limit: int, *, lease_seconds: float, now: datetime | None = None) -> list[Claim]:
    """Up to `limit` due items, now the worker's. Ask for no more than there are free threads."""
    params = {"worker_id": worker_id, "limit": limit, "lease_seconds": lease_seconds, "now": now}
    return [Claim(*row) for row in one_statement(_CLAIM, params)]
