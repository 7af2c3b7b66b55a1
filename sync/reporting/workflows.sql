-- What became of workflows lately, among the newest items of their owners: the application has no index by workflow.
-- name: listed
item.status <> 'processing' AND (item.status <> 'pending' OR item.configuration_id IS NOT NULL)

-- name: keys
-- Of an owner and a status so many, in the order in which snowflake_sync_queue_listing_idx has them. Only what the index
-- has is asked for: for more, the planner would sort all that an owner with many has.
SELECT item.id, item.created_at FROM ONLY snowflake_sync_queue AS item
WHERE item.user_id = owner.user_id AND item.status = wanted.status AND {listed} AND item.created_at >= %(since)s
ORDER BY item.created_at DESC, item.id DESC
LIMIT %(size)s

-- name: shown
SELECT item.id, item.user_id, item.execution_id, item.configuration_id, item.status, item.error_code,
    item.error_message, item.schema_name, item.table_name, item.row_count, item.source_row_count, item.created_at
FROM ONLY snowflake_sync_queue AS item

-- name: kinds
unnest(%(owners)s::uuid[]) AS owner (user_id)
CROSS JOIN unnest('{pending,completed,failed,skipped}'::text[]) AS wanted (status)

-- name: loading
{shown}
WHERE item.status = 'processing' AND item.user_id = ANY (%(owners)s::uuid[]) AND item.created_at >= %(since)s

-- name: of_workflows
SELECT execution.workflow_id FROM workflow_executions AS execution
WHERE execution.execution_id = item.execution_id AND execution.workflow_id = ANY (%(workflows)s::uuid[])
OFFSET 0

-- name: lately
-- By workflow and destination. `since`: up to where all were looked at, NULL for as far as was asked.
WITH newest AS MATERIALIZED (
    SELECT item.*
    FROM {kinds}
    CROSS JOIN LATERAL ({keys}) AS key
    CROSS JOIN LATERAL ({shown} WHERE item.id = key.id OFFSET 0) AS item
    UNION ALL
    {loading}
),
complete AS (
    SELECT max(oldest) AS since
    FROM (
        SELECT min(created_at) AS oldest FROM newest GROUP BY user_id, status HAVING count(*) >= %(size)s
    ) AS cut
)
SELECT execution.workflow_id, item.configuration_id, complete.since,
    count(*),
    count(*) FILTER (WHERE item.created_at >= %(today)s),
    count(*) FILTER (WHERE item.status = 'completed'),
    count(*) FILTER (WHERE item.status = 'failed'),
    max(item.created_at),
    (array_agg(item.status ORDER BY item.created_at DESC))[1],
    (array_agg(item.row_count ORDER BY item.created_at DESC) FILTER (WHERE item.status = 'completed'))[1],
    (array_agg(item.source_row_count ORDER BY item.created_at DESC) FILTER (WHERE item.status = 'completed'))[1]
FROM newest AS item
CROSS JOIN complete
CROSS JOIN LATERAL ({of_workflows}) AS execution
GROUP BY execution.workflow_id, item.configuration_id, complete.since

-- name: runs
-- Of one workflow, the newest, with how long their last attempt took: of each status, until so many are found.
SELECT item.execution_id, item.configuration_id, item.status, item.error_code, item.error_message,
    item.schema_name, item.table_name, item.row_count, item.source_row_count, item.created_at, attempt.seconds
FROM (
    SELECT item.*
    FROM (
        SELECT item.*
        FROM {kinds}
        CROSS JOIN LATERAL (
            SELECT item.*
            FROM ({keys}) AS key
            CROSS JOIN LATERAL ({shown} WHERE item.id = key.id OFFSET 0) AS item
            CROSS JOIN LATERAL ({of_workflows}) AS execution
            ORDER BY key.created_at DESC, key.id DESC
            LIMIT %(most)s
        ) AS item
        UNION ALL
        SELECT item.* FROM ({loading}) AS item CROSS JOIN LATERAL ({of_workflows}) AS execution
    ) AS item
    ORDER BY item.created_at DESC, item.id DESC
    LIMIT %(most)s
) AS item
LEFT JOIN LATERAL (
    SELECT extract(epoch FROM attempt.finished_at - attempt.started_at)::double precision AS seconds
    FROM snowflake_sync_attempts AS attempt
    WHERE attempt.item_id = item.id
    ORDER BY attempt.id DESC
    LIMIT 1
) AS attempt ON true
ORDER BY item.created_at DESC, item.id DESC

-- name: columns
-- Of these executions, the newest first. A result's columns are read without its rows.
SELECT execution_id, result_total_rows, {column_names} AS names, {column_types} AS types
FROM (
    SELECT execution_id, created_at, result_total_rows, CASE
        WHEN CASE jsonb_typeof(result_columns) WHEN 'array' THEN jsonb_array_length(result_columns) END <= %(max)s
        THEN result_columns
        ELSE '[]'
    END AS known
    FROM workflow_executions
    WHERE execution_id = ANY (%(executions)s) AND status = 'completed'
) AS declared
ORDER BY created_at DESC, execution_id
