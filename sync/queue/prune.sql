-- name: attempts
-- The next attempts by id, which is the order of time. An item's last attempt stays, and so do all attempts of an item
-- that is open, and those that have not been added up yet, which happens if somebody else is adding up.
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
    JOIN ONLY snowflake_sync_queue AS item ON item.id = page.item_id
    WHERE page.finished_at < %(before)s
        AND item.status NOT IN ('pending', 'processing')
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
    (SELECT coalesce(max(id), 0) FROM page),
    CASE WHEN %(dry_run)s THEN (SELECT count(*) FROM old) ELSE (SELECT count(*) FROM deleted) END,
    ARRAY(SELECT id FROM old WHERE NOT %(dry_run)s EXCEPT SELECT id FROM deleted)

-- name: begin
-- The moment is by PostgreSQL's clock, as are the times that it is compared with.
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) - make_interval(days => %(days)s) AS before
)
SELECT
    clock.before,
    (SELECT count(*) FROM snowflake_sync_attempts WHERE finished_at < clock.before)
FROM clock

-- name: workers
-- A worker that holds an item by the queue's account stays until the item is rescued.
WITH old AS MATERIALIZED (
    SELECT worker.id
    FROM snowflake_sync_workers AS worker
    WHERE greatest(worker.heartbeat_at, worker.stopped_at) < %(before)s
        AND NOT EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS item
            WHERE item.status = 'processing' AND item.worker_id = worker.id
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
    CASE WHEN %(dry_run)s THEN (SELECT count(*) FROM old) ELSE (SELECT count(*) FROM deleted) END,
    CASE WHEN %(dry_run)s THEN 0 ELSE (SELECT count(*) FROM old) - (SELECT count(*) FROM deleted) END

-- name: removed
-- Items that left the queue so long ago are not expected to come again; nor are items of a destination that is deleted.
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
),
-- What is in the Snowflake of a destination that is deleted, nobody reaches from here.
out_of_reach AS MATERIALIZED (
    SELECT result.configuration_id, result.execution_id
    FROM snowflake_sync_results AS result
    WHERE NOT EXISTS (
        SELECT FROM snowflake_configurations AS configuration WHERE configuration.id = result.configuration_id
    )
    LIMIT %(size)s
),
forgotten AS (
    DELETE FROM snowflake_sync_results AS result
    USING out_of_reach AS old
    WHERE (result.configuration_id, result.execution_id) = (old.configuration_id, old.execution_id)
    RETURNING 1
)
SELECT greatest((SELECT count(*) FROM deleted), (SELECT count(*) FROM forgotten))
