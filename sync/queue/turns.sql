-- Two rules keep a destination that has something due from being forgotten. Whoever makes something due appends a row
-- with it, in one transaction. And whoever lets go of a row because another one stands in line locks that one, while
-- whoever takes the last one out of the line locks it and then looks again, with a new snapshot: so either the look sees
-- what the row was there for, or the row stays.
-- Nobody waits here: what somebody else has locked is left as it is.

-- name: lock_spent
-- Those that a claim found nothing more for.
SELECT set_config('snowflake_sync.turns', coalesce(string_agg(locked.id::text, ','), ''), true)
FROM (
    SELECT turns.id FROM snowflake_sync_turns AS turns
    WHERE turns.configuration_id = ANY (%(spent)s::uuid[]) AND turns.turn >= %(turn_start)s
    FOR UPDATE SKIP LOCKED
) AS locked

-- name: leave
-- Of those that were locked, who has nothing due leaves the line, and sleeps until there may be something. Who is paused
-- without an end, or off, is woken when that changes.
WITH RECURSIVE {clock},
line AS MATERIALIZED (
    SELECT configuration_id, min(scan_start) AS scan_start, max(batch_key) AS after_key
    FROM snowflake_sync_turns
    WHERE id = ANY ({locked})
    GROUP BY configuration_id
),
destination AS MATERIALIZED (
    SELECT
        configuration.id,
        line.scan_start,
        line.after_key,
        1 AS threads,
        {ready} AS ready,
        {due_until} AS due_until,
        -- What becomes due while a window is shut waits for the next one.
        CASE WHEN configuration.min_interval > '0' AND NOT {opens} THEN {open_until} ELSE 'infinity' END AS open_until,
        CASE
            WHEN configuration.min_interval > '0' THEN state.window_opened_at + configuration.min_interval
        END AS opens_at,
        greatest(
            CASE WHEN state.breaker_state = 'open' THEN coalesce(state.breaker_until, 'infinity') END, state.trial_until
        ) AS ready_at
    {places}
    WHERE configuration.is_active
),
{batch_keys},
stepped AS (
    SELECT id, bool_or(is_free) AS is_free, bool_or(ended) AS ended, min(due_at) AS due_at,
        (array_agg(batch_key ORDER BY step DESC))[1] AS batch_key
    FROM batch_key
    GROUP BY id
),
looked AS MATERIALIZED (
    SELECT destination.*, stepped.ended, stepped.batch_key, solo.run_after, next.due_at AS next_at,
        destination.ready AND (stepped.is_free OR EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS item
            WHERE item.configuration_id = destination.id AND item.status = 'pending' AND item.batch_key IS NULL
                AND item.run_after BETWEEN destination.scan_start AND destination.due_until
        )) AS has_more
    FROM destination
    JOIN stepped ON stepped.id = destination.id
    CROSS JOIN LATERAL (
        SELECT (
            SELECT item.run_after FROM ONLY snowflake_sync_queue AS item
            WHERE item.configuration_id = destination.id AND item.status = 'pending' AND item.batch_key IS NULL
                AND item.run_after > destination.due_until
            ORDER BY item.run_after LIMIT 1
        ) AS run_after
    ) AS solo
    CROSS JOIN LATERAL (SELECT least(solo.run_after, stepped.due_at) AS due_at) AS next
),
gone AS (
    DELETE FROM snowflake_sync_turns
    WHERE id = ANY ({locked}) AND configuration_id NOT IN (SELECT id FROM looked WHERE has_more)
)
INSERT INTO snowflake_sync_turns (configuration_id, due_at, scan_start, batch_key)
SELECT looked.id, greatest(sleeps.due_at, clock.now),
    CASE WHEN looked.ready THEN coalesce(looked.run_after, clock.now) ELSE looked.scan_start END, looked.batch_key
FROM looked
CROSS JOIN clock
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN NOT looked.ready THEN looked.ready_at
        -- There are more batch keys than one look steps over.
        WHEN NOT looked.ended THEN clock.now + interval '100 milliseconds'
        WHEN looked.next_at > looked.open_until THEN greatest(looked.next_at, looked.opens_at)
        ELSE looked.next_at
    END AS due_at
) AS sleeps
WHERE NOT looked.has_more AND sleeps.due_at < 'infinity'

-- name: wake
-- Whose time has come gets in line: at its head if its user has nobody there, else behind those. Rounds are counted on
-- from the time, which is later than any that was counted before.
WITH {clock},
due AS MATERIALIZED (
    SELECT turns.id, turns.configuration_id, turns.scan_start, turns.batch_key
    FROM snowflake_sync_turns AS turns, clock
    WHERE turns.turn IS NULL
        AND turns.due_at BETWEEN coalesce(%(wake_start)s, '-infinity'::timestamptz) AND clock.now
    ORDER BY turns.due_at, turns.id
    -- Many may be of one destination, and nobody is to wait behind them.
    LIMIT 20000
    FOR UPDATE OF turns SKIP LOCKED
),
standing AS MATERIALIZED (
    SELECT turns.configuration_id, turns.scan_start
    FROM snowflake_sync_turns AS turns
    WHERE turns.configuration_id = ANY (ARRAY(SELECT configuration_id FROM due)) AND turns.turn >= %(turn_start)s
    FOR KEY SHARE SKIP LOCKED
),
entering AS MATERIALIZED (
    SELECT woken.*, configuration.user_id
    FROM (
        SELECT configuration_id AS id, min(scan_start) AS scan_start, max(batch_key) AS batch_key
        FROM due
        GROUP BY configuration_id
    ) AS woken
    CROSS JOIN LATERAL (SELECT user_id FROM snowflake_configurations WHERE id = woken.id OFFSET 0) AS configuration
    WHERE NOT EXISTS (
        SELECT FROM standing
        WHERE standing.configuration_id = woken.id AND standing.scan_start <= woken.scan_start
    )
),
woken AS (
    DELETE FROM snowflake_sync_turns WHERE id = ANY (ARRAY(SELECT id FROM due))
)
INSERT INTO snowflake_sync_turns (configuration_id, due_at, scan_start, user_id, turn, batch_key)
SELECT entering.id, clock.now, entering.scan_start, entering.user_id,
    coalesce(
        last.turn,
        (SELECT turn FROM snowflake_sync_turns WHERE turn >= %(turn_start)s ORDER BY turn LIMIT 1) - 1,
        {round}
    ) + row_number() OVER (PARTITION BY entering.user_id ORDER BY entering.id),
    entering.batch_key
FROM entering
CROSS JOIN clock
CROSS JOIN LATERAL (
    SELECT (
        SELECT turn FROM snowflake_sync_turns
        WHERE user_id = entering.user_id AND turn >= %(turn_start)s
        ORDER BY turn DESC LIMIT 1
    ) AS turn
) AS last

-- name: stand
-- Those at the head of the line, with all rows of a destination that got in line twice: to be replaced by the claim that
-- follows. They are locked first, so that the claim sees all that they stand for.
WITH first AS MATERIALIZED (
    SELECT turns.configuration_id
    FROM snowflake_sync_turns AS turns
    WHERE turns.turn >= %(turn_start)s
    ORDER BY turns.turn, turns.id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
),
mine AS MATERIALIZED (
    SELECT turns.id
    FROM snowflake_sync_turns AS turns
    WHERE turns.configuration_id = ANY (ARRAY(SELECT configuration_id FROM first)) AND turns.turn >= %(turn_start)s
    FOR UPDATE SKIP LOCKED
)
SELECT set_config('snowflake_sync.turns', coalesce(string_agg(id::text, ','), ''), true) FROM mine

-- name: rejoin
INSERT INTO snowflake_sync_turns (configuration_id, due_at) VALUES (%(configuration_id)s, clock_timestamp())

-- name: make_turns
-- Makes the turns that are missing: of items that came by replication, or with a trigger switched off.
WITH {clock}
INSERT INTO snowflake_sync_turns (configuration_id, due_at, scan_start)
SELECT configuration.id, greatest(clock.now, clock_timestamp()), coalesce(solo.run_after, clock.now)
FROM snowflake_configurations AS configuration
JOIN snowflake_sync_destination_states AS state ON state.configuration_id = configuration.id
CROSS JOIN clock
CROSS JOIN LATERAL (
    SELECT (
        SELECT item.run_after FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id = configuration.id AND item.status = 'pending' AND item.batch_key IS NULL
            AND item.run_after <= {due_until}
        ORDER BY item.run_after LIMIT 1
    ) AS run_after
) AS solo
WHERE {ready}
    AND (solo.run_after IS NOT NULL OR EXISTS (
        SELECT FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id = configuration.id AND item.status = 'pending' AND item.batch_key IS NOT NULL
    ))
    AND NOT EXISTS (
        SELECT FROM snowflake_sync_turns AS turns
        WHERE turns.configuration_id = configuration.id AND turns.turn IS NOT NULL
            AND turns.scan_start <= coalesce(solo.run_after, 'infinity')
    )
