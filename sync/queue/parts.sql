-- name: clock
clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now
)

-- name: result_hash
-- Of the results as they stand now: what results/inspection.sql says of them when they are read.
jsonb_hash_extended(
            coalesce(execution.result_rows, 'null'),
            jsonb_hash_extended(coalesce(execution.result_columns, 'null'), 0)
        )

-- name: pending_again
-- An item gets another try, with all its retries. An item that a worker is busy with stays in processing.
status = CASE item.status WHEN 'processing' THEN item.status ELSE 'pending' END,
        retry_count = 0,
        error_code = NULL,
        error_message = NULL,
        error_remedy = NULL,
        updated_at = clock.now

-- name: ended
-- What ends without a destination: as an execution's item that has none, of which there is one.
INSERT INTO snowflake_sync_queue AS item (
        id, execution_id, user_id, created_at, run_after, updated_at, processed_at,
        status, error_code, error_message, error_remedy
    )

-- name: or_again
ON CONFLICT (execution_id) WHERE configuration_id IS NULL DO UPDATE SET
        generation = item.generation + 1,
        user_id = excluded.user_id,
        status = excluded.status,
        retry_count = 0,
        error_code = excluded.error_code,
        error_message = excluded.error_message,
        error_remedy = excluded.error_remedy,
        run_after = excluded.run_after,
        processed_at = excluded.processed_at,
        updated_at = excluded.updated_at

-- name: takes
-- Whether a destination is to have an execution's results.
configuration.user_id = execution.user_id AND configuration.is_active

-- name: workflow
-- By which rules know an execution's `workflow`.
coalesce({known_as}, '') COLLATE "C"

-- name: may_be_there
-- Whether a worker has to look after an item that a rule excludes: somebody has asked for what is in Snowflake to be taken
-- out, or a try may have left it there of which nobody knows how it ended. The last one, of an item that is not known to be
-- loaded, has neither taken it out nor seen that nothing is there.
(
    item.is_to_be_removed OR (
        item.table_name IS NULL AND (
            SELECT outcome FROM snowflake_sync_attempts WHERE item_id = item.id ORDER BY id DESC LIMIT 1
        ) NOT IN ('removed', 'skipped')
    )
) IS TRUE

-- name: becomes
-- What an `item`, or a new one, becomes by what was `decided`.
LATERAL (
        SELECT
            CASE WHEN is_out THEN 'skipped' ELSE 'pending' END AS status,
            CASE WHEN is_out THEN 'excluded_by_rule' END AS error_code,
            CASE WHEN is_out THEN excluded.message END AS error_message,
            CASE WHEN is_out THEN %(excluded_by_rule_remedy)s END AS error_remedy,
            CASE WHEN is_out THEN clock.now END AS processed_at
        FROM (SELECT excluded.message IS NOT NULL AND NOT {may_be_there} AS is_out OFFSET 0) AS found
    )

-- name: as_decided
-- As pending_again, where `decided` has what the item becomes.
status = CASE item.status WHEN 'processing' THEN item.status ELSE decided.status END,
        retry_count = 0,
        error_code = decided.error_code,
        error_message = decided.error_message,
        error_remedy = decided.error_remedy,
        processed_at = coalesce(decided.processed_at, item.processed_at),
        updated_at = clock.now

-- name: batch_key
-- Items with the same batch key may travel together.
CASE configuration.layout WHEN 'per_workflow' THEN execution.workflow_id::text END

-- name: uploaded
-- Whether the results are in Snowflake already, uploaded by the application itself or by an earlier way of syncing. A
-- status alone shows nothing: an earlier service said `completed` also if there was no destination to load into.
(
    execution.snowflake_status = 'completed'
    AND execution.snowflake_uploaded_at IS NOT NULL
    AND execution.snowflake_table_name <> ''
) IS TRUE

-- name: their_upload
-- Whether the application has uploaded the results itself, which it asks for by `snowflake_enabled`.
({uploaded} AND execution.snowflake_enabled IS TRUE)

-- name: setting
-- What a destination keeps of a workflow: by its own line, or by that of all the others.
SELECT keeps, amount, only_copies
FROM snowflake_sync_retention
WHERE configuration_id = result.configuration_id AND (workflow_id = result.workflow_id OR workflow_id IS NULL)
ORDER BY workflow_id IS NULL
LIMIT 1

-- name: is_past
-- Whether a `result` is past a `setting`.
CASE setting.keeps
        WHEN 'days' THEN result.loaded_at < clock.now - make_interval(days => setting.amount)
        WHEN 'last' THEN (
            SELECT count(*) FROM (
                SELECT FROM snowflake_sync_results AS newer
                WHERE newer.configuration_id = result.configuration_id AND newer.workflow_id = result.workflow_id
                    AND (newer.computed_at, newer.execution_id) > (result.computed_at, result.execution_id)
                LIMIT setting.amount
            ) AS found
        ) >= setting.amount
        ELSE false
    END

-- name: is_gone
-- Whether the application has deleted a `result`'s execution, and not made it anew.
NOT row_security_active('workflow_executions')
    AND NOT EXISTS (
        SELECT FROM ONLY snowflake_sync_queue AS item
        WHERE item.execution_id = result.execution_id AND item.configuration_id = result.configuration_id
    )
    AND NOT EXISTS (
        SELECT FROM workflow_executions AS execution WHERE execution.execution_id = result.execution_id
    )

-- name: round
-- The number of a round that begins now, later than any that was counted on from an earlier one.
(extract(epoch FROM clock.now) * 1000000)::bigint

-- name: locked
-- The turns that the statement before this one has locked.
string_to_array(current_setting('snowflake_sync.turns'), ',')::bigint[]

-- name: places
-- Settings and state of each destination of `line`. OFFSET 0 makes the planner look them up, however many it expects.
FROM line
    CROSS JOIN clock
    CROSS JOIN LATERAL (
        SELECT * FROM snowflake_configurations WHERE id = line.configuration_id OFFSET 0
    ) AS configuration
    CROSS JOIN LATERAL (
        SELECT * FROM snowflake_sync_destination_states WHERE configuration_id = line.configuration_id OFFSET 0
    ) AS state

-- name: ready
-- Paused and inactive destinations are left alone. One that is on trial (its pause is over, or it has not logged in since
-- its last change) is given to one thread at a time, and after a pause with one item.
(
    configuration.is_active
    AND (state.breaker_state = 'closed' OR state.breaker_until <= clock.now)
    AND (
        (state.breaker_state = 'closed' AND state.last_login_at IS NOT NULL)
        OR state.trial_until IS NULL
        OR state.trial_until <= clock.now
    )
) IS TRUE

-- name: opens
-- A window opens when there is something to load: the first result after a quiet time does not wait.
(
    configuration.min_interval > '0' AND (
        state.window_opened_at IS NULL OR state.window_opened_at + configuration.min_interval <= clock.now
    )
)

-- name: open_until
-- With a min_interval, items that are due when a window opens may be claimed, and those that become due in the minute
-- after: a warehouse that wakes up bills a minute anyway.
state.window_opened_at + least(configuration.min_interval, interval '1 minute')

-- name: due_until
CASE
    WHEN configuration.min_interval <= '0' OR {opens} THEN clock.now
    ELSE least(clock.now, {open_until})
END

-- name: batch_keys
-- Steps from one batch key of each `destination` to the next, once around from the one that was served last, until there
-- are as many free ones as it has threads. One is busy if somebody works on it, and has for less than a minute: its
-- worker may have died. `ended` says that there are no others; `due_at` is when one that is not free may be.
batch_key AS (
    SELECT destination.id, destination.after_key AS batch_key, destination.after_key IS NULL AS is_second_lap,
        false AS is_free, false AS ended, NULL::timestamptz AS due_at, 0 AS found, 0 AS step
    FROM destination
    UNION ALL
    SELECT last.id, next.batch_key, last.is_second_lap OR next.batch_key IS NULL, looked.is_free, ends.ended,
        CASE
            WHEN looked.is_free OR ends.ended THEN NULL
            WHEN first.run_after > destination.due_until THEN first.run_after
            ELSE busy.claimed_at + interval '1 minute'
        END,
        last.found + looked.is_free::integer,
        last.step + 1
    FROM batch_key AS last
    JOIN destination ON destination.id = last.id
    CROSS JOIN clock
    CROSS JOIN LATERAL (
        SELECT (
            SELECT item.batch_key FROM ONLY snowflake_sync_queue AS item
            WHERE item.configuration_id = last.id AND item.status = 'pending'
                AND item.batch_key > coalesce(last.batch_key, '')
            ORDER BY item.batch_key LIMIT 1
        ) AS batch_key
    ) AS next
    CROSS JOIN LATERAL (
        SELECT (
            last.is_second_lap AND (next.batch_key IS NULL OR next.batch_key > destination.after_key)
        ) IS TRUE AS ended
    ) AS ends
    CROSS JOIN LATERAL (
        SELECT (
            SELECT item.run_after FROM ONLY snowflake_sync_queue AS item
            WHERE item.configuration_id = last.id AND item.status = 'pending' AND item.batch_key = next.batch_key
            ORDER BY item.run_after, item.id LIMIT 1
        ) AS run_after
    ) AS first
    CROSS JOIN LATERAL (
        SELECT (
            SELECT item.claimed_at FROM ONLY snowflake_sync_queue AS item
            WHERE item.configuration_id = last.id AND item.status = 'processing' AND item.batch_key = next.batch_key
                AND item.claimed_at > clock.now - interval '1 minute'
            LIMIT 1
        ) AS claimed_at
    ) AS busy
    CROSS JOIN LATERAL (
        SELECT (
            NOT ends.ended AND first.run_after <= destination.due_until AND busy.claimed_at IS NULL
        ) IS TRUE AS is_free
    ) AS looked
    WHERE NOT last.ended AND last.found < destination.threads AND last.step < 200
)
