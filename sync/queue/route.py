"""Routing: from an unrouted item to one item for each active destination of its owner."""

from datetime import datetime

from sync.errors import CATALOGUE
from sync.queue.database import one_statement, short_transaction
from sync.queue.executions import refresh_executions
from sync.queue.rows import Routed

# Set-based: 100,000 new items are a few statements. An unrouted item keeps its id and becomes the item
# of the first destination that has none for this execution yet; the others get new ones; where an item
# exists already, the news is folded into it (a worker that is busy with it sees the generation rise, and
# the load is repeated).
_ROUTE = """
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now
),
unrouted AS MATERIALIZED (
    SELECT item.id, item.execution_id, item.user_id
    FROM snowflake_sync_queue AS item, clock
    WHERE item.status = 'pending' AND item.configuration_id IS NULL AND item.run_after <= clock.now
    ORDER BY item.run_after, item.id
    LIMIT %(limit)s
    FOR UPDATE OF item SKIP LOCKED
),
destination AS MATERIALIZED (
    SELECT
        unrouted.id AS item_id,
        unrouted.execution_id,
        unrouted.user_id,
        configuration.id AS configuration_id,
        existing.id AS existing_id,
        row_number() OVER (
            PARTITION BY unrouted.id, existing.id IS NULL ORDER BY configuration.created_at, configuration.id
        ) AS place
    FROM unrouted
    JOIN snowflake_configurations AS configuration
        ON configuration.user_id = unrouted.user_id AND configuration.is_active
    LEFT JOIN snowflake_sync_queue AS existing
        ON existing.execution_id = unrouted.execution_id AND existing.configuration_id = configuration.id
),
skipped AS (
    UPDATE snowflake_sync_queue AS item
    SET status = 'skipped',
        error_code = 'no_destination',
        error_message = %(no_destination)s,
        processed_at = clock.now,
        updated_at = clock.now
    FROM clock
    WHERE item.id IN (SELECT id FROM unrouted EXCEPT SELECT item_id FROM destination)
    RETURNING item.execution_id
),
kept AS (
    UPDATE snowflake_sync_queue AS item
    SET configuration_id = destination.configuration_id,
        max_retries = %(max_retries)s,
        updated_at = clock.now
    FROM destination, clock
    WHERE item.id = destination.item_id AND destination.existing_id IS NULL AND destination.place = 1
    RETURNING item.id
),
added AS (
    INSERT INTO snowflake_sync_queue
        (execution_id, user_id, configuration_id, max_retries, run_after, created_at, updated_at)
    SELECT execution_id, user_id, configuration_id, %(max_retries)s, clock.now, clock.now, clock.now
    FROM destination, clock
    WHERE existing_id IS NULL AND place > 1
),
folded AS (
    UPDATE snowflake_sync_queue AS item
    SET generation = item.generation + 1,
        status = CASE WHEN item.status = 'processing' THEN item.status ELSE 'pending' END,
        retry_count = 0,
        run_after = clock.now,
        error_code = NULL,
        error_message = NULL,
        updated_at = clock.now
    FROM destination, clock
    WHERE item.id = destination.existing_id
),
spent AS (
    DELETE FROM snowflake_sync_queue AS item
    WHERE item.id IN (
        SELECT item_id FROM destination GROUP BY item_id HAVING bool_and(existing_id IS NOT NULL)
    )
)
SELECT
    (SELECT count(*) FROM unrouted),
    (SELECT coalesce(array_agg(execution_id), '{}') FROM skipped)
"""

# What waits at a destination that was switched off does not wait for ever.
_SKIP_INACTIVE = """
UPDATE snowflake_sync_queue AS item
SET status = 'skipped',
    error_code = 'destination_inactive',
    error_message = %(destination_inactive)s,
    processed_at = coalesce(%(now)s, now()),
    updated_at = coalesce(%(now)s, now())
WHERE item.id IN (
    SELECT waiting.id
    FROM snowflake_configurations AS configuration
    JOIN snowflake_sync_queue AS waiting ON waiting.configuration_id = configuration.id
    WHERE NOT configuration.is_active AND waiting.status = 'pending'
    LIMIT %(limit)s
    FOR UPDATE OF waiting SKIP LOCKED
)
RETURNING item.execution_id
"""

# Whoever switched a destination on, and by whatever means, finds what was skipped for want of it picked up.
_REOPEN_SKIPPED = """
UPDATE snowflake_sync_queue AS item
SET status = 'pending',
    run_after = coalesce(%(now)s, now()),
    retry_count = 0,
    error_code = NULL,
    error_message = NULL,
    updated_at = coalesce(%(now)s, now())
WHERE item.id IN (
    SELECT waiting.id
    FROM snowflake_configurations AS configuration
    JOIN snowflake_sync_queue AS waiting ON waiting.user_id = configuration.user_id
    WHERE configuration.is_active
        AND waiting.status = 'skipped'
        AND (
            (waiting.configuration_id IS NULL AND waiting.error_code = 'no_destination')
            OR (waiting.configuration_id = configuration.id AND waiting.error_code = 'destination_inactive')
        )
    LIMIT %(limit)s
    FOR UPDATE OF waiting SKIP LOCKED
)
RETURNING item.execution_id
"""


def route(limit: int = 10_000, *, max_retries: int = 3, now: datetime | None = None) -> Routed:
    """Gives up to `limit` unrouted items their destinations. Call again while it returns that many."""
    params = {
        "limit": limit,
        "max_retries": max_retries,
        "no_destination": _reason("no_destination"),
        "now": now,
    }
    items, skipped = one_statement(_ROUTE, params)[0]
    _tell_executions(skipped)
    return Routed(items, tuple(skipped))


def reopen_skipped(limit: int = 10_000, *, now: datetime | None = None) -> int:
    """Follows destinations that were switched on or off; the number of items put back to pending."""
    params = {"limit": limit, "destination_inactive": _reason("destination_inactive"), "now": now}
    _tell_executions([row[0] for row in one_statement(_SKIP_INACTIVE, params)])
    reopened = [row[0] for row in one_statement(_REOPEN_SKIPPED, params)]
    _tell_executions(reopened)
    return len(reopened)


def _reason(code: str) -> str:
    entry = CATALOGUE[code]
    return f"{entry.meaning} {entry.remedy}"


def _tell_executions(execution_ids: list[str]) -> None:
    if execution_ids:
        with short_transaction() as cursor:
            refresh_executions(cursor, execution_ids)
