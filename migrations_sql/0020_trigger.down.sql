DROP TRIGGER IF EXISTS trigger_queue_universal_snowflake_sync_insert ON :schema.workflow_executions;
DROP TRIGGER IF EXISTS trigger_queue_universal_snowflake_sync ON :schema.workflow_executions;
DELETE FROM :schema.snowflake_sync_install_log WHERE action = 'created' AND kind = 'trigger';
SELECT :schema.snowflake_sync_restore_displaced('trigger', 'workflow_executions');

DO $$
BEGIN
    IF EXISTS (
        SELECT FROM :schema.snowflake_sync_install_log
        WHERE action = 'displaced' AND kind = 'function' AND relation = 'workflow_executions'
    ) THEN
        PERFORM :schema.snowflake_sync_restore_displaced('function', 'workflow_executions');
    ELSE
        DROP FUNCTION IF EXISTS :schema.queue_execution_for_universal_snowflake_sync();
    END IF;
    DELETE FROM :schema.snowflake_sync_install_log WHERE action = 'created' AND kind = 'function';
END
$$;
