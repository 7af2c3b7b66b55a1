-- name: count
-- One pass over the queue: about 220 ms for a million items.
SELECT
    user_id,
    configuration_id,
    status,
    error_code,
    count(*) AS count,
    coalesce(sum(retry_count), 0) AS retries,
    min(created_at) AS oldest_item,
    max(created_at) AS newest_item,
    min(run_after) AS oldest_run_after,
    max(updated_at) AS last_change,
    count(*) FILTER (WHERE updated_at > clock.now - interval '1 hour') AS last_hour,
    count(*) FILTER (WHERE updated_at > clock.now - interval '1 day') AS last_day,
    count(*) FILTER (WHERE updated_at > clock.now - interval '7 days') AS last_week
FROM snowflake_sync_queue
CROSS JOIN clock
GROUP BY user_id, configuration_id, status, error_code

-- name: make
-- Lines that have not changed are not written. Until counts have been made, as_of lies in the infinite past.
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, statement_timestamp()) AS now
),
line AS MATERIALIZED (
    SELECT
        concat_ws('/', coalesce(user_id::text, '-'), coalesce(configuration_id::text, '-'), status, error_code) AS key,
        found.*
    FROM ({count}) AS found
),
gone AS (
    DELETE FROM snowflake_sync_rollup AS kept
    WHERE NOT EXISTS (SELECT FROM line WHERE line.key = kept.key)
),
written AS (
    INSERT INTO snowflake_sync_rollup AS kept (
        key, user_id, configuration_id, status, error_code, count, retries, oldest_item, newest_item,
        oldest_run_after, last_change, last_hour, last_day, last_week
    )
    SELECT * FROM line
    ON CONFLICT (key) DO UPDATE SET (
        count, retries, oldest_item, newest_item, oldest_run_after, last_change, last_hour, last_day, last_week
    ) = (
        excluded.count, excluded.retries, excluded.oldest_item, excluded.newest_item, excluded.oldest_run_after,
        excluded.last_change, excluded.last_hour, excluded.last_day, excluded.last_week
    )
    WHERE kept.* IS DISTINCT FROM excluded.*
)
UPDATE snowflake_sync_rollup_made
SET as_of = clock.now,
    seconds = extract(epoch FROM clock_timestamp() - statement_timestamp())
-- Counts the lines first, so that the pass is over when the time is taken.
FROM clock, (SELECT count(*) FROM line) AS made

-- name: begin
-- A crash of PostgreSQL empties the table, as it does every unlogged table.
INSERT INTO snowflake_sync_rollup_made DEFAULT VALUES ON CONFLICT (id) DO NOTHING

-- name: age
SELECT
    extract(epoch FROM coalesce(%(now)s, clock_timestamp()) - greatest(as_of, '1970-01-01'))::double precision,
    seconds
FROM snowflake_sync_rollup_made
