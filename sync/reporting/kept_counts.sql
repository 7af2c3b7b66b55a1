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

-- name: failed
SELECT user_id, coalesce(error_code, '') AS error_code, configuration_id, execution_id, updated_at
FROM ONLY snowflake_sync_queue
WHERE status = 'failed'

-- name: grouped
-- `placed`, what failed with its workflow, by owner, code, workflow and destination; `curve`: how many by how many times
-- six hours ago they failed.
SELECT
    concat_ws('/', coalesce(user_id::text, '-'), coalesce(workflow_id::text, '-'),
        coalesce(configuration_id::text, '-'), error_code) AS key,
    user_id,
    error_code,
    workflow_id,
    configuration_id,
    sum(count)::bigint AS count,
    min(first_at) AS first_at,
    max(last_at) AS last_at,
    sum(last_hour)::bigint AS last_hour,
    coalesce(sum(count) FILTER (WHERE number < 4), 0)::bigint AS last_day,
    coalesce(sum(count) FILTER (WHERE number < 28), 0)::bigint AS last_week,
    coalesce(jsonb_object_agg(number, count) FILTER (WHERE number < 28), '{}') AS curve
FROM (
    SELECT
        user_id,
        error_code,
        workflow_id,
        configuration_id,
        least(28, floor(greatest(0, extract(epoch FROM clock.now - updated_at)) / 21600))::integer AS number,
        count(*) AS count,
        count(*) FILTER (WHERE updated_at > clock.now - interval '1 hour') AS last_hour,
        min(updated_at) AS first_at,
        max(updated_at) AS last_at
    FROM placed
    CROSS JOIN clock
    GROUP BY 1, 2, 3, 4, 5
) AS step
GROUP BY user_id, error_code, workflow_id, configuration_id

-- name: make_groups
-- In the transaction that has made the counts of the queue, and as of their time. Executions are many, and wide: of each
-- that has failed the workflow is looked up once, and noted. Lines that have not changed are not written.
WITH clock AS MATERIALIZED (
    SELECT as_of AS now FROM snowflake_sync_rollup_made
),
failed AS MATERIALIZED (
    {failed}
),
noted AS (
    INSERT INTO snowflake_sync_failed_workflows (execution_id, workflow_id)
    SELECT DISTINCT failed.execution_id, execution.workflow_id
    FROM failed
    LEFT JOIN snowflake_sync_failed_workflows AS known ON known.execution_id = failed.execution_id
    LEFT JOIN LATERAL (
        SELECT workflow_id FROM workflow_executions WHERE execution_id = failed.execution_id OFFSET 0
    ) AS execution ON true
    WHERE known.execution_id IS NULL
    RETURNING execution_id, workflow_id
),
forgotten AS (
    DELETE FROM snowflake_sync_failed_workflows AS known
    WHERE NOT EXISTS (SELECT FROM failed WHERE failed.execution_id = known.execution_id)
),
placed AS (
    SELECT failed.*, known.workflow_id
    FROM failed
    LEFT JOIN (
        SELECT execution_id, workflow_id FROM snowflake_sync_failed_workflows
        UNION ALL
        SELECT execution_id, workflow_id FROM noted
    ) AS known ON known.execution_id = failed.execution_id
),
line AS MATERIALIZED (
    {grouped}
),
gone AS (
    DELETE FROM snowflake_sync_error_groups AS kept
    WHERE NOT EXISTS (SELECT FROM line WHERE line.key = kept.key)
),
written AS (
    INSERT INTO snowflake_sync_error_groups AS kept (
        key, user_id, error_code, workflow_id, configuration_id, count, first_at, last_at, last_hour, last_day,
        last_week, curve
    )
    SELECT * FROM line
    ON CONFLICT (key) DO UPDATE SET (count, first_at, last_at, last_hour, last_day, last_week, curve) = (
        excluded.count, excluded.first_at, excluded.last_at, excluded.last_hour, excluded.last_day,
        excluded.last_week, excluded.curve
    )
    WHERE kept.* IS DISTINCT FROM excluded.*
)
UPDATE snowflake_sync_rollup_made
SET seconds = seconds + extract(epoch FROM clock_timestamp() - statement_timestamp())
FROM (SELECT count(*) FROM line) AS made

-- name: begin
-- A crash of PostgreSQL empties the table, as it does every unlogged table.
INSERT INTO snowflake_sync_rollup_made DEFAULT VALUES ON CONFLICT (id) DO NOTHING

-- name: age
SELECT
    extract(epoch FROM coalesce(%(now)s, clock_timestamp()) - greatest(as_of, '1970-01-01'))::double precision,
    seconds
FROM snowflake_sync_rollup_made
