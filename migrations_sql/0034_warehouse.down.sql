DO $$
DECLARE
    ours record;
BEGIN
    FOR ours IN
        SELECT name
        FROM :schema.snowflake_sync_install_log
        WHERE relation = 'snowflake_configurations' AND action = 'created' AND kind = 'column'
            AND name IN ('catalogue_name', 'makes_views', 'deleted_results', 'is_transient', 'time_travel_days')
    LOOP
        EXECUTE format('ALTER TABLE :schema.snowflake_configurations DROP COLUMN IF EXISTS %I', ours.name);
        DELETE FROM :schema.snowflake_sync_install_log
        WHERE relation = 'snowflake_configurations' AND action = 'created' AND kind = 'column' AND name = ours.name;
    END LOOP;
END
$$;
