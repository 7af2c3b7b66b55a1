-- name: open_windows
-- A window opens when there is something to load: the first result after a quiet time does not wait.
WITH free AS MATERIALIZED (
    SELECT configuration.id
    FROM snowflake_configurations AS configuration
    JOIN snowflake_sync_destination_states AS state ON state.configuration_id = configuration.id
    WHERE configuration.min_interval > '0'
        AND configuration.is_active
        AND (state.breaker_state = 'closed' OR state.breaker_until <= coalesce(%(now)s, now()))
        AND (
            state.window_opened_at IS NULL
            OR state.window_opened_at + configuration.min_interval <= coalesce(%(now)s, now())
        )
    FOR NO KEY UPDATE OF state SKIP LOCKED
)
UPDATE snowflake_sync_destination_states AS state
SET window_opened_at = clock.now
FROM free, (SELECT coalesce(%(now)s, now()) AS now) AS clock
WHERE state.configuration_id = free.id
    AND (
        EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS item
            WHERE item.configuration_id = state.configuration_id
                AND item.status = 'pending' AND item.batch_key IS NULL AND item.run_after <= clock.now
        )
        OR EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS item
            WHERE item.configuration_id = state.configuration_id
                AND item.status = 'pending' AND item.batch_key IS NOT NULL AND item.run_after <= clock.now
        )
    );

-- name: claim
-- 1. Finds without locks which items are next: the first items that travel alone, and the first item of each batch key
--    that nobody works on, or of one claimed more than a minute ago, since its worker may have died. Destinations take
--    turns, so that a long line at one does not hold up another.
-- 2. Finds how many of each to take: one item, or as many of a batch key as make a batch.
-- 3. Locks these in the order of the index, without those that somebody else is claiming, and claims them.
-- A worker without a living lease gets nothing. The CTEs are materialized: otherwise a planner has been seen to update
-- more rows than LIMIT.
WITH RECURSIVE {clock},
{claimable},
worker AS MATERIALIZED (
    SELECT worker.id
    FROM snowflake_sync_workers AS worker, clock
    WHERE worker.id = %(worker_id)s
        AND worker.stopped_at IS NULL
        AND worker.heartbeat_at > clock.now - make_interval(secs => %(lease_seconds)s)
),
-- Steps from one batch key to the next, however many items are in each.
batch_key AS (
    SELECT destination.id AS configuration_id, (
        SELECT item.batch_key FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id = destination.id AND item.status = 'pending' AND item.batch_key IS NOT NULL
        ORDER BY item.batch_key LIMIT 1
    ) AS batch_key
    FROM destination, worker
    UNION ALL
    SELECT batch_key.configuration_id, (
        SELECT item.batch_key FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id = batch_key.configuration_id AND item.status = 'pending'
            AND item.batch_key > batch_key.batch_key
        ORDER BY item.batch_key LIMIT 1
    )
    FROM batch_key
    WHERE batch_key.batch_key IS NOT NULL
),
candidate AS MATERIALIZED (
    SELECT destination.id AS configuration_id, NULL AS batch_key, due.run_after, due.id
    FROM destination
    CROSS JOIN worker
    CROSS JOIN LATERAL (
        SELECT item.run_after, item.id
        FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id = destination.id
            AND item.status = 'pending'
            AND item.batch_key IS NULL
            AND item.run_after BETWEEN destination.scan_start AND destination.due_until
        ORDER BY item.run_after, item.id
        LIMIT CASE WHEN destination.on_trial THEN 1 ELSE %(limit)s END
    ) AS due
    UNION ALL
    SELECT destination.id, batch_key.batch_key, due.run_after, due.id
    FROM batch_key
    JOIN destination ON destination.id = batch_key.configuration_id
    CROSS JOIN LATERAL (
        SELECT item.run_after, item.id
        FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id = destination.id
            AND item.status = 'pending'
            AND item.batch_key = batch_key.batch_key
            AND item.run_after <= destination.due_until
        ORDER BY item.run_after, item.id
        LIMIT 1
    ) AS due
    CROSS JOIN clock
    WHERE NOT EXISTS (
        SELECT FROM ONLY snowflake_sync_queue AS busy
        WHERE busy.configuration_id = destination.id
            AND busy.status = 'processing'
            AND busy.batch_key = batch_key.batch_key
            AND busy.claimed_at > clock.now - interval '1 minute'
    )
),
turn AS (
    SELECT *, row_number() OVER (PARTITION BY configuration_id ORDER BY run_after, id) AS number FROM candidate
),
next AS MATERIALIZED (
    SELECT turn.configuration_id, turn.batch_key, destination.due_until, destination.scan_start, destination.on_trial,
        destination.settings_version, destination.shares
    FROM turn
    JOIN destination ON destination.id = turn.configuration_id
    WHERE turn.number = 1 OR NOT destination.on_trial
    ORDER BY turn.number, turn.run_after, turn.id
    LIMIT %(limit)s
),
-- Only one worker at a time tries a destination on trial: the row's lock decides between two who come at once.
trial AS MATERIALIZED (
    SELECT state.configuration_id AS id
    FROM snowflake_sync_destination_states AS state, clock
    WHERE state.configuration_id IN (SELECT configuration_id FROM next WHERE on_trial)
        AND (state.trial_until IS NULL OR state.trial_until <= clock.now)
    FOR NO KEY UPDATE OF state SKIP LOCKED
),
-- The items of a batch key up to its batch's end. An item with two tries left travels alone: it may make others fail.
batch AS MATERIALIZED (
    SELECT next.configuration_id, next.batch_key, next.due_until, next.scan_start, next.on_trial, next.settings_version,
        member.quota
    FROM next
    CROSS JOIN LATERAL (
        SELECT count(*) AS quota
        FROM (
            SELECT
                row_number() OVER waiting AS number,
                bool_or(item.retry_count >= greatest(item.max_retries - 1, 1)) OVER waiting AS suspect,
                sum(coalesce(pg_column_size(execution.result_rows), 0)) OVER waiting AS bytes,
                sum(coalesce(execution.result_total_rows, 0)) OVER waiting AS rows
            FROM (
                SELECT first.execution_id, first.run_after, first.id, first.retry_count, first.max_retries
                FROM ONLY snowflake_sync_queue AS first
                WHERE first.configuration_id = next.configuration_id
                    AND first.status = 'pending'
                    AND first.batch_key = next.batch_key
                    AND first.run_after <= next.due_until
                ORDER BY first.run_after, first.id
                LIMIT CASE WHEN next.shares THEN %(batch)s ELSE 1 END
            ) AS item
            LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
            WINDOW waiting AS (ORDER BY item.run_after, item.id)
        ) AS item
        WHERE item.number = 1
            OR (NOT item.suspect AND item.bytes <= %(batch_bytes)s AND item.rows <= %(batch_rows)s)
    ) AS member
    WHERE next.batch_key IS NOT NULL
    UNION ALL
    SELECT next.configuration_id, NULL, next.due_until, next.scan_start, next.on_trial, next.settings_version, count(*)
    FROM next
    WHERE next.batch_key IS NULL
    GROUP BY next.configuration_id, next.due_until, next.scan_start, next.on_trial, next.settings_version
),
chosen AS MATERIALIZED (
    SELECT locked.id, batch.configuration_id, batch.on_trial, batch.settings_version
    FROM batch
    CROSS JOIN LATERAL (
        SELECT item.id
        FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id = batch.configuration_id
            AND item.status = 'pending'
            AND item.batch_key IS NULL
            AND item.run_after BETWEEN batch.scan_start AND batch.due_until
        ORDER BY item.run_after, item.id
        LIMIT batch.quota
        FOR UPDATE SKIP LOCKED
    ) AS locked
    WHERE batch.batch_key IS NULL AND (NOT batch.on_trial OR batch.configuration_id IN (SELECT id FROM trial))
    UNION ALL
    SELECT locked.id, batch.configuration_id, batch.on_trial, batch.settings_version
    FROM batch
    CROSS JOIN LATERAL (
        SELECT item.id
        FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id = batch.configuration_id
            AND item.status = 'pending'
            AND item.batch_key = batch.batch_key
            AND item.run_after <= batch.due_until
        ORDER BY item.run_after, item.id
        LIMIT batch.quota
        FOR UPDATE SKIP LOCKED
    ) AS locked
    WHERE batch.batch_key IS NOT NULL AND (NOT batch.on_trial OR batch.configuration_id IN (SELECT id FROM trial))
),
-- If somebody else held all items of a destination, its trial does not begin.
begun AS (
    UPDATE snowflake_sync_destination_states AS state
    SET trial_until = clock.now + make_interval(secs => %(lease_seconds)s)
    FROM clock
    WHERE state.configuration_id = ANY (ARRAY(SELECT configuration_id FROM chosen WHERE on_trial))
)
UPDATE ONLY snowflake_sync_queue AS item
SET status = 'processing',
    claim_token = nextval('snowflake_sync_claim_token_seq'),
    claimed_generation = item.generation,
    claimed_at = clock.now,
    worker_id = worker.id,
    updated_at = clock.now
FROM chosen, worker, clock
-- The array makes the planner look the items up. With a thousand destinations it expects more of them than there are
-- items, and would read the whole queue.
WHERE item.id = chosen.id AND item.id = ANY (ARRAY(SELECT id FROM chosen))
RETURNING item.id, item.claim_token, item.worker_id, item.execution_id, item.configuration_id, item.generation,
    item.retry_count, item.max_retries, item.run_after, item.batch_key, chosen.on_trial, chosen.settings_version,
    item.open_load
