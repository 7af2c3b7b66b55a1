-- name: claim
-- 1. Shares the threads out: evenly among the users at the head of the line, and a user's among his destinations.
-- 2. Locks what is due at each, in the order of the index, without what somebody else is claiming: items that travel
--    alone, as many as make their threads' bundles, and a batch of each batch key that is free.
-- 3. Claims as many bundles as there are threads, round by round, and lets who was served stand at the end of the line.
-- A worker without a living lease gets nothing. The CTEs are materialized: otherwise a planner has been seen to update
-- more rows than LIMIT.
WITH RECURSIVE {clock},
worker AS MATERIALIZED (
    SELECT worker.id
    FROM snowflake_sync_workers AS worker, clock
    WHERE worker.id = %(worker_id)s
        AND worker.stopped_at IS NULL
        AND worker.heartbeat_at > clock.now - make_interval(secs => %(lease_seconds)s)
),
-- Where somebody else is moving all of them, they are served all the same.
first AS MATERIALIZED (
    SELECT * FROM snowflake_sync_turns WHERE id = ANY ({locked})
    UNION ALL
    (
        SELECT * FROM snowflake_sync_turns
        WHERE turn >= %(turn_start)s AND cardinality({locked}) = 0
        ORDER BY turn, id
        LIMIT %(limit)s
    )
),
line AS MATERIALIZED (
    SELECT configuration_id, (array_agg(user_id))[1] AS user_id, min(turn) AS turn, min(scan_start) AS scan_start,
        max(batch_key) AS after_key
    FROM first
    WHERE EXISTS (SELECT FROM worker)
    GROUP BY configuration_id
),
standing AS MATERIALIZED (
    SELECT
        configuration.id,
        configuration.user_id,
        line.turn,
        line.scan_start,
        line.after_key,
        state.settings_version,
        configuration.layout = 'per_workflow' AND state.breaker_state = 'closed' AS shares,
        state.breaker_state = 'open' OR state.last_login_at IS NULL AS on_trial,
        {opens} AS opens,
        {due_until} AS due_until
    {places}
    WHERE {ready}
),
-- Only one worker at a time tries a destination on trial, or opens a window: the row's lock decides between two who come
-- at once.
held AS MATERIALIZED (
    SELECT configuration.id
    FROM snowflake_sync_destination_states AS state
    CROSS JOIN clock
    CROSS JOIN LATERAL (
        SELECT * FROM snowflake_configurations WHERE id = state.configuration_id OFFSET 0
    ) AS configuration
    WHERE state.configuration_id = ANY (ARRAY(SELECT id FROM standing WHERE on_trial OR opens))
        AND {ready}
        AND (state.breaker_state = 'open' OR state.last_login_at IS NULL OR {opens})
    FOR NO KEY UPDATE OF state SKIP LOCKED
),
destination AS MATERIALIZED (
    SELECT standing.*,
        CASE
            WHEN standing.on_trial THEN 1
            ELSE ceil(
                ceil(%(limit)s / (SELECT count(DISTINCT user_id) FROM standing)::numeric)
                / count(*) OVER (PARTITION BY standing.user_id)
            )::integer
        END AS threads,
        CASE WHEN standing.on_trial THEN 1 ELSE least(%(batch)s, %(bundle)s) END AS together
    FROM standing
    WHERE NOT (standing.on_trial OR standing.opens) OR standing.id IN (SELECT id FROM held)
),
solo AS MATERIALIZED (
    SELECT destination.id AS configuration_id, due.*,
        count(*) OVER (PARTITION BY destination.id) AS waiting,
        -- Evenly, and none of them idle.
        ((row_number() OVER (PARTITION BY destination.id ORDER BY due.run_after, due.id) - 1) * destination.threads)
            / count(*) OVER (PARTITION BY destination.id) AS place
    FROM destination
    CROSS JOIN LATERAL (
        SELECT item.id, item.execution_id, item.run_after, item.retry_count, item.max_retries
        FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id = destination.id
            AND item.status = 'pending'
            AND item.batch_key IS NULL
            AND item.run_after BETWEEN destination.scan_start AND destination.due_until
        ORDER BY item.run_after, item.id
        LIMIT destination.threads * destination.together
        FOR UPDATE SKIP LOCKED
    ) AS due
),
{batch_keys},
shared AS MATERIALIZED (
    SELECT batch_key.id AS configuration_id, batch_key.batch_key, batch_key.found - 1 AS place, due.*
    FROM batch_key
    JOIN destination ON destination.id = batch_key.id
    CROSS JOIN LATERAL (
        SELECT item.id, item.execution_id, item.run_after, item.retry_count, item.max_retries
        FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id = destination.id
            AND item.status = 'pending'
            AND item.batch_key = batch_key.batch_key
            AND item.run_after <= destination.due_until
        ORDER BY item.run_after, item.id
        LIMIT CASE WHEN destination.shares THEN %(batch)s ELSE 1 END
        FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE batch_key.is_free
),
-- A bundle ends where its results get large. An item with two tries left travels alone: it may make others fail.
bundle AS MATERIALIZED (
    SELECT configuration_id, batch_key, place, min(run_after) AS run_after, array_agg(id) AS items
    FROM (
        SELECT travelling.*,
            row_number() OVER waiting AS number,
            bool_or(travelling.retry_count >= greatest(travelling.max_retries - 1, 1)) OVER waiting AS suspect,
            sum(coalesce(execution.bytes, 0)) OVER waiting AS bytes,
            sum(coalesce(execution.rows, 0)) OVER waiting AS rows
        FROM (
            SELECT configuration_id, NULL AS batch_key, place, id, execution_id, run_after, retry_count, max_retries
            FROM solo
            UNION ALL
            SELECT configuration_id, batch_key, place, id, execution_id, run_after, retry_count, max_retries
            FROM shared
        ) AS travelling
        -- OFFSET 0 makes the planner look each of them up, however many items it expects.
        LEFT JOIN LATERAL (
            SELECT pg_column_size(result_rows) AS bytes, result_total_rows AS rows
            FROM workflow_executions
            WHERE execution_id = travelling.execution_id
            OFFSET 0
        ) AS execution ON true
        WINDOW waiting AS (
            PARTITION BY travelling.configuration_id, travelling.batch_key, travelling.place
            ORDER BY travelling.run_after, travelling.id
        )
    ) AS item
    WHERE number = 1 OR NOT suspect AND CASE
        WHEN batch_key IS NULL THEN bytes <= %(bundle_bytes)s AND rows <= %(bundle_rows)s
        ELSE bytes <= %(batch_bytes)s AND rows <= %(batch_rows)s
    END
    GROUP BY configuration_id, batch_key, place
),
chosen AS MATERIALIZED (
    SELECT offered.*, row_number() OVER () AS thread
    FROM (
        SELECT numbered.*, destination.user_id, destination.turn, destination.threads, destination.on_trial,
            destination.opens, destination.settings_version,
            row_number() OVER (
                PARTITION BY destination.user_id ORDER BY numbered.number, destination.turn, destination.id
            ) AS of_user
        FROM (
            SELECT bundle.*, row_number() OVER (
                PARTITION BY configuration_id ORDER BY place, run_after, batch_key
            ) AS number
            FROM bundle
        ) AS numbered
        JOIN destination ON destination.id = numbered.configuration_id AND numbered.number <= destination.threads
    ) AS offered
    ORDER BY of_user, turn, configuration_id
    LIMIT %(limit)s
),
-- If somebody else held all items of a destination, its trial does not begin, and no window opens.
begun AS (
    UPDATE snowflake_sync_destination_states AS state
    SET trial_until = CASE
            WHEN served.on_trial THEN clock.now + make_interval(secs => %(lease_seconds)s) ELSE state.trial_until
        END,
        window_opened_at = CASE WHEN served.opens THEN clock.now ELSE state.window_opened_at END
    FROM (SELECT DISTINCT configuration_id, on_trial, opens FROM chosen WHERE on_trial OR opens) AS served, clock
    WHERE state.configuration_id = served.configuration_id
),
-- Also those that got nothing, so that they do not keep the others waiting. What is pending and not seen by this
-- statement has a turn of its own.
moved AS MATERIALIZED (
    SELECT line.configuration_id, line.user_id, coalesce(served.batch_key, line.after_key) AS batch_key,
        last.turn + sum(coalesce(served.threads, 1)) OVER (
            PARTITION BY line.user_id ORDER BY line.turn, line.configuration_id
        ) AS turn,
        coalesce(waiting.run_after, clock.now) AS scan_start
    FROM line
    CROSS JOIN clock
    LEFT JOIN (
        SELECT configuration_id, count(*) AS threads,
            (array_agg(batch_key ORDER BY place DESC) FILTER (WHERE batch_key IS NOT NULL))[1] AS batch_key
        FROM chosen
        GROUP BY configuration_id
    ) AS served ON served.configuration_id = line.configuration_id
    CROSS JOIN LATERAL (
        SELECT (
            SELECT turn FROM snowflake_sync_turns
            WHERE user_id = line.user_id AND turn >= %(turn_start)s
            ORDER BY turn DESC LIMIT 1
        ) AS turn
    ) AS last
    CROSS JOIN LATERAL (
        SELECT (
            SELECT item.run_after FROM ONLY snowflake_sync_queue AS item
            WHERE item.configuration_id = line.configuration_id AND item.status = 'pending'
                AND item.batch_key IS NULL AND item.run_after >= line.scan_start
            ORDER BY item.run_after LIMIT 1
        ) AS run_after
    ) AS waiting
    WHERE cardinality({locked}) > 0
),
gone AS (
    DELETE FROM snowflake_sync_turns
    WHERE id = ANY ({locked}) AND EXISTS (SELECT FROM worker)
),
placed AS (
    INSERT INTO snowflake_sync_turns (configuration_id, due_at, scan_start, user_id, turn, batch_key)
    SELECT configuration_id, clock.now, scan_start, user_id, turn, batch_key FROM moved, clock
),
claimed AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET status = 'processing',
        claim_token = nextval('snowflake_sync_claim_token_seq'),
        claimed_generation = item.generation,
        claimed_at = clock.now,
        worker_id = worker.id,
        updated_at = clock.now
    FROM (SELECT unnest(items) AS id, on_trial, settings_version, thread FROM chosen) AS taken, worker, clock
    -- The array makes the planner look the items up. With a thousand destinations it expects more of them than there are
    -- items, and would read the whole queue.
    WHERE item.id = taken.id AND item.id = ANY (ARRAY(SELECT unnest(items) FROM chosen))
    RETURNING item.id, item.claim_token, item.worker_id, item.execution_id, item.configuration_id, item.generation,
        item.retry_count, item.max_retries, item.run_after, item.batch_key, taken.on_trial, taken.settings_version,
        taken.thread, item.is_to_be_removed, item.open_load
)
-- First those for which nothing more was found than is claimed now, if that much; and if nothing was, whether more sleep
-- whose time has come.
SELECT ARRAY(
    SELECT line.configuration_id
    FROM line
    LEFT JOIN destination ON destination.id = line.configuration_id
    WHERE destination.id IS NULL OR (
        (SELECT count(*) FROM solo WHERE configuration_id = destination.id) < destination.threads * destination.together
        AND (SELECT max(found) FROM batch_key WHERE id = destination.id) < destination.threads
    )
), NOT EXISTS (SELECT FROM chosen) AND EXISTS (
    SELECT FROM snowflake_sync_turns AS turns, clock
    WHERE turns.turn IS NULL
        AND turns.due_at BETWEEN coalesce(%(wake_start)s, '-infinity'::timestamptz) AND clock.now
), claimed.*
FROM (VALUES (true)) AS one (row)
LEFT JOIN claimed ON true
