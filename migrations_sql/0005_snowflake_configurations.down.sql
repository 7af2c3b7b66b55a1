DROP INDEX IF EXISTS snowflake_sync_configurations_user_idx;
SELECT snowflake_sync_remove_created('snowflake_configurations');
