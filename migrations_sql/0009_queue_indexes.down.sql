DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_idx;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_processing_idx;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_skipped_idx;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_routable_idx;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_claimable_idx;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_routed_key;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_unrouted_key;
