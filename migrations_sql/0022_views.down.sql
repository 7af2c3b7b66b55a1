SELECT :schema.snowflake_sync_remove_created('snowflake_sync_failures');
SELECT :schema.snowflake_sync_remove_created('snowflake_sync_queue_summary');
