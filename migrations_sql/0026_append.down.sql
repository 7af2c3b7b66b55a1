-- Queues an execution: one narrow, unrouted item. It touches no item that a worker can hold, so it cannot deadlock with
-- one, and cannot be lost behind one. It never fails the application's transaction, and never holds it up for
-- longer than lock_timeout; what it misses, the sweep finds.
CREATE OR REPLACE FUNCTION :schema.queue_execution_for_universal_snowflake_sync() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- Nobody's temporary table, operator or function takes the place of what is meant.
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
    owner uuid;
BEGIN
    -- A lock that made one row wait would make each row of a bulk update wait: once is enough.
    IF current_setting('snowflake_sync.gave_up', true) = pg_current_xact_id()::text THEN
        RETURN NULL;
    END IF;
    SELECT w.user_id INTO owner FROM :schema.workflows AS w WHERE w.id = NEW.workflow_id;
    IF NOT FOUND AND NEW.workflow_id IS NOT NULL THEN
        RAISE 'workflow % is not visible to %', NEW.workflow_id, current_user;
    END IF;
    INSERT INTO :schema.snowflake_sync_queue AS item
        (execution_id, user_id, status, error_code, error_message, error_remedy)
    VALUES (
        NEW.execution_id,
        owner,
        CASE WHEN owner IS NULL THEN 'failed' ELSE 'pending' END,
        CASE WHEN owner IS NULL THEN 'no_owner' END,
        CASE WHEN owner IS NULL THEN 'Execution ' || NEW.execution_id || ' has no owner.' END,
        CASE WHEN owner IS NULL THEN 'Give the workflow an owner (workflows.user_id), then retry the item.' END
    )
    ON CONFLICT (execution_id) WHERE configuration_id IS NULL DO UPDATE SET
        generation = item.generation + 1,
        user_id = excluded.user_id,
        status = excluded.status,
        error_code = excluded.error_code,
        error_message = excluded.error_message,
        error_remedy = excluded.error_remedy,
        retry_count = 0,
        run_after = now(),
        updated_at = now();
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

CREATE OR REPLACE TRIGGER trigger_queue_universal_snowflake_sync
    AFTER UPDATE OF status, result_columns, result_rows ON :schema.workflow_executions
    FOR EACH ROW
    WHEN (
        NEW.status = 'completed' AND (
            OLD.status IS DISTINCT FROM 'completed'
            OR OLD.result_columns IS DISTINCT FROM NEW.result_columns
            OR OLD.result_rows IS DISTINCT FROM NEW.result_rows
        )
    )
    EXECUTE FUNCTION :schema.queue_execution_for_universal_snowflake_sync();

