-- name: free
-- Items that somebody else holds are skipped; the answer names them.
free AS MATERIALIZED (
    SELECT item.id
    FROM wanted
    JOIN ONLY snowflake_sync_queue AS item ON item.id = wanted.id
    WHERE item.status = wanted.status AND item.updated_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
    FOR NO KEY UPDATE OF item SKIP LOCKED
)

-- name: answer
SELECT
    ARRAY(SELECT id FROM changed),
    ARRAY(SELECT id FROM wanted EXCEPT SELECT id FROM changed),
    ARRAY(SELECT DISTINCT execution_id FROM changed)

-- name: retry
-- An item that failed because it had no owner gets the present owner of its workflow. What a rule excludes is skipped, or
-- stays so, and says which rule it is now.
WITH {clock},
wanted AS MATERIALIZED (
    SELECT
        item.id, item.status, item.execution_id, item.configuration_id, coalesce(item.user_id, workflow.user_id) AS user_id,
        {workflow} AS workflow
    FROM ONLY snowflake_sync_queue AS item
    LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE item.id = ANY(%(items)s::uuid[])
        AND item.updated_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
        AND (
            item.status = 'failed'
            OR (
                item.status = 'skipped'
                AND item.error_code IN (%(skipped_by_hand)s, 'excluded_by_rule', 'past_retention', 'erased')
            )
        )
        AND coalesce(item.user_id, workflow.user_id) IS NOT NULL
),
asked AS (
    SELECT DISTINCT configuration_id FROM wanted
),
{scopes}
decided AS MATERIALIZED (
    SELECT item.id, execution.user_id, becomes.*
    FROM wanted AS execution
    CROSS JOIN LATERAL (SELECT * FROM ONLY snowflake_sync_queue WHERE id = execution.id OFFSET 0) AS item
    CROSS JOIN LATERAL (SELECT execution.configuration_id AS id) AS configuration
    {decided}
    CROSS JOIN clock
    CROSS JOIN {becomes} AS becomes
),
{free},
changed AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET user_id = decided.user_id,
        run_after = clock.now,
        {as_decided}
    FROM decided, clock
    WHERE item.id = decided.id AND (item.id IN (SELECT id FROM free)) IS TRUE
    RETURNING item.id, item.execution_id, item.status
)
{answer},
    ARRAY(SELECT id FROM changed WHERE status = 'skipped')

-- name: skip
WITH {clock},
wanted AS MATERIALIZED (
    SELECT item.id, item.status
    FROM ONLY snowflake_sync_queue AS item
    WHERE item.id = ANY(%(items)s::uuid[])
        AND item.updated_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
        AND item.status IN ('failed', 'pending')
),
{free},
changed AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET status = 'skipped',
        error_code = %(skipped_by_hand)s,
        error_message = %(reason)s,
        error_remedy = %(reason_remedy)s,
        is_to_be_removed = false,
        processed_at = clock.now,
        updated_at = clock.now
    FROM free, clock
    WHERE item.id = free.id
    RETURNING item.id, item.execution_id
)
{answer}

-- name: skip_news
-- The same for what waits in the inbox. The execution is locked, since it must not be deleted meanwhile.
WITH {clock},
wanted AS MATERIALIZED (
    SELECT item.id, item.run_after, item.arrival, item.execution_id
    FROM snowflake_sync_inbox AS item
    WHERE item.id = ANY(%(items)s::uuid[]) AND item.updated_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
        -- It has no index for ids: it is read only if the queue lacks one.
        AND (SELECT count(*) FROM ONLY snowflake_sync_queue WHERE id = ANY(%(items)s::uuid[]))
            < cardinality(%(items)s::uuid[])
),
free AS MATERIALIZED (
    SELECT item.*
    FROM wanted
    JOIN snowflake_sync_inbox AS item ON (item.run_after, item.arrival) = (wanted.run_after, wanted.arrival)
    JOIN workflow_executions AS execution ON execution.execution_id = wanted.execution_id
    FOR UPDATE OF item SKIP LOCKED
    FOR KEY SHARE OF execution SKIP LOCKED
),
changed AS (
    DELETE FROM snowflake_sync_inbox AS item
    USING free
    WHERE (item.run_after, item.arrival) = (free.run_after, free.arrival)
    RETURNING item.id, item.execution_id
),
ended AS (
    {ended}
    SELECT DISTINCT ON (free.execution_id)
        free.id, free.execution_id, free.user_id, free.created_at, clock.now, clock.now, clock.now,
        'skipped', %(skipped_by_hand)s, %(reason)s, %(reason_remedy)s
    FROM free, clock
    ORDER BY free.execution_id, free.run_after, free.arrival
    {or_again}
)
{answer}

-- name: note_skipped
-- Which results were skipped that have not come to a destination: the sweep leaves these alone, and no later ones.
UPDATE ONLY snowflake_sync_queue AS item
SET result_hash = {result_hash}
FROM workflow_executions AS execution
WHERE item.execution_id = ANY(%(executions)s) AND execution.execution_id = item.execution_id
    AND item.configuration_id IS NULL AND item.status = 'skipped' AND item.error_code = %(skipped_by_hand)s
RETURNING item.id

-- name: load_again
WITH {clock},
wanted AS MATERIALIZED (
    SELECT item.id, item.status
    FROM ONLY snowflake_sync_queue AS item
    WHERE item.id = ANY(%(items)s::uuid[])
        AND item.updated_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
        AND item.status = 'completed' AND item.configuration_id IS NOT NULL AND item.user_id IS NOT NULL
),
{free},
changed AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET generation = item.generation + 1,
        run_after = clock.now,
        {pending_again}
    FROM free, clock
    WHERE item.id = free.id
    RETURNING item.id, item.execution_id
)
{answer}

-- name: enqueue
WITH {clock},
completed AS MATERIALIZED (
    SELECT execution.execution_id, workflow.user_id
    FROM workflow_executions AS execution
    JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE execution.execution_id = ANY(%(executions)s)
        AND execution.status = 'completed'
        AND workflow.user_id IS NOT NULL
    ORDER BY execution.execution_id
    FOR KEY SHARE OF execution SKIP LOCKED
)
INSERT INTO snowflake_sync_inbox (execution_id, user_id, run_after, created_at, updated_at)
SELECT completed.execution_id, completed.user_id, clock.now, clock.now, clock.now
FROM completed, clock
RETURNING execution_id
