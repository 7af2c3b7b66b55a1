-- name: of_user
item.configuration_id IN (SELECT id FROM snowflake_configurations WHERE user_id = %(subject)s::uuid)

-- name: of_workflow
item.execution_id IN (
    SELECT execution.execution_id
    FROM workflow_executions AS execution
    JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE workflow.workflow_id = %(subject)s
)

-- name: of_execution
item.execution_id = %(subject)s

-- name: meant
item.configuration_id IS NOT NULL
    AND (%(configuration)s::uuid IS NULL OR item.configuration_id = %(configuration)s::uuid)
    AND {whose}

-- name: is_erased
(item.status = 'skipped' AND item.error_code = 'erased') IS TRUE

-- name: may_land
-- A worker is busy with it, or a statement of an earlier try may take effect still.
(item.status = 'processing' OR (item.open_load ->> 'ends_by')::timestamptz > clock.now)

-- name: bar
-- Of an execution that has not come to a destination of its owner yet, an item there that says that it never will: what
-- waits in the inbox, a destination that was switched on since, or a backfill would bring it.
WITH {clock}
INSERT INTO snowflake_sync_queue (
    id, execution_id, user_id, configuration_id, batch_key, created_at, run_after, updated_at, processed_at,
    status, error_code, error_message, error_remedy
)
SELECT
    gen_random_uuid(), execution.execution_id, configuration.user_id, configuration.id, {batch_key},
    clock.now, clock.now, clock.now, clock.now, 'skipped', 'erased', %(erased)s, %(erased_remedy)s
FROM clock
CROSS JOIN workflow_executions AS execution
JOIN workflows AS workflow ON workflow.id = execution.workflow_id
JOIN snowflake_configurations AS configuration ON configuration.user_id = workflow.user_id
WHERE execution.execution_id = %(subject)s
    AND (%(configuration)s::uuid IS NULL OR configuration.id = %(configuration)s::uuid)
ON CONFLICT (execution_id, configuration_id) DO NOTHING
RETURNING execution_id

-- name: end
-- Up to a thousand, but those that a worker or somebody else has.
WITH {clock},
free AS MATERIALIZED (
    SELECT item.id
    FROM clock
    CROSS JOIN ONLY snowflake_sync_queue AS item
    WHERE {meant} AND NOT {is_erased} AND {may_land} IS NOT TRUE
    LIMIT 1000
    FOR NO KEY UPDATE OF item SKIP LOCKED
)
UPDATE ONLY snowflake_sync_queue AS item
SET status = 'skipped',
    error_code = 'erased',
    error_message = %(erased)s,
    error_remedy = %(erased_remedy)s,
    is_to_be_removed = false,
    open_load = NULL,
    processed_at = clock.now,
    updated_at = clock.now
FROM free, clock
WHERE item.id = free.id
RETURNING item.execution_id

-- name: left
-- How many are not ended, and how many of these are busy.
WITH {clock}
SELECT count(*), count(*) FILTER (WHERE {may_land})
FROM clock
CROSS JOIN ONLY snowflake_sync_queue AS item
WHERE {meant} AND NOT {is_erased}

-- name: gone
-- Erased items that say where their results were.
SELECT item.id, item.execution_id
FROM ONLY snowflake_sync_queue AS item
WHERE {meant} AND {is_erased} AND item.table_name IS NOT NULL
    AND item.configuration_id <> ALL (%(unfinished)s::uuid[])
LIMIT 100
