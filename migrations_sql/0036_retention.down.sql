DROP TRIGGER IF EXISTS snowflake_sync_note_result ON :schema.snowflake_sync_queue;
DROP FUNCTION IF EXISTS :schema.snowflake_sync_note_result();
DROP TABLE IF EXISTS :schema.snowflake_sync_retention_walks;
DROP TABLE IF EXISTS :schema.snowflake_sync_withdrawals;
DROP TABLE IF EXISTS :schema.snowflake_sync_results;
DROP TABLE IF EXISTS :schema.snowflake_sync_retention;
