-- name: start
-- From which attempt on, by its id, the latest ones are looked at; from when, where not all of the period are among
-- them; and when the first of the period ended.
WITH latest AS MATERIALIZED (
    SELECT coalesce(max(id), 0) - %(most)s AS id FROM snowflake_sync_attempts
)
SELECT
    latest.id,
    (SELECT finished_at FROM snowflake_sync_attempts AS attempt WHERE attempt.id > latest.id ORDER BY attempt.id LIMIT 1),
    EXISTS (SELECT FROM snowflake_sync_attempts AS attempt WHERE attempt.id <= latest.id)
FROM latest

-- name: spent
-- What was sent, by workflow, by destination and by day, for what was taken out again, too, which is no load. What
-- travelled together shares its time; a minute's loads of a workflow are a batch of it, as far as there could be one.
WITH spent AS MATERIALIZED (
    SELECT
        attempt.configuration_id,
        execution.workflow_id,
        date_bin('1 minute', attempt.finished_at, 'epoch') AS minute,
        count(*) FILTER (WHERE attempt.outcome <> 'removed') AS loads,
        sum(attempt.statement_count::double precision / greatest(attempt.batch_size, 1)) AS statements,
        sum(extract(epoch FROM attempt.finished_at - attempt.started_at)::double precision
            / greatest(attempt.batch_size, 1)) AS seconds,
        coalesce(sum(attempt.byte_count), 0) AS bytes
    FROM snowflake_sync_attempts AS attempt
    JOIN ONLY snowflake_sync_queue AS item ON item.id = attempt.item_id
    LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    WHERE attempt.id > %(first)s
        AND attempt.finished_at >= %(since)s
        AND attempt.statement_count > 0
        AND attempt.started_at IS NOT NULL
        AND (%(configurations)s::uuid[] IS NULL OR attempt.configuration_id = ANY (%(configurations)s::uuid[]))
    GROUP BY 1, 2, 3
)
SELECT
    CASE
        WHEN grouping(configuration_id) = 0 THEN 'destination'
        WHEN grouping(workflow_id) = 0 THEN 'workflow'
        ELSE 'day'
    END,
    configuration_id,
    workflow_id,
    (minute AT TIME ZONE %(zone)s)::date,
    sum(loads)::bigint,
    sum(statements),
    sum(seconds),
    sum(bytes)::bigint,
    count(*) FILTER (WHERE loads > 0)
FROM spent
GROUP BY GROUPING SETS ((configuration_id), (workflow_id), ((minute AT TIME ZONE %(zone)s)::date))
ORDER BY sum(statements) DESC

-- name: busy
-- When loads ran in each destination: those that are no further apart than a warehouse sleeps are one.
WITH load AS (
    SELECT
        id,
        configuration_id,
        started_at,
        finished_at,
        max(finished_at) OVER (
            PARTITION BY configuration_id ORDER BY started_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
    FROM snowflake_sync_attempts
    WHERE id > %(first)s
        AND finished_at >= %(since)s
        AND statement_count > 0
        AND started_at IS NOT NULL
        AND (%(configurations)s::uuid[] IS NULL OR configuration_id = ANY (%(configurations)s::uuid[]))
),
numbered AS (
    SELECT
        configuration_id,
        started_at,
        finished_at,
        count(*) FILTER (WHERE before IS NULL OR started_at > before + make_interval(secs => %(gap)s)) OVER (
            PARTITION BY configuration_id ORDER BY started_at, id
        ) AS number
    FROM load
)
SELECT configuration_id, extract(epoch FROM min(started_at))::double precision,
    extract(epoch FROM max(finished_at))::double precision
FROM numbered
GROUP BY configuration_id, number
