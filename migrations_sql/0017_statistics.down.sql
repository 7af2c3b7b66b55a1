DROP TABLE IF EXISTS :schema.snowflake_sync_rollup_made;
DROP TABLE IF EXISTS :schema.snowflake_sync_rollup;
