"""Claiming: due items become a worker's, fairly between destinations."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sync.postgres import Prepared, array, one_prepared, read_sql
from sync.queue.rows import Claim, open_load

_OPEN_WINDOWS, _CLAIM = read_sql(__file__, "open_windows", "claim")
CLAIM = Prepared(
    _CLAIM,
    {
        "worker_id": "bigint",
        "limit": "bigint",
        "lease_seconds": "double precision",
        "batch": "bigint",
        "batch_bytes": "bigint",
        "batch_rows": "bigint",
        "scan_start_ids": "uuid[]",
        "scan_starts": "timestamptz[]",
        "now": "timestamptz",
    },
)

# COPY is fastest with files of 100 to 250 MB, compressed, and no result may hold up another for long. The bytes are
# those of the results as PostgreSQL stores them, which is compressed, too.
BATCH_BYTES = 64 * 1024 * 1024
BATCH_ROWS = 1_000_000


def claim(
    worker_id: int,
    limit: int,
    *,
    lease_seconds: float,
    batch: int = 1,
    scan_starts: Mapping[UUID, datetime] | None = None,
    now: datetime | None = None,
) -> list[Claim]:
    """Claims due items for up to `limit` threads of the worker.

    An item without a batch key takes a thread of its own. A thread gets up to `batch` items of a batch key, fewer if
    their results are large. A batch key that is being worked on is left alone: its loads would wait for each other in
    Snowflake. `scan_starts` are moments before which nothing is due in a destination, as far as the worker knows: so
    the dead entries that earlier claims left in the index are not walked.
    """
    params = {
        "worker_id": worker_id,
        "limit": limit,
        "lease_seconds": lease_seconds,
        "batch": batch,
        "batch_bytes": BATCH_BYTES,
        "batch_rows": BATCH_ROWS,
        "scan_start_ids": array(list(scan_starts or ())),
        "scan_starts": array(list((scan_starts or {}).values())),
        "now": now,
    }
    rows = one_prepared(CLAIM, params, before=_OPEN_WINDOWS)
    return [Claim(*(*values, open_load(facts))) for *values, facts in rows]
