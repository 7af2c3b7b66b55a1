-- The documented views, with exactly the documented columns, so that either of ours and theirs can take the other's
-- place under CREATE OR REPLACE: grants, and views built on them, stay.
DO $$
DECLARE
    view_name text;
BEGIN
    FOREACH view_name IN ARRAY ARRAY['snowflake_sync_queue_summary', 'snowflake_sync_failures'] LOOP
        IF to_regclass(view_name) IS NOT NULL THEN
            PERFORM snowflake_sync_log_displaced(
                'view', view_name, view_name,
                format('CREATE OR REPLACE VIEW %I AS %s', view_name, pg_get_viewdef(to_regclass(view_name)))
            );
        END IF;
    END LOOP;
END
$$;

CREATE OR REPLACE VIEW snowflake_sync_queue_summary AS
SELECT
    status,
    count(*) AS count,
    min(created_at) AS oldest_item,
    max(created_at) AS newest_item,
    avg(retry_count) AS avg_retries
FROM snowflake_sync_queue
GROUP BY status;

CREATE OR REPLACE VIEW snowflake_sync_failures AS
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
FROM snowflake_sync_queue AS item
LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
LEFT JOIN users AS owner ON owner.id = item.user_id
WHERE item.status = 'failed';
