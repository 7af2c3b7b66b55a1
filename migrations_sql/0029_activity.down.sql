DROP TABLE IF EXISTS :schema.snowflake_sync_activity;
