DROP TRIGGER IF EXISTS snowflake_sync_note_truncated ON :schema.snowflake_sync_queue;
DROP TRIGGER IF EXISTS snowflake_sync_note_removed ON :schema.snowflake_sync_queue;
DROP FUNCTION IF EXISTS :schema.snowflake_sync_note_removed();
DROP TABLE IF EXISTS :schema.snowflake_sync_removed_items;
