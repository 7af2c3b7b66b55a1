-- name: months
SELECT month, ended, in_time
FROM snowflake_sync_freshness
WHERE configuration_id = %(configuration_id)s
ORDER BY month DESC
LIMIT %(most)s
