-- The failures of a code, the latest first.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_code_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_failed_code_idx
    ON :schema.snowflake_sync_queue (error_code, updated_at) WHERE status::text = 'failed';
-- All failures in the order in which they failed, as a retry of many walks them: there may be thousands of one moment.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_at_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_failed_at_idx
    ON :schema.snowflake_sync_queue (updated_at, id) WHERE status::text = 'failed';
-- Of pair 0009: the same without the id.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_idx;
