-- name: is_small
SELECT count(*) <= %(limit)s FROM (SELECT FROM snowflake_sync_queue LIMIT %(limit)s + 1) AS item

-- name: added_up
-- If there are no items, one row with nothing but the time.
SELECT clock.now, added.*
FROM clock
LEFT JOIN (
    SELECT
        CASE WHEN NOT %(by_status)s THEN configuration_id END AS configuration_id,
        status,
        CASE WHEN NOT %(by_status)s THEN error_code END AS error_code,
        sum(count)::bigint,
        sum(retries)::bigint,
        min(oldest_item),
        max(newest_item),
        min(oldest_run_after),
        max(last_change),
        sum(last_hour)::bigint,
        sum(last_day)::bigint,
        sum(last_week)::bigint
    FROM item
    WHERE %(user_id)s::uuid IS NULL OR user_id = %(user_id)s::uuid
    GROUP BY 1, 2, 3
) AS added ON true

-- name: live
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, statement_timestamp()) AS now
),
item AS (
    {count}
)
{added_up}

-- name: kept
WITH clock AS MATERIALIZED (
    SELECT as_of AS now FROM snowflake_sync_rollup_made
),
item AS (
    SELECT * FROM snowflake_sync_rollup
)
{added_up}
