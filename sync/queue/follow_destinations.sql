-- Each statement chooses its items in a CTE: a plan may run a subquery of IN again for every row, and then its LIMIT
-- holds for each run.

-- name: fail_hidden
-- Items whose execution this role does not see: row-level security hides it, since the foreign key rules out that the
-- execution is deleted.
WITH {clock},
free AS MATERIALIZED (
    SELECT hidden.id
    FROM ONLY snowflake_sync_queue AS hidden
    WHERE hidden.status = 'pending'
        AND hidden.configuration_id IS NULL
        AND row_security_active('workflow_executions')
        AND NOT EXISTS (
            SELECT FROM workflow_executions AS execution WHERE execution.execution_id = hidden.execution_id
        )
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE ONLY snowflake_sync_queue AS item
SET status = 'failed',
    error_code = 'execution_not_visible',
    error_message = %(execution_not_visible)s,
    error_remedy = %(execution_not_visible_remedy)s,
    processed_at = clock.now,
    updated_at = clock.now
FROM free, clock
WHERE item.id = free.id
RETURNING item.id

-- name: hidden_news
-- The same of what waits in the inbox.
SELECT item.run_after, item.arrival
FROM snowflake_sync_inbox AS item
WHERE row_security_active('workflow_executions') AND NOT EXISTS (
    SELECT FROM workflow_executions AS execution WHERE execution.execution_id = item.execution_id
)
ORDER BY item.run_after, item.arrival
LIMIT %(limit)s

-- name: fail_news
WITH {clock},
taken AS (
    DELETE FROM snowflake_sync_inbox WHERE (run_after, arrival) = (%(run_after)s, %(arrival)s) RETURNING *
)
{ended}
SELECT taken.id, taken.execution_id, taken.user_id, taken.created_at, clock.now, clock.now, clock.now,
    'failed', 'execution_not_visible', %(execution_not_visible)s, %(execution_not_visible_remedy)s
FROM taken, clock
{or_again}
RETURNING item.id

-- name: drop_news
DELETE FROM snowflake_sync_inbox WHERE (run_after, arrival) = (%(run_after)s, %(arrival)s)

-- name: skip_inactive
-- Items that are pending for a destination that was switched off do not wait for ever: they are skipped.
WITH {clock},
free AS MATERIALIZED (
    SELECT waiting.id
    FROM snowflake_configurations AS configuration
    JOIN ONLY snowflake_sync_queue AS waiting ON waiting.configuration_id = configuration.id
    WHERE NOT configuration.is_active AND waiting.status = 'pending'
    LIMIT %(limit)s
    FOR UPDATE OF waiting SKIP LOCKED
)
UPDATE ONLY snowflake_sync_queue AS item
SET status = 'skipped',
    error_code = 'destination_inactive',
    error_message = %(destination_inactive)s,
    error_remedy = %(destination_inactive_remedy)s,
    processed_at = clock.now,
    updated_at = clock.now
FROM free, clock
WHERE item.id = free.id
RETURNING item.execution_id

-- name: reopen_skipped
-- When a destination is switched on, by whatever means, the items that were skipped without it are pending again, but for
-- those that its rules exclude.
WITH {clock},
free AS MATERIALIZED (
    SELECT waiting.id, waiting.execution_id, waiting.configuration_id
    FROM (SELECT DISTINCT user_id FROM snowflake_configurations WHERE is_active) AS owner
    JOIN ONLY snowflake_sync_queue AS waiting ON waiting.user_id = owner.user_id
    WHERE waiting.status = 'skipped'
        AND (
            (waiting.configuration_id IS NULL AND waiting.error_code = 'no_destination')
            OR (waiting.error_code = 'destination_inactive' AND EXISTS (
                SELECT FROM snowflake_configurations AS configuration
                WHERE configuration.id = waiting.configuration_id AND configuration.is_active
            ))
        )
    LIMIT %(limit)s
    FOR UPDATE OF waiting SKIP LOCKED
),
asked AS (
    SELECT DISTINCT configuration_id FROM free
),
{scopes}
decided AS MATERIALIZED (
    SELECT item.id, becomes.*
    FROM free
    -- With OFFSET 0 the planner looks each row up.
    CROSS JOIN LATERAL (SELECT * FROM ONLY snowflake_sync_queue WHERE id = free.id OFFSET 0) AS item
    CROSS JOIN LATERAL (SELECT free.configuration_id AS id) AS configuration
    CROSS JOIN LATERAL (
        SELECT row.execution_id, {workflow} AS workflow
        FROM (SELECT free.execution_id) AS row
        LEFT JOIN workflow_executions AS found ON found.execution_id = row.execution_id
        LEFT JOIN workflows AS workflow ON workflow.id = found.workflow_id
    ) AS execution
    {decided}
    CROSS JOIN clock
    CROSS JOIN {becomes} AS becomes
)
UPDATE ONLY snowflake_sync_queue AS item
SET run_after = clock.now,
        {as_decided}
FROM decided, clock
WHERE item.id = decided.id
RETURNING item.execution_id, item.status
