DROP TABLE IF EXISTS snowflake_sync_rollup_made;
DROP TABLE IF EXISTS snowflake_sync_rollup;
