-- name: standing
SELECT
    (SELECT count(*) FROM snowflake_sync_alerts WHERE closed_at IS NULL),
    (SELECT count(*) FROM snowflake_sync_alert_deliveries WHERE delivered_at IS NULL AND given_up_at IS NULL),
    (
        SELECT count(*) FROM snowflake_sync_alert_deliveries
        WHERE delivered_at IS NULL AND given_up_at IS NULL AND error <> ''
    ),
    (SELECT count(*) FROM snowflake_sync_alert_channels WHERE failing_since IS NOT NULL),
    CASE WHEN ended_at > 'epoch' THEN ended_at END,
    unseen
FROM snowflake_sync_alert_looks
