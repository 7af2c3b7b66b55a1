-- name: meant
(%(since)s::timestamptz IS NULL OR execution.created_at >= %(since)s::timestamptz)
    AND (%(until)s::timestamptz IS NULL OR execution.created_at < %(until)s::timestamptz)
    AND (%(workflows)s::uuid[] IS NULL OR execution.workflow_id = ANY(%(workflows)s::uuid[]))

-- name: declared
-- The names of `result.columns`, as results/inspection.sql finds them; NULL if not all have one.
(
    SELECT CASE WHEN count(*) = count(name) THEN array_agg(name) END
    FROM jsonb_array_elements(CASE jsonb_typeof(result.columns) WHEN 'array' THEN result.columns ELSE '[]' END) AS c
    CROSS JOIN LATERAL (
        SELECT CASE jsonb_typeof(c) WHEN 'string' THEN c #>> '{}'
            ELSE CASE jsonb_typeof(c -> 'name') WHEN 'string' THEN c ->> 'name' END END AS name
    ) AS named
)

-- name: count_loaded
-- What was loaded, by workflow, version of the rules (0: before there were any), status, whether the rules exclude it by
-- now, and, of the workflows whose columns are asked for and no others, its columns. Who has a row count was loaded once.
-- The user is the destination's: an index of items begins with it.
WITH {clock},
asked AS (
    SELECT %(configuration)s::uuid AS configuration_id
),
{scopes}
execution AS (
    SELECT
        item.execution_id, coalesce(item.rules_version, 0) AS version, workflow.name, {workflow} AS workflow,
        CASE
            WHEN item.is_to_be_removed AND item.status IN ('pending', 'processing') THEN 'removing' ELSE item.status
        END AS status,
        CASE WHEN %(columns_of)s::text[] IS NOT NULL THEN execution.result_columns::jsonb END AS columns
    FROM ONLY snowflake_sync_queue AS item
    JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE item.configuration_id = %(configuration)s
        AND (
            (item.user_id = %(user)s AND item.status IN ('completed', 'pending', 'failed'))
            OR item.status = 'processing'
        )
        AND (item.status = 'completed' OR item.row_count IS NOT NULL)
        AND (%(columns_of)s::text[] IS NULL OR {workflow} = ANY (%(columns_of)s::text[]))
        AND {meant}
)
SELECT result.workflow, result.name, result.version, result.status, result.is_excluded, {declared}, result.number
FROM (
    -- Equal columns are unpacked once.
    SELECT
        execution.workflow, coalesce(max(execution.name), execution.workflow) AS name, execution.version,
        execution.status, excluded.message IS NOT NULL AS is_excluded, execution.columns, count(*) AS number
    FROM execution
    CROSS JOIN (SELECT configuration_id AS id FROM asked) AS configuration
    {decided}
    GROUP BY execution.workflow, execution.version, execution.status, is_excluded, execution.columns
    OFFSET 0
) AS result

-- name: loaded_page
-- Reads `size` items by key, whether they are meant or not, and says of each whether it is: if it is loaded into the
-- destination, has not changed since `as_of`, and the rules do not exclude it.
WITH {clock},
asked AS (
    SELECT %(configuration)s::uuid AS configuration_id
),
{scopes}
page AS MATERIALIZED (
    SELECT *
    FROM ONLY snowflake_sync_queue
    WHERE user_id = %(user)s AND status = 'completed' AND (created_at, id) > (%(after_at)s, %(after_id)s)
    ORDER BY created_at, id
    LIMIT %(size)s
)
SELECT
    execution.created_at, execution.id, execution.workflow, execution.version,
    execution.is_meant AND excluded.message IS NULL
FROM (
    SELECT
        item.created_at, item.id, item.execution_id, coalesce(item.rules_version, 0) AS version, {workflow} AS workflow,
        (item.configuration_id = %(configuration)s AND item.updated_at <= %(as_of)s AND {meant}) IS TRUE AS is_meant
    FROM page AS item
    -- OFFSET 0 makes the planner look each execution up, rather than read all of them.
    LEFT JOIN LATERAL (
        SELECT created_at, workflow_id FROM workflow_executions WHERE execution_id = item.execution_id OFFSET 0
    ) AS execution ON true
    LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
) AS execution
CROSS JOIN (SELECT configuration_id AS id FROM asked) AS configuration
{decided}
ORDER BY execution.created_at, execution.id

-- name: columns_of_items
SELECT result.items, {declared}
FROM (
    SELECT array_agg(item.id) AS items, execution.result_columns::jsonb AS columns
    FROM ONLY snowflake_sync_queue AS item
    JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    WHERE item.id = ANY (%(items)s::uuid[])
    GROUP BY execution.result_columns::jsonb
    OFFSET 0
) AS result

-- name: count_misfits
-- What failed since a rule does not fit it, by the rules that the last try went by.
SELECT result.workflow, result.version, {declared}, result.number
FROM (
    SELECT
        {workflow} AS workflow, coalesce(attempt.rules_version, 0) AS version,
        execution.result_columns::jsonb AS columns, count(*) AS number
    FROM ONLY snowflake_sync_queue AS item
    JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    CROSS JOIN LATERAL (
        SELECT rules_version FROM snowflake_sync_attempts
        WHERE item_id = item.id AND outcome = 'failed' ORDER BY id DESC LIMIT 1
    ) AS attempt
    WHERE item.user_id = %(user)s AND item.configuration_id = %(configuration)s
        AND item.status = 'failed' AND item.error_code = 'rule_does_not_fit' AND {meant}
    GROUP BY 1, 2, 3
    OFFSET 0
) AS result
