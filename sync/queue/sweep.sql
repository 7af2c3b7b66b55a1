-- name: take_turn
-- One worker at a time sweeps: the one that moves the time stamp.
UPDATE snowflake_sync_sweep
SET swept_at = coalesce(%(now)s, now())
WHERE swept_at <= coalesce(%(now)s, now()) - make_interval(secs => %(interval)s)
RETURNING position

-- name: page
WITH {clock},
page AS MATERIALIZED (
    SELECT
        execution.execution_id,
        execution.status,
        execution.workflow_id,
        execution.xmin::text AS version,
        {uploaded} AS uploaded,
        execution.snowflake_status
    FROM workflow_executions AS execution
    WHERE execution.execution_id > %(position)s
    ORDER BY execution.execution_id
    LIMIT %(limit)s
),
-- Results that somebody else has uploaded are not loaded twice. An earlier service left items that say `completed` of
-- executions that it had no destination for.
missing AS MATERIALIZED (
    SELECT page.execution_id, page.workflow_id
    FROM page
    WHERE page.status = 'completed'
        AND NOT page.uploaded
        AND NOT EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS item
            WHERE item.execution_id = page.execution_id
                AND NOT (item.configuration_id IS NULL AND item.status = 'completed')
        )
        AND NOT EXISTS (SELECT FROM snowflake_sync_inbox AS news WHERE news.execution_id = page.execution_id)
),
-- An item is suspicious if somebody but us has written the execution's row since the item's try read it, or failed
-- without reading it. It is not if it is to be routed already, nor if its destination is off, or is not the
-- owner's (any more).
suspicious AS MATERIALIZED (
    SELECT item.id, item.execution_id, item.result_hash, page.workflow_id, page.version
    FROM page
    JOIN ONLY snowflake_sync_queue AS item ON item.execution_id = page.execution_id
    JOIN workflows AS workflow ON workflow.id = page.workflow_id
    JOIN snowflake_configurations AS configuration
        ON configuration.id = item.configuration_id AND configuration.user_id = workflow.user_id
    WHERE page.status = 'completed'
        AND configuration.is_active
        AND item.status IN ('completed', 'failed')
        AND coalesce(item.result_hash::text, item.source_version) IS NOT NULL
        AND item.source_version IS DISTINCT FROM page.version
        AND NOT EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS news
            WHERE news.execution_id = page.execution_id AND news.configuration_id IS NULL AND news.status = 'pending'
        )
        AND NOT EXISTS (SELECT FROM snowflake_sync_inbox AS news WHERE news.execution_id = page.execution_id)
    LIMIT %(suspects)s
),
-- Executions whose status is no longer that of their items: these may have been deleted with their destination, or a
-- crash may have come after the items were skipped and before the execution's status was written.
lagging AS MATERIALIZED (
    SELECT page.execution_id
    FROM page
    JOIN ONLY snowflake_sync_queue AS item ON item.execution_id = page.execution_id
    WHERE page.snowflake_status IN ('pending', 'failed')
        OR (page.snowflake_status IS NULL AND item.status = 'skipped')
    GROUP BY page.execution_id, page.snowflake_status
    HAVING NOT bool_or(
        page.snowflake_status IS NOT NULL AND (
            item.status = page.snowflake_status OR (page.snowflake_status = 'pending' AND item.status = 'processing')
        )
    )
    LIMIT %(suspects)s
),
-- Each result is unpacked once only.
hashed AS MATERIALIZED (
    SELECT
        execution.execution_id,
        {result_hash} AS hash
    FROM workflow_executions AS execution
    WHERE execution.execution_id IN (SELECT execution_id FROM suspicious)
),
judged AS MATERIALIZED (
    SELECT suspicious.*, suspicious.result_hash IS DISTINCT FROM hashed.hash AND NOT EXISTS (
            -- These results were skipped by hand.
            SELECT FROM ONLY snowflake_sync_queue AS news
            WHERE news.execution_id = suspicious.execution_id AND news.configuration_id IS NULL
                AND news.result_hash = hashed.hash
        ) AS changed
    FROM suspicious
    JOIN hashed ON hashed.execution_id = suspicious.execution_id
),
cleared AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET source_version = judged.version
    FROM judged
    WHERE item.id = judged.id AND NOT judged.changed
),
queued AS (
    INSERT INTO snowflake_sync_inbox (execution_id, user_id, run_after, created_at, updated_at)
    SELECT found.execution_id, workflow.user_id, clock.now, clock.now, clock.now
    FROM (
        SELECT execution_id, workflow_id FROM missing
        UNION ALL
        SELECT DISTINCT execution_id, workflow_id FROM judged WHERE changed
    ) AS found
    CROSS JOIN clock
    LEFT JOIN workflows AS workflow ON workflow.id = found.workflow_id
    -- A queue that was here before us may not allow an item without an owner.
    WHERE workflow.user_id IS NOT NULL OR NOT (
        SELECT attribute.attnotnull FROM pg_attribute AS attribute
        WHERE attribute.attrelid = 'snowflake_sync_inbox'::regclass AND attribute.attname = 'user_id'
    )
    ORDER BY found.execution_id
)
SELECT
    (SELECT count(*) FROM page),
    (SELECT max(execution_id) FROM page),
    (SELECT count(*) FROM missing),
    (SELECT count(DISTINCT execution_id) FROM judged WHERE changed),
    (SELECT coalesce(array_agg(execution_id), '{}') FROM lagging)

-- name: save_position
UPDATE snowflake_sync_sweep
SET position = %(position)s,
    completed_at = CASE WHEN %(position)s = '' THEN coalesce(%(now)s, now()) ELSE completed_at END

-- name: remove_orphans
-- Only a queue without a foreign key can hold items without an execution: one from before us, or one for partitioned
-- executions. If row-level security hides executions from this role, no item counts as an orphan.
WITH orphan AS MATERIALIZED (
    SELECT item.id
    FROM ONLY snowflake_sync_queue AS item
    LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    WHERE execution.execution_id IS NULL
        AND NOT row_security_active('workflow_executions')
        AND NOT EXISTS (
            SELECT FROM pg_constraint
            WHERE conrelid = 'snowflake_sync_queue'::regclass
                AND confrelid = 'workflow_executions'::regclass
                AND contype = 'f'
        )
    LIMIT %(limit)s
)
DELETE FROM ONLY snowflake_sync_queue AS item
USING orphan
WHERE item.id = orphan.id
RETURNING item.id

-- name: make_states
-- Makes the states of destinations that were inserted without the trigger: while it was off, or by replication.
INSERT INTO snowflake_sync_destination_states (configuration_id)
SELECT configuration.id FROM snowflake_configurations AS configuration
WHERE NOT EXISTS (
    SELECT FROM snowflake_sync_destination_states AS state WHERE state.configuration_id = configuration.id
)
ON CONFLICT DO NOTHING
RETURNING configuration_id
