-- Which items there are, from the indexes that are there for it.
-- name: listed
-- What snowflake_sync_queue_listing_idx covers.
item.status <> 'processing' AND (item.status <> 'pending' OR item.configuration_id IS NOT NULL)

-- name: by_creation
(item.created_at, item.id) < (%(position_at)s::timestamptz, %(position_id)s::uuid)
    AND item.created_at >= %(since)s::timestamptz AND item.created_at < %(until)s::timestamptz

-- name: by_due
(item.run_after, item.id) < (%(position_at)s::timestamptz, %(position_id)s::uuid)
    AND item.run_after >= %(since)s::timestamptz AND item.run_after < %(until)s::timestamptz

-- name: found
-- The position is when an item was made, or, while it waits to be routed, when it was queued last.
WITH RECURSIVE owner AS (
    -- All who have items, by hopping from one to the next in the index; or the one who is asked for.
    SELECT coalesce(%(user_id)s::uuid, (
        SELECT item.user_id FROM snowflake_sync_queue AS item
        WHERE {listed} AND item.user_id IS NOT NULL ORDER BY item.user_id LIMIT 1
    )) AS user_id
    UNION ALL
    SELECT (
        SELECT item.user_id FROM snowflake_sync_queue AS item
        WHERE {listed} AND item.user_id > owner.user_id ORDER BY item.user_id LIMIT 1
    )
    FROM owner
    WHERE owner.user_id IS NOT NULL AND %(user_id)s::uuid IS NULL
),
wanted AS (
    SELECT status FROM unnest(%(statuses)s::text[]) AS status
),
found AS (
    SELECT item.id, item.created_at AS position
    FROM owner
    CROSS JOIN wanted
    CROSS JOIN LATERAL (
        SELECT item.id, item.created_at FROM snowflake_sync_queue AS item
        WHERE item.user_id = owner.user_id AND item.status = wanted.status AND {listed} AND {by_creation}
        ORDER BY item.created_at DESC, item.id DESC
        LIMIT %(size)s
    ) AS item
    UNION ALL
    -- Without an owner: what failed for want of one.
    SELECT item.id, item.created_at
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT item.id, item.created_at FROM snowflake_sync_queue AS item
        WHERE item.user_id IS NULL AND item.status = wanted.status AND {listed} AND {by_creation}
        ORDER BY item.created_at DESC, item.id DESC
        LIMIT %(size)s
    ) AS item
    WHERE %(user_id)s::uuid IS NULL
    UNION ALL
    SELECT item.id, item.run_after FROM (
        SELECT item.id, item.run_after FROM snowflake_sync_queue AS item
        WHERE item.configuration_id IS NULL AND item.status = 'pending'
            AND (%(user_id)s::uuid IS NULL OR item.user_id = %(user_id)s::uuid) AND {by_due}
        ORDER BY item.run_after DESC, item.id DESC
        LIMIT %(size)s
    ) AS item
    WHERE 'pending' = ANY (%(statuses)s::text[])
    UNION ALL
    SELECT item.id, item.created_at FROM snowflake_sync_queue AS item
    WHERE 'processing' = ANY (%(statuses)s::text[])
        AND item.status = 'processing' AND (%(user_id)s::uuid IS NULL OR item.user_id = %(user_id)s::uuid)
        AND {by_creation}
)

-- name: newest
{found}
SELECT id, position, true FROM found ORDER BY position DESC, id DESC LIMIT %(size)s

-- name: newest_and_meant
-- Among the newest, which are those of the destination, the workflow, the error.
{found}
SELECT found.id, found.position,
    (
        (%(configuration_ids)s::uuid[] IS NULL OR item.configuration_id = ANY (%(configuration_ids)s::uuid[]))
        AND (%(workflow_ids)s::uuid[] IS NULL OR execution.workflow_id = ANY (%(workflow_ids)s::uuid[]))
        AND (%(error_codes)s::text[] IS NULL OR item.error_code = ANY (%(error_codes)s::text[]))
    ) IS TRUE
FROM (SELECT * FROM found ORDER BY position DESC, id DESC LIMIT %(size)s) AS found
JOIN snowflake_sync_queue AS item ON item.id = found.id
LEFT JOIN workflow_executions AS execution
    ON execution.execution_id = item.execution_id AND %(workflow_ids)s::uuid[] IS NOT NULL
ORDER BY found.position DESC, found.id DESC

-- name: count
-- At most `size`.
{found}
SELECT count(*) FROM (SELECT FROM found LIMIT %(size)s) AS found

-- name: details
-- What a list shows of items, and no results, which are large.
SELECT
    item.id, item.execution_id, item.status, item.retry_count, item.max_retries, item.run_after, item.error_code,
    item.error_message, item.error_remedy, item.schema_name, item.table_name, item.row_count, item.created_at,
    item.updated_at, item.processed_at, workflow.workflow_id, workflow.name, owner.email, configuration.id,
    configuration.name, configuration.account_identifier, configuration.database, configuration.schema
FROM snowflake_sync_queue AS item
LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
LEFT JOIN users AS owner ON owner.id = item.user_id
LEFT JOIN snowflake_configurations AS configuration ON configuration.id = item.configuration_id
WHERE item.id = ANY (%(ids)s)
