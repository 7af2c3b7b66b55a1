DO $$
DECLARE
    view_name text;
BEGIN
    FOREACH view_name IN ARRAY ARRAY['snowflake_sync_failures', 'snowflake_sync_queue_summary'] LOOP
        IF EXISTS (
            SELECT FROM snowflake_sync_install_log
            WHERE action = 'displaced' AND kind = 'view' AND relation = view_name
        ) THEN
            PERFORM snowflake_sync_restore_displaced('view', view_name);
        ELSE
            EXECUTE format('DROP VIEW IF EXISTS %I', view_name);
        END IF;
    END LOOP;
END
$$;
