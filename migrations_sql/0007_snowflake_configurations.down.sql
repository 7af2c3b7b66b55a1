DROP INDEX IF EXISTS :schema.snowflake_sync_configurations_user_idx;
SELECT :schema.snowflake_sync_remove_created('snowflake_configurations');
