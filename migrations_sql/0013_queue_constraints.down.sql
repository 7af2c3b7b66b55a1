DO $$
BEGIN
    -- Theirs knows one item an execution, and no `skipped`: the oldest item stays, as theirs would have it.
    IF EXISTS (
        SELECT FROM snowflake_sync_install_log
        WHERE action = 'displaced' AND kind IN ('constraint', 'index') AND relation = 'snowflake_sync_queue'
    ) THEN
        DELETE FROM snowflake_sync_queue AS later USING snowflake_sync_queue AS earlier
        WHERE earlier.execution_id = later.execution_id
            AND (earlier.created_at, earlier.id) < (later.created_at, later.id);
        UPDATE snowflake_sync_queue
        SET status = 'failed', error_message = coalesce(error_message, 'Skipped')
        WHERE status = 'skipped';
    END IF;
END
$$;
ALTER TABLE snowflake_sync_queue DROP CONSTRAINT IF EXISTS snowflake_sync_queue_status_known;
SELECT snowflake_sync_restore_displaced('constraint', 'snowflake_sync_queue');
SELECT snowflake_sync_restore_displaced('index', 'snowflake_sync_queue');
