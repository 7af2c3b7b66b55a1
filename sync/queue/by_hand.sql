-- name: free
-- What somebody else holds is passed over, and said.
free AS MATERIALIZED (
    SELECT item.id, wanted.user_id
    FROM wanted
    JOIN snowflake_sync_queue AS item ON item.id = wanted.id
    WHERE item.status = wanted.status AND item.updated_at <= wanted.as_of
    FOR NO KEY UPDATE OF item SKIP LOCKED
)

-- name: answer
SELECT
    ARRAY(SELECT id FROM changed),
    ARRAY(SELECT id FROM wanted EXCEPT SELECT id FROM changed),
    ARRAY(SELECT DISTINCT execution_id FROM changed)

-- name: retry
-- An item that failed for want of an owner looks for one again.
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now, coalesce(%(as_of)s, 'infinity'::timestamptz) AS as_of
),
wanted AS MATERIALIZED (
    SELECT item.id, item.status, clock.as_of, coalesce(item.user_id, workflow.user_id) AS user_id
    FROM clock
    CROSS JOIN snowflake_sync_queue AS item
    LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE item.id = ANY(%(items)s::uuid[])
        AND item.updated_at <= clock.as_of
        AND (item.status = 'failed' OR (item.status = 'skipped' AND item.error_code = %(skipped_by_hand)s))
        AND coalesce(item.user_id, workflow.user_id) IS NOT NULL
),
{free},
changed AS (
    UPDATE snowflake_sync_queue AS item
    SET status = 'pending',
        user_id = free.user_id,
        retry_count = 0,
        run_after = clock.now,
        error_code = NULL,
        error_message = NULL,
        error_remedy = NULL,
        updated_at = clock.now
    FROM free, clock
    WHERE item.id = free.id
    RETURNING item.id, item.execution_id
)
{answer}

-- name: skip
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now, coalesce(%(as_of)s, 'infinity'::timestamptz) AS as_of
),
wanted AS MATERIALIZED (
    SELECT item.id, item.status, clock.as_of, item.user_id
    FROM clock
    CROSS JOIN snowflake_sync_queue AS item
    WHERE item.id = ANY(%(items)s::uuid[])
        AND item.updated_at <= clock.as_of
        AND item.status IN ('failed', 'pending')
),
{free},
changed AS (
    UPDATE snowflake_sync_queue AS item
    SET status = 'skipped',
        error_code = %(skipped_by_hand)s,
        error_message = %(reason)s,
        error_remedy = %(reason_remedy)s,
        processed_at = clock.now,
        updated_at = clock.now
    FROM free, clock
    WHERE item.id = free.id
    RETURNING item.id, item.execution_id
)
{answer}

-- name: enqueue
WITH completed AS MATERIALIZED (
    SELECT execution.execution_id, workflow.user_id
    FROM workflow_executions AS execution
    JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE execution.execution_id = ANY(%(executions)s)
        AND execution.status = 'completed'
        AND workflow.user_id IS NOT NULL
    ORDER BY execution.execution_id
    FOR KEY SHARE OF execution SKIP LOCKED
)
INSERT INTO snowflake_sync_queue AS item (execution_id, user_id, run_after)
SELECT completed.execution_id, completed.user_id, coalesce(%(now)s, now())
FROM completed
ON CONFLICT (execution_id) WHERE configuration_id IS NULL DO UPDATE SET
    generation = item.generation + 1,
    user_id = excluded.user_id,
    status = 'pending',
    retry_count = 0,
    run_after = excluded.run_after,
    error_code = NULL,
    error_message = NULL,
    error_remedy = NULL,
    updated_at = excluded.run_after
RETURNING item.execution_id
