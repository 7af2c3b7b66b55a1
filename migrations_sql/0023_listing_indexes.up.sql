-- The list of a user's items, newest first, by status. Not with what a worker is busy with: there is little of it. Nor
-- with what waits to be routed, so that the application's transaction does not pay for it.
DROP INDEX CONCURRENTLY IF EXISTS snowflake_sync_queue_listing_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_listing_idx
    ON snowflake_sync_queue (user_id, status, created_at, id)
    WHERE status <> 'processing' AND (status <> 'pending' OR configuration_id IS NOT NULL);
-- The list of a user's failures, the latest first.
DROP INDEX CONCURRENTLY IF EXISTS snowflake_sync_queue_user_failed_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_user_failed_idx
    ON snowflake_sync_queue (user_id, updated_at) WHERE status = 'failed';
