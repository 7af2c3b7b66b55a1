-- The register outlives destinations, users and workflows: what they left in Snowflake is to be found, and erased, when
-- their rows are gone. So a table says whose it is and in which account; workflow_id is workflows.workflow_id of an
-- execution's own table, or of the workflow whose table it is.
ALTER TABLE :schema.snowflake_sync_tables
    ADD COLUMN IF NOT EXISTS user_id uuid,
    ADD COLUMN IF NOT EXISTS workflow_id text,
    ADD COLUMN IF NOT EXISTS account text,
    DROP CONSTRAINT IF EXISTS snowflake_sync_tables_configuration_id_fkey;

-- As far as it is known.
UPDATE :schema.snowflake_sync_tables AS made
SET user_id = configuration.user_id,
    account = configuration.account_identifier,
    workflow_id = coalesce(own.workflow_id, shared.workflow_id)
FROM :schema.snowflake_sync_tables AS before
JOIN :schema.snowflake_configurations AS configuration ON configuration.id = before.configuration_id
LEFT JOIN (
    SELECT execution.execution_id, workflow.workflow_id::text
    FROM :schema.workflow_executions AS execution
    JOIN :schema.workflows AS workflow ON workflow.id = execution.workflow_id
) AS own ON own.execution_id = before.execution_id
LEFT JOIN (
    SELECT item.configuration_id, item.schema_name, item.table_name, min(workflow.workflow_id::text) AS workflow_id
    FROM ONLY :schema.snowflake_sync_queue AS item
    JOIN :schema.workflow_executions AS execution ON execution.execution_id = item.execution_id
    JOIN :schema.workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE item.batch_key IS NOT NULL AND item.requested_table IS NULL
    GROUP BY item.configuration_id, item.schema_name, item.table_name
    HAVING count(DISTINCT workflow.id) = 1
) AS shared ON before.execution_id IS NULL
    AND (shared.configuration_id, shared.schema_name, shared.table_name)
        = (before.configuration_id, before.schema_name, before.table_name)
WHERE made.id = before.id AND made.account IS NULL;
