DROP TABLE IF EXISTS :schema.snowflake_sync_user_permissions;
DROP TABLE IF EXISTS :schema.snowflake_sync_user_groups;
