DROP TRIGGER IF EXISTS trigger_queue_universal_snowflake_sync_insert ON workflow_executions;
DROP TRIGGER IF EXISTS trigger_queue_universal_snowflake_sync ON workflow_executions;
DELETE FROM snowflake_sync_install_log WHERE action = 'created' AND kind = 'trigger';
SELECT snowflake_sync_restore_displaced('trigger', 'workflow_executions');
