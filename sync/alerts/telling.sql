-- name: told
-- Which channels were told of these alerts, and when for the last time.
SELECT delivery.channel_id, alert.id, max(delivery.created_at)
FROM snowflake_sync_alert_deliveries AS delivery
CROSS JOIN LATERAL unnest(delivery.alert_ids) AS alert (id)
WHERE delivery.alert_ids && %(alerts)s::bigint[]
    AND alert.id = ANY (%(alerts)s::bigint[])
    AND delivery.event IN ('opened', 'reminder')
GROUP BY delivery.channel_id, alert.id

-- name: lately
-- Messages of these minutes about one kind, by channel: how many, and the last one that nobody has begun to send.
SELECT
    channel_id,
    kind,
    event,
    count(*),
    max(created_at),
    max(id::text) FILTER (WHERE tries = 0 AND due_at > %(now)s)
FROM snowflake_sync_alert_deliveries
WHERE created_at > %(since)s AND event IN ('opened', 'closed') AND channel_id = ANY (%(channels)s::uuid[])
GROUP BY channel_id, kind, event
