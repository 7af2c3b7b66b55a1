-- name: groups
-- Failures by code, workflow and destination. `hours`: how many whole hours ago each of the last day came.
SELECT
    latest.code,
    execution.workflow_id,
    latest.configuration_id,
    count(*),
    min(latest.at),
    max(latest.at),
    array_agg(floor(extract(epoch FROM %(now)s - latest.at) / 3600)::integer)
        FILTER (WHERE latest.at > %(now)s - interval '24 hours'),
    (array_agg(latest.execution_id ORDER BY latest.at DESC))[1]
FROM latest
LEFT JOIN workflow_executions AS execution ON execution.execution_id = latest.execution_id
GROUP BY 1, 2, 3

-- name: of_all
-- The latest failures of all, by snowflake_sync_queue_failed_at_idx.
WITH latest AS MATERIALIZED (
    SELECT execution_id, configuration_id, coalesce(error_code, '') AS code, updated_at AS at
    FROM ONLY snowflake_sync_queue
    WHERE status = 'failed'
    ORDER BY updated_at DESC
    LIMIT %(size)s
)
{groups}

-- name: of_one
-- The latest failures of one owner, by snowflake_sync_queue_user_failed_idx.
WITH latest AS MATERIALIZED (
    SELECT execution_id, configuration_id, coalesce(error_code, '') AS code, updated_at AS at
    FROM ONLY snowflake_sync_queue
    WHERE status = 'failed' AND user_id = %(user_id)s
    ORDER BY updated_at DESC
    LIMIT %(size)s
)
{groups}
