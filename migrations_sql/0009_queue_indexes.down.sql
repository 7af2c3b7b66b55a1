ALTER TABLE snowflake_sync_queue
    RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay);
DROP INDEX CONCURRENTLY IF EXISTS snowflake_sync_queue_failed_idx;
DROP INDEX CONCURRENTLY IF EXISTS snowflake_sync_queue_processing_idx;
DROP INDEX CONCURRENTLY IF EXISTS snowflake_sync_queue_skipped_idx;
DROP INDEX CONCURRENTLY IF EXISTS snowflake_sync_queue_routable_idx;
DROP INDEX CONCURRENTLY IF EXISTS snowflake_sync_queue_claimable_idx;
DROP INDEX CONCURRENTLY IF EXISTS snowflake_sync_queue_routed_key;
DROP INDEX CONCURRENTLY IF EXISTS snowflake_sync_queue_unrouted_key;
