-- name: lock
-- Executions are always locked before the queue's rows: a DELETE in the application locks the execution first and then
-- its items by cascade, and the other order could deadlock with it. The statements that follow in the transaction go
-- through indexes: for a hundred rows it never pays to read a whole table, whatever its statistics say.
SET LOCAL enable_seqscan = off;
SELECT execution.execution_id
FROM workflow_executions AS execution
WHERE execution.execution_id = ANY(%s)
ORDER BY execution.execution_id
FOR NO KEY UPDATE

-- name: withdraw
-- What was written of a result that is in Snowflake no more: the names that were asked for stand there again.
UPDATE workflow_executions AS execution
SET snowflake_schema_name = gone.requested_schema,
    snowflake_table_name = gone.requested_table,
    snowflake_uploaded_at = NULL,
    snowflake_row_count = NULL
FROM jsonb_to_recordset(%s::jsonb)
    AS gone (execution_id text, table_name text, requested_schema text, requested_table text)
WHERE execution.execution_id = gone.execution_id AND execution.snowflake_table_name = gone.table_name

-- name: refresh
-- An execution is failed if any destination failed, else pending if any is open, else completed. Name, schema and count
-- are those of the oldest active destination. `state` are the items of these executions; `derived` is what each
-- execution is to say. Only rows that differ are written.
-- Words of the application about its own upload stay until our load succeeds.
WITH state AS MATERIALIZED (
    SELECT * FROM ONLY snowflake_sync_queue WHERE execution_id = ANY(%s)
),
loaded AS (
    SELECT DISTINCT ON (state.execution_id)
        state.execution_id, state.schema_name, state.table_name, state.row_count, state.processed_at
    FROM state
    LEFT JOIN snowflake_configurations AS configuration ON configuration.id = state.configuration_id
    WHERE state.status = 'completed' AND state.table_name IS NOT NULL
    ORDER BY state.execution_id, configuration.is_active DESC, configuration.created_at, configuration.id
),
complaint AS (
    SELECT DISTINCT ON (execution_id) execution_id, concat_ws(' ', error_message, error_remedy) AS error_message
    FROM state
    WHERE status <> 'completed' AND error_message IS NOT NULL
    ORDER BY execution_id, status = 'failed' DESC, updated_at DESC
),
summary AS (
    SELECT
        execution_id,
        CASE
            WHEN bool_or(status = 'failed') THEN 'failed'
            WHEN bool_or(status IN ('pending', 'processing')) THEN 'pending'
            WHEN bool_or(status = 'completed') THEN 'completed'
            ELSE 'skipped'
        END AS status
    FROM state
    GROUP BY execution_id
),
derived AS MATERIALIZED (
    SELECT
        execution.execution_id,
        summary.status,
        complaint.error_message,
        coalesce(loaded.schema_name, execution.snowflake_schema_name) AS schema_name,
        coalesce(loaded.table_name, execution.snowflake_table_name) AS table_name,
        coalesce(loaded.processed_at, execution.snowflake_uploaded_at) AS uploaded_at,
        coalesce(loaded.row_count, execution.snowflake_row_count) AS row_count
    FROM summary
    JOIN workflow_executions AS execution ON execution.execution_id = summary.execution_id
    LEFT JOIN complaint ON complaint.execution_id = summary.execution_id
    LEFT JOIN loaded ON loaded.execution_id = summary.execution_id
)
UPDATE workflow_executions AS execution
SET snowflake_status = derived.status,
    snowflake_error_message = derived.error_message,
    snowflake_schema_name = derived.schema_name,
    snowflake_table_name = derived.table_name,
    snowflake_uploaded_at = derived.uploaded_at,
    snowflake_row_count = derived.row_count
FROM derived
WHERE execution.execution_id = derived.execution_id
    AND (
        execution.snowflake_status, execution.snowflake_error_message, execution.snowflake_schema_name,
        execution.snowflake_table_name, execution.snowflake_uploaded_at, execution.snowflake_row_count
    ) IS DISTINCT FROM (
        derived.status, derived.error_message, derived.schema_name,
        derived.table_name, derived.uploaded_at, derived.row_count
    )
    AND NOT (
        derived.status <> 'completed' AND {their_upload} AND NOT EXISTS (
            SELECT FROM state
            WHERE state.execution_id = execution.execution_id
                AND state.table_name = execution.snowflake_table_name
        )
    )

-- name: versions
SELECT execution_id, xmin::text FROM workflow_executions WHERE execution_id = ANY(%s)

-- name: still_seen
-- An item that had seen the version of the execution before our own write has seen the version after it.
UPDATE ONLY snowflake_sync_queue AS item
SET source_version = execution.xmin::text
FROM unnest(%s::text[], %s::text[]) AS before (execution_id, version)
JOIN workflow_executions AS execution ON execution.execution_id = before.execution_id
WHERE item.execution_id = before.execution_id
    AND item.source_version = before.version
    AND execution.xmin::text <> before.version
