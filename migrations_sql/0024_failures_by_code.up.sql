-- The failures of a code, the latest first.
DROP INDEX CONCURRENTLY IF EXISTS snowflake_sync_queue_failed_code_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_failed_code_idx
    ON snowflake_sync_queue (error_code, updated_at) WHERE status = 'failed';
