DROP TABLE IF EXISTS :schema.snowflake_sync_sweep;
DROP TABLE IF EXISTS :schema.snowflake_sync_attempts;
DROP TABLE IF EXISTS :schema.snowflake_sync_tables;
DROP TABLE IF EXISTS :schema.snowflake_sync_workers;
