"""Which destinations may be loaded into at this moment, in SQL: shared by looking and by claiming."""

# Paused and inactive destinations are not looked at. One that is on trial (its pause is over, or it has not logged in
# since its last change) is given to one thread at a time, and after a pause with one item. With a min_interval, what is
# due when a window opens may be claimed, and what becomes due in the minute after: a warehouse that wakes up bills
# one anyway. A floor is a moment before which a worker knows of nothing due in a destination.
CLOCK_AND_DESTINATIONS = """
clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now
),
destination AS MATERIALIZED (
    SELECT
        configuration.id,
        configuration.settings_version,
        configuration.layout = 'per_workflow' AND configuration.breaker_state = 'closed' AS shares,
        configuration.breaker_state = 'open' OR configuration.last_login_at IS NULL AS on_trial,
        CASE
            WHEN configuration.min_interval <= '0'
                OR configuration.window_opened_at IS NULL
                OR configuration.window_opened_at + configuration.min_interval <= clock.now
            THEN clock.now
            ELSE least(
                clock.now, configuration.window_opened_at + least(configuration.min_interval, interval '1 minute')
            )
        END AS due_until,
        coalesce(floor.run_after, '-infinity') AS floor
    FROM snowflake_configurations AS configuration
    CROSS JOIN clock
    LEFT JOIN unnest(%(floor_ids)s::uuid[], %(floors)s::timestamptz[]) AS floor (id, run_after)
        ON floor.id = configuration.id
    WHERE configuration.is_active
        AND (configuration.breaker_state = 'closed' OR configuration.breaker_until <= clock.now)
        AND (
            (configuration.breaker_state = 'closed' AND configuration.last_login_at IS NOT NULL)
            OR configuration.trial_until IS NULL
            OR configuration.trial_until <= clock.now
        )
)"""

# A window opens when there is something to load: the first result after a quiet time does not wait.
OPEN_WINDOWS = """
WITH free AS MATERIALIZED (
    SELECT closed.id
    FROM snowflake_configurations AS closed
    WHERE closed.min_interval > '0'
        AND closed.is_active
        AND (closed.breaker_state = 'closed' OR closed.breaker_until <= coalesce(%(now)s, now()))
        AND (
            closed.window_opened_at IS NULL
            OR closed.window_opened_at + closed.min_interval <= coalesce(%(now)s, now())
        )
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE snowflake_configurations AS configuration
SET window_opened_at = clock.now
FROM free, (SELECT coalesce(%(now)s, now()) AS now) AS clock
WHERE configuration.id = free.id
    AND (
        EXISTS (
            SELECT FROM snowflake_sync_queue AS item
            WHERE item.configuration_id = configuration.id
                AND item.status = 'pending' AND item.lane IS NULL AND item.run_after <= clock.now
        )
        OR EXISTS (
            SELECT FROM snowflake_sync_queue AS item
            WHERE item.configuration_id = configuration.id
                AND item.status = 'pending' AND item.lane IS NOT NULL AND item.run_after <= clock.now
        )
    );
"""
