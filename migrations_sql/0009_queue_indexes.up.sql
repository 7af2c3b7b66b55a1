-- Few, and partial where they can be: a finished item leaves an entry behind in every index that it was in. Built
-- without blocking writes, and dropped first, because an attempt that was broken off leaves an invalid index behind.

-- The trigger's upsert: one unrouted item an execution.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_unrouted_key;
CREATE UNIQUE INDEX CONCURRENTLY snowflake_sync_queue_unrouted_key
    ON :schema.snowflake_sync_queue (execution_id) WHERE configuration_id IS NULL;
-- Routing's upsert: one item an execution and destination. Not partial: an execution's items are looked up by it, too,
-- and deleting an execution in the application would otherwise read the whole queue (13 ms a row with 200,000 items).
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_routed_key;
CREATE UNIQUE INDEX CONCURRENTLY snowflake_sync_queue_routed_key
    ON :schema.snowflake_sync_queue (execution_id, configuration_id);
-- claim(): the due items of a destination, in order.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_claimable_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_claimable_idx
    ON :schema.snowflake_sync_queue (configuration_id, run_after, id)
    WHERE status::text = 'pending' AND configuration_id IS NOT NULL;
-- route(): what waits for a destination, in order.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_routable_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_routable_idx
    ON :schema.snowflake_sync_queue (run_after, id) WHERE status::text = 'pending' AND configuration_id IS NULL;
-- reopen_skipped(): what was skipped for want of a destination, by owner.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_skipped_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_skipped_idx
    ON :schema.snowflake_sync_queue (user_id) WHERE status::text = 'skipped';
-- rescue(): what a worker holds.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_processing_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_processing_idx
    ON :schema.snowflake_sync_queue (worker_id) WHERE status::text = 'processing';
-- The list of failures, newest first.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_failed_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_failed_idx
    ON :schema.snowflake_sync_queue (updated_at) WHERE status::text = 'failed';
