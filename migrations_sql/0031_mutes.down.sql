DROP TABLE IF EXISTS :schema.snowflake_sync_mutes;
DROP TABLE IF EXISTS :schema.snowflake_sync_failed_workflows;
DROP TABLE IF EXISTS :schema.snowflake_sync_error_groups;
