-- name: made
made.id, made.configuration_id, coalesce(made.user_id, configuration.user_id),
    coalesce(made.account, configuration.account_identifier, ''),
    made.database_name, made.schema_name, made.table_name, made.execution_id

-- name: there
(%(configuration)s::uuid IS NULL OR made.configuration_id = %(configuration)s::uuid)

-- name: of_user
-- Everything that was made for a user's destinations, those that are gone, too; also by workers of a version before, who
-- did not say for whom.
WITH destination AS MATERIALIZED (
    SELECT id FROM snowflake_configurations WHERE user_id = %(subject)s::uuid
    UNION
    SELECT configuration_id FROM snowflake_sync_tables WHERE user_id = %(subject)s::uuid
    UNION
    SELECT configuration_id FROM snowflake_sync_results WHERE user_id = %(subject)s::uuid
)
SELECT {made}, NULL
FROM snowflake_sync_tables AS made
LEFT JOIN snowflake_configurations AS configuration ON configuration.id = made.configuration_id
WHERE made.configuration_id IN (SELECT id FROM destination)
    AND coalesce(made.user_id, %(subject)s::uuid) = %(subject)s::uuid AND {there}
ORDER BY made.configuration_id, made.id

-- name: known
-- The executions that are meant, those that are deleted, too, as far as something is known to be loaded of them.
ids AS MATERIALIZED (
    SELECT workflow.id FROM workflows AS workflow WHERE workflow.workflow_id = %(workflow)s::text
    UNION
    -- Somebody's workflow_id may be the id of another workflow.
    SELECT %(workflow_key)s::uuid
    WHERE NOT EXISTS (SELECT FROM workflows AS workflow WHERE workflow.workflow_id = %(workflow)s::text)
    UNION
    -- The workflow's row may be gone: the register has one of the two ids, and the results have the other.
    SELECT result.workflow_id
    FROM snowflake_sync_tables AS made
    JOIN snowflake_sync_results AS result
        ON (result.configuration_id, result.schema_name, result.table_name)
            = (made.configuration_id, made.schema_name, made.table_name)
    WHERE made.workflow_id = %(workflow)s::text AND result.workflow_id <> '00000000-0000-0000-0000-000000000000'
),
known AS MATERIALIZED (
    SELECT %(execution)s::text AS execution_id
    WHERE %(execution)s::text IS NOT NULL
    UNION
    SELECT execution_id FROM workflow_executions WHERE workflow_id IN (SELECT id FROM ids)
    UNION
    SELECT execution_id FROM snowflake_sync_results WHERE workflow_id IN (SELECT id FROM ids)
    UNION
    SELECT execution_id FROM snowflake_sync_tables WHERE workflow_id = %(workflow)s::text AND execution_id IS NOT NULL
)

-- name: of_executions
-- Own tables; a workflow's table, if nobody else has rows in it; and the rows of executions in every shared table of the
-- destinations that may have them, but in those of other workflows.
WITH {known},
subject AS MATERIALIZED (
    SELECT coalesce(%(workflow)s::text, (
        SELECT workflow.workflow_id::text
        FROM workflow_executions AS execution
        JOIN workflows AS workflow ON workflow.id = execution.workflow_id
        WHERE execution.execution_id = %(execution)s::text
    )) AS workflow_id
),
placed AS MATERIALIZED (
    SELECT item.configuration_id, item.execution_id
    FROM known
    JOIN ONLY snowflake_sync_queue AS item ON item.execution_id = known.execution_id
    WHERE item.configuration_id IS NOT NULL
    UNION
    SELECT configuration_id, execution_id FROM snowflake_sync_results JOIN known USING (execution_id)
    UNION
    SELECT configuration_id, execution_id FROM snowflake_sync_removed_items JOIN known USING (execution_id)
),
shared AS MATERIALIZED (
    SELECT made.*,
        made.workflow_id = %(workflow)s::text AND NOT EXISTS (
            SELECT FROM snowflake_sync_results AS result
            WHERE (result.configuration_id, result.schema_name, result.table_name)
                    = (made.configuration_id, made.schema_name, made.table_name)
                AND result.execution_id NOT IN (SELECT execution_id FROM known)
        ) AS is_all
    FROM snowflake_sync_tables AS made
    CROSS JOIN subject
    WHERE made.execution_id IS NULL AND {there}
        AND (made.workflow_id IS NULL OR subject.workflow_id IS NULL OR made.workflow_id = subject.workflow_id)
)
SELECT {made}, NULL
FROM snowflake_sync_tables AS made
LEFT JOIN snowflake_configurations AS configuration ON configuration.id = made.configuration_id
WHERE made.execution_id IN (SELECT execution_id FROM known) AND {there}
UNION ALL
SELECT {made}, rows.execution_ids
FROM shared AS made
LEFT JOIN snowflake_configurations AS configuration ON configuration.id = made.configuration_id
CROSS JOIN LATERAL (
    SELECT array_agg(placed.execution_id ORDER BY placed.execution_id) AS execution_ids
    FROM placed
    WHERE placed.configuration_id = made.configuration_id AND made.is_all IS NOT TRUE
) AS rows
WHERE made.is_all OR rows.execution_ids IS NOT NULL
ORDER BY 2, 1

-- name: finished
(%(configuration)s::uuid IS NULL OR configuration_id = %(configuration)s::uuid)
    AND configuration_id <> ALL (%(unfinished)s::uuid[])

-- name: young
-- Its item went so lately that a load of it may be under way: it is looked at once more, when that has ended.
removed.removed_at > now() - make_interval(secs => %(settled)s)

-- name: forget_table
DELETE FROM snowflake_sync_tables AS made
WHERE made.id = %(id)s AND NOT EXISTS (
    SELECT FROM snowflake_sync_removed_items AS removed
    WHERE removed.configuration_id = made.configuration_id
        AND removed.execution_id = coalesce(made.execution_id, removed.execution_id) AND {young}
)

-- name: has_rows
SELECT FROM snowflake_sync_results
WHERE configuration_id = %(configuration)s AND execution_id = ANY (%(executions)s)
UNION ALL
SELECT FROM ONLY snowflake_sync_queue
WHERE configuration_id = %(configuration)s AND execution_id = ANY (%(executions)s) AND table_name IS NOT NULL
LIMIT 1

-- name: settled_results
DELETE FROM snowflake_sync_results AS result
WHERE NOT EXISTS (
        SELECT FROM snowflake_sync_removed_items AS removed
        WHERE (removed.configuration_id, removed.execution_id) = (result.configuration_id, result.execution_id) AND {young}
    )

-- name: forget_of_user
{settled_results} AND user_id = %(subject)s::uuid AND {finished}

-- name: forget_of_executions
WITH {known},
removed AS (
    DELETE FROM snowflake_sync_removed_items AS removed
    WHERE execution_id IN (SELECT execution_id FROM known) AND {finished} AND NOT {young}
)
{settled_results} AND execution_id IN (SELECT execution_id FROM known) AND {finished}

-- name: late_of_user
SELECT EXISTS (
    SELECT FROM snowflake_sync_removed_items AS removed
    JOIN snowflake_configurations AS configuration ON configuration.id = removed.configuration_id
    WHERE configuration.user_id = %(subject)s::uuid AND {young}
)

-- name: late_of_executions
WITH {known}
SELECT EXISTS (SELECT FROM snowflake_sync_removed_items AS removed JOIN known USING (execution_id) WHERE {young})
