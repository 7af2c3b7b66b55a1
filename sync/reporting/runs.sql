-- Finds runs through the indexes that are made for lists of items. A run is an execution; it stands where the latest of
-- its items stands that is asked for.
-- name: listed
-- The items that snowflake_sync_queue_listing_idx covers.
item.status <> 'processing' AND (item.status <> 'pending' OR item.configuration_id IS NOT NULL)

-- name: of_owner
(%(user_ids)s::uuid[] IS NULL OR item.user_id = ANY (%(user_ids)s::uuid[]))

-- name: of_error
-- `-`: without a code.
(
    %(error_code)s::text IS NULL OR item.error_code = nullif(%(error_code)s::text, '-')
    OR (%(error_code)s::text = '-' AND item.error_code IS NULL)
)

-- name: owners
-- All users who have items, by stepping from one to the next in the index; or those who are asked for.
owner AS (
    (
        SELECT item.user_id FROM ONLY snowflake_sync_queue AS item
        WHERE %(user_ids)s::uuid[] IS NULL AND {listed} AND item.user_id IS NOT NULL
        ORDER BY item.user_id LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT item.user_id FROM ONLY snowflake_sync_queue AS item
        WHERE {listed} AND item.user_id > owner.user_id ORDER BY item.user_id LIMIT 1
    )
    FROM owner
    WHERE owner.user_id IS NOT NULL
),
whose AS (
    SELECT user_id FROM owner WHERE user_id IS NOT NULL
    UNION ALL
    SELECT unnest(%(user_ids)s::uuid[])
)

-- name: bound
-- Beyond which no item of a page stands: of each owner and status some items are looked at, of which the page would have
-- so many. None: there are not so many.
bound AS MATERIALIZED (
    SELECT item.created_at
    FROM whose
    CROSS JOIN unnest(%(statuses)s::text[]) AS span (status)
    CROSS JOIN LATERAL (
        SELECT item.created_at, item.id FROM ONLY snowflake_sync_queue AS item
        WHERE item.user_id = whose.user_id AND item.status = span.status AND {listed}
            AND (item.created_at, item.id) {before} (%(position_at)s::timestamptz, %(position_id)s::uuid)
            AND item.created_at >= %(since)s::timestamptz AND item.created_at < %(until)s::timestamptz
        {by_created_at}
        LIMIT (SELECT 1 + 2 * %(size)s / greatest(1, count(*) * cardinality(%(statuses)s::text[])) FROM whose)
    ) AS item
    {by_created_at}
    LIMIT 1 OFFSET %(size)s - 1
),

-- name: queued
-- Items of span.status, of these or of all owners, by when they were queued. `indexed`: those of the columns that are
-- needed of all of them.
(
    SELECT item.*
    FROM whose
    CROSS JOIN LATERAL (
        SELECT {indexed}, item.created_at AS position FROM ONLY snowflake_sync_queue AS item
        WHERE item.user_id = whose.user_id AND item.status = span.status AND {listed}
            AND (item.created_at, item.id) {before} (%(position_at)s::timestamptz, %(position_id)s::uuid)
            AND item.created_at >= span.since AND item.created_at < span.until {within}
        {by_created_at}
        LIMIT %(size)s
    ) AS item
    {enough}
)
UNION ALL
(
    SELECT {columns}, item.created_at FROM ONLY snowflake_sync_queue AS item
    WHERE %(user_ids)s::uuid[] IS NULL AND item.user_id IS NULL AND item.status = span.status AND {listed}
        AND (item.created_at, item.id) {before} (%(position_at)s::timestamptz, %(position_id)s::uuid)
        AND item.created_at >= span.since AND item.created_at < span.until
        {by_created_at}
    LIMIT %(size)s
)
UNION ALL
(
    SELECT {columns}, item.run_after FROM snowflake_sync_queue AS item
    WHERE span.status = 'pending' AND item.configuration_id IS NULL AND item.status = 'pending' AND {of_owner}
        AND (item.run_after, item.id) {before} (%(position_at)s::timestamptz, %(position_id)s::uuid)
        AND item.run_after >= span.since AND item.run_after < span.until
        {by_run_after}
    LIMIT %(size)s
)
UNION ALL
(
    SELECT {columns}, item.created_at FROM ONLY snowflake_sync_queue AS item
    WHERE span.status = 'processing' AND item.status = 'processing' AND {of_owner}
        AND (item.created_at, item.id) {before} (%(position_at)s::timestamptz, %(position_id)s::uuid)
        AND item.created_at >= span.since AND item.created_at < span.until
        {by_created_at}
    LIMIT %(size)s
)

-- name: failed
-- What failed, by when it did. Without an error that is asked for, an index has all that is needed of each.
(
    SELECT {failed_keys}, item.updated_at AS position FROM ONLY snowflake_sync_queue AS item
    WHERE %(user_ids)s::uuid[] IS NULL AND item.status = 'failed' AND {of_error}
        AND (item.updated_at, item.id) {before} (%(position_at)s::timestamptz, %(position_id)s::uuid)
        AND item.updated_at >= span.since AND item.updated_at < span.until
        {by_updated_at}
    LIMIT %(size)s
)
UNION ALL
(
    SELECT item.*
    FROM unnest(%(user_ids)s::uuid[]) AS whose (user_id)
    CROSS JOIN LATERAL (
        SELECT {failed_keys}, item.updated_at AS position FROM ONLY snowflake_sync_queue AS item
        WHERE item.user_id = whose.user_id AND item.status = 'failed' AND {of_error}
            AND (item.updated_at, item.id) {before} (%(position_at)s::timestamptz, %(position_id)s::uuid)
            AND item.updated_at >= span.since AND item.updated_at < span.until
        {by_updated_at}
        LIMIT %(size)s
    ) AS item
    {enough}
)

-- name: named
-- Items of these executions; what is in the inbox is looked through.
(
    SELECT {columns}, CASE WHEN span.by_failure THEN item.updated_at ELSE item.created_at END AS position
    FROM snowflake_sync_queue AS item
    WHERE item.execution_id = ANY (%(execution_ids)s::text[]) AND item.status = span.status AND {of_owner}
)

-- name: meant
(%(configuration_ids)s::uuid[] IS NULL OR item.configuration_id = ANY (%(configuration_ids)s::uuid[]))
    AND {of_error}

-- name: of_workflow
LEFT JOIN LATERAL (
    SELECT execution.workflow_id FROM workflow_executions AS execution
    WHERE %(workflow_ids)s::uuid[] IS NOT NULL AND execution.execution_id = item.execution_id
    OFFSET 0
) AS execution ON true

-- name: page
-- The first `enough` runs, each by the item where it stands: `later` is another one of it, of those that are asked for, that
-- stands before. Items are looked up one after the other until there are enough. Then the last item that may be looked at.
WITH RECURSIVE {owners},
{bound}
found AS (
    SELECT item.*, span.by_failure, span.until
    FROM (
        SELECT unnest(%(statuses)s::text[]) AS status, %(by_failure)s AS by_failure, %(since)s::timestamptz AS since,
            %(until)s::timestamptz AS until
    ) AS span
    CROSS JOIN LATERAL ({source}) AS item
    WHERE (item.position, item.id) {before} (%(position_at)s::timestamptz, %(position_id)s::uuid)
        AND item.position >= span.since AND item.position < span.until
    ORDER BY item.position {order}, item.id {order}
    LIMIT %(size)s
),
looked_up AS (
    SELECT found.id, found.position, found.by_failure, found.until,
        coalesce(found.execution_id, item.execution_id) AS execution_id,
        coalesce(found.configuration_id, item.configuration_id) AS configuration_id,
        coalesce(found.error_code, item.error_code) AS error_code
    FROM (SELECT * FROM found ORDER BY position {order}, id {order} OFFSET 0) AS found
    LEFT JOIN LATERAL (
        SELECT * FROM ONLY snowflake_sync_queue AS item WHERE found.execution_id IS NULL AND item.id = found.id OFFSET 0
    ) AS item ON true
),
judged AS (
    SELECT item.*, (
        {meant} AND (%(workflow_ids)s::uuid[] IS NULL OR execution.workflow_id = ANY (%(workflow_ids)s::uuid[]))
    ) IS TRUE AS is_meant
    FROM looked_up AS item
    {of_workflow}
)
(
    SELECT found.id, found.execution_id, found.position, true
    FROM judged AS found
    LEFT JOIN LATERAL (
        SELECT item.id
        FROM ONLY snowflake_sync_queue AS item
        WHERE item.execution_id = found.execution_id
            AND item.status = ANY (%(statuses)s::text[]) AND {of_owner} AND {meant}
            AND (CASE WHEN found.by_failure THEN item.updated_at ELSE item.created_at END, item.id)
                > (found.position, found.id)
            AND CASE WHEN found.by_failure THEN item.updated_at ELSE item.created_at END < found.until
        LIMIT 1
    ) AS later ON true
    WHERE found.is_meant AND later.id IS NULL
    ORDER BY found.position {order}, found.id {order}
    LIMIT %(enough)s
)
UNION ALL
(
    SELECT id, NULL, position, false
    FROM found
    ORDER BY position {order}, id {order}
    OFFSET %(size)s - 1
)

-- name: count
-- Runs in each span, by status, and in all together; the items that were looked at; and the most that a run has. Where
-- more items than are counted were found, they are not looked up, and their number is all that is said.
WITH RECURSIVE {owners},
span AS MATERIALIZED (
    SELECT * FROM unnest(
        %(names)s::text[], %(of)s::text[], %(by)s::boolean[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[]
    ) AS span (name, status, by_failure, since, until)
),
item AS MATERIALIZED (
    SELECT span.name, item.*, count(*) OVER (PARTITION BY span.name, span.status) AS looked_at
    FROM span
    CROSS JOIN LATERAL (
        SELECT * FROM ({source}) AS item
        WHERE item.position >= span.since AND item.position < span.until
        LIMIT %(size)s
    ) AS item
),
looked_up AS (
    SELECT item.name, item.status, coalesce(item.execution_id, stored.execution_id, item.id::text) AS execution_id,
        coalesce(item.configuration_id, stored.configuration_id) AS configuration_id,
        coalesce(item.error_code, stored.error_code) AS error_code
    FROM item
    LEFT JOIN LATERAL (
        SELECT * FROM ONLY snowflake_sync_queue AS stored
        WHERE item.execution_id IS NULL AND stored.id = item.id AND (%(is_narrow)s OR item.looked_at < %(size)s)
        OFFSET 0
    ) AS stored ON true
),
judged AS (
    SELECT item.name, item.status, hashtextextended(item.execution_id, 0) AS run, (
        {meant} AND (%(workflow_ids)s::uuid[] IS NULL OR execution.workflow_id = ANY (%(workflow_ids)s::uuid[]))
    ) IS TRUE AS is_meant
    FROM looked_up AS item
    {of_workflow}
)
SELECT name, status, count(DISTINCT run) FILTER (WHERE is_meant), count(*), (
    SELECT coalesce(max(number), 1) FROM (
        SELECT count(*) AS number FROM snowflake_configurations AS item WHERE {of_owner} GROUP BY item.user_id
    ) AS owned
)
FROM judged
GROUP BY GROUPING SETS ((name, status), (name))

-- name: details
-- The items of these runs, with what a list shows, without the results, which are large. The inbox, in which executions
-- have no index, is read only if the queue lacks one.
WITH routed AS MATERIALIZED (
    SELECT id, execution_id, user_id, configuration_id, status, retry_count, max_retries, run_after, error_code,
        error_message, schema_name, table_name, row_count, source_row_count, created_at, updated_at
    FROM ONLY snowflake_sync_queue
    WHERE execution_id = ANY (%(ids)s::text[])
),
item AS (
    SELECT * FROM routed
    UNION ALL
    SELECT id, execution_id, user_id, configuration_id, status, retry_count, max_retries, run_after, error_code,
        error_message, schema_name, table_name, row_count, source_row_count, created_at, updated_at
    FROM snowflake_sync_inbox
    WHERE execution_id = ANY (%(ids)s::text[])
        AND (SELECT count(DISTINCT execution_id) FROM routed) < cardinality(%(ids)s::text[])
)
SELECT
    item.execution_id, execution.completed_at, workflow.workflow_id, workflow.name, owner.email,
    item.id, item.status, item.retry_count, item.max_retries, item.run_after, item.error_code, item.error_message,
    item.schema_name, item.table_name, item.row_count, item.source_row_count, item.created_at, item.updated_at,
    configuration.id, configuration.name, configuration.account_identifier, configuration.database,
    configuration.schema
FROM item
LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
LEFT JOIN users AS owner ON owner.id = coalesce(item.user_id, workflow.user_id)
LEFT JOIN snowflake_configurations AS configuration ON configuration.id = item.configuration_id
WHERE %(user_ids)s::uuid[] IS NULL OR coalesce(item.user_id, workflow.user_id) = ANY (%(user_ids)s::uuid[])
ORDER BY configuration.created_at, item.created_at, item.id
