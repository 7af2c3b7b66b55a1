-- name: register
INSERT INTO snowflake_sync_workers (host, pid, concurrency, started_at, heartbeat_at)
VALUES (%(host)s, %(pid)s, %(concurrency)s, coalesce(%(now)s, now()), coalesce(%(now)s, now()))
RETURNING id

-- name: heartbeat
-- A worker that has been silent for longer than its lease has lost its items, and must not revive itself.
UPDATE snowflake_sync_workers
SET heartbeat_at = coalesce(%(now)s, now()), in_flight = %(in_flight)s,
    held_back = nullif(%(held_back)s, '')
WHERE id = %(worker_id)s
    AND stopped_at IS NULL
    AND heartbeat_at > coalesce(%(now)s, now()) - make_interval(secs => %(lease_seconds)s)
RETURNING id

-- name: count_idle
SELECT count(*)
FROM snowflake_sync_workers
WHERE stopped_at IS NULL
    AND in_flight = 0
    AND heartbeat_at > coalesce(%(now)s, now()) - make_interval(secs => %(lease_seconds)s)

-- name: sign_off
UPDATE snowflake_sync_workers
SET stopped_at = coalesce(%(now)s, now()), in_flight = 0
WHERE id = %(worker_id)s
