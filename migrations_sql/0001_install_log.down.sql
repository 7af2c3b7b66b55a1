DROP FUNCTION IF EXISTS :schema.snowflake_sync_restore_displaced(text, text);
DROP FUNCTION IF EXISTS :schema.snowflake_sync_log_displaced(text, text, text, text);
DROP FUNCTION IF EXISTS :schema.snowflake_sync_remove_created(text);
DROP FUNCTION IF EXISTS :schema.snowflake_sync_ensure_view(text, text);
DROP FUNCTION IF EXISTS :schema.snowflake_sync_ensure_settings(text, text[]);
DROP FUNCTION IF EXISTS :schema.snowflake_sync_ensure_columns(text, text[]);
DROP FUNCTION IF EXISTS :schema.snowflake_sync_ensure_table(text, text);
DROP TABLE IF EXISTS :schema.snowflake_sync_install_log;
