-- name: as_then
-- With a version: only if the settings are still those of that version. A load that goes on with credentials that
-- somebody has changed meanwhile says nothing of the new ones.
(%(version)s::integer IS NULL OR settings_version = %(version)s::integer)

-- name: made
-- A destination that came by replication, or with its trigger switched off, has no state yet.
INSERT INTO snowflake_sync_destination_states (configuration_id)
SELECT configuration.id FROM snowflake_configurations AS configuration
WHERE configuration.id = %(configuration_id)s AND NOT EXISTS (
    SELECT FROM snowflake_sync_destination_states AS state WHERE state.configuration_id = configuration.id
)
ON CONFLICT DO NOTHING

-- name: pause
-- A pause doubles with every failure in a row, up to 32 times the first. Threads that fail together count as one.
-- Refused credentials are tried twice and no more until something changes, unless the destination has let us in before
-- with them: five wrong log-ins lock a user's Snowflake account. The row says whether it was working until then.
{made};
UPDATE snowflake_sync_destination_states
SET breaker_state = 'open',
    breaker_code = %(code)s,
    breaker_reason = %(reason)s,
    breaker_until = CASE
        WHEN %(refused)s AND last_login_at IS NULL AND breaker_code = ANY (%(refusals)s) THEN NULL
        ELSE coalesce(%(now)s, now()) + make_interval(secs => %(delay)s * 2.0 ^ least(breaker_failures, 5))
    END,
    breaker_failures = breaker_failures + 1,
    trial_until = NULL
WHERE configuration_id = %(configuration_id)s
    AND {as_then}
    AND (breaker_state = 'closed' OR breaker_until <= coalesce(%(now)s, now()))
RETURNING breaker_failures = 1

-- name: resume
-- The row says whether it was paused until then.
{made};
WITH before AS MATERIALIZED (
    SELECT configuration_id AS id, breaker_state AS state
    FROM snowflake_sync_destination_states
    WHERE configuration_id = %(configuration_id)s
    FOR NO KEY UPDATE
)
UPDATE snowflake_sync_destination_states
SET breaker_state = 'closed', breaker_until = NULL, breaker_code = NULL, breaker_reason = NULL, breaker_failures = 0,
    trial_until = NULL
FROM before
WHERE configuration_id = before.id
    AND {as_then}
    AND (breaker_state <> 'closed' OR trial_until IS NOT NULL)
    AND (%(by_hand)s OR breaker_code IS DISTINCT FROM 'paused_by_hand')
RETURNING before.state <> 'closed'

-- name: pause_by_hand
-- A pause by hand lasts until somebody ends it by hand: no probe ends it, and no change of credentials.
{made};
UPDATE snowflake_sync_destination_states
SET breaker_state = 'open', breaker_until = NULL, breaker_code = 'paused_by_hand', breaker_reason = %(reason)s,
    breaker_failures = 0, trial_until = NULL
WHERE configuration_id = %(configuration_id)s AND breaker_code IS DISTINCT FROM 'paused_by_hand'
RETURNING true

-- name: end_trial
UPDATE snowflake_sync_destination_states
SET trial_until = NULL
WHERE configuration_id = %(configuration_id)s AND trial_until IS NOT NULL AND {as_then}

-- name: ask
-- A log-in of the last minutes, by whomever, says that the credentials are good: then nobody waits for anybody.
{made};
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now
),
state AS MATERIALIZED (
    SELECT
        NOT {as_then} AS changed,
        stored.breaker_state = 'open'
            AND (stored.breaker_until > clock.now) IS NOT FALSE
            AND NOT %(by_hand)s AS paused,
        coalesce(stored.last_login_at > clock.now - make_interval(secs => %(recent)s), false)
            AND NOT %(by_hand)s AS proven
    FROM snowflake_sync_destination_states AS stored, clock
    WHERE stored.configuration_id = %(configuration_id)s
),
taken AS (
    UPDATE snowflake_sync_destination_states AS stored
    SET trial_until = clock.now + make_interval(secs => %(seconds)s)
    FROM state, clock
    WHERE stored.configuration_id = %(configuration_id)s
        AND NOT state.changed
        AND NOT state.paused
        AND NOT state.proven
        AND (stored.trial_until IS NULL OR stored.trial_until <= clock.now OR %(on_trial)s)
    RETURNING stored.configuration_id
)
SELECT CASE
    WHEN state.changed THEN 'changed'
    WHEN state.paused THEN 'paused'
    WHEN state.proven THEN 'free'
    WHEN EXISTS (SELECT FROM taken) THEN 'taken'
    ELSE 'busy'
END
FROM state

-- name: note_login
-- A log-in is written at most once a minute: many threads that log in at once write once.
{made};
UPDATE snowflake_sync_destination_states
SET last_login_at = coalesce(%(now)s, now())
WHERE configuration_id = %(configuration_id)s
    AND {as_then}
    AND (last_login_at IS NULL OR last_login_at < coalesce(%(now)s, now()) - interval '1 minute')
