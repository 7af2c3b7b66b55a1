DO $$
BEGIN
    IF EXISTS (
        SELECT FROM :schema.snowflake_sync_install_log
        WHERE relation = 'snowflake_sync_queue' AND action = 'created' AND kind = 'column' AND name = 'open_load'
    ) THEN
        ALTER TABLE :schema.snowflake_sync_queue DROP COLUMN IF EXISTS open_load;
        DELETE FROM :schema.snowflake_sync_install_log
        WHERE relation = 'snowflake_sync_queue' AND action = 'created' AND kind = 'column' AND name = 'open_load';
    END IF;
END
$$;
