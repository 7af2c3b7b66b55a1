-- name: clock
clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now
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

-- name: claimable
-- Paused and inactive destinations are not looked at. A destination that is on trial (its pause is over, or it has not
-- logged in since its last change) is given to one thread at a time, and after a pause with one item. With a
-- min_interval, items that are due when a window opens may be claimed, and those that become due in the minute after: a
-- warehouse that wakes up bills a minute anyway. A scan start is a moment before which a worker knows of nothing due in
-- a destination.
destination AS MATERIALIZED (
    SELECT
        configuration.id,
        state.settings_version,
        configuration.layout = 'per_workflow' AND state.breaker_state = 'closed' AS shares,
        state.breaker_state = 'open' OR state.last_login_at IS NULL AS on_trial,
        CASE
            WHEN configuration.min_interval <= '0'
                OR state.window_opened_at IS NULL
                OR state.window_opened_at + configuration.min_interval <= clock.now
            THEN clock.now
            ELSE least(
                clock.now, state.window_opened_at + least(configuration.min_interval, interval '1 minute')
            )
        END AS due_until,
        coalesce(scan_start.run_after, '-infinity') AS scan_start
    FROM snowflake_configurations AS configuration
    JOIN snowflake_sync_destination_states AS state ON state.configuration_id = configuration.id
    CROSS JOIN clock
    LEFT JOIN unnest(%(scan_start_ids)s::uuid[], %(scan_starts)s::timestamptz[]) AS scan_start (id, run_after)
        ON scan_start.id = configuration.id
    WHERE configuration.is_active
        AND (state.breaker_state = 'closed' OR state.breaker_until <= clock.now)
        AND (
            (state.breaker_state = 'closed' AND state.last_login_at IS NOT NULL)
            OR state.trial_until IS NULL
            OR state.trial_until <= clock.now
        )
)
