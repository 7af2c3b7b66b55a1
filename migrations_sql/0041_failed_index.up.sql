-- Of each failure also what a confirmation and the groups of errors ask for, so that they read no rows. All of these columns
-- are in other indexes of the queue: no update costs more for it.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_new_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_failed_new_idx
    ON :schema.snowflake_sync_queue (updated_at, id) INCLUDE (user_id, execution_id, configuration_id, error_code)
    WHERE status::text = 'failed';
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_at_idx;
ALTER INDEX :schema.snowflake_sync_queue_failed_new_idx RENAME TO snowflake_sync_queue_failed_at_idx;
