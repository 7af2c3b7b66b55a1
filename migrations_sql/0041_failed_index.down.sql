DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_new_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_failed_new_idx
    ON :schema.snowflake_sync_queue (updated_at, id) WHERE status::text = 'failed';
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_at_idx;
ALTER INDEX :schema.snowflake_sync_queue_failed_new_idx RENAME TO snowflake_sync_queue_failed_at_idx;
