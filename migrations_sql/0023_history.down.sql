DROP TABLE IF EXISTS snowflake_sync_history_state;
DROP TABLE IF EXISTS snowflake_sync_latencies;
DROP TABLE IF EXISTS snowflake_sync_history;
ALTER TABLE snowflake_sync_attempts DROP COLUMN IF EXISTS due_at;
