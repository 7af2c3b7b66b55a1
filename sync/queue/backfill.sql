-- name: count
SELECT count(*) FROM workflow_executions WHERE execution_id > %(after)s

-- name: page
-- One page: its executions are judged without locks; those to be queued are locked, without those that the application
-- holds, and queued. With dry_run the last part finds nothing to lock, so that the counts are the same.
--
-- An execution without any item, or with one that found no destination, is queued as the trigger does. If only some
-- destinations lack it, each of these gets an item at once: routing would load it again into the others. The verdict
-- `waiting` comes first: what is to be routed goes to every destination anyway.
--
-- A destination whose rules exclude an execution gets an item that says so. With nothing but such destinations the verdict
-- is `excluded`, and nothing is queued.
--
-- Pages of several backfills come one after the other: each sees what the one before has queued.
SELECT pg_advisory_xact_lock(hashtext('snowflake_sync_backfill')) WHERE NOT %(dry_run)s;
WITH {clock},
-- Reads `size` rows by key, whether they are wanted or not: so no filter makes a page read the whole table.
page AS MATERIALIZED (
    (
        SELECT execution_id, workflow_id, status, created_at, {uploaded} AS uploaded
        FROM workflow_executions AS execution
        WHERE %(executions)s::text[] IS NULL AND execution_id > %(position)s
        ORDER BY execution_id
        LIMIT %(size)s
    )
    UNION ALL
    SELECT execution_id, workflow_id, status, created_at, {uploaded} AS uploaded
    FROM workflow_executions AS execution
    WHERE execution_id = ANY(%(executions)s::text[])
),
past AS MATERIALIZED (
    SELECT
        page.execution_id,
        page.workflow_id,
        page.status = 'completed' AS completed,
        page.uploaded,
        workflow.user_id,
        {workflow} AS workflow
    FROM page
    LEFT JOIN workflows AS workflow ON workflow.id = page.workflow_id
    WHERE (%(since)s::timestamptz IS NULL OR page.created_at >= %(since)s::timestamptz)
        AND (%(until)s::timestamptz IS NULL OR page.created_at < %(until)s::timestamptz)
        AND (%(users)s::uuid[] IS NULL OR workflow.user_id = ANY(%(users)s::uuid[]))
        AND (%(workflows)s::uuid[] IS NULL OR page.workflow_id = ANY(%(workflows)s::uuid[]))
),
asked AS (
    SELECT id AS configuration_id FROM snowflake_configurations WHERE user_id IN (SELECT user_id FROM past)
),
{scopes}
reached AS MATERIALIZED (
    SELECT
        execution.execution_id,
        execution.user_id,
        unrouted.id AS unrouted_id,
        reach.*,
        CASE
            WHEN NOT execution.completed THEN 'not_completed'
            WHEN execution.user_id IS NULL THEN 'no_owner'
            WHEN news.execution_id IS NOT NULL OR unrouted.status IN ('pending', 'processing') THEN 'waiting'
            WHEN %(force)s THEN 'queue'
            WHEN unrouted.status = 'failed' THEN 'failed'
            -- Items of an earlier way of syncing have no destination; some say `completed` although there was none.
            WHEN unrouted.status = 'completed' AND execution.uploaded THEN 'uploaded'
            WHEN unrouted.status = 'completed' THEN 'queue'
            WHEN unrouted.error_code = %(skipped_by_hand)s THEN 'skipped_by_hand'
            WHEN unrouted.status = 'skipped' AND reach.destinations > 0 THEN 'queue'
            WHEN unrouted.status = 'skipped' THEN 'no_destination'
            WHEN NOT EXISTS (
                SELECT FROM ONLY snowflake_sync_queue AS item WHERE item.execution_id = execution.execution_id
            ) THEN CASE WHEN execution.uploaded THEN 'uploaded' ELSE 'queue' END
            WHEN reach.destinations = 0 THEN 'no_destination'
            WHEN reach.configuration_ids IS NOT NULL THEN 'add'
            WHEN reach.failed THEN 'failed'
            WHEN reach.waiting THEN 'waiting'
            WHEN reach.by_hand THEN 'skipped_by_hand'
            WHEN reach.excluded THEN 'excluded'
            ELSE 'there'
        END AS way
    FROM past AS execution
    -- LATERAL, for each execution by itself: a planner expects few rows of a CTE, and would compare each with each.
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS destinations,
            array_agg(destination.configuration_id) FILTER (WHERE destination.lacks_it) AS configuration_ids,
            array_agg(destination.batch_key) FILTER (WHERE destination.lacks_it) AS batch_keys,
            array_agg(destination.item_id) FILTER (WHERE destination.lacks_it) AS item_ids,
            array_agg(destination.message) FILTER (WHERE destination.lacks_it) AS messages,
            bool_or(destination.lacks_it AND destination.message IS NULL) AS loads,
            array_agg(destination.configuration_id) FILTER (WHERE destination.message IS NULL) AS taking,
            bool_or(destination.message IS NOT NULL) AS excluded,
            bool_and(destination.message IS NOT NULL) AS excluded_everywhere,
            (
                array_agg(coalesce(destination.rule, '') ORDER BY destination.created_at, destination.configuration_id)
                    FILTER (WHERE destination.message IS NOT NULL)
            )[1] AS rule,
            bool_or(destination.status = 'failed') AS failed,
            bool_or(destination.status IN ('pending', 'processing')) AS waiting,
            bool_or(destination.by_hand) AS by_hand
        FROM (
            SELECT
                configuration.id AS configuration_id,
                configuration.created_at,
                {batch_key} AS batch_key,
                item.id AS item_id,
                item.status,
                by_hand,
                excluded.message,
                excluded.rule,
                -- What a rule excludes lacks the item that says so.
                item.id IS NULL OR (item.status = 'skipped' AND NOT by_hand AND excluded.message IS NULL) AS lacks_it
            FROM snowflake_configurations AS configuration
            LEFT JOIN ONLY snowflake_sync_queue AS item
                ON item.execution_id = execution.execution_id AND item.configuration_id = configuration.id
            CROSS JOIN LATERAL (
                SELECT item.status = 'skipped' AND (item.error_code IN (%(skipped_by_hand)s, 'erased')) IS TRUE AS by_hand
            ) AS said
            {decided}
            WHERE {takes}
        ) AS destination
    ) AS reach
    LEFT JOIN ONLY snowflake_sync_queue AS unrouted
        ON unrouted.execution_id = execution.execution_id AND unrouted.configuration_id IS NULL
    LEFT JOIN (SELECT DISTINCT execution_id FROM snowflake_sync_inbox) AS news
        ON news.execution_id = execution.execution_id
),
judged AS MATERIALIZED (
    SELECT
        reached.*,
        CASE
            WHEN way = 'queue' AND excluded_everywhere OR way = 'add' AND NOT loads THEN 'excluded'
            ELSE way
        END AS verdict
    FROM reached
),
-- The page ends with the last execution that may be queued.
placed AS MATERIALIZED (
    SELECT
        judged.*,
        verdict IN ('queue', 'add') AS wanted,
        count(*) FILTER (WHERE verdict IN ('queue', 'add')) OVER (ORDER BY execution_id) AS place
    FROM judged
),
kept AS MATERIALIZED (
    SELECT * FROM placed WHERE place < %(limit)s OR (place = %(limit)s AND wanted)
),
-- The execution is locked first, then its items, as the application does; an execution that it is deleting is skipped.
locked AS MATERIALIZED (
    SELECT kept.*
    FROM kept
    JOIN workflow_executions AS execution ON execution.execution_id = kept.execution_id
    WHERE (kept.wanted OR kept.verdict = 'excluded' AND kept.configuration_ids IS NOT NULL)
        AND execution.status = 'completed' AND NOT %(dry_run)s
    ORDER BY kept.execution_id
    FOR KEY SHARE OF execution SKIP LOCKED
),
lacking AS MATERIALIZED (
    SELECT locked.execution_id, locked.user_id, destination.*
    FROM locked
    CROSS JOIN LATERAL unnest(locked.configuration_ids, locked.batch_keys, locked.item_ids, locked.messages)
        AS destination (configuration_id, batch_key, item_id, message)
    WHERE locked.verdict = 'add' OR (locked.verdict = 'excluded' AND locked.unrouted_id IS NULL)
),
-- Locks the rows that the new items will refer to, before their foreign keys would at the end.
owned AS MATERIALIZED (
    SELECT configuration.id
    FROM snowflake_configurations AS configuration
    WHERE configuration.id = ANY(ARRAY(SELECT DISTINCT configuration_id FROM lacking))
    ORDER BY configuration.id
    FOR KEY SHARE
),
queued AS (
    INSERT INTO snowflake_sync_inbox (execution_id, user_id, run_after, created_at, updated_at)
    SELECT locked.execution_id, locked.user_id, clock.now, clock.now, clock.now
    FROM locked, clock
    WHERE locked.verdict = 'queue' OR (locked.verdict = 'excluded' AND locked.unrouted_id IS NOT NULL)
    ORDER BY locked.execution_id
    RETURNING execution_id
),
added AS (
    INSERT INTO snowflake_sync_queue AS item
        (execution_id, user_id, configuration_id, batch_key, max_retries, run_after, created_at, updated_at,
        status, error_code, error_message, error_remedy, processed_at)
    SELECT
        lacking.execution_id, lacking.user_id, lacking.configuration_id, lacking.batch_key, %(max_retries)s,
        clock.now, clock.now, clock.now, becomes.*
    FROM lacking
    CROSS JOIN clock
    CROSS JOIN (VALUES (NULL::uuid, false, NULL)) AS item (id, is_to_be_removed, table_name)
    CROSS JOIN LATERAL (SELECT lacking.message) AS excluded
    CROSS JOIN {becomes} AS becomes
    -- With IS TRUE the planner looks each row up, rather than comparing each with each.
    WHERE lacking.item_id IS NULL AND (lacking.configuration_id IN (SELECT id FROM owned)) IS TRUE
    ORDER BY lacking.execution_id, lacking.configuration_id
    ON CONFLICT (execution_id, configuration_id) DO NOTHING
    RETURNING item.execution_id
),
free AS MATERIALIZED (
    SELECT item.id, lacking.batch_key
    FROM lacking
    JOIN ONLY snowflake_sync_queue AS item ON item.id = lacking.item_id
    -- With `=` the planner might go through all skipped items for each of these.
    WHERE item.status IS NOT DISTINCT FROM 'skipped'
        AND (lacking.configuration_id IN (SELECT id FROM owned)) IS TRUE
    FOR NO KEY UPDATE OF item SKIP LOCKED
),
reopened AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET batch_key = free.batch_key,
        run_after = clock.now,
        {pending_again}
    FROM free, clock
    WHERE item.id = free.id
    RETURNING item.execution_id
),
outdated AS MATERIALIZED (
    SELECT execution_id FROM added
    UNION
    SELECT execution_id FROM reopened
),
done AS MATERIALIZED (
    SELECT execution_id FROM outdated UNION SELECT execution_id FROM queued
)
SELECT
    (SELECT count(*) FROM page),
    CASE
        WHEN (SELECT max(place) FROM kept) >= %(limit)s THEN (SELECT max(execution_id) FROM kept)
        ELSE (SELECT max(execution_id) FROM page)
    END,
    (
        SELECT coalesce(jsonb_object_agg(verdict, count), '{}')
        FROM (
            SELECT CASE WHEN wanted THEN 'queued' ELSE verdict END AS verdict, count(*)
            FROM kept
            WHERE NOT wanted OR %(dry_run)s OR execution_id IN (SELECT execution_id FROM done)
            GROUP BY 1
        ) AS line
    ),
    ARRAY(
        SELECT execution_id FROM kept
        WHERE wanted AND NOT %(dry_run)s
        EXCEPT SELECT execution_id FROM done
    ),
    ARRAY(SELECT execution_id FROM outdated),
    (
        SELECT coalesce(jsonb_object_agg(rule, count), '{}')
        FROM (SELECT rule, count(*) FROM kept WHERE verdict = 'excluded' GROUP BY rule) AS line
    ),
    -- What a dry run would queue, by workflow and by quarter of an hour: in every zone a day begins with one.
    (
        SELECT coalesce(jsonb_agg(jsonb_build_array(quarter, workflow_id, count)), '[]')
        FROM (
            SELECT
                CASE
                    WHEN isfinite(page.created_at)
                        THEN extract(epoch FROM date_bin('15 minutes', page.created_at, 'epoch'))::bigint
                END AS quarter,
                page.workflow_id,
                count(*)
            FROM kept
            JOIN page ON page.execution_id = kept.execution_id
            WHERE kept.wanted AND %(dry_run)s
            GROUP BY 1, 2
        ) AS line
    ),
    -- And to which destinations, each counted by itself: routing takes what is queued to all that take it.
    (
        SELECT coalesce(jsonb_object_agg(configuration_id, count), '{}')
        FROM (
            SELECT place.configuration_id, count(*)
            FROM kept
            CROSS JOIN LATERAL (
                SELECT unnest(kept.taking) AS configuration_id
                INTERSECT
                SELECT unnest(CASE kept.verdict WHEN 'add' THEN kept.configuration_ids ELSE kept.taking END)
            ) AS place
            WHERE kept.wanted AND %(dry_run)s
            GROUP BY place.configuration_id
        ) AS line
    )
