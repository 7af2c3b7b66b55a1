DROP TABLE IF EXISTS snowflake_sync_user_permissions;
DROP TABLE IF EXISTS snowflake_sync_user_groups;
