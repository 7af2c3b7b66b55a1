-- As pair 0011 has it.
CREATE OR REPLACE FUNCTION :schema.queue_execution_for_universal_snowflake_sync() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
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
    INSERT INTO :schema.snowflake_sync_queue AS item (execution_id, user_id, status, error_code, error_message)
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
EXCEPTION
WHEN lock_not_available THEN
    PERFORM set_config('snowflake_sync.gave_up', pg_current_xact_id()::text, true);
    RAISE WARNING 'Universal Snowflake Sync: execution %, and what else completes in this transaction, was not queued: %',
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

ALTER TABLE :schema.snowflake_sync_attempts DROP COLUMN IF EXISTS error_remedy;
SELECT :schema.snowflake_sync_remove_columns('snowflake_sync_queue', '{error_remedy}'::text[]);
