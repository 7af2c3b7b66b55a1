"""The statements of sync.queue.requeue."""

# One page of items: those of `items`, or the next after a position, either among the failed ones, in the order in
# which they failed, or among all. `limit` bounds what is changed: the page ends with the last of it.
# What somebody else holds is passed over, and said.
_CHOSEN = """
clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now
),
page AS MATERIALIZED (
    (
        SELECT * FROM snowflake_sync_queue
        WHERE %(walk)s = 'failed'
            AND status = 'failed'
            AND updated_at <= %(started)s
            AND (updated_at, id) > (coalesce(%(position_at)s::timestamptz, '-infinity'), %(position_id)s)
        ORDER BY updated_at, id
        LIMIT %(size)s
    )
    UNION ALL
    (
        SELECT * FROM snowflake_sync_queue
        WHERE %(walk)s = 'all' AND id > %(position_id)s
        ORDER BY id
        LIMIT %(size)s
    )
    UNION ALL
    SELECT * FROM snowflake_sync_queue WHERE %(walk)s = 'listed' AND id = ANY(%(items)s::uuid[])
),
scope AS MATERIALIZED (
    SELECT
        page.id,
        page.updated_at,
        page.status,
        page.status = ANY(%(statuses)s)
            OR (%(by_hand)s AND page.status = 'skipped' AND page.error_code = %(skipped_by_hand)s) IS TRUE AS matches,
        coalesce(page.user_id, workflow.user_id) AS user_id
    FROM page
    LEFT JOIN workflow_executions AS execution ON execution.execution_id = page.execution_id
    LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE (%(only)s::text[] IS NULL OR page.status = ANY(%(only)s::text[]))
        AND (%(users)s::uuid[] IS NULL OR coalesce(page.user_id, workflow.user_id) = ANY(%(users)s::uuid[]))
        AND (%(workflows)s::uuid[] IS NULL OR execution.workflow_id = ANY(%(workflows)s::uuid[]))
        AND (%(configurations)s::uuid[] IS NULL OR page.configuration_id = ANY(%(configurations)s::uuid[]))
        AND (%(error_codes)s::text[] IS NULL OR page.error_code = ANY(%(error_codes)s::text[]))
        AND (%(since)s::timestamptz IS NULL OR page.updated_at >= %(since)s::timestamptz)
        AND (%(until)s::timestamptz IS NULL OR page.updated_at < %(until)s::timestamptz)
),
placed AS MATERIALIZED (
    SELECT
        scope.*,
        matches AND (user_id IS NOT NULL OR %(ownerless)s) AS wanted,
        count(*) FILTER (WHERE matches AND (user_id IS NOT NULL OR %(ownerless)s))
            OVER (ORDER BY CASE WHEN %(walk)s = 'failed' THEN updated_at END, id) AS place
    FROM scope
),
kept AS MATERIALIZED (
    SELECT * FROM placed WHERE place < %(limit)s OR (place = %(limit)s AND wanted)
),
free AS MATERIALIZED (
    SELECT item.id, kept.user_id
    FROM kept
    JOIN snowflake_sync_queue AS item ON item.id = kept.id
    WHERE kept.wanted AND item.status = kept.status AND NOT %(dry_run)s
    FOR NO KEY UPDATE OF item SKIP LOCKED
)"""

_ANSWER = """,
ended AS MATERIALIZED (
    SELECT end_of.updated_at, end_of.id
    FROM (
        SELECT updated_at, id FROM page WHERE coalesce((SELECT max(place) FROM kept), 0) < %(limit)s
        UNION ALL
        SELECT updated_at, id FROM kept WHERE place >= %(limit)s
    ) AS end_of
    ORDER BY CASE WHEN %(walk)s = 'failed' THEN end_of.updated_at END DESC, end_of.id DESC
    LIMIT 1
)
SELECT
    (SELECT count(*) FROM page),
    (SELECT updated_at FROM ended),
    (SELECT id FROM ended),
    CASE WHEN %(dry_run)s THEN (SELECT count(*) FROM kept WHERE wanted) ELSE (SELECT count(*) FROM changed) END,
    (SELECT count(*) FROM kept WHERE matches AND NOT wanted),
    (SELECT count(*) FROM kept WHERE NOT matches),
    ARRAY(SELECT id FROM kept WHERE wanted AND NOT %(dry_run)s EXCEPT SELECT id FROM changed),
    ARRAY(SELECT id FROM changed),
    ARRAY(SELECT DISTINCT execution_id FROM changed)
"""

# An item that failed for want of an owner looks for one again.
REQUEUE = f"""
WITH {_CHOSEN},
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
){_ANSWER}"""

SKIP = f"""
WITH {_CHOSEN},
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
){_ANSWER}"""

# How many items a walk reads.
COUNT = """
SELECT
    coalesce(%(now)s, clock_timestamp()),
    CASE %(walk)s
        WHEN 'failed' THEN (
            SELECT count(*) FROM snowflake_sync_queue
            WHERE status = 'failed' AND updated_at >= coalesce(%(since)s::timestamptz, '-infinity')
        )
        WHEN 'all' THEN (SELECT count(*) FROM snowflake_sync_queue)
        ELSE cardinality(%(items)s::uuid[])
    END
"""

ENQUEUE = """
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
"""
