CREATE INDEX CONCURRENTLY IF NOT EXISTS snowflake_sync_queue_claimable_idx
    ON :schema.snowflake_sync_queue (configuration_id, run_after, id)
    WHERE status::text = 'pending' AND configuration_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_lane_idx;
DROP INDEX CONCURRENTLY IF EXISTS :schema.snowflake_sync_queue_solo_idx;
