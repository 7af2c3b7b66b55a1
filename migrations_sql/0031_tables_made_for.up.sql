-- Whose alone a shared table is that was made before names that fold alike were told apart by a hash: 'workflow <id>' or
-- 'table <name as it was asked for>'. NULL: the table's name says it; also where several shared one by mistake.
ALTER TABLE :schema.snowflake_sync_tables ADD COLUMN IF NOT EXISTS made_for text;

WITH loaded AS (
    SELECT
        registered.id,
        CASE
            WHEN item.requested_table IS NOT NULL THEN 'table ' || item.requested_table
            ELSE 'workflow ' || workflow.workflow_id
        END AS asked,
        CASE
            WHEN item.requested_table IS NOT NULL THEN item.requested_table ~ '^[A-Za-z_][A-Za-z0-9_]*$'
            ELSE workflow.workflow_id ~ '^[a-z0-9_]+$' AND upper(workflow.workflow_id) !~ '_[0-9A-F]{10}$'
                OR workflow.workflow_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        END AS is_plain
    FROM :schema.snowflake_sync_tables AS registered
    JOIN :schema.snowflake_sync_queue AS item
        ON item.configuration_id = registered.configuration_id
        AND item.schema_name = registered.schema_name
        AND item.table_name = registered.table_name
    JOIN :schema.workflow_executions AS execution ON execution.execution_id = item.execution_id
    JOIN :schema.workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE registered.execution_id IS NULL AND registered.names IS NULL
)
UPDATE :schema.snowflake_sync_tables AS registered
SET made_for = alone.asked
FROM (
    SELECT id, min(asked) AS asked FROM loaded GROUP BY id HAVING count(DISTINCT asked) = 1 AND NOT bool_or(is_plain)
) AS alone
WHERE registered.id = alone.id;
