"""Rescue: the items of workers that stopped beating are given to others, which counts as an attempt."""

from collections.abc import Sequence
from datetime import datetime

from sync.postgres import one_statement
from sync.queue import backoff, endings
from sync.queue.finish import finish
from sync.queue.rows import Claim

# An item without a worker was left by an earlier way of syncing; it is given the time of a lease. One
# that its living worker does not hold was lost on the way: the answer to its claim, or its finish.
_LOST = """
SELECT item.id, item.claim_token, item.worker_id, item.execution_id, item.configuration_id,
    item.generation, item.retry_count, item.max_retries
FROM snowflake_sync_queue AS item
CROSS JOIN (
    SELECT coalesce(%(now)s, now()) AS now, make_interval(secs => %(lease_seconds)s) AS lease
) AS clock
LEFT JOIN snowflake_sync_workers AS worker ON worker.id = item.worker_id
WHERE item.status = 'processing'
    AND CASE
        WHEN worker.id IS NULL THEN item.updated_at <= clock.now - clock.lease
        WHEN worker.stopped_at IS NOT NULL OR worker.heartbeat_at <= clock.now - clock.lease THEN true
        ELSE worker.id = %(worker_id)s
            AND item.claim_token <> ALL (%(held)s::bigint[])
            AND item.claimed_at <= clock.now - interval '30 seconds'
    END
ORDER BY item.id
LIMIT %(limit)s
"""

# Few at a time, and without waiting: the application holds some of these executions, perhaps.
_AT_ONCE = 20


def rescue(
    *,
    lease_seconds: float,
    worker_id: int | None = None,
    held: Sequence[int] = (),
    limit: int = 500,
    now: datetime | None = None,
) -> int:
    """Puts up to `limit` items of dead workers back, or fails them where retries are used up; how many.

    Also what `worker_id`, who asks, does not hold though the queue says so; `held` are its claim tokens.
    """
    params = {
        "lease_seconds": lease_seconds,
        "worker_id": worker_id,
        "held": list(held),
        "limit": limit,
        "now": now,
    }
    claims = [Claim(*row) for row in one_statement(_LOST, params)]
    lost = [endings.rescued(claim, delay=backoff.delay(claim.retry_count + 1)) for claim in claims]
    became = [
        status
        for start in range(0, len(lost), _AT_ONCE)
        for status in finish(lost[start : start + _AT_ONCE], skip_locked=True, now=now)
    ]
    return sum(status is not None for status in became)
