SELECT :schema.snowflake_sync_remove_created('snowflake_sync_logins');
