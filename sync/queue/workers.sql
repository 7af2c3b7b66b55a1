-- name: register
INSERT INTO snowflake_sync_workers (host, pid, concurrency, started_at, heartbeat_at, follows_rules)
VALUES (%(host)s, %(pid)s, %(concurrency)s, coalesce(%(now)s, now()), coalesce(%(now)s, now()), true)
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

-- name: let_none_begin
-- No worker of an earlier version does before the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('snowflake_sync_workers without rules'))

-- name: earlier
-- Workers of an earlier version that live. One whose lease is over does not come back.
WITH lapsed AS (
    UPDATE snowflake_sync_workers
    SET stopped_at = now()
    WHERE NOT follows_rules AND stopped_at IS NULL AND heartbeat_at <= now() - make_interval(secs => %(lease_seconds)s)
    RETURNING id
)
SELECT host || ':' || pid
FROM snowflake_sync_workers
WHERE NOT follows_rules AND stopped_at IS NULL AND id NOT IN (SELECT id FROM lapsed)
ORDER BY id
