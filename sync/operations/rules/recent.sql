-- name: workflows
SELECT {known_as} AS workflow_id
FROM workflows AS workflow
WHERE user_id = %(owner_id)s
ORDER BY workflow_id
LIMIT %(most)s

-- name: recent
-- The application's table may have no index for this: it is read once, without its results. Of equal columns, those of
-- the newest execution are told.
SELECT workflow_id, array_agg(execution_id ORDER BY place), names, types
FROM (
    SELECT workflow_id, execution_id, place, {column_names} AS names, {column_types} AS types
    FROM (
        SELECT ranked.*, CASE
            WHEN CASE jsonb_typeof(result_columns) WHEN 'array' THEN jsonb_array_length(result_columns) END <= %(max)s
            THEN result_columns
            ELSE '[]'
        END AS known
        FROM (
            SELECT
                {known_as} AS workflow_id,
                execution.id,
                execution.execution_id,
                row_number() OVER (PARTITION BY workflow.id ORDER BY execution.created_at DESC, execution.id) AS place
            FROM workflows AS workflow
            JOIN workflow_executions AS execution ON execution.workflow_id = workflow.id
            WHERE workflow.user_id = %(owner_id)s
                AND (
                    workflow.workflow_id::text = ANY (%(workflows)s)
                    OR (workflow.workflow_id IS NULL AND workflow.id::text = ANY (%(workflows)s))
                )
                AND execution.status = 'completed'
        ) AS ranked
        JOIN workflow_executions AS execution ON execution.id = ranked.id
        WHERE place <= %(last)s
    ) AS declared
) AS named
GROUP BY workflow_id, names, types
ORDER BY workflow_id, min(place)
