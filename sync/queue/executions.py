"""What an execution says of its sync: the `snowflake_*` columns, derived from its items."""

import logging
import time
from collections.abc import Iterable, Sequence

from django.db import DataError, IntegrityError, InternalError, ProgrammingError, transaction
from django.db.backends.utils import CursorWrapper

from sync.queue.database import short_transaction

logger = logging.getLogger(__name__)

# Locked before the queue's rows, always: a DELETE in the application takes the execution first and its
# items by cascade, and whoever took them the other way round could deadlock with it.
_LOCK = """
SELECT execution.execution_id, execution.xmin::text
FROM workflow_executions AS execution
WHERE execution.execution_id = ANY(%s)
ORDER BY execution.execution_id
FOR NO KEY UPDATE
"""

# Failed if any destination failed, else pending if any is open, else completed. Name, schema and count
# are those of the oldest active destination. Only what differs is written.
_REFRESH = """
UPDATE workflow_executions AS execution
SET snowflake_status = summary.status,
    snowflake_error_message = summary.error_message,
    snowflake_table_name = coalesce(summary.loaded ->> 'table', execution.snowflake_table_name),
    snowflake_schema_name = coalesce(summary.loaded ->> 'schema', execution.snowflake_schema_name),
    snowflake_uploaded_at = coalesce((summary.loaded ->> 'at')::timestamptz, execution.snowflake_uploaded_at),
    snowflake_row_count = coalesce((summary.loaded ->> 'rows')::bigint, execution.snowflake_row_count)
FROM (
    SELECT
        item.execution_id,
        CASE
            WHEN bool_or(item.status = 'failed') THEN 'failed'
            WHEN bool_or(item.status IN ('pending', 'processing')) THEN 'pending'
            WHEN bool_or(item.status = 'completed') THEN 'completed'
            ELSE 'skipped'
        END AS status,
        (array_agg(item.error_message ORDER BY item.status = 'failed' DESC, item.updated_at DESC)
            FILTER (WHERE item.status <> 'completed' AND item.error_message IS NOT NULL))[1] AS error_message,
        (array_agg(
            jsonb_build_object(
                'table', item.table_name,
                'schema', item.schema_name,
                'rows', item.row_count,
                'at', item.processed_at
            )
            ORDER BY configuration.is_active DESC, configuration.created_at, configuration.id
        ) FILTER (WHERE item.status = 'completed' AND item.table_name IS NOT NULL))[1] AS loaded
    FROM snowflake_sync_queue AS item
    LEFT JOIN snowflake_configurations AS configuration ON configuration.id = item.configuration_id
    WHERE item.execution_id = ANY(%s)
    GROUP BY item.execution_id
) AS summary
WHERE execution.execution_id = summary.execution_id
    AND (
        execution.snowflake_status IS DISTINCT FROM summary.status
        OR execution.snowflake_error_message IS DISTINCT FROM summary.error_message
        OR execution.snowflake_uploaded_at IS DISTINCT FROM
            coalesce((summary.loaded ->> 'at')::timestamptz, execution.snowflake_uploaded_at)
        OR execution.snowflake_table_name IS DISTINCT FROM
            coalesce(summary.loaded ->> 'table', execution.snowflake_table_name)
    )
"""

# So many executions are written in one transaction: the application waits for none of them for long.
BATCH = 100


def lock_executions(
    cursor: CursorWrapper, execution_ids: Iterable[str], *, skip_locked: bool = False
) -> dict[str, str]:
    """Takes the executions' row locks, in order; those taken, each with its xmin."""
    cursor.execute(_LOCK + ("SKIP LOCKED" if skip_locked else ""), [list(execution_ids)])
    return dict(cursor.fetchall())


def refresh_executions(cursor: CursorWrapper, execution_ids: Iterable[str]) -> None:
    """Writes what became of these executions into their own rows, in the caller's transaction.

    What the application refuses there (a CHECK, a trigger of its own) must not keep an item from ending.
    """
    try:
        with transaction.atomic():
            cursor.execute(_REFRESH, [list(execution_ids)])
    except (DataError, IntegrityError, InternalError, ProgrammingError) as error:
        logger.error("The application's table does not take the snowflake_* columns: %s", str(error).strip())  # noqa: TRY400


def tell_executions(execution_ids: Sequence[str], *, tries: int = 3) -> None:
    """Refreshes executions whose items were changed together, some at a time.

    Waits for nobody while it holds a lock: what the application is writing is tried again, and told of with the
    item's next change at the latest.
    """
    left = set(execution_ids)
    for number in range(tries):
        ids = sorted(left)
        for start in range(0, len(ids), BATCH):
            with short_transaction() as cursor:
                locked = lock_executions(cursor, ids[start : start + BATCH], skip_locked=True)
                refresh_executions(cursor, locked)
            left -= locked.keys()
        if not left:
            return
        time.sleep(0.05 * 2**number)
