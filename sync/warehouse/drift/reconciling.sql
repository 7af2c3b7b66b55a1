-- name: begin
-- Whoever looks has it until then; nothing, if somebody looks already.
INSERT INTO snowflake_sync_reconciliations AS known (configuration_id, busy_until, tried_at)
VALUES (%(configuration)s, now() + %(seconds)s * interval '1 second', now())
ON CONFLICT (configuration_id) DO UPDATE SET busy_until = excluded.busy_until, tried_at = excluded.tried_at
WHERE known.busy_until IS NULL OR known.busy_until < now()
RETURNING columns_until, busy_until

-- name: still_mine
SELECT FROM snowflake_sync_reconciliations
WHERE configuration_id = %(configuration)s AND busy_until = %(busy_until)s AND busy_until > now()
FOR NO KEY UPDATE

-- name: ask
INSERT INTO snowflake_sync_reconciliations AS known (configuration_id, asked_at)
VALUES (%(configuration)s, now())
ON CONFLICT (configuration_id) DO UPDATE SET asked_at = coalesce(known.asked_at, excluded.asked_at)

-- name: due
-- Destinations that somebody wants looked at, or whose hour of the night has come: each has one of its own between one and
-- five o'clock, UTC, and six hours from then on, or any hour once a whole night was missed. Nothing is begun while
-- something is being loaded, unless that went on all day; and what failed is tried again after an hour.
SELECT configuration.id
FROM snowflake_configurations AS configuration
JOIN snowflake_sync_destination_states AS state ON state.configuration_id = configuration.id
LEFT JOIN snowflake_sync_reconciliations AS known ON known.configuration_id = configuration.id
CROSS JOIN LATERAL (
    SELECT (date_trunc('day', moment AT TIME ZONE 'UTC') + interval '1 hour') AT TIME ZONE 'UTC'
        + ((hashtextextended(configuration.id::text, 0) & 1048575) %% 14400) * interval '1 second' AS begins, moment
    FROM (SELECT coalesce(%(now)s::timestamptz, now()) AS moment) AS clock
) AS hour
CROSS JOIN LATERAL (SELECT coalesce(known.looked_at, configuration.created_at) AS at) AS last
WHERE configuration.is_active AND state.breaker_state = 'closed' AND state.last_login_at IS NOT NULL
    AND (known.busy_until IS NULL OR known.busy_until < hour.moment)
    AND (
        known.asked_at IS NOT NULL
        OR hour.begins <= hour.moment AND last.at < hour.begins
            AND (known.tried_at IS NULL OR known.tried_at < hour.moment - interval '1 hour')
            AND (hour.moment < hour.begins + interval '6 hours' OR known.looked_at < hour.begins - interval '1 day')
            AND (last.at < hour.begins - interval '1 day' OR NOT EXISTS (
                SELECT FROM ONLY snowflake_sync_queue AS item
                WHERE item.status = 'processing' AND item.configuration_id = configuration.id
            ))
    )
ORDER BY known.asked_at NULLS LAST, last.at
LIMIT 1

-- name: seen
seen AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(seen)s::jsonb) AS seen (
        kind text, database_name text, schema_name text, table_name text, execution_id text, expected jsonb, found jsonb
    )
)

-- name: same
-- Whether what was adopted is what is there: for a table that goes on to be loaded, the same number of rows too many, or
-- too few.
(
    adopted.found = seen.found
    OR (adopted.found ->> 'rows')::bigint - (adopted.expected ->> 'rows')::bigint
        = (seen.found ->> 'rows')::bigint - (seen.expected ->> 'rows')::bigint
)

-- name: close
-- What is not so any more; and what was adopted, and is not as it was then. Of a kind of which there are too many it is not
-- known.
WITH {seen}
UPDATE snowflake_sync_findings AS adopted
SET closed_at = %(at)s, closed_how = 'gone'
WHERE adopted.configuration_id = %(configuration)s AND (adopted.closed_at IS NULL OR adopted.closed_how = 'adopted')
    AND adopted.kind <> ALL (%(too_many)s)
    AND NOT EXISTS (
        SELECT FROM seen
        WHERE (adopted.database_name, adopted.schema_name, adopted.table_name, adopted.kind)
                = (seen.database_name, seen.schema_name, seen.table_name, seen.kind)
            AND (adopted.closed_at IS NULL OR {same})
    )

-- name: write
WITH {seen},
news AS (
    SELECT * FROM seen
    WHERE NOT EXISTS (
        SELECT FROM snowflake_sync_findings AS adopted
        WHERE adopted.configuration_id = %(configuration)s AND adopted.closed_how = 'adopted'
            AND (adopted.database_name, adopted.schema_name, adopted.table_name, adopted.kind)
                = (seen.database_name, seen.schema_name, seen.table_name, seen.kind)
    )
)
INSERT INTO snowflake_sync_findings AS known (
    configuration_id, kind, database_name, schema_name, table_name, execution_id, expected, found, first_seen_at,
    last_seen_at
)
SELECT %(configuration)s, kind, database_name, schema_name, table_name, execution_id, expected, found, %(at)s, %(at)s
FROM news
ON CONFLICT (configuration_id, database_name, schema_name, table_name, kind) WHERE closed_at IS NULL
DO UPDATE SET
    execution_id = excluded.execution_id, expected = excluded.expected, found = excluded.found,
    last_seen_at = excluded.last_seen_at

-- name: note_views
-- Views of results in tables that are known only now not to be there under their names, or to be there again.
UPDATE snowflake_sync_views AS views
SET due_at = clock_timestamp()
FROM snowflake_sync_findings AS finding
JOIN snowflake_sync_tables AS made USING (configuration_id, database_name, schema_name, table_name)
WHERE finding.configuration_id = %(configuration)s AND finding.kind IN ('missing', 'renamed', 'replaced')
    AND (finding.closed_at = %(at)s OR finding.closed_at IS NULL AND finding.first_seen_at = %(at)s)
    AND views.configuration_id = finding.configuration_id
    AND CASE WHEN made.execution_id IS NULL
        THEN (views.shared_schema, views.shared_table) = (made.schema_name, made.table_name)
        ELSE views.known_as = made.workflow_id
    END

-- name: note_look
UPDATE snowflake_sync_reconciliations
SET busy_until = NULL, asked_at = NULL, looked_at = %(at)s, seconds = %(seconds)s, tables = %(tables)s,
    unlisted = %(unlisted)s, strangers = %(strangers)s, columns_until = %(columns_until)s, error_code = '',
    error_message = '', error_remedy = ''
WHERE configuration_id = %(configuration)s

-- name: note_trouble
-- Without a code whoever looked had to stop: as if nobody had tried.
UPDATE snowflake_sync_reconciliations
SET busy_until = NULL, asked_at = CASE WHEN %(code)s = '' THEN asked_at END,
    tried_at = CASE WHEN %(code)s <> '' THEN tried_at END, error_code = %(code)s, error_message = %(message)s, error_remedy = %(remedy)s
WHERE configuration_id = %(configuration)s

-- name: odd_columns
-- The tables whose columns are, or were adopted as, others: they are compared each time.
SELECT DISTINCT known.id
FROM snowflake_sync_findings AS finding
JOIN snowflake_sync_tables AS known USING (configuration_id, database_name, schema_name, table_name)
WHERE finding.configuration_id = %(configuration)s AND finding.kind = 'columns'
    AND (finding.closed_at IS NULL OR finding.closed_how = 'adopted')
