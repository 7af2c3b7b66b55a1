DROP TABLE IF EXISTS :schema.snowflake_sync_history_state;
DROP TABLE IF EXISTS :schema.snowflake_sync_latencies;
DROP TABLE IF EXISTS :schema.snowflake_sync_history;
