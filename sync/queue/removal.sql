-- name: there
-- What is in Snowflake as far as it is known, and that no worker has to look at anyway.
item.table_name IS NOT NULL
    AND (item.status = 'completed' OR (item.status = 'skipped' AND item.error_code = 'excluded_by_rule'))
    AND item.updated_at <= %(as_of)s

-- name: page
-- Reads `size` of the owner's items of one status, in the order of an index, whether they are the destination's or not.
WITH page AS MATERIALIZED (
    SELECT *
    FROM ONLY snowflake_sync_queue AS item
    WHERE item.user_id = %(user)s
        AND item.status = %(status)s
        AND (item.created_at, item.id) > (%(after_at)s::timestamptz, %(after_id)s::uuid)
        AND item.created_at <= %(as_of)s
    ORDER BY item.created_at, item.id
    LIMIT %(size)s
),
found AS (
    SELECT array_agg(item.execution_id) AS executions
    FROM page AS item
    WHERE item.configuration_id = %(configuration)s AND {there}
)
SELECT
    (SELECT count(*) FROM page),
    last.created_at,
    last.id,
    coalesce((SELECT executions FROM found), '{}')
FROM (VALUES (true)) AS one (row)
LEFT JOIN LATERAL (
    SELECT created_at, id FROM page ORDER BY created_at DESC, id DESC LIMIT 1
) AS last ON true

-- name: measure
-- Their own tables, wherever these were made, and their rows in shared ones, as many as were loaded.
SELECT
    (
        SELECT count(*) FROM snowflake_sync_tables AS own
        WHERE own.execution_id = ANY (%(executions)s) AND own.configuration_id = %(configuration)s
    ),
    (
        SELECT coalesce(sum(item.row_count), 0)::bigint
        FROM ONLY snowflake_sync_queue AS item
        WHERE item.execution_id = ANY (%(executions)s) AND item.configuration_id = %(configuration)s
            AND NOT EXISTS (
                SELECT FROM snowflake_sync_tables AS own
                WHERE own.execution_id = item.execution_id AND own.configuration_id = item.configuration_id
                    AND own.schema_name = item.schema_name AND own.table_name = item.table_name
            )
    )

-- name: to_remove
SELECT item.execution_id, item.schema_name, item.table_name, item.row_count, item.is_to_be_removed
FROM ONLY snowflake_sync_queue AS item
WHERE item.id = ANY (%(items)s::uuid[]) AND {may_be_there}

-- name: ask
-- Items that somebody else holds are skipped; the answer names them.
WITH {clock},
wanted AS MATERIALIZED (
    SELECT item.id, item.execution_id
    FROM ONLY snowflake_sync_queue AS item
    WHERE item.execution_id = ANY (%(executions)s) AND item.configuration_id = %(configuration)s AND {there}
),
free AS MATERIALIZED (
    SELECT item.id
    FROM wanted
    JOIN ONLY snowflake_sync_queue AS item ON item.id = wanted.id
    WHERE {there}
    FOR NO KEY UPDATE OF item SKIP LOCKED
),
changed AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET is_to_be_removed = true,
        run_after = clock.now,
        {pending_again}
    FROM free, clock
    WHERE item.id = free.id
    RETURNING item.execution_id
)
SELECT
    ARRAY(SELECT execution_id FROM changed),
    ARRAY(SELECT execution_id FROM wanted EXCEPT SELECT execution_id FROM changed)
