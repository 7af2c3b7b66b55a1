-- name: listed
-- Those that are asked for, the worst first and what is muted last, with the mute of the view. Beside each, of all that
-- are asked for: how many groups, failures, failures of the last hour; and the same of those that are muted. Only numbers
-- and keys are sorted, what else a group has is joined to the few that are listed.
found AS MATERIALIZED (
    SELECT
        known.key,
        CASE %(window)s
            WHEN 'day' THEN known.last_day
            WHEN 'week' THEN known.last_week
            ELSE known.count
        END AS shown,
        known.last_hour,
        known.last_day,
        known.last_at,
        mute.id AS mute_id
    FROM known
    LEFT JOIN snowflake_sync_mutes AS mute
        ON mute.kind = ''
        AND mute.error_code = known.error_code
        -- In an array NULL is equal to NULL, and arrays are hashed.
        AND ARRAY[mute.workflow_id, mute.configuration_id] = ARRAY[known.workflow_id, known.configuration_id]
        AND mute.owner_id IS NOT DISTINCT FROM %(user_id)s::uuid
        AND CASE
            WHEN mute.until IS NULL THEN known.last_at <= mute.muted_at
            ELSE mute.until > %(now)s::timestamptz
        END
    WHERE (%(user_id)s::uuid IS NULL OR known.user_id = %(user_id)s::uuid)
        AND (%(configuration_id)s::uuid IS NULL OR known.configuration_id = %(configuration_id)s::uuid)
        AND (%(workflow_ids)s::uuid[] IS NULL OR known.workflow_id = ANY (%(workflow_ids)s::uuid[]))
        AND (%(error_code)s::text IS NULL OR known.error_code = %(error_code)s::text)
),
added_up AS (
    SELECT
        count(*) AS groups,
        sum(shown) AS failures,
        sum(last_hour) AS last_hour,
        count(mute_id) AS muted,
        coalesce(sum(shown) FILTER (WHERE mute_id IS NOT NULL), 0) AS muted_failures,
        coalesce(sum(last_hour) FILTER (WHERE mute_id IS NOT NULL), 0) AS muted_last_hour
    FROM found
    WHERE shown > 0
)
SELECT
    known.error_code, known.user_id, known.workflow_id, known.configuration_id, listed.shown, known.first_at,
    known.last_at, known.last_hour, known.last_day, known.curve, mute.id, mute.until, mute.muted_at,
    mute.muted_by_name, added_up.*
FROM (
    SELECT * FROM found
    WHERE shown > 0
    ORDER BY mute_id IS NOT NULL, last_hour DESC, last_day DESC, shown DESC, last_at DESC, key
    LIMIT %(limit)s OFFSET %(offset)s
) AS listed
JOIN known ON known.key = listed.key
LEFT JOIN snowflake_sync_mutes AS mute ON mute.id = listed.mute_id
CROSS JOIN added_up
ORDER BY listed.mute_id IS NOT NULL, listed.last_hour DESC, listed.last_day DESC, listed.shown DESC,
    listed.last_at DESC, listed.key

-- name: live
WITH clock AS MATERIALIZED (
    SELECT %(now)s::timestamptz AS now
),
failed AS MATERIALIZED (
    {failed}
),
placed AS (
    SELECT failed.*, execution.workflow_id
    FROM failed
    LEFT JOIN LATERAL (
        SELECT workflow_id FROM workflow_executions WHERE execution_id = failed.execution_id OFFSET 0
    ) AS execution ON true
),
known AS (
    {grouped}
),
{listed}

-- name: kept
WITH known AS (
    SELECT * FROM snowflake_sync_error_groups
),
{listed}

-- name: latest
-- Of each group, the item that failed last: by snowflake_sync_queue_failed_at_idx. None, if it has been retried since.
SELECT asked.place, item.execution_id, item.error_message, item.error_remedy
FROM unnest(
    %(codes)s::text[], %(workflows)s::uuid[], %(configurations)s::uuid[], %(moments)s::timestamptz[]
) WITH ORDINALITY AS asked (error_code, workflow_id, configuration_id, at, place)
CROSS JOIN LATERAL (
    SELECT item.execution_id, item.error_message, item.error_remedy
    FROM ONLY snowflake_sync_queue AS item
    LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    WHERE item.status = 'failed'
        AND item.updated_at = asked.at
        AND coalesce(item.error_code, '') = asked.error_code
        AND item.configuration_id IS NOT DISTINCT FROM asked.configuration_id
        AND execution.workflow_id IS NOT DISTINCT FROM asked.workflow_id
    LIMIT 1
) AS item
