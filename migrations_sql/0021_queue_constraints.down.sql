DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM :schema.snowflake_sync_install_log
        WHERE relation = 'snowflake_sync_queue' AND action = 'displaced' AND kind IN ('constraint', 'index')
    ) THEN
        RETURN;
    END IF;
    -- At once, so that nothing comes in between.
    LOCK TABLE :schema.snowflake_sync_queue IN ACCESS EXCLUSIVE MODE;
    -- Theirs knows one item an execution, the oldest, and no `skipped`.
    DELETE FROM :schema.snowflake_sync_queue
    WHERE id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY execution_id ORDER BY created_at NULLS FIRST, id) AS place
            FROM :schema.snowflake_sync_queue
        ) AS item
        WHERE place > 1
    );
    IF EXISTS (
        SELECT FROM :schema.snowflake_sync_install_log
        WHERE relation = 'snowflake_sync_queue' AND action = 'created' AND kind = 'constraint'
    ) THEN
        UPDATE :schema.snowflake_sync_queue
        SET status = 'failed', error_message = coalesce(error_message, 'Skipped')
        WHERE status = 'skipped';
        ALTER TABLE :schema.snowflake_sync_queue DROP CONSTRAINT IF EXISTS snowflake_sync_queue_status_known;
        DELETE FROM :schema.snowflake_sync_install_log
        WHERE relation = 'snowflake_sync_queue' AND action = 'created' AND kind = 'constraint';
    END IF;
END
$$;
SELECT :schema.snowflake_sync_restore_displaced('constraint', 'snowflake_sync_queue');
SELECT :schema.snowflake_sync_restore_displaced('index', 'snowflake_sync_queue');
