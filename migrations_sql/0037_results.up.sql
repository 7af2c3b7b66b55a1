-- What was loaded before snowflake_sync_results was kept: by the items, and by own tables whose items are gone.
INSERT INTO :schema.snowflake_sync_results (
    configuration_id, execution_id, workflow_id, user_id, schema_name, table_name, row_count, loaded_at
)
SELECT
    item.configuration_id, item.execution_id,
    coalesce(execution.workflow_id, '00000000-0000-0000-0000-000000000000'),
    item.user_id, item.schema_name, item.table_name, item.row_count, coalesce(item.processed_at, item.updated_at)
FROM ONLY :schema.snowflake_sync_queue AS item
LEFT JOIN :schema.workflow_executions AS execution ON execution.execution_id = item.execution_id
WHERE item.configuration_id IS NOT NULL AND item.table_name IS NOT NULL
ON CONFLICT DO NOTHING;

INSERT INTO :schema.snowflake_sync_results (
    configuration_id, execution_id, workflow_id, user_id, schema_name, table_name, loaded_at
)
SELECT
    own.configuration_id, own.execution_id,
    coalesce(execution.workflow_id, '00000000-0000-0000-0000-000000000000'),
    configuration.user_id, own.schema_name, own.table_name, own.seen_at
FROM :schema.snowflake_sync_tables AS own
JOIN :schema.snowflake_configurations AS configuration ON configuration.id = own.configuration_id
LEFT JOIN :schema.workflow_executions AS execution ON execution.execution_id = own.execution_id
WHERE own.execution_id IS NOT NULL AND own.seen_at IS NOT NULL
ON CONFLICT DO NOTHING;
