-- name: remedy
-- The remedy depends on what the item has become. The execution has one column for message and remedy together.
CASE ended.became WHEN 'pending' THEN ended.meanwhile ELSE ended.remedy END

-- name: message
ended.error_message || ' ' || {remedy}

-- name: attempt
INSERT INTO snowflake_sync_attempts (
    item_id, configuration_id, worker_id, claim_token, generation, outcome, due_at, started_at, finished_at,
    timings, row_count, source_row_count, rules_version, dropped_columns, byte_count, batch_size, statement_count,
    query_ids, error_code, error_message, error_remedy
)

-- name: ended
-- What becomes of each item that is still held with its token. If the generation has risen since the claim, new results
-- have come: whatever became of the old ones, the item is pending for the new ones. From here on a row is found by its
-- key, since rows in several partitions may have the same place, and by its xmin: a row that somebody changes meanwhile
-- is left as it is.
SELECT
    ending.*,
    item.xmin AS item_xmin,
    item.execution_id,
    item.configuration_id,
    item.table_name AS known_table,
    item.result_hash AS known_hash,
    CASE
        WHEN item.generation > item.claimed_generation THEN 'pending'
        WHEN ending.counts AND item.retry_count >= item.max_retries THEN 'failed'
        ELSE ending.status
    END AS became,
    CASE
        WHEN item.generation > item.claimed_generation THEN 0
        WHEN ending.counts AND item.retry_count < item.max_retries THEN item.retry_count + 1
        ELSE item.retry_count
    END AS retry_count,
    CASE
        WHEN item.generation > item.claimed_generation THEN clock.now
        ELSE coalesce(clock.now + make_interval(secs => ending.delay), item.run_after)
    END AS run_after,
    CASE
        WHEN ending.status <> 'pending' OR (ending.counts AND item.retry_count >= item.max_retries) THEN clock.now
        ELSE item.processed_at
    END AS processed_at,
    -- The time is PostgreSQL's, as are all times that it is compared with: a worker's clock may differ.
    CASE WHEN ending.started_at IS NOT NULL THEN item.claimed_at END AS began_at,
    least(item.run_after, item.claimed_at) AS due_at,
    -- It was taken out, and new results have come meanwhile, which are not past retention because those before were.
    ending.outcome = 'removed' AND ending.error_code = 'past_retention'
        AND item.generation > item.claimed_generation AND item.error_code IS DISTINCT FROM 'past_retention'
        AS is_overtaken,
    clock.now
FROM {endings}
CROSS JOIN (SELECT coalesce(%(now)s, now()) AS now) AS clock
-- OFFSET 0 makes the planner look each item up by its id, however few processing items it expects.
CROSS JOIN LATERAL (
    SELECT xmin, * FROM ONLY snowflake_sync_queue WHERE id = ending.item_id OFFSET 0
) AS item
WHERE item.status = 'processing' AND item.claim_token IS NOT DISTINCT FROM ending.claim_token

-- name: finished
-- An item records which version of the execution's row it has seen: the row's xmin after our own write, if nobody but
-- us has written the row since the results were read. (source_version is the version that was read.) The sweep looks
-- closer if the row's version is another. An item that failed before it read the results has seen the present version:
-- only a later write can help it.
finished AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET status = ended.became,
        retry_count = ended.retry_count,
        run_after = ended.run_after,
        processed_at = ended.processed_at,
        error_code = CASE WHEN ended.is_overtaken THEN item.error_code ELSE ended.error_code END,
        error_message = CASE WHEN ended.is_overtaken THEN item.error_message ELSE ended.error_message END,
        error_remedy = CASE WHEN ended.is_overtaken THEN item.error_remedy ELSE {remedy} END,
        schema_name = coalesce(ended.schema_name, item.schema_name),
        table_name = coalesce(ended.table_name, item.table_name),
        requested_schema = CASE
            WHEN ended.table_name IS NULL THEN item.requested_schema
            ELSE ended.requested_schema
        END,
        requested_table = CASE
            WHEN ended.table_name IS NULL THEN item.requested_table
            ELSE ended.requested_table
        END,
        row_count = coalesce(ended.row_count, item.row_count),
        source_row_count = CASE WHEN ended.table_name IS NULL THEN item.source_row_count ELSE ended.source_rows END,
        rules_version = CASE WHEN ended.table_name IS NULL THEN item.rules_version ELSE ended.rules_version END,
        result_hash = CASE
            WHEN ended.became = 'failed' THEN ended.result_hash
            ELSE coalesce(ended.result_hash, item.result_hash)
        END,
        source_version = CASE
            WHEN ended.seen OR (ended.became = 'failed' AND ended.result_hash IS NULL) THEN ended.version
        END,
        is_to_be_removed = item.is_to_be_removed AND ended.outcome <> 'completed',
        claim_token = NULL,
        claimed_generation = NULL,
        claimed_at = NULL,
        worker_id = NULL,
        updated_at = ended.now
    FROM ended
    WHERE item.id = ended.item_id AND item.xmin = ended.item_xmin
    RETURNING ended.*
),
recorded AS (
    {attempt}
    SELECT
        item_id, configuration_id, worker_id, claim_token, generation,
        CASE WHEN outcome = 'retry' AND became = 'failed' THEN 'failed' ELSE outcome END,
        due_at, began_at, now, timings, rows, source_rows, rules_version, dropped_columns::text[], bytes, batch_size,
        statements, query_ids::text[], error_code, error_message, {remedy}
    FROM finished AS ended
)
SELECT item_id::text, became FROM finished

-- name: finish_alone
-- An execution with one item has that item's status. The execution is written first, so that its row is locked before
-- the item's. If nothing in it differs, or it has other items, or was written since its results were read, nothing is
-- written. If an item changes meanwhile, fewer have ended than executions were written: a negative OFFSET undoes it all.
WITH ended AS (
    UPDATE workflow_executions AS execution
    SET snowflake_status = ended.became,
        snowflake_error_message = {message},
        snowflake_schema_name = CASE
            WHEN ended.became = 'completed' THEN coalesce(ended.schema_name, execution.snowflake_schema_name)
            ELSE execution.snowflake_schema_name
        END,
        snowflake_table_name = CASE
            WHEN ended.became = 'completed' THEN coalesce(ended.table_name, execution.snowflake_table_name)
            ELSE execution.snowflake_table_name
        END,
        snowflake_uploaded_at = CASE
            WHEN ended.became = 'completed' THEN ended.processed_at
            ELSE execution.snowflake_uploaded_at
        END,
        snowflake_row_count = CASE
            WHEN ended.became = 'completed' THEN coalesce(ended.row_count, execution.snowflake_row_count)
            ELSE execution.snowflake_row_count
        END
    FROM ({ended}) AS ended
    WHERE execution.execution_id = ended.execution_id
        AND execution.xmin::text = ended.source_version
        AND (
            ended.became = 'completed'
            OR execution.snowflake_status IS DISTINCT FROM ended.became
            OR execution.snowflake_error_message IS DISTINCT FROM {message}
        )
        AND (
            ended.became = 'completed'
            OR execution.snowflake_table_name = ended.known_table
            OR NOT {their_upload}
        )
        AND NOT EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS sibling
            WHERE sibling.execution_id = ended.execution_id AND sibling.id <> ended.item_id
            OFFSET 0
        )
    RETURNING ended.*, true AS seen, execution.xmin::text AS version
),
{finished}
OFFSET (SELECT count(*) FROM finished) - (SELECT count(*) FROM ended)

-- name: finish
-- Ends the items that finish_alone left: their executions are locked before, and their status is written afterwards. An
-- item has also seen the version that a sibling with the same results has seen.
WITH ended AS (
    SELECT
        ended.*,
        execution.xmin::text AS version,
        ended.source_version = execution.xmin::text OR EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS sibling
            WHERE sibling.execution_id = ended.execution_id
                AND sibling.id <> ended.item_id
                AND sibling.source_version = execution.xmin::text
                AND sibling.result_hash = coalesce(ended.result_hash, ended.known_hash)
        ) AS seen
    FROM ({ended}) AS ended
    LEFT JOIN workflow_executions AS execution ON execution.execution_id = ended.execution_id
),
{finished}

-- name: lock_items
-- Items are locked after their executions, and before their ends are looked at: one that has changed is left alone.
SELECT id FROM ONLY snowflake_sync_queue WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE

-- name: record_refused
-- The item is locked, because somebody who deletes it meanwhile must not make this fail.
{attempt}
SELECT
    item.id, item.configuration_id, ending.worker_id, ending.claim_token, ending.generation, 'refused',
    NULL, ending.started_at, coalesce(%(now)s, now()), ending.timings, ending.rows, ending.source_rows,
    ending.rules_version, ending.dropped_columns::text[], ending.bytes, ending.batch_size, ending.statements,
    ending.query_ids::text[], ending.error_code, ending.error_message, ending.remedy
FROM {endings}
JOIN ONLY snowflake_sync_queue AS item ON item.id = ending.item_id
FOR KEY SHARE OF item

-- name: already_finished
SELECT item.id::text, item.status
FROM unnest(%(items)s::uuid[], %(tokens)s::bigint[]) AS ending (item_id, claim_token)
JOIN snowflake_sync_attempts AS attempt
    ON attempt.item_id = ending.item_id AND attempt.claim_token = ending.claim_token
JOIN ONLY snowflake_sync_queue AS item ON item.id = attempt.item_id
WHERE attempt.outcome NOT IN ('refused', 'rescued', 'released')

-- name: repeat_late_loads
-- If the rules exclude it by now, what came late has to go: nobody knows of it. What is past retention is so still, unless
-- the item is another by now, of an execution that came anew with the same id.
WITH still AS (
    UPDATE snowflake_sync_results AS result
    SET asked_generation = item.generation + 1
    FROM ONLY snowflake_sync_queue AS item
    WHERE item.id = ANY(%(items)s) AND item.is_to_be_removed AND result.configuration_id = item.configuration_id
        AND result.execution_id = item.execution_id AND result.asked_generation = item.generation
    RETURNING item.id
)
UPDATE ONLY snowflake_sync_queue AS item
SET generation = item.generation + 1,
    is_to_be_removed = item.is_to_be_removed OR item.table_name IS NULL,
    error_code = CASE WHEN item.id IN (SELECT id FROM still) THEN 'past_retention' ELSE item.error_code END,
    status = CASE WHEN item.status = 'processing' THEN item.status ELSE 'pending' END,
    run_after = coalesce(%(now)s, now()),
    updated_at = coalesce(%(now)s, now())
WHERE item.id = ANY(%(items)s) AND item.error_code IS DISTINCT FROM 'erased'

-- name: forget_removed
-- What said that these results are in Snowflake; their own tables are no longer ours. Answers what was written to their
-- executions, and what had been asked for. What is pending again by now is looked at once more: something may have come
-- late in between.
WITH removed AS MATERIALIZED (
    SELECT id, execution_id, configuration_id, table_name, requested_schema, requested_table
    FROM ONLY snowflake_sync_queue
    WHERE id = ANY(%s::uuid[])
),
dropped AS (
    DELETE FROM snowflake_sync_tables AS own
    USING removed
    WHERE own.execution_id = removed.execution_id AND own.configuration_id = removed.configuration_id
)
UPDATE ONLY snowflake_sync_queue AS item
SET schema_name = NULL,
    table_name = NULL,
    requested_schema = NULL,
    requested_table = NULL,
    row_count = NULL,
    source_row_count = NULL,
    rules_version = NULL,
    result_hash = NULL,
    source_version = NULL,
    is_to_be_removed = item.is_to_be_removed AND item.status = 'pending'
FROM removed
WHERE item.id = removed.id
RETURNING item.execution_id, removed.table_name, removed.requested_schema, removed.requested_table
