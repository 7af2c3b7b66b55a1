-- name: take
-- The destination whose catalogue was written longest ago, of those where a warehouse is awake and something has changed,
-- and that nobody else writes. Its newest changes are looked at: a load's are among them. Views that could not be made
-- then need no warehouse.
WITH {clock},
due AS MATERIALIZED (
    SELECT configuration.id, warehouse.is_awake
    FROM clock
    CROSS JOIN snowflake_configurations AS configuration
    JOIN snowflake_sync_destination_states AS state ON state.configuration_id = configuration.id
    LEFT JOIN snowflake_sync_catalogues AS catalogue ON catalogue.configuration_id = configuration.id
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT
            FROM (
                SELECT awake, made_at FROM snowflake_sync_catalogue_changes AS change
                WHERE change.configuration_id = configuration.id
                ORDER BY change.id DESC
                LIMIT 1000
            ) AS newest
            WHERE newest.awake AND newest.made_at > clock.now - make_interval(secs => %(awake)s)
        ) AS is_awake
    ) AS warehouse
    WHERE configuration.is_active AND configuration.catalogue_name <> ''
        AND state.breaker_state = 'closed' AND state.last_login_at IS NOT NULL
        AND (catalogue.busy_until <= clock.now) IS NOT FALSE
        AND (catalogue.next_at <= clock.now) IS NOT FALSE
        AND (catalogue.published_at <= clock.now - make_interval(secs => %(every)s)) IS NOT FALSE
        AND (
            warehouse.is_awake
            OR (
                configuration.makes_views AND catalogue.table_name IS NOT NULL AND EXISTS (
                    SELECT FROM snowflake_sync_views AS views
                    WHERE views.configuration_id = configuration.id AND views.due_at IS NOT NULL
                        AND (views.busy_until <= clock.now) IS NOT FALSE
                        AND (views.error_at <= clock.now - interval '10 minutes') IS NOT FALSE
                )
            )
        )
    ORDER BY catalogue.published_at NULLS FIRST, configuration.id
    LIMIT 1
)
INSERT INTO snowflake_sync_catalogues AS catalogue (configuration_id, token, busy_until)
SELECT due.id, 1, clock.now + make_interval(secs => %(seconds)s) FROM due, clock
ON CONFLICT (configuration_id) DO UPDATE
    SET token = catalogue.token + 1, busy_until = excluded.busy_until
    WHERE (catalogue.busy_until <= (SELECT now FROM clock)) IS NOT FALSE
RETURNING catalogue.configuration_id, catalogue.token, (SELECT is_awake FROM due)

-- name: take_one
-- This destination's, if nobody else writes it; the whole is to be written if `again`.
WITH {clock}
INSERT INTO snowflake_sync_catalogues AS catalogue (configuration_id, token, busy_until)
SELECT configuration.id, 1, clock.now + make_interval(secs => %(seconds)s)
FROM clock
CROSS JOIN snowflake_configurations AS configuration
WHERE configuration.id = %(configuration)s
ON CONFLICT (configuration_id) DO UPDATE
    SET token = catalogue.token + 1,
        busy_until = excluded.busy_until,
        filled_at = NULL,
        position_at = 'infinity',
        position_id = '00000000-0000-0000-0000-000000000000',
        own_after = '{"", "", ""}',
        removed_after = ''
    WHERE (catalogue.busy_until <= (SELECT now FROM clock)) IS NOT FALSE
RETURNING catalogue.configuration_id, catalogue.token, true

-- name: keep
-- More time for whoever has taken it. No row: it is somebody else's by now.
UPDATE snowflake_sync_catalogues
SET busy_until = coalesce(%(now)s, now()) + make_interval(secs => %(seconds)s)
WHERE configuration_id = %(configuration)s AND token = %(token)s
RETURNING token

-- name: end
UPDATE snowflake_sync_catalogues
SET busy_until = NULL,
    published_at = CASE WHEN %(written)s THEN coalesce(%(now)s, now()) ELSE published_at END,
    failures = 0,
    next_at = CASE WHEN NOT %(awake)s THEN coalesce(%(now)s, now()) + make_interval(secs => %(every)s) END,
    error_code = NULL,
    error_message = NULL,
    error_remedy = NULL
WHERE configuration_id = %(configuration)s AND token = %(token)s

-- name: give_back
-- Nothing is known to be wrong.
UPDATE snowflake_sync_catalogues
SET busy_until = NULL, next_at = coalesce(%(now)s, now()) + interval '15 seconds'
WHERE configuration_id = %(configuration)s AND token = %(token)s

-- name: fail
-- Tried again after a minute, then two, up to an hour.
UPDATE snowflake_sync_catalogues
SET busy_until = NULL,
    failures = failures + 1,
    next_at = coalesce(%(now)s, now()) + least(interval '1 minute' * 2 ^ least(failures, 10), interval '1 hour'),
    error_code = %(code)s,
    error_message = %(message)s,
    error_remedy = %(remedy)s
WHERE configuration_id = %(configuration)s AND token = %(token)s

-- name: moved
-- It is to be in another place than it was, or in its first. What it was in is left as it is.
UPDATE snowflake_sync_catalogues
SET left_name = CASE WHEN table_name IS NULL THEN left_name ELSE %(left)s END,
    database_name = %(database)s,
    schema_name = %(schema)s,
    table_name = %(table)s
WHERE configuration_id = %(configuration)s AND token = %(token)s

-- name: refill
UPDATE snowflake_sync_catalogues
SET filled_at = NULL,
    position_at = 'infinity',
    position_id = '00000000-0000-0000-0000-000000000000',
    own_after = '{"", "", ""}',
    removed_after = ''
WHERE configuration_id = %(configuration)s AND token = %(token)s

-- name: forget_names
DELETE FROM snowflake_sync_catalogue_workflows WHERE configuration_id = %(configuration)s

-- name: switch_off
-- Where it was is left as it is; once it is switched on again, the whole is written.
UPDATE snowflake_sync_catalogues AS catalogue
SET left_name = (
        -- As sync.snowflake.identifiers.readable has it.
        SELECT string_agg(
            CASE WHEN name ~ '^[A-Z_][A-Z0-9_$]*$' THEN name ELSE '"' || replace(name, '"', '""') || '"' END, '.' ORDER BY place
        )
        FROM unnest(ARRAY[catalogue.database_name, catalogue.schema_name, catalogue.table_name])
            WITH ORDINALITY AS part (name, place)
    ),
    database_name = NULL,
    schema_name = NULL,
    table_name = NULL,
    filled_at = NULL,
    position_at = 'infinity',
    position_id = '00000000-0000-0000-0000-000000000000',
    own_after = '{"", "", ""}',
    removed_after = '',
    failures = 0,
    next_at = NULL,
    error_code = NULL,
    error_message = NULL,
    error_remedy = NULL
FROM snowflake_configurations AS configuration
WHERE configuration.id = catalogue.configuration_id AND configuration.catalogue_name = ''
    AND (catalogue.table_name IS NOT NULL OR catalogue.error_code IS NOT NULL)

-- name: drop_unwanted
-- Changes that no catalogue will say, because it is switched off, or its destination deleted. Where nobody could write for
-- so long that there are too many, the whole is written instead of the oldest. Steps from destination to destination.
WITH RECURSIVE step AS (
    (SELECT configuration_id FROM snowflake_sync_catalogue_changes ORDER BY configuration_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT next.configuration_id FROM snowflake_sync_catalogue_changes AS next
        WHERE next.configuration_id > step.configuration_id
        ORDER BY next.configuration_id LIMIT 1
    )
    FROM step
    WHERE step.configuration_id IS NOT NULL
),
limited AS MATERIALIZED (
    SELECT step.configuration_id, CASE
        WHEN configuration.catalogue_name <> '' THEN (
            SELECT change.id FROM snowflake_sync_catalogue_changes AS change
            WHERE change.configuration_id = step.configuration_id
            ORDER BY change.id DESC OFFSET %(most)s LIMIT 1
        )
        ELSE 9223372036854775807
    END AS up_to, configuration.catalogue_name <> '' AS is_on
    FROM step
    LEFT JOIN snowflake_configurations AS configuration ON configuration.id = step.configuration_id
    WHERE step.configuration_id IS NOT NULL
),
refilled AS (
    UPDATE snowflake_sync_catalogues AS catalogue
    SET filled_at = NULL, position_at = 'infinity', position_id = '00000000-0000-0000-0000-000000000000'
    FROM limited
    WHERE catalogue.configuration_id = limited.configuration_id AND limited.is_on AND limited.up_to IS NOT NULL
),
unwanted AS MATERIALIZED (
    SELECT change.configuration_id, change.id
    FROM limited
    JOIN snowflake_sync_catalogue_changes AS change
        ON change.configuration_id = limited.configuration_id AND change.id <= limited.up_to
    LIMIT 10000
)
DELETE FROM snowflake_sync_catalogue_changes AS change
USING unwanted
WHERE (change.configuration_id, change.id) = (unwanted.configuration_id, unwanted.id)
