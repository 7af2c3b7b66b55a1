"""Claiming: due items become a worker's; users, their destinations and batch keys take turns."""

from datetime import datetime
from typing import Any

from sync.postgres import Prepared, one_prepared, read_sql
from sync.queue.rows import Claim, open_load
from sync.queue.turns import LEAVE, LOCK_SPENT, STAND, TYPES, WAKE, Line

(_CLAIM,) = read_sql(__file__, "claim")
CLAIM = Prepared(
    _CLAIM,
    TYPES
    | {
        "wake_start": "timestamptz",
        "worker_id": "bigint",
        "limit": "bigint",
        "lease_seconds": "double precision",
        "batch": "bigint",
        "batch_bytes": "bigint",
        "batch_rows": "bigint",
        "bundle": "bigint",
        "bundle_bytes": "bigint",
        "bundle_rows": "bigint",
    },
)

# COPY is fastest with files of 100 to 250 MB, compressed, and no result may hold up another for long. The bytes are
# those of the results as PostgreSQL stores them, which is compressed, too.
BATCH_BYTES = 64 * 1024 * 1024
BATCH_ROWS = 1_000_000
# Items without a batch key travel in bundles, which share one PUT: twenty of them take 2.05 statements each. More would
# save little, and hold up what comes after them.
BUNDLE = 20
BUNDLE_BYTES = 4 * 1024 * 1024
BUNDLE_ROWS = 100_000
# Times that a claim looks, if it finds nothing due at those who stand first.
_LOOKS = 100


def claim(
    worker_id: int,
    limit: int,
    *,
    lease_seconds: float,
    batch: int = 1,
    line: Line | None = None,
    now: datetime | None = None,
) -> list[Claim]:
    """Claims due items for up to `limit` threads of the worker.

    A thread gets up to `batch` items of a batch key, or a bundle of items without one, fewer if their results are
    large. A batch key that is being worked on is left alone: its loads would wait for each other in Snowflake. `line`
    is what the worker remembers of the line of turns.
    """
    line = line or Line()
    for _ in range(_LOOKS):
        leaving, before = [LOCK_SPENT, LEAVE] if line.spent else [], line.spent
        params = claim_params(worker_id, limit, lease_seconds=lease_seconds, batch=batch, line=line, now=now)
        rows = one_prepared([*leaving, WAKE, STAND, CLAIM], params)
        line.spent, others_are_due = rows[0][:2]
        claims = [Claim(*(*claim, open_load(facts))) for _, _, *claim, facts in rows if claim[0]]
        if claims or (line.spent in ([], before) and not others_are_due):
            break
    return claims


def claim_params(
    worker_id: int, limit: int, *, lease_seconds: float, batch: int, line: Line, now: datetime | None
) -> dict[str, Any]:
    """What the statements of a claim are run with."""
    return {
        **line.params,
        "worker_id": worker_id,
        "limit": limit,
        "lease_seconds": lease_seconds,
        "batch": batch,
        "batch_bytes": BATCH_BYTES,
        "batch_rows": BATCH_ROWS,
        "bundle": BUNDLE,
        "bundle_bytes": BUNDLE_BYTES,
        "bundle_rows": BUNDLE_ROWS,
        "now": now,
    }
