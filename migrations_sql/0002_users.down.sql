SELECT snowflake_sync_remove_created('users');
