"""Pruning: history that nobody asks for any more."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sync.postgres import one_statement

# So many attempts by id, which is the order of time. An item's last attempt stays, and all of an item that is open;
# and what has not been added up yet, if somebody else is at that.
_ATTEMPTS = """
WITH page AS MATERIALIZED (
    SELECT id, item_id, finished_at
    FROM snowflake_sync_attempts
    WHERE id > %(position)s AND (%(dry_run)s OR id <= (SELECT position FROM snowflake_sync_history_state))
    ORDER BY id
    LIMIT %(size)s
),
old AS MATERIALIZED (
    SELECT page.id
    FROM page
    JOIN snowflake_sync_queue AS item ON item.id = page.item_id
    WHERE page.finished_at < %(before)s
        AND item.status NOT IN ('pending', 'processing')
        AND (%(users)s::uuid[] IS NULL OR item.user_id = ANY(%(users)s::uuid[]))
        AND EXISTS (
            SELECT FROM snowflake_sync_attempts AS later WHERE later.item_id = page.item_id AND later.id > page.id
        )
),
free AS MATERIALIZED (
    SELECT attempt.id
    FROM snowflake_sync_attempts AS attempt
    WHERE attempt.id IN (SELECT id FROM old) AND NOT %(dry_run)s
    FOR UPDATE SKIP LOCKED
),
deleted AS (
    DELETE FROM snowflake_sync_attempts WHERE id IN (SELECT id FROM free) RETURNING id
)
SELECT
    (SELECT count(*) FROM page),
    (SELECT count(*) FROM page WHERE finished_at < %(before)s),
    (SELECT max(id) FROM page),
    CASE WHEN %(dry_run)s THEN (SELECT count(*) FROM old) ELSE (SELECT count(*) FROM deleted) END,
    CASE WHEN %(dry_run)s THEN 0 ELSE (SELECT count(*) FROM old) - (SELECT count(*) FROM deleted) END
"""

# By PostgreSQL's clock, like all that it compares.
_BEGIN = """
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) - make_interval(days => %(days)s) AS before
)
SELECT
    clock.before,
    (SELECT count(*) FROM snowflake_sync_attempts WHERE finished_at < clock.before)
FROM clock
"""

# One that is said to hold an item stays until that is rescued.
_WORKERS = """
WITH page AS MATERIALIZED (
    SELECT id, greatest(heartbeat_at, stopped_at) AS last_seen
    FROM snowflake_sync_workers
    WHERE id > %(position)s
    ORDER BY id
    LIMIT %(size)s
),
old AS MATERIALIZED (
    SELECT page.id
    FROM page
    WHERE page.last_seen < %(before)s
        AND NOT EXISTS (
            SELECT FROM snowflake_sync_queue AS item WHERE item.status = 'processing' AND item.worker_id = page.id
        )
),
free AS MATERIALIZED (
    SELECT worker.id
    FROM snowflake_sync_workers AS worker
    WHERE worker.id IN (SELECT id FROM old) AND worker.heartbeat_at < %(before)s AND NOT %(dry_run)s
    FOR UPDATE SKIP LOCKED
),
deleted AS (
    DELETE FROM snowflake_sync_workers WHERE id IN (SELECT id FROM free) RETURNING id
)
SELECT
    (SELECT count(*) FROM page),
    (SELECT count(*) FROM page WHERE last_seen < %(before)s),
    (SELECT max(id) FROM page),
    CASE WHEN %(dry_run)s THEN (SELECT count(*) FROM old) ELSE (SELECT count(*) FROM deleted) END,
    CASE WHEN %(dry_run)s THEN 0 ELSE (SELECT count(*) FROM old) - (SELECT count(*) FROM deleted) END
"""

# What left the queue so long ago is not expected to come again; nor is what belonged to a destination that is gone.
_REMOVED = """
WITH old AS MATERIALIZED (
    SELECT removed.configuration_id, removed.execution_id
    FROM snowflake_sync_removed_items AS removed
    WHERE removed.removed_at < %(before)s OR NOT EXISTS (
        SELECT FROM snowflake_configurations AS configuration WHERE configuration.id = removed.configuration_id
    )
    LIMIT %(size)s
),
deleted AS (
    DELETE FROM snowflake_sync_removed_items AS removed
    USING old
    WHERE (removed.configuration_id, removed.execution_id) = (old.configuration_id, old.execution_id)
    RETURNING 1
)
SELECT count(*) FROM deleted
"""

PRUNE_PAGE = 2_000


class PrunePage(NamedTuple):
    """What a page did: rows read, old ones among them, where it ended, rows deleted, rows that somebody else holds."""

    rows: int
    old: int
    position: int
    deleted: int
    held: int


def prune_attempts(
    before: datetime,
    position: int,
    *,
    user_ids: Sequence[UUID] | None = None,
    size: int = PRUNE_PAGE,
    dry_run: bool = False,
) -> PrunePage:
    """Deletes attempts that ended before a moment, among the next `size`. Waits for nobody."""
    params = {
        "before": before,
        "position": position,
        "users": None if user_ids is None else list(user_ids),
        "size": size,
        "dry_run": dry_run,
    }
    return _page(_ATTEMPTS, params)


def prune_workers(before: datetime, position: int, *, size: int = PRUNE_PAGE, dry_run: bool = False) -> PrunePage:
    """Deletes workers that stopped, or stopped beating, before a moment, among the next `size`. Waits for nobody."""
    return _page(_WORKERS, {"before": before, "position": position, "size": size, "dry_run": dry_run})


def prune_removed(before: datetime, *, size: int = PRUNE_PAGE) -> int:
    """Forgets some of what left the queue before a moment, or with its destination; how many."""
    count: int = one_statement(_REMOVED, {"before": before, "size": size})[0][0]
    return count


def begin_prune(days: int, *, now: datetime | None = None) -> tuple[datetime, int]:
    """The moment so many days ago, and how many attempts ended before it, to be kept or not."""
    before, attempts = one_statement(_BEGIN, {"days": days, "now": now})[0]
    return before, attempts


def _page(sql: str, params: dict[str, object]) -> PrunePage:
    rows, old, position, deleted, held = one_statement(sql, params)[0]
    return PrunePage(rows, old, position or 0, deleted, held)
