-- name: attempts
-- By the primary key, downwards, through so many of all destinations.
SELECT id
FROM (
    SELECT id, configuration_id FROM snowflake_sync_attempts
    WHERE id < %(start)s AND id >= %(start)s - %(looked_at)s
    ORDER BY id DESC
) AS looked_at
WHERE configuration_id = %(configuration_id)s
ORDER BY id DESC
LIMIT %(most)s

-- name: last
SELECT max(last_at) FROM snowflake_sync_history WHERE grain = 'ever' AND configuration_id = %(configuration_id)s
