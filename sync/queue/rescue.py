"""Rescue: the items of workers that stopped beating are given to others, which counts as an attempt."""

from datetime import datetime

from sync import backoff
from sync.errors import CATALOGUE
from sync.queue.database import one_statement
from sync.queue.finish import finish
from sync.queue.rows import Claim, Finish

# An item without a worker was left by an earlier way of syncing; it is given the time of a lease.
_LOST = """
SELECT item.id, item.claim_token, item.worker_id, item.execution_id, item.configuration_id, item.generation,
    item.retry_count, item.max_retries
FROM snowflake_sync_queue AS item
LEFT JOIN snowflake_sync_workers AS worker ON worker.id = item.worker_id
WHERE item.status = 'processing'
    AND (worker.id IS NOT NULL
        OR item.updated_at <= coalesce(%(now)s, now()) - make_interval(secs => %(lease_seconds)s))
    AND (worker.id IS NULL
        OR worker.stopped_at IS NOT NULL
        OR worker.heartbeat_at <= coalesce(%(now)s, now()) - make_interval(secs => %(lease_seconds)s))
ORDER BY item.id
LIMIT %(limit)s
"""


def rescue(*, lease_seconds: float, limit: int = 500, now: datetime | None = None) -> int:
    """Puts up to `limit` items of dead workers back, or fails them where retries are used up; how many."""
    params = {"lease_seconds": lease_seconds, "limit": limit, "now": now}
    lost = [Claim(*row) for row in one_statement(_LOST, params)]
    if not lost:
        return 0
    entry = CATALOGUE["worker_died"]
    message = f"{entry.meaning} {entry.remedy}"
    endings = [
        Finish(
            claim,
            "rescued",
            "pending",
            counts=True,
            delay=backoff.delay(claim.retry_count + 1),
            error_code=entry.code,
            error_message=message,
        )
        for claim in lost
    ]
    return sum(became is not None for became in finish(endings, now=now))
