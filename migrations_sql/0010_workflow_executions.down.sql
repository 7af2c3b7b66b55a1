SELECT :schema.snowflake_sync_remove_created('workflow_executions');
