-- As pair 0009 has it.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_failed_idx
    ON :schema.snowflake_sync_queue (updated_at) WHERE status::text = 'failed';
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_at_idx;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_code_idx;
