-- name: deliveries
WITH old AS MATERIALIZED (
    SELECT delivery.id
    FROM snowflake_sync_alert_deliveries AS delivery
    WHERE coalesce(delivery.delivered_at, delivery.given_up_at) < %(before)s
        AND (
            NOT EXISTS (
                SELECT FROM snowflake_sync_alerts AS alert
                WHERE alert.id = ANY (delivery.alert_ids) AND alert.closed_at IS NULL
            )
            -- Of what is open for long, the last reminder says who was told.
            OR EXISTS (
                SELECT FROM snowflake_sync_alert_deliveries AS later
                WHERE later.channel_id = delivery.channel_id
                    AND later.alert_ids @> delivery.alert_ids
                    AND later.event = 'reminder'
                    AND later.created_at > delivery.created_at
            )
        )
    LIMIT %(size)s
    FOR UPDATE OF delivery SKIP LOCKED
),
gone AS (
    DELETE FROM snowflake_sync_alert_deliveries AS delivery
    USING old
    WHERE delivery.id = old.id AND NOT %(dry_run)s
)
SELECT count(*) FROM old

-- name: alerts
WITH old AS MATERIALIZED (
    SELECT id FROM snowflake_sync_alerts WHERE closed_at < %(before)s LIMIT %(size)s FOR UPDATE SKIP LOCKED
),
gone AS (
    DELETE FROM snowflake_sync_alerts AS alert
    USING old
    WHERE alert.id = old.id AND NOT %(dry_run)s
)
SELECT count(*) FROM old
