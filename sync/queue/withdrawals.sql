-- Workers look, a page at a time, for what is past retention and for what is gone in the application; and take out what
-- has no item that could be claimed.

-- name: begin
-- A walk for each destination that does not keep all, which looks for what is past it a day later: until then, a setting
-- can be looked at, and changed. Those that keep all again have none.
WITH wanted AS (
    SELECT DISTINCT configuration_id, 'past' AS kind FROM snowflake_sync_retention WHERE keeps <> 'all'
    UNION
    SELECT configuration_id, 'gone' FROM snowflake_sync_retention WHERE only_copies AND keeps <> 'all'
    UNION
    SELECT id, 'gone' FROM snowflake_configurations WHERE deleted_results = 'remove'
),
ended AS (
    DELETE FROM snowflake_sync_retention_walks WHERE (configuration_id, kind) NOT IN (SELECT * FROM wanted)
),
forgotten AS (
    DELETE FROM snowflake_sync_withdrawals WHERE until < now() - make_interval(secs => %(settled)s)
)
INSERT INTO snowflake_sync_retention_walks (configuration_id, kind, next_at)
SELECT configuration_id, kind, CASE kind WHEN 'past' THEN now() + interval '1 day' ELSE now() END
FROM (SELECT * FROM wanted EXCEPT SELECT configuration_id, kind FROM snowflake_sync_retention_walks) AS new
ON CONFLICT DO NOTHING

-- name: awake
-- Destinations whose warehouse a load has used in the last minute.
awake AS MATERIALIZED (
    SELECT DISTINCT latest.configuration_id
    FROM clock
    CROSS JOIN (
        SELECT configuration_id, outcome, row_count, finished_at
        FROM snowflake_sync_attempts
        ORDER BY id DESC
        LIMIT 500
    ) AS latest
    WHERE latest.outcome = 'completed' AND latest.row_count > 0 AND latest.finished_at > clock.now - interval '1 minute'
)

-- name: take
-- The walk that is due first is this worker's for a minute.
WITH {clock},
{awake},
due AS MATERIALIZED (
    SELECT walk.configuration_id, walk.kind
    FROM clock
    CROSS JOIN snowflake_sync_retention_walks AS walk
    JOIN snowflake_configurations AS configuration ON configuration.id = walk.configuration_id
    WHERE configuration.is_active AND (
        walk.next_at <= clock.now
        OR (walk.waits_for_warehouse AND walk.configuration_id IN (SELECT configuration_id FROM awake))
    )
    ORDER BY walk.next_at
    LIMIT 1
    FOR UPDATE OF walk SKIP LOCKED
)
UPDATE snowflake_sync_retention_walks AS walk
SET next_at = clock.now + interval '1 minute',
    waits_for_warehouse = walk.waits_for_warehouse AND walk.workflow_id IS NOT NULL
FROM due, clock
WHERE (walk.configuration_id, walk.kind) = (due.configuration_id, due.kind)
RETURNING walk.configuration_id, walk.kind, walk.workflow_id, walk.stands_at, walk.execution_id,
    walk.configuration_id IN (SELECT configuration_id FROM awake), walk.next_at

-- name: later
-- From its beginning, a day from now.
INSERT INTO snowflake_sync_retention_walks (configuration_id, kind, next_at)
VALUES (%(configuration)s, 'past', now() + interval '1 day')
ON CONFLICT (configuration_id, kind) DO UPDATE SET
    next_at = excluded.next_at,
    workflow_id = NULL,
    stands_at = NULL,
    execution_id = NULL,
    waits_for_warehouse = false

-- name: trouble
SELECT error_code, error_message, coalesce(error_remedy, '')
FROM snowflake_sync_retention_walks
WHERE configuration_id = %(configuration)s AND error_code IS NOT NULL

-- name: advance
-- It goes on at once, from where it has come to; from the beginning after its time, if it has come to the end. One that
-- begins anew since, as what is set has changed, is left alone.
UPDATE snowflake_sync_retention_walks
SET next_at = coalesce(%(now)s, now()) + make_interval(secs => %(again)s),
    workflow_id = %(workflow)s,
    stands_at = %(at)s,
    execution_id = %(execution)s,
    waits_for_warehouse = waits_for_warehouse OR %(waits)s
WHERE configuration_id = %(configuration)s AND kind = %(kind)s AND next_at = %(taken_until)s

-- name: mark_gone
-- Of the next results by their executions, notes which these are gone of. Row-level security hides, and deletes nothing.
WITH {clock},
page AS MATERIALIZED (
    SELECT configuration_id, execution_id, goes_at
    FROM snowflake_sync_results
    WHERE configuration_id = %(configuration)s AND execution_id > %(after)s
    ORDER BY execution_id
    LIMIT %(rows)s
),
marked AS (
    UPDATE snowflake_sync_results AS result
    SET goes_at = clock.now + make_interval(secs => %(settled)s)
    FROM page, clock
    WHERE result.configuration_id = page.configuration_id AND result.execution_id = page.execution_id
        AND page.goes_at IS NULL AND {is_gone} AND EXISTS (
            SELECT FROM snowflake_configurations WHERE id = page.configuration_id AND deleted_results = 'remove'
        )
)
SELECT (SELECT count(*) FROM page), (SELECT max(execution_id) FROM page)

-- name: held
EXISTS (
    SELECT FROM snowflake_sync_withdrawals AS held
    WHERE held.configuration_id = result.configuration_id AND held.execution_id = result.execution_id
        AND held.until > clock.now
)

-- name: going
-- Of a destination, the next that are to go: own tables, and rows of shared ones if its warehouse is awake.
WITH {clock},
{awake},
destination AS MATERIALIZED (
    SELECT configuration.id, configuration.deleted_results, going.goes_at
    FROM clock
    CROSS JOIN snowflake_configurations AS configuration
    JOIN snowflake_sync_destination_states AS state ON state.configuration_id = configuration.id
    CROSS JOIN LATERAL (
        SELECT result.goes_at
        FROM snowflake_sync_results AS result
        LEFT JOIN snowflake_sync_tables AS own
            ON own.execution_id = result.execution_id AND own.configuration_id = result.configuration_id
        WHERE result.configuration_id = configuration.id AND result.goes_at <= clock.now AND NOT {held}
            AND (own.id IS NOT NULL OR configuration.id IN (SELECT configuration_id FROM awake))
        ORDER BY result.goes_at
        LIMIT 1
    ) AS going
    WHERE configuration.is_active AND state.breaker_state = 'closed' AND state.last_login_at IS NOT NULL
    ORDER BY going.goes_at
    LIMIT 1
)
SELECT result.configuration_id, result.execution_id, result.schema_name, result.table_name,
    own.database_name, own.schema_name, own.table_name,
    {is_gone} AND (
        destination.deleted_results = 'remove'
        OR EXISTS (SELECT FROM ({setting}) AS setting WHERE setting.only_copies AND {is_past})
    )
FROM destination
CROSS JOIN clock
JOIN snowflake_sync_results AS result ON result.configuration_id = destination.id AND result.goes_at <= clock.now
LEFT JOIN snowflake_sync_tables AS own
    ON own.execution_id = result.execution_id AND own.configuration_id = result.configuration_id
WHERE NOT {held} AND (own.id IS NOT NULL OR destination.id IN (SELECT configuration_id FROM awake))
ORDER BY result.goes_at
LIMIT %(limit)s

-- name: stay
-- These are not to go any more: the execution has come again, or the destination keeps them now.
UPDATE snowflake_sync_results SET goes_at = NULL
WHERE configuration_id = %(configuration)s AND execution_id = ANY (%(executions)s)

-- name: hold
-- Right before something of them is taken out: nobody else does, and what is loaded from here on is loaded once more.
WITH {clock},
result AS (
    SELECT configuration_id, execution_id
    FROM snowflake_sync_results AS result
    WHERE configuration_id = %(configuration)s AND execution_id = ANY (%(executions)s) AND {is_gone}
)
INSERT INTO snowflake_sync_withdrawals AS withdrawal (configuration_id, execution_id, until)
SELECT result.configuration_id, result.execution_id, clock.now + make_interval(secs => %(seconds)s)
FROM result, clock
ORDER BY result.execution_id
ON CONFLICT (configuration_id, execution_id) DO UPDATE SET until = excluded.until
WHERE withdrawal.until <= (SELECT now FROM clock)
RETURNING execution_id

-- name: taken_out
WITH own AS (
    DELETE FROM snowflake_sync_tables AS own
    WHERE own.configuration_id = %(configuration)s AND own.execution_id = ANY (%(executions)s)
        AND (own.database_name, own.schema_name, own.table_name) = (%(database)s, %(schema)s, %(table)s)
),
cleared AS (
    UPDATE snowflake_sync_retention_walks SET error_code = NULL, error_message = NULL, error_remedy = NULL
    WHERE configuration_id = %(configuration)s AND error_code IS NOT NULL
)
DELETE FROM snowflake_sync_results AS result
WHERE configuration_id = %(configuration)s AND execution_id = ANY (%(executions)s) AND {is_gone}
    -- Its own place is the last: it may have been loaded to several schemas, or to an own table before the layout changed.
    AND (%(table)s::text IS NULL OR (
        result.table_name = %(table)s AND coalesce(result.schema_name, %(schema)s) = %(schema)s
    ))
    AND NOT EXISTS (
        SELECT FROM snowflake_sync_tables AS other
        WHERE other.configuration_id = result.configuration_id AND other.execution_id = result.execution_id
            AND (other.database_name, other.schema_name, other.table_name) <> (%(database)s, %(schema)s, %(table)s)
    )

-- name: put_off
-- Something was in the way: it is tried again tomorrow.
WITH told AS (
    UPDATE snowflake_sync_retention_walks
    SET error_code = %(code)s, error_message = %(message)s, error_remedy = %(remedy)s
    WHERE configuration_id = %(configuration)s AND kind = 'gone'
)
UPDATE snowflake_sync_results SET goes_at = coalesce(%(now)s, now()) + interval '1 day'
WHERE configuration_id = %(configuration)s AND execution_id = ANY (%(executions)s) AND goes_at IS NOT NULL
