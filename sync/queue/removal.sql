-- name: there
-- What is in Snowflake as far as it is known, and that no worker has to look at anyway. Of what has failed, the earlier
-- result is there still.
item.table_name IS NOT NULL
    AND (item.status IN ('completed', 'failed') OR (item.status = 'skipped' AND item.error_code = 'excluded_by_rule'))
    AND item.updated_at <= %(as_of)s

-- name: page
-- Reads `size` of the owner's items that may be there, by an index for each status, whether they are the destination's or
-- not. Answers how many it read, where it ended, and which are.
WITH page AS MATERIALIZED (
    (
        SELECT * FROM ONLY snowflake_sync_queue
        WHERE user_id = %(user)s AND status = 'completed' AND (created_at, id) > (%(at)s, %(id)s)
        ORDER BY created_at, id
        LIMIT %(size)s
    )
    UNION ALL
    (
        SELECT * FROM ONLY snowflake_sync_queue
        WHERE user_id = %(user)s AND status = 'failed' AND (created_at, id) > (%(at)s, %(id)s)
        ORDER BY created_at, id
        LIMIT %(size)s
    )
    UNION ALL
    (
        SELECT * FROM ONLY snowflake_sync_queue
        WHERE user_id = %(user)s AND status = 'skipped' AND (created_at, id) > (%(at)s, %(id)s)
        ORDER BY created_at, id
        LIMIT %(size)s
    )
    ORDER BY created_at, id
    LIMIT %(size)s
)
SELECT item.created_at, item.id, item.execution_id,
    (item.configuration_id = %(configuration)s AND {there}) IS TRUE
FROM page AS item
ORDER BY item.created_at, item.id

-- name: count
-- How many of the owner's executions are there and excluded; their own tables, wherever these were made, and their rows in
-- shared ones, as many as were loaded.
WITH {clock},
asked AS (
    SELECT %(configuration)s::uuid AS configuration_id
),
{scopes}
loaded AS (
    SELECT item.execution_id, item.schema_name, item.table_name, item.row_count, {workflow} AS workflow
    FROM ONLY snowflake_sync_queue AS item
    JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE item.user_id = %(user)s AND item.configuration_id = %(configuration)s AND {there}
),
found AS MATERIALIZED (
    SELECT execution.*
    FROM loaded AS execution
    CROSS JOIN (SELECT configuration_id AS id FROM asked) AS configuration
    {decided}
    WHERE excluded.message IS NOT NULL
),
own AS MATERIALIZED (
    SELECT own.execution_id, own.schema_name, own.table_name
    FROM found
    JOIN snowflake_sync_tables AS own USING (execution_id)
    WHERE own.configuration_id = %(configuration)s
)
SELECT
    (SELECT count(*) FROM found),
    (SELECT count(*) FROM own),
    (
        SELECT coalesce(sum(found.row_count), 0)::bigint
        FROM found
        LEFT JOIN own USING (execution_id, schema_name, table_name)
        WHERE own.execution_id IS NULL
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
