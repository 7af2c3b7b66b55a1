-- Queues an execution: appends one row to the inbox, which waits for no other row. It never fails the application's
-- transaction, and never holds it up for longer than lock_timeout; what it misses, the sweep finds.
CREATE OR REPLACE FUNCTION :schema.queue_execution_for_universal_snowflake_sync() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- Nobody's temporary table, operator or function takes the place of what is meant.
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
AS $$
BEGIN
    -- Saved again as it was. Results are unpacked to be compared only if they were there before.
    IF OLD.status = 'completed' AND OLD.result_columns IS NOT DISTINCT FROM NEW.result_columns
        AND OLD.result_rows IS NOT DISTINCT FROM NEW.result_rows
    -- A lock that made one row wait would make each row of a bulk update wait: once is enough.
        OR current_setting('snowflake_sync.gave_up', true) = pg_current_xact_id()::text
    THEN
        RETURN NULL;
    END IF;
    INSERT INTO :schema.snowflake_sync_inbox (execution_id, user_id)
    VALUES (NEW.execution_id, (SELECT w.user_id FROM :schema.workflows AS w WHERE w.id = NEW.workflow_id));
    RETURN NULL;
EXCEPTION
WHEN lock_not_available THEN
    PERFORM set_config('snowflake_sync.gave_up', pg_current_xact_id()::text, true);
    RAISE WARNING
        'Universal Snowflake Sync: execution %, and what else completes in this transaction, was not queued: %',
        NEW.execution_id, SQLERRM
        USING HINT = 'The sweep of the next minutes queues it.';
    RETURN NULL;
WHEN OTHERS THEN
    RAISE WARNING 'Universal Snowflake Sync: execution % was not queued: %', NEW.execution_id, SQLERRM
        USING HINT = 'The sweep of the next minutes queues it; if not, run verify_sync_install.';
    RETURN NULL;
END
$$;

-- Whoever may execute it could make a trigger of it on a table of their own.
REVOKE EXECUTE ON FUNCTION :schema.queue_execution_for_universal_snowflake_sync() FROM PUBLIC;

-- A condition is read and planned anew for every statement of the application, progress included: so this one is short,
-- and the function has the rest.
CREATE OR REPLACE TRIGGER trigger_queue_universal_snowflake_sync
    AFTER UPDATE OF status, result_columns, result_rows ON :schema.workflow_executions
    FOR EACH ROW
    WHEN (NEW.status = 'completed')
    EXECUTE FUNCTION :schema.queue_execution_for_universal_snowflake_sync();

CREATE OR REPLACE TRIGGER trigger_queue_universal_snowflake_sync_insert
    AFTER INSERT ON :schema.workflow_executions
    FOR EACH ROW
    WHEN (NEW.status = 'completed')
    EXECUTE FUNCTION :schema.queue_execution_for_universal_snowflake_sync();
