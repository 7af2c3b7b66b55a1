"""Rescue: the items of workers that stopped beating are given to others, which counts as an attempt."""

from collections.abc import Sequence
from datetime import datetime

from sync.postgres import one_statement, read_sql
from sync.queue import backoff, endings
from sync.queue.finish import finish
from sync.queue.rows import Claim

(_LOST,) = read_sql(__file__, "lost")

# Few at a time, and without waiting: the application may hold some of these executions.
_PER_TRANSACTION = 20


def rescue(
    *,
    lease_seconds: float,
    worker_id: int | None = None,
    held: Sequence[int] = (),
    limit: int = 500,
    now: datetime | None = None,
) -> int:
    """Puts up to `limit` items of dead workers back, or fails them if retries are used up. Returns how many.

    This includes items that `worker_id`, the caller, does not hold although the queue says so; `held` are the claim
    tokens that it holds.
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
        for start in range(0, len(lost), _PER_TRANSACTION)
        for status in finish(lost[start : start + _PER_TRANSACTION], skip_locked=True, now=now)
    ]
    return sum(status is not None for status in became)
