DO $$
DECLARE
    theirs regprocedure := to_regprocedure('queue_execution_for_universal_snowflake_sync()');
BEGIN
    IF theirs IS NOT NULL THEN
        PERFORM snowflake_sync_log_displaced(
            'function', 'workflow_executions', 'queue_execution_for_universal_snowflake_sync',
            pg_get_functiondef(theirs)
        );
    END IF;
END
$$;

-- Queues an execution: one narrow, unrouted item. It touches no item that a worker can hold, so it cannot deadlock with
-- one, and cannot be lost behind one. It never fails the application's transaction, and never holds it up for
-- longer than lock_timeout; what it misses, the sweep finds.
CREATE OR REPLACE FUNCTION queue_execution_for_universal_snowflake_sync() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET lock_timeout = '200ms'
AS $$
DECLARE
    owner uuid;
BEGIN
    SELECT w.user_id INTO owner FROM workflows AS w WHERE w.id = NEW.workflow_id;
    INSERT INTO snowflake_sync_queue AS item (execution_id, user_id, status, error_code, error_message)
    VALUES (
        NEW.execution_id,
        owner,
        CASE WHEN owner IS NULL THEN 'failed' ELSE 'pending' END,
        CASE WHEN owner IS NULL THEN 'no_owner' END,
        CASE WHEN owner IS NULL THEN
            'Execution ' || NEW.execution_id || ' has no owner. Give the workflow an owner (workflows.user_id), '
            'then retry the item.'
        END
    )
    ON CONFLICT (execution_id) WHERE configuration_id IS NULL DO UPDATE SET
        generation = item.generation + 1,
        user_id = excluded.user_id,
        status = excluded.status,
        error_code = excluded.error_code,
        error_message = excluded.error_message,
        retry_count = 0,
        run_after = now(),
        updated_at = now();
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'Universal Snowflake Sync: execution % was not queued: %', NEW.execution_id, SQLERRM
        USING HINT = 'The sweep of the next minutes queues it.';
    RETURN NULL;
END
$$;

-- Without a fixed path, whoever can create a temporary table could put theirs in the place of ours.
DO $$
BEGIN
    EXECUTE format(
        'ALTER FUNCTION queue_execution_for_universal_snowflake_sync() SET search_path = pg_catalog, %I, pg_temp',
        current_schema()
    );
END
$$;
