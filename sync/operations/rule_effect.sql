-- name: loaded
-- What was loaded, by workflow, version of the rules (0: before there were any) and status. Who has a row count was
-- loaded once. The user is the destination's: the index of its items begins with it.
SELECT workflow.workflow_id, coalesce(max(workflow.name), workflow.workflow_id), coalesce(item.rules_version, 0), item.status, count(*)
FROM ONLY snowflake_sync_queue AS item
JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
JOIN workflows AS workflow ON workflow.id = execution.workflow_id
WHERE item.configuration_id = %(configuration)s
    AND (
        (item.user_id = %(user)s AND item.status IN ('completed', 'pending', 'failed'))
        OR item.status = 'processing'
    )
    AND (item.status = 'completed' OR item.row_count IS NOT NULL)
    AND {meant}
GROUP BY workflow.workflow_id, coalesce(item.rules_version, 0), item.status

-- name: page
-- Reads `size` items by key, whether they are meant or not, and says of each whether it is.
SELECT
    item.created_at, item.id, item.execution_id, workflow.workflow_id, coalesce(workflow.name, workflow.workflow_id),
    coalesce(item.rules_version, 0),
    (
        item.configuration_id = %(configuration)s
        AND item.updated_at <= %(as_of)s
        AND workflow.workflow_id IS NOT NULL
        AND {meant}
    ) IS TRUE
FROM (
    SELECT * FROM ONLY snowflake_sync_queue
    WHERE user_id = %(user)s AND status = 'completed' AND (created_at, id) > (%(at)s, %(id)s)
    ORDER BY created_at, id
    LIMIT %(size)s
) AS item
-- OFFSET 0 makes the planner look each execution up, rather than read all of them.
LEFT JOIN LATERAL (
    SELECT created_at, workflow_id FROM workflow_executions WHERE execution_id = item.execution_id OFFSET 0
) AS execution ON true
LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
ORDER BY item.created_at, item.id
