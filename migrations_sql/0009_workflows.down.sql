SELECT :schema.snowflake_sync_remove_created('workflows');
