-- name: excluded_earlier
item.status = 'skipped' AND item.error_code = 'excluded_by_rule' AND item.updated_at <= %(as_of)s

-- name: come_back
-- Of each `item`, whether it is pending again if somebody asks for it.
JOIN snowflake_configurations AS configuration ON configuration.id = item.configuration_id
    CROSS JOIN LATERAL (
        SELECT row.execution_id, row.status, workflow.user_id, {workflow} AS workflow
        FROM workflow_executions AS row
        JOIN workflows AS workflow ON workflow.id = row.workflow_id
        WHERE row.execution_id = item.execution_id
        OFFSET 0
    ) AS execution
    {decided}
    WHERE item.configuration_id = %(configuration)s
        AND {excluded_earlier}
        AND execution.status = 'completed'
        AND {takes}
        AND excluded.message IS NULL

-- name: count
-- How many of the owner's items come back.
WITH {clock},
asked AS (
    SELECT %(configuration)s::uuid AS configuration_id
),
{scopes}
let_in AS (
    SELECT
    FROM ONLY snowflake_sync_queue AS item
    {come_back}
        AND item.user_id = %(user)s
)
SELECT count(*) FROM let_in

-- name: page
-- Reads `size` of the owner's skipped items, in the order of an index, whether a rule of this destination has excluded them
-- or not; or the items that are named. Of these, `limit` at most are pending again that no rule excludes any more.
WITH {clock},
page AS MATERIALIZED (
    (
        SELECT *
        FROM ONLY snowflake_sync_queue AS item
        WHERE %(items)s::uuid[] IS NULL
            AND item.user_id = %(user)s AND item.status = 'skipped'
            AND (item.created_at, item.id) > (%(after_at)s::timestamptz, %(after_id)s::uuid)
            AND item.created_at <= %(as_of)s
        ORDER BY item.created_at, item.id
        LIMIT %(size)s
    )
    UNION ALL
    SELECT * FROM ONLY snowflake_sync_queue WHERE id = ANY (%(items)s::uuid[])
),
asked AS (
    SELECT %(configuration)s::uuid AS configuration_id
),
{scopes}
let_in AS MATERIALIZED (
    SELECT item.id, item.created_at
    FROM page AS item
    {come_back}
    ORDER BY item.created_at, item.id
    LIMIT %(limit)s
),
free AS MATERIALIZED (
    SELECT item.id
    FROM let_in
    JOIN ONLY snowflake_sync_queue AS item ON item.id = let_in.id
    WHERE {excluded_earlier}
    FOR NO KEY UPDATE OF item SKIP LOCKED
),
changed AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET run_after = clock.now,
        {pending_again}
    FROM free, clock
    WHERE item.id = free.id
    RETURNING item.id, item.execution_id
)
SELECT
    (SELECT count(*) FROM page),
    last.created_at,
    last.id,
    (SELECT count(*) FROM let_in),
    ARRAY(SELECT id FROM let_in EXCEPT SELECT id FROM changed),
    ARRAY(SELECT execution_id FROM changed)
FROM (VALUES (true)) AS one (row)
LEFT JOIN LATERAL (
    SELECT created_at, id FROM let_in WHERE (SELECT count(*) FROM let_in) >= %(limit)s
    UNION ALL
    SELECT created_at, id FROM page WHERE (SELECT count(*) FROM let_in) < %(limit)s
    ORDER BY created_at DESC, id DESC
    LIMIT 1
) AS last ON true
