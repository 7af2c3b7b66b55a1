-- name: claim
-- Of each channel the message that is due first, unless another one of it is being sent; never before one that tells of
-- the same alert earlier. Who sends it has so many seconds: then it is sent again, by whoever comes. One whose sender did
-- not come back again and again is given up: it may be what ends them.
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, clock_timestamp()) AS now
),
waiting AS MATERIALIZED (
    SELECT id, channel_id, alert_ids, created_at, due_at, claimed_until
    FROM snowflake_sync_alert_deliveries
    WHERE delivered_at IS NULL AND given_up_at IS NULL AND tries < %(tries)s
),
given_up AS (
    UPDATE snowflake_sync_alert_deliveries AS delivery
    SET given_up_at = clock.now,
        claimed_until = NULL,
        error = 'Not sent: whoever tried did not come back, ' || delivery.tries || ' times.'
    FROM clock
    WHERE delivery.delivered_at IS NULL
        AND delivery.given_up_at IS NULL
        AND delivery.tries >= %(tries)s
        AND (delivery.claimed_until <= clock.now) IS NOT FALSE
),
later AS MATERIALIZED (
    SELECT id
    FROM (
        SELECT waiting.id, first_value(waiting.id) OVER (
            PARTITION BY waiting.channel_id, alert.id ORDER BY waiting.created_at, waiting.id
        ) AS earliest
        FROM waiting
        CROSS JOIN LATERAL unnest(waiting.alert_ids) AS alert (id)
    ) AS told
    WHERE told.id <> told.earliest
),
first AS MATERIALIZED (
    SELECT DISTINCT ON (waiting.channel_id) waiting.id
    FROM waiting
    CROSS JOIN clock
    -- Each is looked up in a table in memory: a storm that waits is thousands, of one channel.
    WHERE waiting.due_at <= clock.now
        AND waiting.id NOT IN (SELECT id FROM later)
        AND waiting.channel_id NOT IN (SELECT id FROM snowflake_sync_alert_channels WHERE paused_at IS NOT NULL)
        AND waiting.channel_id NOT IN (SELECT channel_id FROM waiting CROSS JOIN clock WHERE claimed_until > clock.now)
    ORDER BY waiting.channel_id, waiting.due_at, waiting.created_at, waiting.id
),
mine AS MATERIALIZED (
    SELECT delivery.id
    FROM snowflake_sync_alert_deliveries AS delivery
    CROSS JOIN clock
    WHERE delivery.id IN (SELECT id FROM first)
        AND delivery.delivered_at IS NULL
        AND delivery.given_up_at IS NULL
        AND delivery.due_at <= clock.now
        AND (delivery.claimed_until <= clock.now) IS NOT FALSE
    ORDER BY delivery.due_at, delivery.id
    LIMIT %(most)s
    FOR UPDATE OF delivery SKIP LOCKED
)
UPDATE snowflake_sync_alert_deliveries AS delivery
SET tries = delivery.tries + 1, claimed_until = clock.now + make_interval(secs => %(seconds)s)
FROM mine, clock
WHERE delivery.id = mine.id
RETURNING delivery.id

-- name: record
-- What became of a try. Where somebody else has sent it meanwhile, only a success counts.
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, clock_timestamp()) AS now
),
tried AS MATERIALIZED (
    SELECT
        delivery.id,
        delivery.channel_id,
        clock.now,
        %(outcome)s = 'ok' AS ok,
        %(outcome)s IN ('never', 'gone')
            OR delivery.event = 'test'
            OR clock.now >= delivery.created_at + make_interval(secs => %(patience)s) AS ends
    FROM snowflake_sync_alert_deliveries AS delivery
    CROSS JOIN clock
    WHERE delivery.id = %(id)s
        AND delivery.delivered_at IS NULL
        AND (delivery.tries = %(tries)s OR %(outcome)s = 'ok')
    FOR UPDATE OF delivery
),
noted AS (
    UPDATE snowflake_sync_alert_deliveries AS delivery
    SET claimed_until = NULL,
        delivered_at = CASE WHEN tried.ok THEN tried.now END,
        given_up_at = CASE WHEN tried.ends AND NOT tried.ok THEN tried.now END,
        -- The last try is made when the time is over.
        due_at = CASE WHEN tried.ok OR tried.ends THEN delivery.due_at ELSE least(
            tried.now + make_interval(secs => %(delay)s),
            greatest(delivery.created_at + make_interval(secs => %(patience)s), tried.now + interval '1 second')
        ) END,
        answer = CASE WHEN tried.ok THEN %(said)s ELSE delivery.answer END,
        error = CASE WHEN tried.ok THEN '' ELSE %(said)s END
    FROM tried
    WHERE delivery.id = tried.id
    RETURNING delivery.event
)
UPDATE snowflake_sync_alert_channels AS channel
SET last_at = tried.now,
    last_answer = CASE WHEN tried.ok THEN %(said)s ELSE channel.last_answer END,
    last_error = CASE WHEN tried.ok THEN '' ELSE %(said)s END,
    failing_since = CASE WHEN NOT tried.ok THEN coalesce(channel.failing_since, tried.now) END,
    given_up_at = CASE
        WHEN tried.ok THEN NULL
        -- A message that is not understood says nothing of the others, but two in a row do.
        WHEN tried.ends AND noted.event <> 'test' AND (%(outcome)s <> 'never' OR channel.failing_since IS NOT NULL)
            THEN coalesce(channel.given_up_at, tried.now)
        ELSE channel.given_up_at
    END,
    -- It has ended for good: whoever mends it lets it go on.
    paused_at = CASE
        WHEN %(outcome)s = 'gone' AND NOT tried.ok THEN coalesce(channel.paused_at, tried.now)
        ELSE channel.paused_at
    END
FROM tried, noted
WHERE channel.id = tried.channel_id
