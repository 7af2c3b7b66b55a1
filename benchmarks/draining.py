"""Our side of `benchmarks.queue`: a process that claims and completes no-op items, as a worker would.

`prepare COUNT` completes executions with tiny results and routes them. `drain BATCH` works them off once a line
comes in: claim, and one finish for all that was claimed, with all that an attempt without statements says.
"""

import sys
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import django
from django.db import connection

if TYPE_CHECKING:
    from sync.queue import Claim

AHEAD = 1  # batches that are claimed while one is being finished
LOOKS, PAUSE = 100, 0.002  # empty ones in succession before it ends, and seconds between them

_COMPLETE = """
INSERT INTO workflow_executions (
    execution_id, workflow_id, status, completed_at, result_columns, result_rows, result_total_rows
)
SELECT
    gen_random_uuid(), workflow.id, 'completed', now(), '[{"name": "clicks", "type": "integer"}]', '[{"clicks": 17}]', 1
FROM workflows AS workflow
CROSS JOIN generate_series(1, %s)
"""
# It has been loaded into before: nobody tries whether it lets them in.
_KNOWN = "UPDATE snowflake_sync_destination_states SET last_login_at = now()"
# What a worker knows of each execution once it has read the results: reading is no part of the queue.
_READ = """
SELECT execution_id, xmin::text, jsonb_hash_extended(result_rows, jsonb_hash_extended(result_columns, 0))
FROM workflow_executions
"""


def prepare(count: int) -> None:
    """So many items, routed."""
    from sync import queue  # noqa: PLC0415 - Django first

    with connection.cursor() as cursor:
        cursor.execute(_KNOWN)
        cursor.execute(_COMPLETE, [count])
    while queue.route(5_000).items:
        pass


def drain(batch: int) -> None:
    """Works until nothing is left: as in a worker, a thread claims and another finishes, each on its own connection."""
    from sync import queue  # noqa: PLC0415 - Django first
    from sync.queue.claim import BUNDLE  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(_READ)
        read = {execution_id: (version, hashed) for execution_id, version, hashed in cursor.fetchall()}
    worker_id = queue.register_worker("benchmark", 1, batch)
    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(1) as finishing:
        pending = deque[Future[None]]()
        line, empty = queue.Line(), 0
        while empty < LOOKS:
            started_at = datetime.now(UTC)
            if claims := queue.claim(worker_id, batch // BUNDLE, lease_seconds=180, batch=batch, line=line):
                pending.append(finishing.submit(_finish, claims, read, started_at))
                empty = 0
            else:
                # The other process is claiming: there is one destination, whose turn it is.
                empty += 1
                time.sleep(PAUSE)
            if len(pending) > AHEAD:
                pending.popleft().result()
        for finished in pending:
            finished.result()


def _finish(claims: "Sequence[Claim]", read: dict[str, tuple[str, int]], started_at: datetime) -> None:
    from sync import queue  # noqa: PLC0415 - Django first
    from sync.queue import Attempt, Outcome, endings  # noqa: PLC0415

    ended = []
    for claim in claims:
        version, hashed = read[claim.execution_id]
        attempt = Attempt(
            started_at=started_at,
            timings={"extract": 0.0, "connect": 0.0, "load": 0.0},
            rows=1,
            bytes=120,
            result_hash=hashed,
            source_version=version,
        )
        table = f"WORKFLOW_EXECUTION_20260101_{claim.execution_id}"
        ended.append(endings.completed(claim, Outcome("PUBLIC", table, 1), attempt))
    queue.finish(ended)


if __name__ == "__main__":
    django.setup()
    {"prepare": prepare, "drain": drain}[sys.argv[1]](int(sys.argv[2]))
