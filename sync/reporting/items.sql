-- Finds the items of a list through the indexes that are made for it.
-- name: listed
-- The items that snowflake_sync_queue_listing_idx covers.
item.status <> 'processing' AND (item.status <> 'pending' OR item.configuration_id IS NOT NULL)

-- name: by_creation
(item.created_at, item.id) < (%(position_at)s::timestamptz, %(position_id)s::uuid)
    AND item.created_at >= %(since)s::timestamptz AND item.created_at < %(until)s::timestamptz

-- name: by_due
(item.run_after, item.id) < (%(position_at)s::timestamptz, %(position_id)s::uuid)
    AND item.run_after >= %(since)s::timestamptz AND item.run_after < %(until)s::timestamptz

-- name: found
-- An item's position is its creation, or, while it is not routed, the time when it was queued last. What waits to be
-- routed is in the queue's inbox, too, which only this one part looks into.
WITH RECURSIVE owner AS (
    -- All users who have items, by stepping from one to the next in the index; or the one who is asked for.
    SELECT coalesce(%(user_id)s::uuid, (
        SELECT item.user_id FROM ONLY snowflake_sync_queue AS item
        WHERE {listed} AND item.user_id IS NOT NULL ORDER BY item.user_id LIMIT 1
    )) AS user_id
    UNION ALL
    SELECT (
        SELECT item.user_id FROM ONLY snowflake_sync_queue AS item
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
        SELECT item.id, item.created_at FROM ONLY snowflake_sync_queue AS item
        WHERE item.user_id = owner.user_id AND item.status = wanted.status AND {listed} AND {by_creation}
        ORDER BY item.created_at DESC, item.id DESC
        LIMIT %(size)s
    ) AS item
    UNION ALL
    -- Items without an owner: those that failed because they have none.
    SELECT item.id, item.created_at
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT item.id, item.created_at FROM ONLY snowflake_sync_queue AS item
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
    SELECT item.id, item.created_at FROM ONLY snowflake_sync_queue AS item
    WHERE 'processing' = ANY (%(statuses)s::text[])
        AND item.status = 'processing' AND (%(user_id)s::uuid IS NULL OR item.user_id = %(user_id)s::uuid)
        AND {by_creation}
)

-- name: newest
{found}
SELECT id, position, true FROM found ORDER BY position DESC, id DESC LIMIT %(size)s

-- name: newest_and_meant
-- The newest items, and of each whether it has the destination, workflow or error that is asked for.
{found}
SELECT found.id, found.position,
    (
        (%(configuration_ids)s::uuid[] IS NULL OR item.configuration_id = ANY (%(configuration_ids)s::uuid[]))
        AND (%(workflow_ids)s::uuid[] IS NULL OR execution.workflow_id = ANY (%(workflow_ids)s::uuid[]))
        AND (%(error_codes)s::text[] IS NULL OR item.error_code = ANY (%(error_codes)s::text[]))
    ) IS TRUE
FROM (SELECT * FROM found ORDER BY position DESC, id DESC LIMIT %(size)s) AS found
LEFT JOIN ONLY snowflake_sync_queue AS item ON item.id = found.id
LEFT JOIN workflow_executions AS execution
    ON %(workflow_ids)s::uuid[] IS NOT NULL AND execution.execution_id = coalesce(item.execution_id, (
        SELECT news.execution_id FROM snowflake_sync_inbox AS news
        WHERE news.run_after = found.position AND news.id = found.id
    ))
ORDER BY found.position DESC, found.id DESC

-- name: count
-- The number of items, `size` at most.
{found}
SELECT count(*) FROM (SELECT FROM found LIMIT %(size)s) AS found

-- name: details
-- The columns that a list shows, without the results, which are large. The inbox, whose ids have no index, is read only
-- if the queue lacks one.
WITH routed AS MATERIALIZED (
    SELECT id, execution_id, user_id, configuration_id, status, retry_count, max_retries, run_after, error_code,
        error_message, error_remedy, schema_name, table_name, row_count, source_row_count, rules_version, created_at,
        updated_at, processed_at
    FROM ONLY snowflake_sync_queue
    WHERE id = ANY (%(ids)s::uuid[])
),
item AS (
    SELECT * FROM routed
    UNION ALL
    SELECT id, execution_id, user_id, configuration_id, status, retry_count, max_retries, run_after, error_code,
        error_message, error_remedy, schema_name, table_name, row_count, source_row_count, rules_version, created_at,
        updated_at, processed_at
    FROM snowflake_sync_inbox
    WHERE id = ANY (%(ids)s::uuid[]) AND (SELECT count(*) FROM routed) < cardinality(%(ids)s::uuid[])
)
SELECT
    item.id, item.execution_id, item.status, item.retry_count, item.max_retries, item.run_after, item.error_code,
    item.error_message, item.error_remedy, item.schema_name, item.table_name, item.row_count, item.source_row_count,
    item.rules_version, item.created_at, item.updated_at, item.processed_at, workflow.workflow_id, workflow.name,
    owner.email, configuration.id, configuration.name, configuration.account_identifier, configuration.database,
    configuration.schema
FROM item
LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
LEFT JOIN users AS owner ON owner.id = item.user_id
LEFT JOIN snowflake_configurations AS configuration ON configuration.id = item.configuration_id
