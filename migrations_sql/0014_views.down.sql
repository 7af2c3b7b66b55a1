SELECT snowflake_sync_remove_created('snowflake_sync_failures');
SELECT snowflake_sync_remove_created('snowflake_sync_queue_summary');
