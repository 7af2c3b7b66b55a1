-- What became of workflows lately, among the newest items of their owners: the application has no index by workflow.
-- name: listed
item.status <> 'processing' AND (item.status <> 'pending' OR item.configuration_id IS NOT NULL)

-- name: newest
-- Of each owner and status so many, which snowflake_sync_queue_listing_idx has in their order; and what is being loaded.
newest AS MATERIALIZED (
    SELECT item.*
    FROM unnest(%(owners)s::uuid[]) AS owner (user_id)
    CROSS JOIN unnest('{pending,completed,failed,skipped}'::text[]) AS wanted (status)
    CROSS JOIN LATERAL (
        SELECT item.id, item.user_id, item.execution_id, item.configuration_id, item.status, item.error_code,
            item.schema_name, item.table_name, item.row_count, item.source_row_count, item.created_at
        FROM ONLY snowflake_sync_queue AS item
        WHERE item.user_id = owner.user_id AND item.status = wanted.status AND {listed}
            AND item.created_at >= %(since)s
        ORDER BY item.created_at DESC, item.id DESC
        LIMIT %(size)s
    ) AS item
    UNION ALL
    SELECT item.id, item.user_id, item.execution_id, item.configuration_id, item.status, item.error_code,
        item.schema_name, item.table_name, item.row_count, item.source_row_count, item.created_at
    FROM ONLY snowflake_sync_queue AS item
    WHERE item.status = 'processing' AND item.user_id = ANY (%(owners)s::uuid[]) AND item.created_at >= %(since)s
),
complete AS (
    SELECT max(oldest) AS since
    FROM (
        SELECT min(created_at) AS oldest FROM newest GROUP BY user_id, status HAVING count(*) >= %(size)s
    ) AS cut
)

-- name: lately
-- By workflow and destination. `since`: up to where all were looked at, NULL for as far as was asked.
WITH {newest}
SELECT execution.workflow_id, item.configuration_id, complete.since,
    count(*) FILTER (WHERE item.created_at >= %(today)s),
    count(*) FILTER (WHERE item.status = 'completed'),
    count(*) FILTER (WHERE item.status = 'failed'),
    max(item.created_at),
    (array_agg(item.status ORDER BY item.created_at DESC))[1],
    (array_agg(item.row_count ORDER BY item.created_at DESC) FILTER (WHERE item.status = 'completed'))[1],
    (array_agg(item.source_row_count ORDER BY item.created_at DESC) FILTER (WHERE item.status = 'completed'))[1]
FROM newest AS item
CROSS JOIN complete
JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
WHERE execution.workflow_id = ANY (%(workflows)s::uuid[])
GROUP BY execution.workflow_id, item.configuration_id, complete.since

-- name: runs
-- Of one workflow, the newest, with how long their last attempt took.
WITH {newest}
SELECT item.execution_id, item.configuration_id, item.status, item.error_code, item.schema_name, item.table_name,
    item.row_count, item.source_row_count, item.created_at, attempt.seconds
FROM (
    SELECT item.*
    FROM newest AS item
    JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    WHERE execution.workflow_id = ANY (%(workflows)s::uuid[])
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
