-- name: route
-- Routes up to 500 rows in one statement: what has arrived in the inbox, and items without a destination that are
-- pending again, which have a fifth of them if they are as many. What arrived of one execution is folded. Each active
-- destination of the owner gets an item; if it has one already, that item's generation rises: a worker that is busy
-- with it sees that, and the load is repeated. An execution's item without a destination becomes that of the first
-- destination that has none; so does what arrived.
WITH {clock},
share AS MATERIALIZED (
    SELECT count(*) AS again
    FROM (
        SELECT
        FROM clock
        CROSS JOIN ONLY snowflake_sync_queue AS item
        WHERE item.status = 'pending'
            AND item.configuration_id IS NULL
            AND item.run_after BETWEEN coalesce(%(again_start)s, '-infinity'::timestamptz) AND clock.now
        ORDER BY item.run_after, item.id
        LIMIT ceil(%(limit)s / 5.0)
    ) AS item
),
arrived AS MATERIALIZED (
    SELECT item.run_after, item.arrival, item.id, item.execution_id, item.user_id, item.created_at
    FROM clock
    CROSS JOIN snowflake_sync_inbox AS item
    JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    WHERE item.run_after BETWEEN coalesce(%(scan_start)s, '-infinity'::timestamptz) AND clock.now
    ORDER BY item.run_after, item.arrival
    LIMIT %(limit)s - (SELECT again FROM share)
    FOR UPDATE OF item SKIP LOCKED
    FOR KEY SHARE OF execution SKIP LOCKED
),
again AS MATERIALIZED (
    SELECT item.run_after, 0::bigint AS arrival, item.id, item.execution_id, item.user_id, item.created_at
    FROM clock
    CROSS JOIN ONLY snowflake_sync_queue AS item
    JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    WHERE item.status = 'pending'
        AND item.configuration_id IS NULL
        AND item.run_after BETWEEN coalesce(%(again_start)s, '-infinity'::timestamptz) AND clock.now
    ORDER BY item.run_after, item.id
    LIMIT %(limit)s - (SELECT count(*) FROM arrived)
    FOR UPDATE OF item SKIP LOCKED
    FOR KEY SHARE OF execution SKIP LOCKED
),
-- Nothing holds them for an execution that is deleted.
gone AS MATERIALIZED (
    SELECT item.run_after, item.arrival
    FROM (
        SELECT first.run_after, first.arrival, first.execution_id
        FROM snowflake_sync_inbox AS first
        WHERE first.run_after >= coalesce(%(scan_start)s, '-infinity'::timestamptz)
        ORDER BY first.run_after, first.arrival
        LIMIT %(limit)s
    ) AS first
    JOIN snowflake_sync_inbox AS item ON (item.run_after, item.arrival) = (first.run_after, first.arrival)
    WHERE NOT row_security_active('workflow_executions') AND NOT EXISTS (
        SELECT FROM workflow_executions AS execution WHERE execution.execution_id = first.execution_id
    )
    FOR UPDATE OF item SKIP LOCKED
),
taken AS (
    DELETE FROM snowflake_sync_inbox AS item
    USING (SELECT run_after, arrival FROM arrived UNION ALL SELECT run_after, arrival FROM gone) AS row
    WHERE (item.run_after, item.arrival) = (row.run_after, row.arrival)
),
folded AS MATERIALIZED (
    SELECT
        execution_id,
        (array_agg(id ORDER BY run_after, arrival))[1] AS id,
        (array_agg(user_id ORDER BY run_after DESC, arrival DESC))[1] AS user_id,
        min(run_after) AS run_after,
        min(arrival) AS arrival,
        min(created_at) AS created_at,
        max(created_at) AS last_at,
        count(*) > 1 AS several
    FROM (SELECT * FROM arrived UNION ALL SELECT * FROM again) AS found
    GROUP BY execution_id
),
unrouted AS MATERIALIZED (
    SELECT
        folded.execution_id,
        coalesce(item.id, folded.id) AS id,
        item.id IS NOT NULL AS is_there,
        coalesce(folded.user_id, workflow.user_id) AS user_id,
        folded.run_after,
        folded.arrival,
        folded.created_at,
        execution.workflow_id,
        {workflow} AS workflow,
        execution.snowflake_status IS NOT NULL AS has_status,
        {their_upload}
            AND execution.snowflake_uploaded_at > folded.last_at - CASE
                -- It is for new results: an upload of the earlier ones says nothing of these.
                WHEN folded.several OR item.id IS NOT NULL THEN interval '0' ELSE interval '1 minute'
            END
            AND NOT EXISTS (
                SELECT FROM ONLY snowflake_sync_queue AS routed
                WHERE routed.execution_id = folded.execution_id AND routed.configuration_id IS NOT NULL
            ) AS uploaded
    FROM folded
    JOIN workflow_executions AS execution ON execution.execution_id = folded.execution_id
    LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    LEFT JOIN ONLY snowflake_sync_queue AS item
        ON item.execution_id = folded.execution_id AND item.configuration_id IS NULL
),
-- The items become due one after the other, a microsecond apart: a claim can then begin where the last one ended,
-- without walking over items of the same moment that are done.
placed AS MATERIALIZED (
    SELECT
        unrouted.id,
        unrouted.is_there,
        unrouted.execution_id,
        unrouted.user_id,
        unrouted.workflow_id,
        unrouted.workflow,
        unrouted.created_at,
        clock.now - interval '1 microsecond' * (
            row_number() OVER (ORDER BY unrouted.run_after DESC, unrouted.arrival DESC, unrouted.id DESC) - 1
        ) AS run_after
    FROM unrouted, clock
    WHERE unrouted.user_id IS NOT NULL AND NOT unrouted.uploaded
),
-- Locks the rows that the new items will refer to, before their foreign keys would at the end.
owned AS MATERIALIZED (
    SELECT configuration.*
    FROM snowflake_configurations AS configuration
    WHERE configuration.user_id IN (SELECT user_id FROM placed)
    FOR KEY SHARE
),
asked AS (
    SELECT id AS configuration_id FROM owned
),
{scopes}
destination AS MATERIALIZED (
    SELECT
        execution.id AS item_id,
        execution.is_there,
        execution.execution_id,
        execution.user_id,
        execution.created_at,
        execution.run_after,
        configuration.id AS configuration_id,
        {batch_key} AS batch_key,
        item.id AS existing_id,
        becomes.*,
        row_number() OVER (
            PARTITION BY execution.id, item.id IS NULL ORDER BY configuration.created_at, configuration.id
        ) AS place
    -- An item, named as the parts put in here name what they ask for its user and its workflow.
    FROM placed AS execution
    JOIN owned AS configuration ON {takes}
    LEFT JOIN ONLY snowflake_sync_queue AS item
        ON item.execution_id = execution.execution_id AND item.configuration_id = configuration.id
    {decided}
    CROSS JOIN clock
    CROSS JOIN {becomes} AS becomes
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
    FROM placed, owned AS configuration, clock
    WHERE item.execution_id = placed.execution_id
        AND item.configuration_id = configuration.id
        AND configuration.user_id = placed.user_id
        AND NOT configuration.is_active
        AND item.error_code IS DISTINCT FROM 'erased'
),
-- What has nowhere to go. Or the application has uploaded these results itself, a minute before they were queued at the
-- earliest.
ended AS (
    {ended}
    SELECT
        unrouted.id, unrouted.execution_id, unrouted.user_id, unrouted.created_at, clock.now, clock.now, clock.now,
        said.*
    FROM unrouted
    CROSS JOIN clock
    CROSS JOIN LATERAL (
        SELECT 'failed', 'no_owner', 'Execution ' || unrouted.execution_id || ' has no owner.', %(no_owner_remedy)s
        WHERE unrouted.user_id IS NULL
        UNION ALL
        SELECT 'completed', NULL, NULL, NULL WHERE unrouted.user_id IS NOT NULL AND unrouted.uploaded
        UNION ALL
        SELECT 'skipped', 'no_destination', %(no_destination)s, %(no_destination_remedy)s
        WHERE unrouted.user_id IS NOT NULL AND NOT unrouted.uploaded
    ) AS said
    WHERE unrouted.id NOT IN (SELECT item_id FROM destination)
    ORDER BY unrouted.execution_id
    {or_again}
    RETURNING item.execution_id, item.error_code
),
kept AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET configuration_id = decided.configuration_id,
        user_id = decided.user_id,
        batch_key = decided.batch_key,
        max_retries = %(max_retries)s,
        run_after = decided.run_after,
        {as_decided}
    FROM destination AS decided, clock
    WHERE item.id = decided.item_id AND decided.is_there AND item.configuration_id IS NULL
        AND decided.existing_id IS NULL AND decided.place = 1
),
-- If somebody else has given a destination its item meanwhile, that item is for these results, too: they are read when
-- it is worked on.
added AS (
    INSERT INTO snowflake_sync_queue
        (id, execution_id, user_id, configuration_id, batch_key, max_retries, run_after, created_at, updated_at,
        status, error_code, error_message, error_remedy, processed_at)
    SELECT
        CASE WHEN place = 1 THEN item_id ELSE gen_random_uuid() END, execution_id, user_id, configuration_id, batch_key,
        %(max_retries)s, run_after, CASE WHEN place = 1 THEN created_at ELSE clock.now END, clock.now,
        status, error_code, error_message, error_remedy, processed_at
    FROM destination, clock
    WHERE existing_id IS NULL AND (place > 1 OR NOT is_there)
    ORDER BY execution_id, configuration_id
    ON CONFLICT (execution_id, configuration_id) DO NOTHING
),
renewed AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET generation = item.generation + 1,
        batch_key = decided.batch_key,
        run_after = decided.run_after,
        {as_decided}
    FROM destination AS decided, clock
    -- What was erased comes back by a retry alone.
    WHERE item.id = decided.existing_id AND item.error_code IS DISTINCT FROM 'erased'
),
spent AS (
    DELETE FROM ONLY snowflake_sync_queue AS item
    WHERE item.configuration_id IS NULL AND item.id IN (
        SELECT item_id FROM destination WHERE is_there GROUP BY item_id HAVING bool_and(existing_id IS NOT NULL)
    )
)
SELECT
    (SELECT count(*) FROM arrived) + (SELECT count(*) FROM again),
    (SELECT min(run_after) FROM arrived),
    (SELECT min(run_after) FROM again),
    ARRAY(
        SELECT execution_id FROM ended WHERE error_code = 'no_destination'
        UNION ALL
        SELECT execution_id FROM destination GROUP BY execution_id HAVING bool_and(status = 'skipped')
    ),
    (
        SELECT coalesce(array_agg(execution_id), '{}')
        FROM unrouted
        WHERE id IN (SELECT item_id FROM destination) AND has_status OR user_id IS NULL
    )
