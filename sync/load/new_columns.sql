-- name: known
-- result_columns as an array, of which results/inspection.sql takes the names.
CASE jsonb_typeof(execution.result_columns::jsonb) WHEN 'array' THEN execution.result_columns::jsonb ELSE '[]' END

-- name: names
SELECT execution_id, {column_names}
FROM (
    SELECT execution.execution_id, {known} AS known
    FROM workflow_executions AS execution
    WHERE execution.execution_id = ANY (%(executions)s)
) AS result

-- name: earlier
-- Through the owner's latest results, by the index that lists them: the application may have none by workflow.
SELECT DISTINCT coalesce(rules_version, 0), unnest({column_names})
FROM (
    SELECT {known} AS known, item.rules_version
    FROM (
        SELECT execution_id, configuration_id, rules_version
        FROM ONLY snowflake_sync_queue
        WHERE user_id = %(user_id)s AND status = 'completed'
        ORDER BY created_at DESC, id DESC
        LIMIT %(walked)s
    ) AS item
    JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE item.configuration_id = %(configuration_id)s AND {known_as} = %(workflow_id)s
    LIMIT %(read)s
) AS result

-- name: lock
SELECT pg_advisory_xact_lock(hashtext('snowflake_sync_known_columns ' || %s))
