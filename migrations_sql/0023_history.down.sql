DROP TABLE IF EXISTS :schema.snowflake_sync_history_state;
DROP TABLE IF EXISTS :schema.snowflake_sync_latencies;
DROP TABLE IF EXISTS :schema.snowflake_sync_history;
ALTER TABLE :schema.snowflake_sync_attempts DROP COLUMN IF EXISTS due_at;
