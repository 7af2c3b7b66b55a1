-- name: begin
-- Whoever adds up locks the state's row; others skip it and add nothing.
SELECT position
FROM snowflake_sync_history_state
WHERE as_of < coalesce(%(now)s, clock_timestamp()) - make_interval(secs => %(grace)s + %(older)s)
FOR UPDATE SKIP LOCKED

-- name: add_up
-- The next attempts by id, up to the first that is too young: one with a smaller id may still be on its way to being
-- committed.
WITH clock AS MATERIALIZED (
    SELECT
        coalesce(%(now)s, clock_timestamp()) AS now,
        coalesce(%(now)s, clock_timestamp()) - make_interval(secs => %(grace)s) AS ripe
),
page AS MATERIALIZED (
    SELECT
        id, item_id, generation, configuration_id, worker_id, outcome, error_code, due_at, started_at, finished_at, row_count, byte_count,
        statement_count::double precision / greatest(batch_size, 1) AS statements
    FROM snowflake_sync_attempts
    WHERE id > %(position)s
    ORDER BY id
    LIMIT %(size)s
),
young AS MATERIALIZED (
    SELECT min(page.id) AS id FROM page CROSS JOIN clock WHERE page.finished_at >= clock.ripe
),
ripe AS MATERIALIZED (
    SELECT
        page.*,
        extract(epoch FROM page.started_at - page.due_at)::double precision AS wait,
        extract(epoch FROM page.finished_at - page.started_at)::double precision AS load,
        extract(epoch FROM page.finished_at - page.due_at)::double precision AS lag,
        date_bin('1 minute', page.finished_at, 'epoch') AS minute,
        date_bin('1 hour', page.finished_at, 'epoch') AS hour
    FROM page
    CROSS JOIN young
    WHERE young.id IS NULL OR page.id < young.id
),
line AS (
    SELECT
        grain,
        at,
        line.configuration_id,
        line.worker_id,
        line.outcome,
        line.error_code,
        count(*) AS attempts,
        coalesce(sum(ripe.row_count) FILTER (WHERE ripe.outcome = 'completed'), 0) AS rows,
        coalesce(sum(ripe.byte_count) FILTER (WHERE ripe.outcome = 'completed'), 0) AS bytes,
        coalesce(sum(ripe.statements), 0) AS statements,
        count(ripe.wait) AS timed,
        coalesce(sum(ripe.wait), 0) AS wait_seconds,
        coalesce(sum(ripe.lag) FILTER (WHERE ripe.wait IS NOT NULL), 0) AS lag_seconds,
        coalesce(max(ripe.lag) FILTER (WHERE ripe.wait IS NOT NULL), 0) AS lag_longest,
        min(ripe.finished_at) AS first_at,
        max(ripe.finished_at) AS last_at
    FROM ripe
    CROSS JOIN clock
    CROSS JOIN LATERAL (VALUES
        ('hour', hour, configuration_id, NULL::bigint, outcome, NULL),
        ('all hour', hour, NULL, NULL, outcome, NULL),
        ('worker', minute, NULL, worker_id, outcome, NULL),
        ('ever', 'epoch'::timestamptz, configuration_id, NULL, outcome, error_code)
    ) AS line (grain, at, configuration_id, worker_id, outcome, error_code)
    WHERE at > CASE
        WHEN grain = 'worker' THEN clock.now - interval '3 hours'
        WHEN grain IN ('hour', 'all hour') THEN clock.now - interval '15 days'
        ELSE '-infinity'
    END
    GROUP BY 1, 2, 3, 4, 5, 6
),
added AS (
    INSERT INTO snowflake_sync_history AS kept (
        grain, at, configuration_id, worker_id, outcome, error_code, attempts, rows, bytes, statements, timed,
        wait_seconds, lag_seconds, lag_longest, first_at, last_at
    )
    SELECT * FROM line
    ON CONFLICT (grain, at, configuration_id, worker_id, outcome, error_code) DO UPDATE SET
        attempts = kept.attempts + excluded.attempts,
        rows = kept.rows + excluded.rows,
        bytes = kept.bytes + excluded.bytes,
        statements = kept.statements + excluded.statements,
        timed = kept.timed + excluded.timed,
        wait_seconds = kept.wait_seconds + excluded.wait_seconds,
        lag_seconds = kept.lag_seconds + excluded.lag_seconds,
        lag_longest = greatest(kept.lag_longest, excluded.lag_longest),
        first_at = least(kept.first_at, excluded.first_at),
        last_at = greatest(kept.last_at, excluded.last_at)
),
timed AS (
    INSERT INTO snowflake_sync_latencies AS kept (kind, bound, count, seconds)
    SELECT took.kind, class.bound, count(*), sum(took.seconds)
    FROM ripe
    CROSS JOIN LATERAL (VALUES
        ('claim', ripe.wait),
        ('load', CASE WHEN ripe.outcome = 'completed' THEN ripe.load END)
    ) AS took (kind, seconds)
    CROSS JOIN LATERAL (
        SELECT coalesce(min(bound), 'Infinity') AS bound
        FROM unnest(%(bounds)s::double precision[]) AS bound
        WHERE bound >= took.seconds
    ) AS class
    WHERE took.seconds IS NOT NULL
    GROUP BY 1, 2
    ON CONFLICT (kind, bound) DO UPDATE SET
        count = kept.count + excluded.count,
        seconds = kept.seconds + excluded.seconds
),
-- Where something is promised: in time is what was in Snowflake so soon after its first try was due.
promised AS (
    INSERT INTO snowflake_sync_freshness AS kept (configuration_id, month, ended, in_time)
    SELECT
        ripe.configuration_id,
        date_trunc('month', ripe.finished_at AT TIME ZONE 'UTC')::date,
        count(*),
        count(*) FILTER (
            WHERE ripe.outcome = 'completed'
                AND ripe.finished_at <= first.due_at + promise.min_interval
                    + make_interval(mins => promise.freshness_minutes)
        )
    FROM ripe
    JOIN snowflake_configurations AS promise ON promise.id = ripe.configuration_id
    CROSS JOIN LATERAL (
        SELECT min(attempt.due_at) AS due_at
        FROM snowflake_sync_attempts AS attempt
        WHERE attempt.item_id = ripe.item_id
            AND attempt.id <= ripe.id
            AND attempt.generation IS NOT DISTINCT FROM ripe.generation
    ) AS first
    WHERE ripe.outcome IN ('completed', 'failed') AND promise.freshness_minutes IS NOT NULL AND first.due_at IS NOT NULL
    GROUP BY 1, 2
    ON CONFLICT (configuration_id, month) DO UPDATE SET
        ended = kept.ended + excluded.ended,
        in_time = kept.in_time + excluded.in_time
)
UPDATE snowflake_sync_history_state AS state
SET position = coalesce((SELECT max(id) FROM ripe), state.position),
    as_of = CASE
        WHEN (SELECT count(*) FROM ripe) = %(size)s THEN (SELECT max(finished_at) FROM ripe)
        ELSE clock.ripe
    END
FROM clock
RETURNING (SELECT count(*) FROM ripe) = %(size)s

-- name: forget
-- Deletes the sums that no page shows any more. Up to 0.3.0 there were those of minutes, too.
DELETE FROM snowflake_sync_history
WHERE (grain IN ('minute', 'all minute', 'worker') AND at < coalesce(%(now)s, now()) - interval '3 hours')
    OR (grain IN ('hour', 'all hour') AND at < coalesce(%(now)s, now()) - interval '15 days')

-- name: clock
SELECT clock_timestamp(), as_of FROM snowflake_sync_history_state

-- name: series
SELECT
    at,
    coalesce(sum(attempts) FILTER (WHERE outcome = 'completed'), 0)::bigint,
    coalesce(sum(attempts) FILTER (WHERE outcome = 'failed'), 0)::bigint,
    coalesce(sum(rows), 0)::bigint,
    sum(lag_seconds) FILTER (WHERE outcome = 'completed')
        / nullif(sum(timed) FILTER (WHERE outcome = 'completed'), 0),
    max(lag_longest) FILTER (WHERE outcome = 'completed' AND timed > 0)
FROM snowflake_sync_history
WHERE grain = %(grain)s
    AND (%(configurations)s::uuid[] IS NULL OR configuration_id = ANY (%(configurations)s::uuid[]))
    AND at >= %(first)s
GROUP BY 1

-- name: hours
SELECT
    configuration_id,
    at,
    coalesce(sum(attempts) FILTER (WHERE outcome = 'completed'), 0)::bigint,
    coalesce(sum(attempts) FILTER (WHERE outcome = 'failed'), 0)::bigint,
    coalesce(sum(attempts) FILTER (
        WHERE outcome NOT IN ('completed', 'failed', 'released', 'skipped', 'removed')
    ), 0)::bigint,
    sum(rows)::bigint,
    sum(bytes)::bigint,
    sum(statements)
FROM snowflake_sync_history
WHERE grain = 'hour' AND at >= %(first)s AND configuration_id = ANY (%(configurations)s::uuid[])
GROUP BY configuration_id, at

-- name: successes
-- When each destination loaded for the last time, and since when it has been paused: the first pause after that load.
WITH success AS (
    SELECT configuration_id, max(last_at) AS at
    FROM snowflake_sync_history
    WHERE grain = 'ever' AND outcome = 'completed' AND configuration_id = ANY (%(configurations)s::uuid[])
    GROUP BY configuration_id
)
SELECT configuration.id, success.at, CASE WHEN configuration.is_paused THEN (
    SELECT min(CASE WHEN pause.first_at > coalesce(success.at, 'epoch') THEN pause.first_at ELSE pause.last_at END)
    FROM snowflake_sync_history AS pause
    WHERE pause.grain = 'hour'
        AND pause.configuration_id = configuration.id
        AND pause.outcome = 'paused'
        AND pause.last_at > coalesce(success.at, 'epoch')
) END
FROM unnest(%(configurations)s::uuid[], %(paused)s::boolean[]) AS configuration (id, is_paused)
LEFT JOIN success ON success.configuration_id = configuration.id

-- name: rates
SELECT worker_id, sum(attempts) FILTER (WHERE outcome = 'completed')
FROM snowflake_sync_history
WHERE grain = 'worker' AND at >= %(first)s AND worker_id = ANY (%(workers)s)
GROUP BY worker_id

-- name: promptness
-- The latest attempts, by their ids.
SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY greatest(0, extract(epoch FROM finished_at - due_at)))
FROM (
    SELECT configuration_id, outcome, due_at, finished_at FROM snowflake_sync_attempts
    ORDER BY id DESC
    LIMIT %(size)s
) AS latest
WHERE outcome = 'completed'
    AND finished_at > now() - interval '24 hours'
    AND (%(configurations)s::uuid[] IS NULL OR configuration_id = ANY (%(configurations)s::uuid[]))
