-- Results that a destination no longer keeps: counted, asked for, and decided upon by the worker that has to do it.

-- name: is_only_copy
-- Whether the application has less than what is in Snowflake. Results are unpacked only if somebody but us has written the
-- row since they were loaded.
(
    execution.execution_id IS NULL
    OR execution.status <> 'completed'
    OR (
        execution.xmin::text IS DISTINCT FROM item.source_version
        AND CASE jsonb_typeof(execution.result_rows)
            WHEN 'array' THEN jsonb_array_length(execution.result_rows) < coalesce(item.source_row_count, item.row_count, 0)
            ELSE true
        END
    )
)

-- name: judged
-- Of a destination's results, those that are past its retention, in the order of workflows and of what retention counts
-- by, when they were computed or loaded; `rows` of them at most, of `workflows` workflows, from a place on. NULL: all.
step AS (
    (
        SELECT workflow_id, 1 AS number
        FROM snowflake_sync_results
        WHERE configuration_id = %(configuration)s AND workflow_id >= %(from_workflow)s
        ORDER BY workflow_id
        LIMIT 1
    )
    UNION ALL
    SELECT next.workflow_id, step.number + 1
    FROM step
    CROSS JOIN LATERAL (
        SELECT workflow_id
        FROM snowflake_sync_results
        WHERE configuration_id = %(configuration)s AND workflow_id > step.workflow_id
        ORDER BY workflow_id
        LIMIT 1
    ) AS next
    WHERE step.number < coalesce(%(workflows)s, 2147483647)
),
edge AS (
    SELECT result.workflow_id, setting.keeps, setting.only_copies, edge.stands_at, edge.execution_id
    FROM (SELECT %(configuration)s::uuid AS configuration_id, workflow_id FROM step) AS result
    CROSS JOIN clock
    CROSS JOIN LATERAL ({setting}) AS setting
    CROSS JOIN LATERAL (
        SELECT coalesce(%(as_of)s, clock.now) - make_interval(days => setting.amount) AS stands_at, '' AS execution_id
        WHERE setting.keeps = 'days'
        UNION ALL
        (
            SELECT kept.computed_at, kept.execution_id
            FROM snowflake_sync_results AS kept
            WHERE setting.keeps = 'last' AND kept.configuration_id = %(configuration)s
                AND kept.workflow_id = result.workflow_id
                AND kept.loaded_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
            ORDER BY kept.computed_at DESC, kept.execution_id DESC
            LIMIT 1 OFFSET setting.amount - 1
        )
    ) AS edge
    WHERE %(workflow)s::uuid IS NULL OR result.workflow_id = %(workflow)s::uuid
),
past AS MATERIALIZED (
    SELECT past.*, edge.only_copies
    FROM edge
    CROSS JOIN LATERAL (
        (
            SELECT result.*, result.loaded_at AS stands_at
            FROM snowflake_sync_results AS result
            WHERE edge.keeps = 'days' AND result.configuration_id = %(configuration)s
                AND result.workflow_id = edge.workflow_id
                AND (result.loaded_at, result.execution_id) < (edge.stands_at, edge.execution_id)
                AND (
                    result.workflow_id > %(from_workflow)s
                    OR (result.loaded_at, result.execution_id) > (%(from_at)s, %(from_execution)s)
                )
            ORDER BY result.loaded_at, result.execution_id
            LIMIT %(rows)s
        )
        UNION ALL
        (
            SELECT result.*, result.computed_at
            FROM snowflake_sync_results AS result
            WHERE edge.keeps = 'last' AND result.configuration_id = %(configuration)s
                AND result.workflow_id = edge.workflow_id
                AND (result.computed_at, result.execution_id) < (edge.stands_at, edge.execution_id)
                AND (
                    result.workflow_id > %(from_workflow)s
                    OR (result.computed_at, result.execution_id) > (%(from_at)s, %(from_execution)s)
                )
            ORDER BY result.computed_at, result.execution_id
            LIMIT %(rows)s
        )
    ) AS past
    ORDER BY past.workflow_id, past.stands_at, past.execution_id
    LIMIT %(rows)s
),
judged AS MATERIALIZED (
    SELECT
        past.*,
        item.id AS item_id,
        own.id IS NOT NULL AS is_own,
        CASE
            WHEN item.id IS NULL THEN CASE WHEN execution.execution_id IS NULL AND past.goes_at IS NULL THEN 'gone' ELSE 'waiting' END
            WHEN item.status IN ('pending', 'processing') THEN 'waiting'
            WHEN item.table_name IS NULL OR item.updated_at > coalesce(%(as_of)s, 'infinity'::timestamptz) THEN 'changed'
            WHEN item.status = 'failed' THEN 'only_copy'
            WHEN item.status = 'skipped' AND item.error_code IS DISTINCT FROM 'excluded_by_rule' THEN 'left_out'
            WHEN {is_only_copy} THEN 'only_copy'
            ELSE 'past'
        END AS verdict
    FROM past
    -- OFFSET 0 makes the planner look each of them up, rather than read all.
    LEFT JOIN LATERAL (
        SELECT * FROM ONLY snowflake_sync_queue
        WHERE execution_id = past.execution_id AND configuration_id = past.configuration_id
        OFFSET 0
    ) AS item ON true
    LEFT JOIN LATERAL (
        SELECT xmin, execution_id, status, result_rows FROM workflow_executions
        WHERE execution_id = past.execution_id OFFSET 0
    ) AS execution ON true
    LEFT JOIN LATERAL (
        SELECT id FROM snowflake_sync_tables
        WHERE execution_id = past.execution_id AND configuration_id = past.configuration_id
        LIMIT 1
    ) AS own ON true
)

-- name: count
-- By workflow: how many go, with own tables or with so many rows of shared ones; how many of them, and how many besides,
-- are the only copy.
WITH RECURSIVE {clock},
{judged}
SELECT
    found.workflow_id,
    coalesce(workflow.name, workflow.workflow_id::text, ''),
    count(*) FILTER (WHERE goes),
    count(*) FILTER (WHERE goes AND is_own),
    coalesce(sum(row_count) FILTER (WHERE goes AND NOT is_own), 0)::bigint,
    count(*) FILTER (WHERE goes AND verdict <> 'past'),
    count(*) FILTER (WHERE NOT goes AND verdict IN ('only_copy', 'gone'))
FROM (
    SELECT judged.*, verdict = 'past' OR (only_copies AND verdict IN ('only_copy', 'gone')) AS goes FROM judged
) AS found
LEFT JOIN workflows AS workflow ON workflow.id = found.workflow_id
GROUP BY found.workflow_id, workflow.name, workflow.workflow_id
HAVING bool_or(goes OR verdict IN ('only_copy', 'gone'))
ORDER BY 2, 1

-- name: ask
-- Of a page of them, asks workers to take out `limit` at most: own tables, and rows of shared ones if the warehouse is
-- awake. Items that somebody else holds are skipped; the answer names them. What has no item any more is noted. Says where
-- the page ended.
WITH RECURSIVE {clock},
{judged},
wanted AS MATERIALIZED (
    SELECT * FROM judged
    WHERE (verdict = 'past' OR (only_copies AND verdict = 'only_copy')) AND (is_own OR %(awake)s)
    ORDER BY workflow_id, stands_at, execution_id
    LIMIT %(limit)s
),
free AS MATERIALIZED (
    SELECT item.id, item.configuration_id, item.execution_id, item.generation
    FROM wanted
    JOIN ONLY snowflake_sync_queue AS item ON item.id = wanted.item_id
    WHERE item.table_name IS NOT NULL AND item.status IN ('completed', 'failed', 'skipped')
        AND item.updated_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
    FOR NO KEY UPDATE OF item SKIP LOCKED
),
noted AS (
    UPDATE snowflake_sync_results AS result
    SET asked_generation = free.generation
    FROM free
    WHERE result.configuration_id = free.configuration_id AND result.execution_id = free.execution_id
),
changed AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET is_to_be_removed = true,
        run_after = clock.now,
        {pending_again}
    FROM free, clock
    WHERE item.id = free.id
    RETURNING item.execution_id
),
gone AS MATERIALIZED (
    SELECT configuration_id, execution_id FROM judged
    WHERE verdict = 'gone' AND only_copies
    LIMIT greatest(%(limit)s - (SELECT count(*) FROM wanted), 0)
),
going AS (
    UPDATE snowflake_sync_results AS result
    SET goes_at = clock.now + make_interval(secs => %(settled)s)
    FROM gone, clock
    WHERE result.configuration_id = gone.configuration_id AND result.execution_id = gone.execution_id
)
SELECT
    ARRAY(SELECT execution_id FROM changed),
    ARRAY(SELECT execution_id FROM wanted EXCEPT SELECT execution_id FROM changed),
    (SELECT count(*) FROM gone),
    EXISTS (
        SELECT FROM judged
        WHERE (verdict = 'past' OR (only_copies AND verdict = 'only_copy')) AND NOT (is_own OR %(awake)s)
    ),
    (SELECT count(*) FROM past),
    (SELECT count(*) FROM step),
    last.*
FROM (VALUES (true)) AS one (row)
LEFT JOIN LATERAL (
    SELECT workflow_id, stands_at, execution_id FROM past
    WHERE (SELECT count(*) FROM past) >= %(rows)s
    UNION ALL
    SELECT max(workflow_id::text)::uuid, '9999-01-01'::timestamptz, '' FROM step
    HAVING (SELECT count(*) FROM past) < %(rows)s
    ORDER BY 1 DESC, 2 DESC, 3 DESC
    LIMIT 1
) AS last ON true

-- name: past_retention
-- Of items that were asked for, those that are to go still: past what the destination keeps now, with no newer results, and
-- not the only copy; or those of which a late load may have left something after they were taken out.
WITH {clock}
SELECT item.execution_id, setting.keeps, setting.amount
FROM ONLY snowflake_sync_queue AS item
CROSS JOIN clock
JOIN snowflake_sync_results AS result
    ON result.configuration_id = item.configuration_id AND result.execution_id = item.execution_id
CROSS JOIN LATERAL ({setting}) AS setting
LEFT JOIN LATERAL (
    SELECT xmin, execution_id, status, result_rows FROM workflow_executions
    WHERE execution_id = item.execution_id OFFSET 0
) AS execution ON true
WHERE item.id = ANY (%(items)s::uuid[])
    AND result.asked_generation = item.generation
    AND {is_past}
    AND (setting.only_copies OR NOT {is_only_copy})
UNION ALL
SELECT item.execution_id, '', 0
FROM ONLY snowflake_sync_queue AS item
WHERE item.id = ANY (%(items)s::uuid[]) AND item.is_to_be_removed
    AND item.table_name IS NULL AND item.error_code = 'past_retention'
