-- name: lately
-- The names of columns of what was loaded lately, by the attempts' ids downwards. Results themselves are not read.
SELECT configuration_id, workflow_id, names, count(*)
FROM (
    SELECT configuration_id, workflow_id, {column_names} AS names
    FROM (
        SELECT latest.configuration_id, {known_as} AS workflow_id, CASE
            WHEN CASE jsonb_typeof(execution.result_columns::jsonb)
                WHEN 'array' THEN jsonb_array_length(execution.result_columns::jsonb)
            END <= %(max)s
            THEN execution.result_columns::jsonb
            ELSE '[]'
        END AS known
        FROM (
            SELECT configuration_id, item_id, outcome FROM snowflake_sync_attempts ORDER BY id DESC LIMIT %(size)s
        ) AS latest
        JOIN ONLY snowflake_sync_queue AS item ON item.id = latest.item_id
        JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
        JOIN workflows AS workflow ON workflow.id = execution.workflow_id
        WHERE latest.outcome = 'completed' AND latest.configuration_id = ANY (%(configurations)s::uuid[])
    ) AS loaded
) AS result
GROUP BY configuration_id, workflow_id, names
