"""Back to the queue by hand: retry what failed, queue what is there."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sync.queue.database import one_statement
from sync.queue.executions import tell_executions

# An item that failed for want of an owner looks for one again.
_REQUEUE = """
UPDATE snowflake_sync_queue AS item
SET status = 'pending',
    user_id = coalesce(item.user_id, workflow.user_id),
    retry_count = 0,
    run_after = coalesce(%(now)s, now()),
    error_code = NULL,
    error_message = NULL,
    updated_at = coalesce(%(now)s, now())
FROM workflow_executions AS execution
LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
WHERE item.id = ANY(%(items)s)
    AND item.status = 'failed'
    AND execution.execution_id = item.execution_id
    AND coalesce(item.user_id, workflow.user_id) IS NOT NULL
RETURNING item.id, item.execution_id
"""

_ENQUEUE = """
WITH completed AS MATERIALIZED (
    SELECT execution.execution_id, workflow.user_id
    FROM workflow_executions AS execution
    JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE execution.execution_id = ANY(%(executions)s)
        AND execution.status = 'completed'
        AND workflow.user_id IS NOT NULL
    ORDER BY execution.execution_id
    FOR KEY SHARE OF execution SKIP LOCKED
)
INSERT INTO snowflake_sync_queue AS item (execution_id, user_id, run_after)
SELECT completed.execution_id, completed.user_id, coalesce(%(now)s, now())
FROM completed
ON CONFLICT (execution_id) WHERE configuration_id IS NULL DO UPDATE SET
    generation = item.generation + 1,
    user_id = excluded.user_id,
    status = 'pending',
    retry_count = 0,
    run_after = excluded.run_after,
    error_code = NULL,
    error_message = NULL,
    updated_at = excluded.run_after
RETURNING item.execution_id
"""


def requeue(item_ids: Sequence[UUID], *, now: datetime | None = None) -> list[UUID]:
    """Puts failed items back to pending, with all their retries; the ids of those that were."""
    requeued = one_statement(_REQUEUE, {"items": list(item_ids), "now": now})
    tell_executions([execution_id for _, execution_id in requeued])
    return [item_id for item_id, _ in requeued]


def enqueue(execution_ids: Sequence[str], *, now: datetime | None = None) -> list[str]:
    """Queues completed executions as the trigger does; those that were. Safe to repeat."""
    params = {"executions": list(execution_ids), "now": now}
    return [row[0] for row in one_statement(_ENQUEUE, params)]
