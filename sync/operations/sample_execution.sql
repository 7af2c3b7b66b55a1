-- name: needed
-- Columns that an INSERT has to name, since nothing else gives them a value.
SELECT attname
FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
    AND attnotnull AND NOT atthasdef AND attidentity = '' AND attgenerated = ''

-- name: a_workflow
SELECT to_jsonb(workflow)::text FROM workflows AS workflow WHERE user_id = %s LIMIT 1

-- name: an_execution
SELECT (to_jsonb(execution) - '{result_rows,result_columns,execution_parameters}'::text[])::text
FROM workflow_executions AS execution
WHERE workflow_id IN (SELECT id FROM workflows WHERE user_id = %s)
LIMIT 1

-- name: remove
-- No foreign key leads from the inbox to its execution.
DELETE FROM snowflake_sync_inbox AS news
USING workflow_executions AS execution
JOIN workflows AS workflow ON workflow.id = execution.workflow_id
WHERE news.execution_id = execution.execution_id
    AND workflow.user_id = %(user_id)s AND workflow.name = %(name)s AND workflow.workflow_id LIKE %(like)s;
DELETE FROM snowflake_sync_known_columns AS known
USING workflows AS workflow
WHERE known.workflow_id = workflow.workflow_id
    AND workflow.user_id = %(user_id)s AND workflow.name = %(name)s AND workflow.workflow_id LIKE %(like)s;
DELETE FROM workflow_executions
WHERE workflow_id IN (
    SELECT id FROM workflows WHERE user_id = %(user_id)s AND name = %(name)s AND workflow_id LIKE %(like)s
);
DELETE FROM workflows WHERE user_id = %(user_id)s AND name = %(name)s AND workflow_id LIKE %(like)s
