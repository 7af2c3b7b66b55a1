"""The statements of sync.reporting.statistics."""

# One pass over the queue: about 220 ms for a million items.
LINES = """
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
"""

# Lines that have not changed are not written. As long as nothing has been made: as of never.
MAKE = f"""
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, statement_timestamp()) AS now
),
line AS MATERIALIZED (
    SELECT
        concat_ws('/', coalesce(user_id::text, '-'), coalesce(configuration_id::text, '-'), status, error_code) AS key,
        found.*
    FROM ({LINES}) AS found
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
    SELECT
        key, user_id, configuration_id, status, error_code, count, retries, oldest_item, newest_item,
        oldest_run_after, last_change, last_hour, last_day, last_week
    FROM line
    ON CONFLICT (key) DO UPDATE SET
        count = excluded.count,
        retries = excluded.retries,
        oldest_item = excluded.oldest_item,
        newest_item = excluded.newest_item,
        oldest_run_after = excluded.oldest_run_after,
        last_change = excluded.last_change,
        last_hour = excluded.last_hour,
        last_day = excluded.last_day,
        last_week = excluded.last_week
    WHERE (
        kept.count, kept.retries, kept.oldest_item, kept.newest_item, kept.oldest_run_after, kept.last_change,
        kept.last_hour, kept.last_day, kept.last_week
    ) IS DISTINCT FROM (
        excluded.count, excluded.retries, excluded.oldest_item, excluded.newest_item, excluded.oldest_run_after,
        excluded.last_change, excluded.last_hour, excluded.last_day, excluded.last_week
    )
)
UPDATE snowflake_sync_rollup_made
SET as_of = clock.now,
    seconds = extract(epoch FROM clock_timestamp() - statement_timestamp())
-- All lines are there before the time is taken.
FROM clock, (SELECT count(*) FROM line) AS made
RETURNING seconds
"""

# Emptied by a crash of PostgreSQL, as every unlogged table is.
BEGIN = "INSERT INTO snowflake_sync_rollup_made DEFAULT VALUES ON CONFLICT (id) DO NOTHING"

AGE = """
SELECT
    extract(epoch FROM coalesce(%(now)s, clock_timestamp()) - greatest(as_of, '1970-01-01'))::double precision,
    seconds
FROM snowflake_sync_rollup_made
"""
# The same, once nobody else is at it; whoever need not have it passes by where somebody is.
AGE_ONCE_FREE = f"{AGE} FOR UPDATE"
AGE_IF_FREE = f"{AGE} FOR UPDATE SKIP LOCKED"

COUNT_SOME = "SELECT count(*) FROM (SELECT FROM snowflake_sync_queue LIMIT %(limit)s) AS item"

KEPT = "SELECT * FROM snowflake_sync_rollup"
KEPT_AS_OF = "(SELECT as_of FROM snowflake_sync_rollup_made)"
LIVE_AS_OF = "coalesce(%(now)s, statement_timestamp())"

# The lines, added up; one row that says nothing but the time where there are none.
ADDED_UP = """
WITH clock AS MATERIALIZED (
    SELECT {as_of} AS now
)
SELECT clock.now, added.*
FROM clock
LEFT JOIN (
    SELECT
        {dimensions},
        sum(count)::bigint,
        sum(retries)::bigint,
        min(oldest_item),
        max(newest_item),
        min(oldest_run_after),
        max(last_change),
        sum(last_hour)::bigint,
        sum(last_day)::bigint,
        sum(last_week)::bigint
    FROM ({lines}) AS line
    WHERE %(user_id)s::uuid IS NULL OR user_id = %(user_id)s::uuid
    GROUP BY {dimensions}
) AS added ON true
"""
