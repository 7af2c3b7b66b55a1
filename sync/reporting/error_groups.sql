-- name: listed
-- Those that are asked for, the worst first and what is muted last, with the mute of the view. Beside each, of all that
-- are asked for: how many groups, failures, failures of the last hour; and the same of those that are muted.
found AS (
    SELECT
        known.*,
        CASE %(window)s
            WHEN 'day' THEN known.last_day
            WHEN 'week' THEN known.last_week
            ELSE known.count
        END AS shown,
        mute.id AS mute_id,
        mute.until,
        mute.muted_at,
        mute.muted_by_name
    FROM known
    LEFT JOIN snowflake_sync_mutes AS mute
        ON mute.kind = ''
        AND mute.error_code = known.error_code
        AND mute.workflow_id IS NOT DISTINCT FROM known.workflow_id
        AND mute.configuration_id IS NOT DISTINCT FROM known.configuration_id
        AND mute.owner_id IS NOT DISTINCT FROM %(user_id)s::uuid
        AND CASE
            WHEN mute.until IS NULL THEN known.last_at <= mute.muted_at
            ELSE mute.until > %(now)s::timestamptz
        END
    WHERE (%(user_id)s::uuid IS NULL OR known.user_id = %(user_id)s::uuid)
        AND (%(configuration_id)s::uuid IS NULL OR known.configuration_id = %(configuration_id)s::uuid)
        AND (%(workflow_ids)s::uuid[] IS NULL OR known.workflow_id = ANY (%(workflow_ids)s::uuid[]))
        AND (%(error_code)s::text IS NULL OR known.error_code = %(error_code)s::text)
)
SELECT
    error_code, user_id, workflow_id, configuration_id, shown, first_at, last_at, last_hour, last_day, curve,
    mute_id, until, muted_at, muted_by_name,
    count(*) OVER all_of_them,
    sum(shown) OVER all_of_them,
    sum(last_hour) OVER all_of_them,
    count(mute_id) OVER all_of_them,
    sum(CASE WHEN mute_id IS NOT NULL THEN shown ELSE 0 END) OVER all_of_them,
    sum(CASE WHEN mute_id IS NOT NULL THEN last_hour ELSE 0 END) OVER all_of_them
FROM found
WHERE shown > 0
WINDOW all_of_them AS ()
ORDER BY mute_id IS NOT NULL, last_hour DESC, last_day DESC, shown DESC, last_at DESC, key
LIMIT %(limit)s OFFSET %(offset)s

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
