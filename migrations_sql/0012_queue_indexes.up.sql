-- Few, and partial where they can be: a finished item leaves an entry behind in every index that it was in. Built
-- without blocking writes.

-- The trigger's upsert: one unrouted item an execution.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_unrouted_key
    ON :schema.snowflake_sync_queue (execution_id) WHERE configuration_id IS NULL;
-- Routing's upsert: one item an execution and destination. Not partial: an execution's items are looked up by it, too,
-- and deleting an execution in the application would otherwise read the whole queue (13 ms a row with 200,000 items).
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_routed_key
    ON :schema.snowflake_sync_queue (execution_id, configuration_id);
-- claim(): the due items that travel alone, in order; and those of a batch key, and whether one is being worked on.
CREATE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_solo_idx
    ON :schema.snowflake_sync_queue (configuration_id, run_after, id)
    WHERE status::text = 'pending' AND configuration_id IS NOT NULL AND batch_key IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_batch_idx
    ON :schema.snowflake_sync_queue (configuration_id, status, batch_key, run_after, id)
    WHERE batch_key IS NOT NULL AND status::text IN ('pending', 'processing');
-- route(): what waits for a destination, in order.
CREATE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_routable_idx
    ON :schema.snowflake_sync_queue (run_after, id) WHERE status::text = 'pending' AND configuration_id IS NULL;
-- reopen_skipped(): what was skipped for want of a destination, by owner.
CREATE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_skipped_idx
    ON :schema.snowflake_sync_queue (user_id) WHERE status::text = 'skipped';
-- rescue(): what a worker holds.
CREATE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_processing_idx
    ON :schema.snowflake_sync_queue (worker_id) WHERE status::text = 'processing';
-- The list of a user's items, newest first, by status. Not with what a worker is busy with: there is little of it. Nor
-- with what waits to be routed, so that the application's transaction does not pay for it.
CREATE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_listing_idx
    ON :schema.snowflake_sync_queue (user_id, status, created_at, id)
    WHERE status::text <> 'processing' AND (status::text <> 'pending' OR configuration_id IS NOT NULL);
-- The list of a user's failures, the latest first.
CREATE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_user_failed_idx
    ON :schema.snowflake_sync_queue (user_id, updated_at) WHERE status::text = 'failed';
-- The failures of a code, the latest first.
CREATE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_failed_code_idx
    ON :schema.snowflake_sync_queue (error_code, updated_at) WHERE status::text = 'failed';
-- All failures in the order in which they failed, as a retry of many walks them: there may be thousands of one moment.
CREATE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_failed_at_idx
    ON :schema.snowflake_sync_queue (updated_at, id) WHERE status::text = 'failed';
