-- name: lost
-- An item without a worker was left by an earlier way of syncing; it is given the time of a lease. An item that its
-- living worker does not hold lost the answer to its claim, or its finish, on the way.
SELECT item.id, item.claim_token, item.worker_id, item.execution_id, item.configuration_id,
    item.generation, item.retry_count, item.max_retries
FROM ONLY snowflake_sync_queue AS item
CROSS JOIN (
    SELECT coalesce(%(now)s, now()) AS now, make_interval(secs => %(lease_seconds)s) AS lease
) AS clock
LEFT JOIN snowflake_sync_workers AS worker ON worker.id = item.worker_id
WHERE item.status = 'processing'
    AND CASE
        WHEN worker.id IS NULL THEN item.updated_at <= clock.now - clock.lease
        WHEN worker.stopped_at IS NOT NULL OR worker.heartbeat_at <= clock.now - clock.lease THEN true
        ELSE worker.id = %(worker_id)s
            AND item.claim_token <> ALL (%(held)s::bigint[])
            AND item.claimed_at <= clock.now - interval '30 seconds'
    END
ORDER BY item.id
LIMIT %(limit)s
