-- The documented views, with exactly the documented columns. One of theirs stays as it is: it may show fewer rows than
-- ours would, and who sees what is theirs to decide.
SELECT :schema.snowflake_sync_ensure_view('snowflake_sync_queue_summary', $$
    SELECT
        status,
        count(*) AS count,
        min(created_at) AS oldest_item,
        max(created_at) AS newest_item,
        avg(retry_count) AS avg_retries
    FROM :schema.snowflake_sync_queue
    GROUP BY status
$$);
SELECT :schema.snowflake_sync_ensure_view('snowflake_sync_failures', $$
    SELECT
        item.id,
        item.execution_id,
        item.user_id,
        item.status,
        item.retry_count,
        item.max_retries,
        item.error_message,
        item.created_at,
        item.updated_at,
        item.processed_at,
        execution.status AS execution_status,
        execution.created_at AS execution_created_at,
        workflow.name AS workflow_name,
        owner.email AS user_email
    FROM :schema.snowflake_sync_queue AS item
    LEFT JOIN :schema.workflow_executions AS execution ON execution.execution_id = item.execution_id
    LEFT JOIN :schema.workflows AS workflow ON workflow.id = execution.workflow_id
    LEFT JOIN :schema.users AS owner ON owner.id = item.user_id
    WHERE item.status = 'failed'
$$);
