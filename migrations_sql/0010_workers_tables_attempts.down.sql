DROP TABLE IF EXISTS snowflake_sync_sweep;
DROP TABLE IF EXISTS snowflake_sync_attempts;
DROP TABLE IF EXISTS snowflake_sync_tables;
DROP TABLE IF EXISTS snowflake_sync_workers;
