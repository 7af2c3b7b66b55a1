-- What waits goes back into the queue, as the trigger put it there before. At once, so that nothing comes in between.
DO $$
DECLARE
    waiting    record;
    expression text;
BEGIN
    IF to_regclass(':schema.snowflake_sync_inbox') IS NOT NULL THEN
        LOCK TABLE :schema.snowflake_sync_inbox IN ACCESS EXCLUSIVE MODE;
        -- Triggers of the application's on the queue find what is theirs where they always do; we name PostgreSQL's own.
        PERFORM set_config('search_path', current_setting('snowflake_sync.search_path'), true);
        FOR waiting IN
            SELECT DISTINCT ON (execution_id) id, execution_id, user_id, run_after, created_at, updated_at
            FROM :schema.snowflake_sync_inbox
            ORDER BY execution_id, run_after, arrival
        LOOP
            -- One by one: row-level security may hide executions from us, and only the foreign key knows those that
            -- are deleted.
            BEGIN
                INSERT INTO :schema.snowflake_sync_queue AS item
                    (id, execution_id, user_id, run_after, created_at, updated_at)
                VALUES (
                    waiting.id, waiting.execution_id, waiting.user_id, waiting.run_after, waiting.created_at,
                    waiting.updated_at
                )
                ON CONFLICT (execution_id) WHERE configuration_id IS NULL DO UPDATE SET
                    generation = item.generation OPERATOR(pg_catalog.+) 1,
                    user_id = excluded.user_id,
                    status = 'pending',
                    retry_count = 0,
                    run_after = excluded.run_after,
                    error_code = NULL,
                    error_message = NULL,
                    error_remedy = NULL,
                    updated_at = pg_catalog.now();
            EXCEPTION WHEN foreign_key_violation THEN
                NULL;
            END;
        END LOOP;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        DROP TABLE :schema.snowflake_sync_inbox;
    END IF;
    SELECT pg_get_expr(c.conbin, c.conrelid) INTO expression
    FROM pg_constraint AS c
    WHERE c.conrelid = ':schema.snowflake_sync_queue'::regclass
        AND c.conname = 'snowflake_sync_queue_status_known' AND c.connoinherit;
    IF FOUND THEN
        EXECUTE format(
            'ALTER TABLE :schema.snowflake_sync_queue DROP CONSTRAINT snowflake_sync_queue_status_known, '
            'ADD CONSTRAINT snowflake_sync_queue_status_known CHECK (%s) NOT VALID', expression);
    END IF;
END
$$;
DROP FUNCTION IF EXISTS :schema.snowflake_sync_refuse_update();
