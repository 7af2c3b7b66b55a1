DROP FUNCTION IF EXISTS queue_execution_for_universal_snowflake_sync();
SELECT snowflake_sync_restore_displaced('function', 'workflow_executions');
SELECT snowflake_sync_restore_displaced('trigger', 'workflow_executions');
