-- name: route
-- Routes up to 500 items in one statement. An unrouted item keeps its id and becomes the item of the first destination
-- that has none for this execution yet; the other destinations get new items. If a destination has an item already,
-- that item's generation rises: a worker that is busy with it sees that, and the load is repeated.
WITH {clock},
unrouted AS MATERIALIZED (
    SELECT item.id, item.execution_id, item.user_id, item.run_after, execution.workflow_id,
        execution.snowflake_status IS NOT NULL AS has_status,
        {their_upload}
            AND execution.snowflake_uploaded_at > item.updated_at - CASE
                -- The item is for new results: an upload of the earlier ones says nothing of these.
                WHEN item.generation > 1 THEN interval '0' ELSE interval '1 minute'
            END
            AND NOT EXISTS (
                SELECT FROM ONLY snowflake_sync_queue AS routed
                WHERE routed.execution_id = item.execution_id AND routed.configuration_id IS NOT NULL
            ) AS uploaded
    FROM clock
    CROSS JOIN ONLY snowflake_sync_queue AS item
    JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    WHERE item.status = 'pending'
        AND item.configuration_id IS NULL
        AND item.run_after BETWEEN coalesce(%(scan_start)s, '-infinity'::timestamptz) AND clock.now
    ORDER BY item.run_after, item.id
    LIMIT %(limit)s
    FOR UPDATE OF item SKIP LOCKED
    FOR KEY SHARE OF execution SKIP LOCKED
),
-- The items become due one after the other, a microsecond apart: a claim can then begin where the last one ended,
-- without walking over items of the same moment that are done.
placed AS MATERIALIZED (
    SELECT
        unrouted.id,
        unrouted.execution_id,
        unrouted.user_id,
        unrouted.workflow_id,
        clock.now - interval '1 microsecond' * (
            row_number() OVER (ORDER BY unrouted.run_after DESC, unrouted.id DESC) - 1
        ) AS run_after
    FROM unrouted, clock
    WHERE NOT unrouted.uploaded
),
-- The application has uploaded these results itself, a minute before they were queued at the earliest.
left_alone AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET status = 'completed', processed_at = clock.now, updated_at = clock.now
    FROM unrouted, clock
    WHERE item.id = unrouted.id AND unrouted.uploaded
),
-- Locks the rows that the new items will refer to, before their foreign keys would at the end.
owned AS MATERIALIZED (
    SELECT configuration.*
    FROM snowflake_configurations AS configuration
    WHERE configuration.user_id IN (SELECT user_id FROM unrouted)
    FOR KEY SHARE
),
destination AS MATERIALIZED (
    SELECT
        execution.id AS item_id,
        execution.execution_id,
        execution.user_id,
        execution.run_after,
        configuration.id AS configuration_id,
        {batch_key} AS batch_key,
        existing.id AS existing_id,
        row_number() OVER (
            PARTITION BY execution.id, existing.id IS NULL ORDER BY configuration.created_at, configuration.id
        ) AS place
    -- An item, named as the parts put in here name what they ask for its user and its workflow.
    FROM placed AS execution
    JOIN owned AS configuration ON {takes}
    LEFT JOIN ONLY snowflake_sync_queue AS existing
        ON existing.execution_id = execution.execution_id AND existing.configuration_id = configuration.id
),
-- A destination that is off gets the new results when it is on again.
stale AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET generation = item.generation + 1,
        status = CASE WHEN item.status = 'processing' THEN item.status ELSE 'skipped' END,
        error_code = 'destination_inactive',
        error_message = %(destination_inactive)s,
        error_remedy = %(destination_inactive_remedy)s,
        updated_at = clock.now
    FROM unrouted, owned AS configuration, clock
    WHERE item.execution_id = unrouted.execution_id
        AND item.configuration_id = configuration.id
        AND configuration.user_id = unrouted.user_id
        AND NOT configuration.is_active
),
skipped AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET status = 'skipped',
        error_code = 'no_destination',
        error_message = %(no_destination)s,
        error_remedy = %(no_destination_remedy)s,
        processed_at = clock.now,
        updated_at = clock.now
    FROM clock
    WHERE item.id IN (SELECT id FROM placed EXCEPT SELECT item_id FROM destination)
    RETURNING item.execution_id
),
kept AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET configuration_id = destination.configuration_id,
        batch_key = destination.batch_key,
        max_retries = %(max_retries)s,
        run_after = destination.run_after,
        updated_at = clock.now
    FROM destination, clock
    WHERE item.id = destination.item_id AND destination.existing_id IS NULL AND destination.place = 1
    RETURNING item.id
),
added AS (
    INSERT INTO snowflake_sync_queue
        (execution_id, user_id, configuration_id, batch_key, max_retries, run_after, created_at, updated_at)
    SELECT execution_id, user_id, configuration_id, batch_key, %(max_retries)s, run_after, clock.now, clock.now
    FROM destination, clock
    WHERE existing_id IS NULL AND place > 1
),
folded AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET generation = item.generation + 1,
        batch_key = destination.batch_key,
        run_after = destination.run_after,
        {pending_again}
    FROM destination, clock
    WHERE item.id = destination.existing_id
),
spent AS (
    DELETE FROM ONLY snowflake_sync_queue AS item
    WHERE item.id IN (
        SELECT item_id FROM destination GROUP BY item_id HAVING bool_and(existing_id IS NOT NULL)
    )
)
SELECT
    (SELECT count(*) FROM unrouted),
    (SELECT min(run_after) FROM unrouted),
    (SELECT coalesce(array_agg(execution_id), '{}') FROM skipped),
    (
        SELECT coalesce(array_agg(execution_id), '{}')
        FROM unrouted
        WHERE has_status AND id IN (SELECT item_id FROM destination)
    )
