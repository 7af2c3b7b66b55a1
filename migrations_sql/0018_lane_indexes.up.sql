-- claim(): the due items that travel alone, in order; and those of a lane, and whether a lane is being worked on.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_solo_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_solo_idx
    ON :schema.snowflake_sync_queue (configuration_id, run_after, id)
    WHERE status::text = 'pending' AND configuration_id IS NOT NULL AND lane IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_lane_idx;
CREATE INDEX CONCURRENTLY snowflake_sync_queue_lane_idx
    ON :schema.snowflake_sync_queue (configuration_id, status, lane, run_after, id)
    WHERE lane IS NOT NULL AND status::text IN ('pending', 'processing');
-- The two take its place.
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_claimable_idx;
