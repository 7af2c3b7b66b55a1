DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_user_failed_idx;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_listing_idx;
DROP TABLE IF EXISTS :schema.snowflake_sync_rollup_made;
DROP TABLE IF EXISTS :schema.snowflake_sync_rollup;
